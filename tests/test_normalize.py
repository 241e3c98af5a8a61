import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.model import Span
from provenance.normalize import fold, unfold

CASES = json.loads((Path(__file__).parent / "cases/normalize/fold.json").read_text("utf-8"))
# Dense in what makes folding hard, since uniform code points rarely meet in one word.
TRICKY = st.text(
    st.sampled_from(
        "aeoHNxyzı İßẞﬁ…½™аеоНйи́̆̈αοΝΰμ\u200b\u200d\u00ad\u202e\ufeff\ufe0f\ud800\udc00\ufdd0ﾞカガｶ\u3099"
        "\u1112\u1161\u11ab한का़क़ोি\u09cb\u09be\u09c7مُأـ\u0301\u0345\u0344ᾳ\u0f71\u0f72ѓКк'“—.\n"
    )
)
TEXTS = st.one_of(TRICKY, st.text(), st.text(st.characters(categories=["L", "M", "Cs", "Cf"])))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    folded = fold(case["text"])
    as_wanted = folded.text == case["folded"]
    assert as_wanted != case.get("known_failure", False), folded.text
    if as_wanted:
        assert list(folded.flags) == case.get("flags", [])
    if case.get("identity"):
        assert folded.offsets is None


@given(TEXTS)
def test_offsets_lead_back(text):
    folded = fold(text)
    if folded.offsets is None:
        assert len(folded.text) == len(text)
        return
    assert folded.offsets.dtype == np.int32
    assert len(folded.offsets) == len(folded.text) + 1
    assert folded.offsets[-1] == len(text)
    assert (np.diff(folded.offsets) >= 0).all()
    assert folded.offsets[0] >= 0


@given(TEXTS)
@example("HΝК.HΝ")  # settling the second word tips the majority script for the first
def test_folding_a_folded_text_changes_nothing(text):
    once = fold(text)
    again = fold(once.text)
    assert again.text == once.text


@given(TEXTS)
def test_folded_text_can_be_encoded(text):
    fold(text).text.encode("utf-8")


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_lowered_in_place(text):
    folded = fold(text)
    assert (folded.text, folded.offsets, folded.flags) == (text.lower(), None, ())


@given(TEXTS, st.data())
def test_unfold_gives_a_span_of_the_source(text, data):
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    span = unfold(folded, start, end)
    assert 0 <= span.start <= span.end <= len(text)
    assert (len(span) == 0) == (start == end)


def test_unfold_takes_the_hidden_characters_along():
    text = "x pay\u200bpal\u0301 y"
    folded = fold(text)
    span = unfold(folded, folded.text.index("paypal"), folded.text.index("paypal") + 6)
    assert text[span.start : span.end] == "pay\u200bpal\u0301"


def test_unfold_ends_after_an_expanded_character():
    folded = fold("so… é")
    assert folded.text == "so... e"
    assert unfold(folded, 0, 3) == Span(0, 3)
    assert unfold(folded, 4, 5) == Span(2, 3)


def test_endless_marks_on_one_letter_are_cut_short():
    folded = fold("क" + "़्" * 50_000)
    assert len(folded.text) == 31
    assert folded.offsets is not None
    assert folded.offsets[-1] == 100_001
