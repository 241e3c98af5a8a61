import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.credits import credits
from provenance.credits_names import load as read

CASES = Path(__file__).parent / "cases/credits"


def load(name):
    return [
        pytest.param(case, id=case["text"][:40] or "empty")
        for case in json.loads((CASES / name).read_text("utf-8"))
    ]


def names(text, **options):
    return [text[credit.start : credit.end] for credit in credits(text, **options)]


@pytest.mark.parametrize("case", load("cues.json") + load("languages.json") + load("negative.json"))
def test_case(case):
    assert names(case["text"]) == case["credits"]
    if "outlets" in case:
        assert [credit.outlet for credit in credits(case["text"])] == case["outlets"]
    if "heard" in case:
        assert names(case["text"], heard=True) == case["heard"]


@pytest.mark.parametrize("case", load("known_failures.json"))
def test_known_failure_still_fails(case):
    assert names(case["text"]) != case["credits"]


WORDS = st.sampled_from(json.loads((CASES / "words.json").read_text("utf-8")))


@given(st.one_of(st.text(), st.lists(WORDS, max_size=40).map(" ".join)), st.booleans())
def test_spans_are_ordered_apart_and_inside(text, heard):
    end = 0
    for credit in credits(text, heard=heard):
        assert end <= credit.start < credit.end <= len(text)
        assert credit.outlet
        assert not text[credit.start : credit.end].isspace()
        end = credit.end


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_heard_only_adds(text):
    plain = {(credit.start, credit.end) for credit in credits(text)}
    heard = {(credit.start, credit.end) for credit in credits(text, heard=True)}
    assert plain <= heard


def test_a_full_name_serves_only_what_follows_it():
    text = "The Post reported it first. Later the Denver Post reported more, and the Post reported again."
    assert [credit.outlet for credit in credits(text)] == ["Post", "Denver Post", "Denver Post"]


def test_every_well_known_outlet_is_found_after_a_cue():
    entries = [form for entry in read("outlets.json")["outlets"] for form in entry.split("|")]
    missed = [
        form for form in entries if not credits(f"The deal was reported by the {form.removeprefix('The ')}.")
    ]
    assert missed == []


def test_hostile_text_is_read_to_its_end():
    assert credits("According to " * 20_000) == []
    assert credits("Aa " * 50_000) == []
    assert credits("A." * 50_000 + " x'" * 50_000) == []
    assert credits(("The CNN " + "reporter " * 12) * 2_000) == []
    assert len(credits("CNN reported. " * 10_000)) == 10_000
