"""Which of two texts came first, and why."""

from __future__ import annotations

import pytest

from provenance.compare import compare
from provenance.direction import Witness, direction
from provenance.model import Credit, Document, Span, SpanPair
from provenance.words import Vocabulary, read

FULL = (
    'The ferry left Kirkwall at 06:15 with 214 people aboard. "We heard the engine stop and nobody told us what '
    'was wrong for almost an hour," said a passenger, Moira Flett. The harbour master counted 37 lifejackets.'
)
POOR = (
    "The ferry left Kirkwall early in the morning with many people aboard. A passenger, Moira Flett, said the "
    "engine had stopped and for almost an hour they were not told why. The harbour master counted lifejackets."
)


def witness(name: str, text: str, **known: object) -> Witness:
    row = {"published": None, "publisher": None, "credits": ()} | known
    return Witness(name, read(text, Vocabulary()), row["published"], row["publisher"], lambda: row["credits"])


def whole(a: str, b: str) -> list[SpanPair]:
    return [SpanPair(Span(0, len(a)), Span(0, len(b)), "rewritten", 0.5)]


@pytest.mark.parametrize("turned", [False, True])
def test_the_text_that_keeps_quotations_and_numbers_came_first(turned: bool) -> None:
    full, poor = witness("full", FULL), witness("poor", POOR)
    sides, spans = ((poor, full), whole(POOR, FULL)) if turned else ((full, poor), whole(FULL, POOR))
    order, reason = direction(*sides, spans)
    assert order == (1 if turned else -1)
    assert reason.startswith("full has ")
    assert "words of direct quotation" in reason
    assert reason.endswith("that poor lacks")


def test_an_attribution_that_the_other_lacks_speaks_against_it() -> None:
    credit = Credit(4, 9, "Harbour News")
    assert direction(witness("a", FULL), witness("b", POOR, credits=[credit]), whole(FULL, POOR))[0] == 0
    outside = Credit(10_000, 10_009, "Harbour News")
    assert direction(witness("a", FULL), witness("b", POOR, credits=[outside]), whole(FULL, POOR))[0] == -1


def test_dates_come_before_credits_and_credits_before_what_the_texts_keep() -> None:
    credit = Credit(4, 9, "Harbour News")
    dated = direction(
        witness("a", FULL, published="2025-03-02", credits=[credit]),
        witness("b", POOR, published="2025-03-01", publisher="Harbour News"),
        whole(FULL, POOR),
    )
    assert dated == (1, "published 2025-03-01, the other 2025-03-02")
    credited = direction(
        witness("a", FULL, credits=[credit]), witness("b", POOR, publisher="harbournews.com"), whole(FULL, POOR)
    )
    assert credited == (1, "a credits Harbour News")


def test_only_the_aligned_passages_count() -> None:
    apart = "The council met on Monday. Nothing was decided. "
    spans = [SpanPair(Span(0, len(apart)), Span(0, len(apart)), "copied", 1.0)]
    order, reason = direction(witness("a", apart + FULL), witness("b", apart + POOR), spans)
    assert order == 0
    assert reason.startswith("undecided: ")


def test_the_reason_is_told_in_the_callers_order() -> None:
    there, back = compare(FULL, POOR), compare(POOR, FULL)
    assert (there.earlier, back.earlier) == ("a", "b")
    assert there.reason.startswith("the first text has ")
    assert back.reason.startswith("the second text has ")
    assert compare(Document("x.txt", FULL), Document("y.txt", POOR)).reason.startswith("x.txt has ")
