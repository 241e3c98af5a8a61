"""The relation of two texts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_align import RETOLD, STORY

from provenance.compare import compare
from provenance.model import Document, Span

ARTICLE = " ".join(STORY)
REWRITE = " ".join(RETOLD)
OTHER = (
    "Parliament debated the pension bill for nine hours before the vote was postponed until spring. "
    "Two coalition members had asked for a second reading in committee. "
    "The finance ministry expects savings of four billion a year from 2031."
)
SAME_EVENT = (
    "Belgian shipping authorities confirmed an incident involving the Calliope off Zeebrugge. "
    "“We take every spill seriously,” a spokeswoman told local radio on Friday. "
    "Environmental groups have long demanded double hulls for all tankers that enter the North Sea. "
    "A similar leak near Ostend cost insurers eleven million euros four years ago."
)


@pytest.mark.parametrize(
    ("a", "b", "kind", "derived"),
    [
        (ARTICLE, ARTICLE, "exact", True),
        (ARTICLE, ARTICLE.upper().replace(".", "!"), "exact", True),
        (ARTICLE, ARTICLE.replace("Thursday", "Tuesday"), "near_duplicate", True),
        (ARTICLE, OTHER + "\n\n" + ARTICLE + "\n\n" + SAME_EVENT, "shares_passages", True),
        (ARTICLE, REWRITE, "rewritten", True),
        (ARTICLE, OTHER, "unrelated", False),
        ("One word", "One word", "insufficient_text", False),
        ("", "", "insufficient_text", False),
    ],
)
def test_kinds(a: str, b: str, kind: str, *, derived: bool) -> None:
    relation = compare(a, b)
    assert (relation.kind, relation.derived) == (kind, derived)


def test_a_report_of_the_same_event_is_not_derived() -> None:
    relation = compare(ARTICLE, SAME_EVENT)
    assert not relation.derived
    assert relation.score < 0.1


def test_a_rewritten_passage_inside_another_article_is_located() -> None:
    host = OTHER + "\n\n" + REWRITE + "\n\n" + " ".join(reversed(OTHER.split(". ")))
    (pair, *_) = sorted(compare(ARTICLE, host).spans, key=lambda pair: -len(pair.b))
    planted = Span(host.index(REWRITE), host.index(REWRITE) + len(REWRITE))
    assert planted.start <= pair.b.start < pair.b.end <= planted.end
    assert len(pair.b) > 0.7 * len(planted)
    assert pair.kind == "rewritten"


def test_a_copied_passage_is_located_to_the_character() -> None:
    host = OTHER + "\n\n" + ARTICLE + "\n\n" + SAME_EVENT
    (pair,) = compare(ARTICLE, host).spans
    assert host[pair.b.start : pair.b.end] + "." == ARTICLE == ARTICLE[pair.a.start : pair.a.end] + "."
    assert pair.kind == "copied"


def test_a_shared_quotation_is_called_one() -> None:
    quote = (
        "“We have asked the company three times for its papers and three times it sent us somebody else’s bill.”"
    )
    relation = compare(f"{OTHER} {quote} The mayor spoke in Bruges.", f"{SAME_EVENT} So she said it: {quote}")
    assert [pair.kind for pair in relation.spans] == ["quote"]
    assert not relation.derived


def test_documents_are_compared_by_their_text() -> None:
    assert compare(Document("a", ARTICLE), Document("b", REWRITE)) == compare(ARTICLE, REWRITE)


def test_the_earlier_document_is_said_with_its_reason() -> None:
    old, new = Document("a", ARTICLE, published="2025-03-01"), Document("b", REWRITE, published="2025-03-02")
    assert (compare(old, new).earlier, compare(new, old).earlier) == ("a", "b")
    assert compare(old, new).reason == "published 2025-03-01, the other 2025-03-02"
    undated = compare(ARTICLE, REWRITE)
    assert undated.earlier is None
    assert undated.reason.startswith("undecided: ")


DISGUISES = {
    "zero_width": lambda text: text.replace("a", "a\u200b"),
    "soft_hyphen": lambda text: text.replace("er", "e\u00adr"),
    "homoglyph": lambda text: text.replace("o", "\u043e"),
    "fullwidth": lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalpha() else c for c in text),
    "bidi": lambda text: "\u202d" + text.replace(" ", " \u202c\u202d"),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_disguises_change_no_verdict(name: str) -> None:
    disguise = DISGUISES[name]
    assert compare(ARTICLE, disguise(ARTICLE)).kind == "exact"
    assert compare(ARTICLE, disguise(REWRITE)).derived
    assert not compare(ARTICLE, disguise(SAME_EVENT)).derived


LANGUAGES = {
    "de": (
        (
            "Hafenlotsen in Zeebrugge weigerten sich am Donnerstag, den Tanker Calliope zu betreten. Das "
            "Schiff unter liberianischer Flagge verlor seit Guernsey Kerosin, schrieben Inspektoren."
        ),
        (
            "Am Donnerstag wollten Lotsen im Hafen von Zeebrugge den Tanker Calliope nicht betreten. "
            "Inspektoren schrieben, seit Guernsey verliere das liberianisch beflaggte Schiff Kerosin."
        ),
    ),
    "ru": (
        (
            "Лоцманы порта Зебрюгге в четверг отказались подняться на танкер «Каллиопа». Судно под "
            "либерийским флагом теряло керосин после Гернси, сообщили инспекторы."
        ),
        (
            "В четверг танкер «Каллиопа» остался без лоцманов: в порту Зебрюгге они отказались подняться на "
            "борт. Инспекторы сообщили, что после Гернси либерийское судно теряло керосин."
        ),
    ),
    "ar": (
        (
            "رفض مرشدو ميناء زيبروغ يوم الخميس الصعود إلى الناقلة كاليوبي. وكانت السفينة التي ترفع علم "
            "ليبيريا تسرب الكيروسين منذ مرورها قرب غيرنزي كما كتب المفتشون."
        ),
        (
            "يوم الخميس لم يصعد مرشدو ميناء زيبروغ إلى الناقلة كاليوبي بعد أن رفض الجميع. وكتب المفتشون أن "
            "السفينة التي ترفع علم ليبيريا تسرب الكيروسين منذ غيرنزي."
        ),
    ),
    "zh": (
        (
            "泽布吕赫港的引航员周四拒绝登上卡利奥佩号油轮。检查人员写道，这艘悬挂利比里亚国旗"
            "的船只自根西岛以来一直泄漏煤油。"
        ),
        (
            "周四，卡利奥佩号油轮被泽布吕赫港的引航员拒绝登船。悬挂利比里亚国旗的这艘船只自根"
            "西岛起泄漏煤油，检查人员写道。"
        ),
    ),
    "ja": (
        (
            "ゼーブルッヘ港の水先人は木曜日、タンカー「カリオペ」への乗船を拒否した。リベリア"
            "船籍の船はガーンジー島以降灯油を漏らしていたと検査官は記した。"
        ),
        (
            "木曜日、タンカー「カリオペ」への乗船をゼーブルッヘ港の水先人が拒否した。検査官に"
            "よると、リベリア船籍の同船はガーンジー島から灯油を漏らしていた。"
        ),
    ),
    "es": (
        (
            "Los prácticos del puerto de Zeebrugge se negaron el jueves a subir al petrolero Calliope. El "
            "buque de bandera liberiana perdía queroseno desde Guernsey, escribieron los inspectores."
        ),
        (
            "El jueves, el petrolero Calliope vio cómo los prácticos del puerto de Zeebrugge se negaban a "
            "subir. Según escribieron los inspectores, desde Guernsey el buque liberiano perdía queroseno."
        ),
    ),
}

UNRELATED = {
    "de": (
        "Der Bundestag beriet neun Stunden lang über das Rentengesetz, ehe die Abstimmung auf das "
        "Frühjahr vertagt wurde."
    ),
    "ru": "Парламент девять часов обсуждал закон о пенсиях, после чего голосование перенесли на весну.",
    "ar": "ناقش البرلمان قانون المعاشات تسع ساعات قبل أن يؤجل التصويت إلى الربيع المقبل بطلب من عضوين.",
    "zh": "议会就养老金法案辩论了九个小时，随后表决被推迟到春季，两名执政联盟成员要求二读。",
    "ja": "議会は年金法案を九時間にわたって審議したが、採決は春まで延期された。",
    "es": (
        "El parlamento debatió nueve horas la ley de pensiones antes de aplazar la votación hasta la primavera."
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rewrite_is_found_in_other_languages(language: str) -> None:
    original, rewrite = LANGUAGES[language]
    assert compare(original, rewrite).derived
    assert not compare(rewrite, UNRELATED[language]).derived


@given(st.integers(0, 10_000))
def test_symmetric_and_in_bounds(number: int) -> None:
    draw = random.Random(number)
    pool = STORY + RETOLD + OTHER.split(". ") + SAME_EVENT.split(". ")
    a, b = (draw.choice((" ", "\n\n")).join(draw.choices(pool, k=draw.randrange(1, 14))) for _ in range(2))
    forth, back = compare(a, b), compare(b, a)
    assert (forth.kind, forth.score, forth.evidence) == (back.kind, back.score, back.evidence)
    assert {(pair.a, pair.b, pair.kind, pair.score) for pair in forth.spans} == {
        (pair.b, pair.a, pair.kind, pair.score) for pair in back.spans
    }
    for pair in forth.spans:
        assert 0 <= pair.a.start < pair.a.end <= len(a)
        assert 0 <= pair.b.start < pair.b.end <= len(b)


@given(st.text(max_size=80), st.text(max_size=80))
def test_never_raises(a: str, b: str) -> None:
    assert 0 <= compare(a, b).score <= 1
