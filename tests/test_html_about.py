"""What a page says about itself: author, headline, address, and linked data of many shapes."""

import json

import pytest

from provenance.html import read_page


def about(head="", body="<p>x"):
    return read_page(f"<html><head>{head}</head><body>{body}</body></html>")


def linked(**data):
    return f"<script type='application/ld+json'>{json.dumps(data)}</script>"


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Ada Voss", "Ada Voss"),
        ({"name": "Ada Voss"}, "Ada Voss"),
        ([{"name": "Ada Voss"}, {"name": "Jan Reed"}], "Ada Voss, Jan Reed"),
        ([{"url": "x"}, 5, None], None),
    ],
)
def test_the_author_of_linked_data(author, name):
    assert about(linked(**{"@type": "NewsArticle", "author": author})).author == name


def test_an_author_that_is_an_address_is_no_name():
    head = "<meta property=article:author content=https://example.org/ada>"
    assert about(head).author is None
    assert about(f"{head}<meta name=author content='Ada Voss'>").author == "Ada Voss"


@pytest.mark.parametrize(
    ("title", "headline", "found"),
    [
        ("Bridge closed until spring | Post", "Bridge closed until spring", "Bridge closed until spring"),
        ("Bridge closed", "Weather", "Bridge closed"),
        ("", "Bridge closed", "Bridge closed"),
    ],
)
def test_the_title_is_the_headline_shown_where_they_are_alike(title, headline, found):
    assert about(f"<title>{title}</title>", f"<h1>{headline}</h1><p>x").title == found


def test_a_title_is_without_the_name_of_the_site():
    head = "<title>Bridge closed - Lindow Post</title><meta property=og:site_name content='Lindow Post'>"
    assert about(head).title == "Bridge closed"


def test_part_of_an_address_is_no_address():
    head = "<link rel=canonical href=/bridge><meta property=og:url content=https://example.org/bridge>"
    assert about(head).url == "https://example.org/bridge"


@pytest.mark.parametrize("rel", ["canonical", "Canonical nofollow"])
def test_part_of_an_address_is_one_where_the_page_gives_its_base(rel):
    assert (
        about(f"<base href=https://example.org/news/><link rel='{rel}' href=../b>").url == "https://example.org/b"
    )
    assert about(f"<base href=https://example.org/><link rel='{rel}' href='//[x'>").url is None


def test_the_date_of_the_page_counts_where_the_article_gives_none():
    assert about(linked(**{"@type": "WebPage", "datePublished": "2024-03-05"})).published == "2024-03-05"


@pytest.mark.parametrize(
    ("body", "date"),
    [
        ("<time datetime=2019-01-01>old</time><article><p><time datetime=2024-02-02>", "2024-02-02"),
        ("<time datetime=2019-01-01>old</time><article><p>x</article><time datetime=2020-01-01>", "2019-01-01"),
        ("<article><br><time>no date</time><div><time datetime=2024-02-02></div>", "2024-02-02"),
        ("<article>a</article><time datetime=2019-01-01></time><article><time datetime=2024-02-02>", "2024-02-02"),
    ],
)
def test_the_time_inside_the_article_counts_before_others(body, date):
    assert about(body=body).published == date
