"""Texts as arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import Span
from provenance.words import Vocabulary, masked, read


def words_of(text: str) -> list[str]:
    vocabulary = Vocabulary()
    one = read(text, vocabulary)
    names = list(vocabulary)
    return [names[word] for word in one.words.tolist()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. Army's 1,800 men", ["the", "us", "army", "s", "1,800", "men"]),
        ("Über Straße", ["uber", "straße"]),
        ("Москва, сегодня", ["москва", "сегодня"]),
        ("北京市", ["北", "京", "市"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("so\u200bft\u00adhyphen", ["softhyphen"]),
        ("ＦＵＬＬ width", ["full", "width"]),
        ("...", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


def test_offsets_lead_back_to_the_source() -> None:
    source = "A zero\u200bwidth word, “quoted words here” and ﬁne ligatures."
    vocabulary = Vocabulary()
    one = read(source, vocabulary)
    found = [source[start:end] for start, end in zip(one.starts, one.ends, strict=True)]
    assert found[1] == "zero\u200bwidth"
    assert "ﬁne" in found
    assert [found[i] for i in np.flatnonzero(one.quoted)] == ["quoted", "words", "here"]


def test_a_list_of_names_is_told_from_prose() -> None:
    text = "John Smith (Leeds), Mary Brown (York), Ann Lee (Hull).\n\nThe team went to London on Friday by train."
    assert read(text, Vocabulary()).listed.tolist() == [True, False]


def test_masked_keeps_offsets() -> None:
    assert masked("keep DROP keep", [Span(0, 5), Span(9, 14)]) == "keep \n\n\n\n keep"


@given(st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    one = read(text, Vocabulary())
    assert len(one.words) == len(one.stems) == len(one.starts) == len(one.ends) == one.bounds[-1]
    assert (np.diff(one.bounds) > 0).all()
    assert (one.starts < one.ends).all()
    assert one.size == len(one.spans) == len(one.listed)
    for number, span in enumerate(one.spans):
        assert (one.starts[one.bounds[number] : one.bounds[number + 1]] >= span.start).all()
