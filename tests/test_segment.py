"""Sentences and passages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.segment import sentences


def parts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Sgt. Howard of Iowa died. He was 29.", ["Sgt. Howard of Iowa died.", "He was 29."]),
        ("The U.S. Army said so. It was late.", ["The U.S. Army said so.", "It was late."]),
        ("He lives in the U.S. The rest do not.", ["He lives in the U.S.", "The rest do not."]),
        ("They won the Cup.Goal after goal fell.", ["They won the Cup.", "Goal after goal fell."]),
        ("It grew 3.5 percent to 1.000.000 euros.", ["It grew 3.5 percent to 1.000.000 euros."]),
        ('"Stop!" she said. "Now."', ['"Stop!" she said.', '"Now."']),
        ("“We won.” They cheered.", ["“We won.”", "They cheered."]),
        ("A heading\nThe first sentence.", ["A heading", "The first sentence."]),
        ("wrapped at a\nfixed width, as mail is.", ["wrapped at a\nfixed width, as mail is."]),
        ("one\n\ntwo", ["one", "two"]),
        ("他说了。她没有。", ["他说了。", "她没有。"]),
        ("यह पहला है। यह दूसरा है।", ["यह पहला है।", "यह दूसरा है।"]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
        ("Wait... what? Yes?! No.", ["Wait... what?", "Yes?!", "No."]),
        ("All 3....5 of them. End", ["All 3....5 of them.", "End"]),
        ("He came (at last.) She left.", ["He came (at last.)", "She left."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


@given(st.text(alphabet=st.sampled_from("ab AB.!?\n。“”'\u2026Dr1"), max_size=200))
def test_sentences_hold_all_that_is_not_space(text: str) -> None:
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    outside = list(text)
    for span in spans:
        piece = text[span.start : span.end]
        assert piece == piece.strip()
        assert piece
        outside[span.start : span.end] = " " * len(span)
    assert not "".join(outside).strip()


def test_a_long_run_of_stops_is_looked_at_once() -> None:
    text = "a" + "." * 300_000 + "5 ok"  # hours, if each stop were tried in turn
    assert parts(text) == [text]
