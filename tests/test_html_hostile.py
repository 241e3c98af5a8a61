"""Pages made to be slow or to break a parser: they are read, in bounded work, and their ledger holds."""

import pytest
from selectolax.lexbor import LexborHTMLParser

import provenance
from provenance.html import read_page
from provenance.html.markup import ATTRIBUTES, DEEPEST, MANY, shallow, uncrowded
from provenance.html.tree import read_tree

PROSE = "The council voted on Tuesday to close the bridge after engineers found rust in four of its old cables."
HOSTILE = {
    "begun tags": "<a " * 5_000,
    "open elements": "<div>" * 6_000,
    "inline elements": "<b><i>" * 3_000,
    "misnested": "<b><p>" * 1_000,
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(5_000)) + ">",
    "attributes with markup": "<p " + " ".join(f"a{n}='<p>'" for n in range(5_000)) + ">",
    "a giant class": f"<p class='{'ad-x ' * 5_000}'>",
    "comments": "<!-- " * 5_000,
    "sections": "<![CDATA[" * 5_000,
    "null characters": "\0" * 5_000,
    "tables": "<table><tr><td>" * 1_000,
    "scripts": "<script>'<p>'</script>" * 1_000,
    "templates": "<template>" * 1_000,
    "deep linked data": f"<script type='application/ld+json'>{'[' * 20_000}</script>",
    "wide linked data": f"<script type='application/ld+json'>[{'[],' * 20_000}[]]</script>",
    "lone surrogates": "\ud800" * 1_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_and_their_ledger_holds(name):
    found = provenance.clean(f"<p>{PROSE}</p>{HOSTILE[name]}", html=True)
    assert PROSE in found.source
    at, rebuilt = 0, ""
    for removal in found.removals:
        assert at <= removal.start < removal.end
        assert found.source[removal.start : removal.end] == removal.text
        rebuilt += found.source[at : removal.start]
        at = removal.end
    assert rebuilt + found.source[at:] == found.text


@pytest.mark.parametrize("quoted", ["1", "'>'", '"<p>"', "'</p>'"])
def test_an_element_keeps_its_first_attributes_where_there_are_very_many(quoted):
    crowded = "<p " + " ".join(f"a{n}={quoted}" for n in range(4 * MANY)) + ">words</p>"
    page = uncrowded(f"<body>{crowded}")
    [paragraph] = LexborHTMLParser(page).css("p")
    assert "a0" in paragraph.attributes
    assert ATTRIBUTES - 2 <= len(paragraph.attributes) <= ATTRIBUTES + 20
    assert [text for text, _ in read_tree(page)[0] if text] == ["words"]


def test_a_comparison_in_a_script_is_no_crowded_tag():
    script = f"<script>if (a<b) {{ {'x / y; ' * 3_000} }}</script><!-- a<b {'c ' * 3_000}--><p>{PROSE}"
    assert read_page(script).text == PROSE


@pytest.mark.parametrize("page", ["<p class=a id=b>x</p>", "a < b <3", "<p a='>'>", "<a" * 3_000, ""])
def test_a_usual_page_is_left_as_it_is(page):
    assert uncrowded(page) == page
    assert shallow(page) == page


def test_depth_is_bounded_with_the_text_in_order():
    page = shallow("".join(f"<div>{n}" for n in range(6_000)))
    assert page.count("<div>") == DEEPEST
    assert [int(n) for n in read_page(page).text.split()] == list(range(6_000))


def test_an_unclosed_comment_gives_back_what_it_swallowed_and_the_page_is_flagged():
    found = read_page(f"<body><p>Lead</p><!-- <p>{PROSE}</p><p>{PROSE}</p>")
    assert PROSE in found.text
    assert found.flags == ("parsers_differ",)


@pytest.mark.parametrize("opened", ["<script>", "<style>", "<title>", "<textarea>", "<template>", "<noscript><p>"])
def test_what_no_browser_shows_is_not_read(opened):
    found = read_page(f"<body><p>{PROSE}</p>{opened}<p>unseen</p>")
    assert found.text == PROSE


@pytest.mark.parametrize(
    "closed", ["<!-- x -->", "<script>x</script>", "<SCRIPT>x</SCRIPT >", "<noscript>x</noscript>"]
)
def test_what_is_closed_swallows_nothing(closed):
    assert not read_tree(f"<body><p>{PROSE}</p>{closed}</body></html>")[1]


def test_tokens_are_texts_and_the_tags_after_them():
    found, swallowed = read_tree("<body><p>a<b>c</b></p>d")
    assert not swallowed
    inside = [("", "p"), ("a", "b"), ("c", "/"), ("", "/"), ("d", "/")]
    assert [(text, tag.name) for text, tag in found[4:-2]] == inside


STORY = "".join(
    f"<p>On day {day} the council said that the pool would close, because its roof leaks and money is short.</p>"
    for day in range(12)
)


@pytest.mark.parametrize(
    "markup",
    [
        f"<html><head><title>Pool closes<body><article>{STORY}</article>",
        f"<body><textarea>words<article>{STORY}</article>",
        f"<head><STYLE media=all>p{{}}<body><article>{STORY}</article>",
        f"<head><script>var a<body><article>{STORY}</article>",
        f'<body><a href="x><article>{STORY}</article>',
        f"<body><noscript>{STORY}</noscript><p>Loading</p>",
    ],
)
def test_text_that_one_parser_does_not_show_is_read_and_flagged(markup):
    found = read_page(markup)
    assert found.text.count("the council said") == 12
    assert found.flags == ("parsers_differ",)


def test_a_page_that_shows_nothing_says_so():
    assert read_page("<body><div><script>render()</script></div>").flags == ("nothing_visible",)
    assert read_page("<p>Rain").flags == ()
    assert read_page(" ").flags == ()


def test_what_asks_for_scripts_is_no_text():
    page = "<p>Rain</p><noscript><div class=notice>Please turn on scripts to see the map.</div></noscript>"
    assert read_page(page).text == "Rain"
