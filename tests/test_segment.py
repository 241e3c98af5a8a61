"""Sentences and passages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.segment import PASSAGE_LIMIT, passages, sentence_at, sentences


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


def test_passages_are_paragraphs_and_long_ones_are_divided() -> None:
    text = "One. Two.\n\n" + "This sentence is of a common length. " * 60
    found = [text[span.start : span.end] for span in passages(text)]
    assert found[0] == "One. Two."
    assert len(found) > 2
    assert all(len(passage) <= PASSAGE_LIMIT for passage in found)


def test_sentence_at() -> None:
    spans = sentences("One. Two.")
    assert [sentence_at(spans, offset) for offset in (0, 3, 4, 5, 8)] == [0, 0, 1, 1, 1]
