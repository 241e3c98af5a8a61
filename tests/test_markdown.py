"""A cleaned document as Markdown: what the page's markup says is written, and nothing that is not left."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.clean import clean
from provenance.cli.markdown import markdown

PARTS = """<h1>The harbour of the town is closed until the storm is over</h1>
<p>The harbour was <a href="https://example.org/harbour">closed on Tuesday</a> after a storm had torn two ferries
from their moorings, and nobody knows when it opens again.</p>
<h2>What comes next</h2><p>Engineers worked through the night to free the larger one, with * and _ in hand.</p>
<ul><li>the ferry that ran aground near the lighthouse of the island</li><li>the pier, of which one half is left
<ul><li>its crane, which fell into the sea and has not been found</li></ul></li></ul>
<blockquote><p>“We have never seen waves like these,” said the harbour master, who has been there for years.</p>
</blockquote><p>1. is how this paragraph begins, which is no list, and it ends here after some more words.</p>
<p>Another paragraph has a <a href="javascript:x()">script</a> for a link, and is long enough to be read.</p>"""


WRITTEN = (
    *("<p>", "</p>", "<div>", "</div>", "<br>", "<ul>", "<ol start=3>", "</ol>", "</ul>", "<li>", "<pre>"),
    *("</pre>", "<table>", "<tr>", "<td>", "<th colspan=2>", "</table>", "<blockquote>", "</blockquote>", "<h2>"),
    *("</h2>", "<a href=/x>", "<a href='x(1)'>", "</a>", "<b>", "</b>", "<div hidden>", "<!-- c -->"),
    *("<!--", "<textarea>", "one", " two ", "\n    three\nfour\n", " ", "five |", "&amp;lt;", "*"),
)  # fmt: skip


def test_a_page_keeps_its_headings_lists_quotations_and_links():
    page = f"<html><body><article>{PARTS}</article></body></html>"
    written = markdown(clean(page, html=True), page)
    assert written.startswith(
        "# The harbour of the town is closed until the storm is over\n\nThe harbour was [closed on"
    )
    assert "[closed on Tuesday](https://example.org/harbour) after" in written
    assert "\n\n## What comes next\n\nEngineers" in written
    assert "with \\* and \\_ in hand" in written
    assert "\n\n- the ferry that ran aground near the lighthouse of the island\n- the pier" in written
    assert "\n  - its crane, which fell into the sea" in written
    assert "\n\n> “We have never seen" in written
    assert "\n\n1\\. is how" in written
    assert "javascript" not in written
    assert written.endswith("read.\n")


def as_markdown(body, head="", strictness="safe"):
    page = f"<html><head>{head}</head><body><article>{body}</article></body></html>"
    return markdown(clean(page, html=True, strictness=strictness), page)


def test_ordered_lists_are_numbered_and_items_hold_what_they_hold():
    items = "<li>One</li><li value=7><p>Seven</p><p>its rest</p><ol><li>first</li></ol></li><li>Eight</li>"
    assert as_markdown(f"<ol start=3>{items}</ol><ol><li>Other</li></ol>") == (
        "3. One\n7. Seven\n\n   its rest\n   1. first\n8. Eight\n1. Other\n"
    )
    assert as_markdown("<ul><li>a<ol start=4><li>b</li></ol></li></ul>") == "- a\n\n  4. b\n"


@pytest.mark.parametrize(
    ("href", "base", "address"),
    [
        ("/abs", "", "/abs"),
        ("x/y.html", "<base href='https://a.example/z/'>", "https://a.example/z/x/y.html"),
        ("../b", "<link rel=canonical href='https://a.example/c/d/e'>", "https://a.example/c/b"),
        ("//b.example/", "<link rel=canonical href='https://a.example/c'>", "https://b.example/"),
        ("b", "<base href='/n/'><link rel=canonical href='https://a.example/c/d'>", "https://a.example/n/b"),
        ("https://a.example/M_(planet)", "", "https://a.example/M_%28planet%29"),
        ("https://a.example/a b<c>", "", "https://a.example/a%20b%3Cc%3E"),
        ("mailto:a@b.example", "", "mailto:a@b.example"),
        ("javascript:x()", "", None),
        ("java&#10;script:x()", "", None),
        ("data:text/html,x", "", None),
        ("#note", "", None),
        ("", "", None),
        ("http://[", "<base href='https://a.example/'>", "http://["),
    ],
)
def test_links_lead_where_the_page_leads(href, base, address):
    written = as_markdown(f"<p>See <a href='{href}'> this | *one*</a>.</p>", base)
    words = "this | \\*one\\*"
    assert written == (f"See [{words}]({address}).\n" if address else f"See {words}.\n")


def test_preformatted_lines_are_fenced_with_their_indentation():
    code = "<pre>def f(x):\n    return <b>x</b>\n\n\n```\n\tdone  \n</pre>"
    assert as_markdown(code) == "````\ndef f(x):\n    return x\n\n\n```\n\tdone\n````\n"
    assert as_markdown(f"<ul><li>{code}</li></ul>").startswith("- ````\n  def f(x):\n      return x\n")


def test_tables_are_tables_and_what_lays_out_a_page_is_none():
    rows = "<tr><th>Year<th>Loss<tr><td>2022<td><p>1|2<p>more<tr><td colspan=2>none<td>x"
    assert as_markdown(f"<table><caption>Losses</caption>{rows}</table>") == (
        "Losses\n\n| Year | Loss |  |\n| --- | --- | --- |\n| 2022 | 1\\|2 more |  |\n| none |  | x |\n"
    )
    assert as_markdown("<table><tr><td>a<td>b</table>") == "| | |\n| --- | --- |\n| a | b |\n"
    assert as_markdown("<table><tr><td>a<tr><td>b</table>") == "a\n\nb\n"
    assert as_markdown(f"<table><tr><td>menu<td>{'word ' * 100}</table>").startswith("menu word")
    inner = "<table><tr><td>1<td>2</table>"
    assert as_markdown(f"<table><tr><td><h2>Title</h2>{inner}</table>") == (
        "## Title\n\n| | |\n| --- | --- |\n| 1 | 2 |\n"
    )


def test_line_breaks_are_line_breaks_and_two_divide_paragraphs():
    assert as_markdown("<p>One<br>two<br><br>- three</p>") == "One\\\ntwo\n\n\\- three\n"
    assert as_markdown("<h2>One<br>two</h2>") == "## One two\n"
    assert as_markdown("<blockquote><p>One<p>two</blockquote><p>three") == "> One\n>\n> two\n\nthree\n"


def test_markup_in_a_text_is_no_markup():
    text = "&lt;b&gt; &amp;lt; ~~s~~ [x](y)"
    assert as_markdown(f"<p>{text}<br>=== two") == "\\<b> \\&lt; \\~\\~s\\~\\~ \\[x\\](y)\\\n\\=== two\n"


def test_what_the_page_s_own_classes_hide_is_not_written():
    page = "<style>.z{display:none}</style><article><h2>One</h2><p class=z>Hidden.</p><p>Two.</p></article>"
    assert markdown(clean(page, html=True, strictness="safe"), page) == "## One\n\nTwo.\n"


def test_a_page_that_is_not_what_was_cleaned_says_nothing_of_the_text():
    assert markdown(clean("<p>One<p>two", html=True), "<ul><li>One") == "One\n\ntwo\n"


@given(st.lists(st.sampled_from(WRITTEN), max_size=25))
def test_what_is_written_is_what_is_left_whatever_the_page(pieces):
    page = "".join(pieces)
    cleaned = clean(page, html=True, strictness="safe")
    written = re.sub(r"[^\w]+", "", re.sub(r"\]\([^)]*\)|(?m:^[> ]*\d+\. )", "", markdown(cleaned, page, "T")))
    assert written == re.sub(
        r"[^\w]+", "", ("" if "# T" not in markdown(cleaned, page, "T") else "T") + cleaned.text
    )


def test_a_text_keeps_its_paragraphs_and_its_lines():
    assert markdown(clean("# one\ntwo\n\n- three")) == "\\# one\\\ntwo\n\n\\- three\n"
    assert markdown(clean("one\ntwo"), title="Of <three>") == "# Of \\<three>\n\none\n\ntwo\n"
    assert markdown(clean("")) == ""
