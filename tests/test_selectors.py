"""A selector leads to its passage, in any text."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provenance.model import Span
from provenance.report.selectors import AROUND, Quote, places, quote

# Astral characters, combining marks, line ends of two characters, lone surrogates; few kinds, so that they recur.
ODD = st.text(st.sampled_from("ab \r\n\u0301\u200d\U0001f600\U0001f469\ud800é"), min_size=1, max_size=200)


@given(st.one_of(ODD, st.text(st.characters(), min_size=1)), st.data())
def test_a_quotation_with_its_position_leads_to_the_passage(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    words = quote(text, span)
    assert words.exact == text[span.start : span.end]
    assert places(text, words, span.start) == (span,)
    assert span in places(text, words)


@given(ODD, ODD, ODD)
def test_a_passage_is_found_again_where_text_was_added_before_and_after(text, before, after):
    span = Span(len(text) // 3, len(text))
    assume(len(span))
    grown = before + text + after
    found = places(grown, quote(text, span), span.start)
    assert len(found) == 1
    assert grown[found[0].start : found[0].end] == text[span.start : span.end]


def test_the_surroundings_tell_one_occurrence_from_another():
    text = "Rain fell. The river rose. Snow fell. The river rose. Hail fell."
    second = Span(text.rindex("The river"), text.rindex(" Hail"))
    assert places(text, quote(text, second)) == (second,)
    assert len(places(text, Quote("The river rose."))) == 2
    assert places(text, Quote("The river rose."), near=60) == (second,)


@pytest.mark.parametrize("changed", ["The  river\nrose", "The\r\nriver rose", "The river\u00a0rose"])
def test_other_white_space_is_no_other_passage(changed):
    (found,) = places(f"Rain fell. {changed}.", Quote("The river rose"))
    assert f"Rain fell. {changed}."[found.start : found.end] == changed


def test_a_passage_that_is_gone_has_no_place():
    assert places("The river fell.", Quote("The river rose.")) == ()
    assert places("The river fell.", Quote("")) == ()
    assert places("", Quote(" ")) == ()


def test_the_surroundings_end_with_the_text():
    text = "x" * 100
    words = quote(text, Span(10, 90))
    assert (len(words.prefix), len(words.suffix)) == (10, 10)
    assert len(quote(text, Span(50, 51)).prefix) == AROUND
