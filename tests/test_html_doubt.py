"""Where the block model's word alone is not enough: tables and code of an article, languages it did not learn."""

import pytest

from provenance.clean import clean
from provenance.html.blocks import read_blocks
from provenance.html.doubt import spared
from provenance.html.tree import read_tree

AROUND = (
    "<header><a href=/>Lindow Post</a><nav>{}</nav></header>".format(
        "".join(f"<li><a href=/{name}>{name}</a></li>" for name in "News Sport Weather Travel Food".split())
    ),
    "<aside class=most-read><h3>Most read</h3><ol>{}</ol></aside><footer>© 2024 Lindow Post</footer>".format(
        "".join(f"<li><a href=/{n}>Story number {n}</a></li>" for n in range(3))
    ),
)
REPORT = """<h1>Council votes to close its swimming pool</h1>
<p>Councillors in Lindow voted by 12 to 9 last night to close the town's swimming pool, which opened in 1936.</p>
<h2>What happens next</h2><ul><li>The pool closes on 31 August.</li><li>The site is sold</li></ul>
<table><tr><th>Year</th><th>Loss</th></tr><tr><td>2022</td><td>£200,000</td></tr></table>
<pre>def f(x):
    return x * 2
</pre><p>Some of them wrote the line above on the wall of the town hall, and nobody knows what it says.</p>
<p>More than 4,000 people signed a petition to keep it open. Some of them watched from the gallery.</p>"""
FAR = {
    "pl": (
        "Żubry wróciły do lasu",
        "Siedem żubrów wypuszczono w poniedziałek w puszczy. Zwierzęta przyjechały ciężarówką.",
        "Leśnicy mówią, że stado będzie obserwowane przez dwa lata. Każdy żubr nosi obrożę z nadajnikiem.",
        "Mieszkańcy wsi przyszli zobaczyć je o świcie i stali w milczeniu.",
    ),
    "ru": (
        "В Карелии открыли музей валенок",
        "Музей валенок открылся в субботу в старой школе на берегу озера, где раньше учились дети лесорубов.",
        "Основатель музея собирал валенки сорок лет и хранил их в гараже у своего брата.",
        "Вход свободный, но посетителей просят разуваться.",
    ),
    "zh": (
        "百年老桥重新开放",
        "星期六，杭州一座百年老桥在维修三年后重新向行人开放，数千名市民冒雨前来参加仪式。",
        "据市政府介绍，维修费用为两千万元，桥面石板全部保留。",
        "一位老人说，他小时候每天从桥上走过去上学。",
    ),
    "ar": (
        "افتتاح متحف للخط العربي",
        "افتتح في المدينة يوم السبت متحف للخط العربي يضم أكثر من ثلاثمئة مخطوط.",
        "وقال مدير المتحف إن العمل استغرق عشر سنوات وإن أقدم قطعة تعود إلى القرن الرابع.",
        "الدخول مجاني حتى نهاية الشهر.",
    ),
}


def around(body, title):
    before, after = AROUND
    return f"<title>{title} | Lindow Post</title>{before}<main><article>{body}</article></main>{after}"


def test_an_articles_table_and_code_stay():
    kept = clean(around(REPORT, "Council votes to close its swimming pool"), html=True).text
    for line in ("Year Loss", "2022 £200,000", "def f(x):", "return x * 2", "The site is sold"):
        assert line in kept.split("\n")
    assert "Most read" not in kept
    assert "Weather" not in kept


@pytest.mark.parametrize("language", FAR)
def test_last_paragraphs_between_link_blocks_stay_whatever_the_language(language):
    title, *paragraphs = FAR[language]
    linked = [f"<div class=c{n}><a href=/x{n}>Lindow {n}</a></div>" for n in range(len(paragraphs))]
    body = "".join(f"{link}<p>{text}</p>" for link, text in zip(linked, paragraphs, strict=True))
    kept = clean(around(f"<h1>{title}</h1>{body}{linked[0] * 3}", title), html=True).text
    assert kept.split("\n")[0] == title
    assert not [text for text in paragraphs if text not in kept]
    assert "Most read" not in kept


def kept_back(markup, likely):
    page = read_blocks(read_tree(markup)[0])
    return spared(page, [True] * len(page.blocks), [likely] * len(page.blocks))


def test_what_is_kept_from_the_model():
    text = " ".join(FAR["pl"][1:])
    assert kept_back("<p>Short.<table><tr><td>1", 0.3) == set()  # too few words to tell a language, no article
    table = "<article><p>Short.<table><tr><td>1</table></article><pre>x"
    assert [kept_back(table, likely) for likely in (0.1, 0.2, 0.5)] == [set(), {1}, set()]
    foreign = f"<p>{text}<p>Bez kropki<p><a href=/x>Zdanie z kropką.</a>"
    assert [kept_back(foreign, likely) for likely in (0.04, 0.05, 0.5)] == [set(), {0}, set()]
    assert kept_back(REPORT.replace("table", "div").replace("tr>", "p>"), 0.1) == set()
