import json

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from provenance.html import read_page
from provenance.html.markup import DEEPEST, shallow

PROSE = "The council voted on Tuesday to close the bridge after engineers found rust in four of its old cables."
MORE = "Buses will take the road along the river until a ferry is ready, and the mayor asked for some patience."


def page(body, head=""):
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>"


def rules(found):
    return {removal.rule: removal.text.strip() for removal in found.removals}


def test_blocks_are_lines():
    found = read_page(page(f"<h1>Title</h1><p>{PROSE}<br>two</p><ul><li>one<li>two</ul><pre>a\n b</pre>"))
    assert found.text.split("\n") == ["Title", PROSE, "two", "one", "two", "a", "b"]


def test_inline_elements_do_not_divide_and_cells_do():
    found = read_page(page("<p>so<b>me</b> <a href=x>words</a></p><table><tr><td>a<td>b<tr><td>c<td>d</table>"))
    assert found.text == "some words\na b\nc d"


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>x</script>",
        "<style>x</style>",
        "<noscript>x</noscript>",
        "<template><p>x</template>",
        "<p hidden>x</p>",
        "<p style='color:red; display : none'>x</p>",
        "<span class='sr-only'>x</span>",
        "<!-- x -->",
        "<select><option>x</select>",
        "<svg><text>x</text></svg>",
    ],
)
def test_what_is_not_to_be_seen_is_no_text(unseen):
    assert read_page(page(f"<p>{PROSE}</p>{unseen}<p>{MORE}</p>")).text == f"{PROSE}\n{MORE}"


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ("<nav><a href=/>Home</a></nav>", "dom_nav"),
        ("<footer>Lindow Post</footer>", "dom_footer"),
        ("<aside><p>Aside</aside>", "dom_aside"),
        ("<form>Your name</form>", "dom_form"),
        ("<div role=navigation>Home</div>", "dom_nav"),
        ("<div class='share-buttons'>Tell</div>", "dom_share"),
        ("<div id=comments><p>Ada: no</div>", "dom_comments"),
        ("<div class='post relatedPosts'>A choir sings</div>", "dom_related"),
        ("<div class=newsletter-box>By post</div>", "dom_newsletter"),
        ("<div class=ad-slot>Reeds</div>", "dom_advertisement"),
        ("<div class=author-bio>Ada Voss writes</div>", "dom_author"),
        ("<div class=cookie-banner>Cookies</div>", "dom_cookies"),
    ],
)
def test_marked_parts_are_found_with_their_rule(markup, rule):
    found = read_page(page(f"<article><p>{PROSE}</p>{markup}<p>{MORE}</p></article>"))
    assert set(rules(found)) == {rule}
    assert PROSE in found.text


@pytest.mark.parametrize(
    "name", ["shadow", "download", "header-image", "breadwinner", "adage", "unshared", "navy"]
)
def test_names_that_only_look_like_a_mark(name):
    assert not read_page(page(f"<p>{PROSE}</p><div class={name}>words</div><p>{MORE}</p>")).removals


def test_a_mark_on_the_whole_article_is_not_believed():
    found = read_page(page(f"<div class='has sidebar'><p>{PROSE}</p><p>{MORE}</p></div>"))
    assert not found.removals


def test_what_stands_outside_the_article_is_found():
    teasers = "".join(f"<div><p>Teaser {n}</p></div>" for n in range(3))
    found = read_page(page(f"<h1>Title</h1><div><p>{PROSE}</p><p>{MORE}</p></div><div>{teasers}</div>"))
    assert rules(found) == {"dom_outside": "Teaser 0\nTeaser 1\nTeaser 2"}


def test_links_in_a_row_are_navigation_and_links_to_the_page_itself_are_not():
    links = "".join(f"<li><a href=/{n}>Story {n}</a></li>" for n in range(4))
    inside = links.replace("href=/", "href=#")
    assert "dom_links" in rules(read_page(page(f"<div><p>{PROSE}</p><ul>{links}</ul><p>{MORE}</p></div>")))
    assert not rules(read_page(page(f"<div><p>{PROSE}</p><ul>{inside}</ul><p>{MORE}</p></div>")))


# --- what the page says about itself ----------------------------------------------------------------------


def test_metadata():
    head = (
        "<title>Bridge | Post</title><meta property=og:title content='Bridge closed'>"
        "<meta property=article:published_time content=2024-03-05><meta property=og:site_name content=Post>"
        "<link rel=canonical href=https://example.org/bridge>"
    )
    found = read_page(page("<p>x", head))
    assert (found.title, found.published, found.publisher) == ("Bridge closed", "2024-03-05", "Post")
    assert (found.url, found.language) == ("https://example.org/bridge", "en")


def test_metadata_of_linked_data():
    data = {
        "@graph": [
            {"@type": "WebSite", "name": "no"},
            {
                "@type": ["NewsArticle"],
                "headline": "Bridge closed",
                "datePublished": "2024-03-05",
                "publisher": {"name": "Post"},
            },
        ]
    }
    found = read_page(page("<p>x", f"<script type='application/ld+json'>{json.dumps(data)}</script>"))
    assert (found.title, found.published, found.publisher) == ("Bridge closed", "2024-03-05", "Post")


@pytest.mark.parametrize(
    "data", ["{", "[" * 5_000, "null", '{"@type": 1}', '{"@type": "Article", "publisher": [1]}']
)
def test_broken_linked_data_is_passed_over(data):
    assert read_page(page("<p>x", f"<script type='application/ld+json'>{data}</script>")).publisher is None


# --- pages as they come -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
def test_bytes_are_decoded(encoding):
    declared = f"<meta charset={encoding}>" if encoding == "cp1251" else ""
    markup = page("<p>Мост закрыт до весны, сказала мэр города во вторник.", declared)
    assert read_page(markup.encode(encoding)).text == "Мост закрыт до весны, сказала мэр города во вторник."


def test_a_soup_is_a_page():
    markup = page(f"<nav>Home</nav><p>{PROSE}<!-- no --><p>{MORE}")
    assert read_page(BeautifulSoup(markup, "html.parser")) == read_page(markup)


def test_an_unclosed_comment_does_not_swallow_the_page():
    found = read_page(f"<p>Lead</p><!-- an unclosed comment <p>{PROSE}</p><p>{MORE}</p>")
    assert PROSE in found.text
    assert "parsers_differ" in found.flags


def test_a_page_that_a_script_unveils_is_read_and_flagged():
    found = read_page(page(f"<p>Loading</p><div hidden>{f'<p>{PROSE}</p>' * 9}</div>"))
    assert PROSE in found.text
    assert found.flags == ("hidden_text",)


def test_20_000_nested_tags():
    found = read_page("<div>" * 20_000 + PROSE + "</div>" * 20_000)
    assert found.text == PROSE


def test_unclosed_nesting_is_made_shallow_and_flagged():
    found = read_page("<div>" * 20_000 + PROSE)
    assert found.text == PROSE
    assert "deep_nesting" in found.flags
    assert shallow("<div>" * 20_000).count("<div>") == DEEPEST


def test_many_paragraphs_without_an_end_are_not_nested():
    assert read_page("<p>one" * 6_000).text == "\n".join(["one"] * 6_000)


@pytest.mark.parametrize(
    "markup", ["", "<a " * 20_000, "<", "\0", "<html>", "<frameset><frame></frameset>", "\ud800"]
)
def test_pages_with_nothing_in_them_do_not_raise(markup):
    found = read_page(markup)
    assert found.text.strip("<\0\ufffd") == ""
    assert not found.removals or found.text


@given(st.one_of(st.text(), st.binary()))
def test_never_raises(markup):
    found = read_page(markup)
    for removal in found.removals:
        assert found.text[removal.start : removal.end] == removal.text


# --- where the article is -------------------------------------------------------------------------------------


def test_prose_between_the_headline_and_a_longer_disclaimer_is_the_article():
    body = (
        f"<div><p>Welcome</div><h1>The bridge</h1><div><p>{PROSE}<p>Ferries</div>"
        f"<div><p>{MORE * 3}<p>{MORE * 3}</div><div><p>Lindow Post</div>"
    )
    assert rules(read_page(page(body))) == {"dom_outside": "Lindow Post"}


def test_what_stands_outside_is_less_sure_where_it_is_much_of_the_text():
    def sure(outside):
        body = f"<div><h1>The bridge</h1><p>{PROSE}</div><div>{outside}</div>"
        return {removal.confidence for removal in read_page(page(body)).removals}

    few = "<p>a rope of reeds"
    assert max(sure(few * 12)) < 0.75 <= min(sure(few))


@pytest.mark.parametrize("value", [None, 5, ["<p>x"], {"html": "<p>x"}])
def test_what_is_no_page_is_named(value):
    with pytest.raises(TypeError, match=f"not {type(value).__name__}"):
        read_page(value)
