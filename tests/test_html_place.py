"""Where the article stands, where few of its paragraphs are long: all are kept, and nothing beside them."""

import pytest

from provenance import clean
from provenance.html import read_page

LEAD = (
    "The parish choir of Lindow gave its last concert on Sunday evening in a hall that the weavers of the town "
    "had built for it in the year 1871."
)
NAV = "<div>" + "".join(f"<li><a href=/{n}>Section {n}</a></li>" for n in range(10)) + "</div>"
FOOT = "<div>" + "".join(f"<li><a href=/f{n}>Service {n}</a></li>" for n in range(8)) + "</div>"
NAMES = ("Ada", "Ben", "Cora", "Dan", "Eve", "Fay", "Gus", "Hal", "Ivy", "Jon", "Kit", "Lea")
QUOTES = [f"“{name} sang here for years,” the vicar said." for name in NAMES]
OBITUARY = [
    "Edith Marlow, who mended the clocks of Lindow and of nine villages around it for 40 years, died on Friday.",
    "She was born above the shop in 1931.",
    "Her brother Saul taught her the trade.",
    "She leaves two daughters and a grandson.",
    "The funeral is on Monday at noon.",
]
ARABIC = [
    "أعلن مجلس البلدة يوم الأحد إغلاق الجسر القديم أمام السيارات حتى نهاية الربيع بسبب تآكل في أعمدته.",
    "وقال المهندس إن العمل بدأ فعلا.",
    "وطلب السكان حافلات إضافية في الصباح.",
    "وسيعود المجلس إلى الاجتماع يوم الخميس.",
]
JAPANESE = [
    "町議会は日曜日、古い橋の柱にさびが見つかったため、春の終わりまで車の通行を禁止すると発表した。",
    "工事はすでに始まっている。",
    "住民は朝のバスの増便を求めた。",
    "議会は木曜日に再び開かれる。",
]
LINKED = [
    "We chose two essays on <a href=/tides>the tides</a> for this week, and one on the bells of Lindow church.",
    "Read <a href=/bells>the one on bells</a> first.",
    "The <a href=/more>others</a> can wait for rain.",
]


def paragraphs(texts):
    return "".join(f"<p>{text}</p>" for text in texts)


def page(body):
    return f"<!doctype html><html><body>{NAV}{body}{FOOT}</body></html>"


def kept(body, strictness="balanced"):
    return clean(page(body), html=True, strictness=strictness).text


@pytest.mark.parametrize("strictness", ["balanced", "strict"])
@pytest.mark.parametrize("tag", ["article", "main", "div", "section", "div itemprop=articleBody"])
@pytest.mark.parametrize(
    "texts", [[LEAD, *QUOTES], OBITUARY, ARABIC, JAPANESE], ids=["quotes", "obituary", "arabic", "japanese"]
)
def test_short_paragraphs_beside_a_long_one_are_kept(texts, tag, strictness):
    text = kept(f"<{tag}>{paragraphs(texts)}</{tag.split()[0]}>", strictness)
    assert [paragraph for paragraph in texts if paragraph not in text] == []
    assert "Section" not in text
    assert "Service" not in text


def test_short_paragraphs_with_links_are_kept():
    text = kept(f"<article>{paragraphs(LINKED)}</article>")
    assert "Read the one on bells first." in text
    assert "The others can wait for rain." in text


@pytest.mark.parametrize("wrapper", ["article", "div"])
def test_posts_of_a_live_blog_are_kept(wrapper):
    posts = "".join(
        f"<div class=entry><time>1{hour}:05</time><h3>News {hour}</h3><p>{text}</p></div>"
        for hour, text in enumerate([LEAD * 3, "The road is closed.", "Two buses are late, the depot says."])
    )
    text = kept(f"<{wrapper}><h1>Storm over Lindow</h1>{posts}</{wrapper}>")
    assert "The road is closed." in text
    assert "Two buses are late, the depot says." in text
    assert "Section" not in text


@pytest.mark.parametrize("tag", ["p", "blockquote", "li", "h2", "pre"])
def test_no_element_of_text_is_taken_for_the_article(tag):
    body = f"<section><{tag}>{LEAD * 4}</{tag}><p>So it was.</p><p>Nobody wept</p></section>"
    outside = [removal.text for removal in read_page(page(body)).removals if removal.rule == "dom_outside"]
    assert not any("So it was." in text or "Nobody wept" in text for text in outside)


@pytest.mark.parametrize("tag", ["article", "main", "div itemprop='x articleBody'"])
def test_what_the_page_declares_its_article_is_believed(tag):
    body = f"<{tag}><div><p>{LEAD}</p><p>{OBITUARY[0]}</p></div><div><p>Ferries</p></div></{tag.split()[0]}>"
    outside = [removal.text for removal in read_page(page(body)).removals if removal.rule == "dom_outside"]
    assert outside
    assert not any("Ferries" in text for text in outside)


def test_articles_within_articles_tell_nothing():
    body = (
        f"<article><article><p>{LEAD}</p><p>{OBITUARY[0]}</p></article><article><p>Ferries</p></article></article>"
    )
    outside = "".join(removal.text for removal in read_page(page(body)).removals)
    assert "Ferries" in outside
    assert LEAD not in outside


def test_short_slogans_and_linked_sentences_do_not_move_the_article():
    cards = "".join(
        f"<div class=card><a href=/c{n}>Card {n} tells of a mill that burned.</a></div>" for n in range(9)
    )
    body = f"<div id=story>{paragraphs([LEAD, LEAD])}</div><div id=cards>{cards}<p>Join us.</p></div>"
    text = kept(body)
    assert "Card" not in text
    assert "Join us." not in text
