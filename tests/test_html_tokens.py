"""The two ways from lexbor's tree to a page's tokens are one: written as markup and read anew, or walked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from provenance.html.tags import ENDS, PASSED, VOID
from provenance.html.tree import UNREAD, tokens, tree_nodes, written_tokens

PIECES = (
    *("<p>", "</p>", "<div class='a b' id=c>", "</div>", "<div hidden>", "<p style='display: none'>", "<br>"),
    *("<a href=/x>", "<a href='#x'>", "<a href>", "<a data-href=/x>", '<a title=" href=" href="#">', "</a>"),
    *("<a class=sr-only href=x>", "<a title='nonesuch' href=x>", "<img hidden alt='>'>", "<hr hidden>", "<td>"),
    *("<table>", "<tr>", "</table>", "<pre>\n", "</pre>", "<!-- a > b -->", "<!-->", "<!doctype html>"),
    *("<?php ?>", "<body id=x>"),
    *("<svg><title>x</title></svg>", "<script>a<b</script>", "<style>a>b</style>", "<noscript><p>n</noscript>"),
    *("<textarea><p></textarea>", "<title>a &lt; b</title>", "<meta name=a content='&quot;&amp;lt;'>", "</br>"),
    *('<div a"b=1 "c="2">', "<div a=b<c>", "<a<b c>", "<p =x>", "<p a==b>", "<p a='\"'>", "<o:p x\xa0y=1>"),
    *("words", " ", "\n", "a &amp; b", "&lt;p&gt;", "&amp;lt;", "\xa0", "&nbsp;", "\0", "<", ">", '"', "'", "&"),
)  # fmt: skip


def _story(found):
    """What is told, whichever way: texts between tags joined, an end for each element but the last ones."""
    told: list[object] = []
    for text, tag in found:
        if text and told and isinstance(told[-1], str):
            told[-1] += text
        elif text:
            told.append(text)
        if tag.how == ENDS:
            told.append(ENDS)
        elif tag.how != PASSED:
            hidden = tag.hidden and tag.name not in VOID
            said = {name: value or "" for name, value in tag.said.items()}
            told.append((tag.name, said, tag.names, tag.part, tag.how, hidden, tag.body))
            if tag.void:
                told.append(ENDS)
    while told and told[-1] == ENDS:
        told.pop()
    return told


def _both(markup):
    tree = LexborHTMLParser(markup)
    tree.strip_tags(UNREAD)
    return written_tokens(tree.html or ""), list(tokens(tree_nodes(tree.root)))


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_a_tree_written_and_read_anew_is_the_tree_walked(pieces):
    written, walked = _both("".join(pieces))
    assert not written or _story(written) == _story(walked)


@pytest.mark.parametrize("piece", sorted(set(PIECES) - {"<p =x>"}))
def test_nearly_all_markup_can_be_read_anew(piece):
    assert _both(f"<p>a</p>{piece}<p>b</p>")[0]


@pytest.mark.parametrize("piece", ["<xmp><p></xmp>", "<noembed>&amp;</noembed>", "<p =x>", "<plaintext>a"])
def test_what_can_be_read_in_two_ways_is_walked(piece):
    written, walked = _both(f"<p>a</p>{piece}")
    assert not written
    assert walked
