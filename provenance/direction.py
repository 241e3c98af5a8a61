"""Which of two related texts came first: by date, else by what they credit, else by what only one of them keeps.

Rewriting turns direct quotations into reported speech and leaves numbers out; it seldom finds any. Of machine
rewritings of news, quotations and numbers decide the direction in about half, and rightly in nine of ten
(benchmarks/direction.py). A direction is evidence, not proof, and comes with its reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.lineage import credits_publisher, earlier
from provenance.normalize import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from provenance.model import Credit, Span, SpanPair
    from provenance.words import Text

QUOTED = 12  # words of direct quotation by which one text must exceed the other, and twice over
NUMBERS = 2  # numbers that one text must have and the other lack, which has none of its own

_NUMBER = re.compile(r"(?<!\w)\d(?:[\d.,:]*\d)?")


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """One of two texts, with what is known of it; `name` is what a reason calls it.

    `credits` gives whom the text credits; it is asked where dates and publishers leave the matter open.
    """

    name: str
    text: Text
    published: str | None
    publisher: str | None
    credits: Callable[[], Sequence[Credit]]


def direction(a: Witness, b: Witness, spans: Sequence[SpanPair]) -> tuple[int, str]:
    """Give -1 where a came first, 1 where b did, 0 where nothing tells them apart; and why.

    `spans` are the passages that one text was rewritten to; of none, only dates and credits speak.
    """
    order = earlier(a.published, b.published)
    if order:
        first, second = (a, b) if order < 0 else (b, a)
        return order, f"published {first.published}, the other {second.published}"
    named_in_a = credits_publisher(a.credits(), b.publisher) if b.publisher else None
    named_in_b = credits_publisher(b.credits(), a.publisher) if a.publisher else None
    if named_in_a and not named_in_b:
        return 1, f"{a.name} credits {named_in_a.outlet}"
    if named_in_b and not named_in_a:
        return -1, f"{b.name} credits {named_in_b.outlet}"
    return _by_text(a, b, spans)


@dataclass(frozen=True, slots=True)
class _Detail:
    """What a text's aligned passages hold: words of direct quotation, and numbers."""

    quoted: int
    numbers: frozenset[str]


def _by_text(a: Witness, b: Witness, spans: Sequence[SpanPair]) -> tuple[int, str]:
    sides = (a, [pair.a for pair in spans]), (b, [pair.b for pair in spans])
    details = [_detail(*side) for side in sides]
    kept, also = _fuller(*details), _fuller(*details[::-1])
    if bool(kept) != bool(also):
        fuller, poorer = sides if kept else sides[::-1]
        named = _outlets(*poorer)
        if not (named and named - _outlets(*fuller)):  # who names a source that the other does not did not lose it
            return (-1 if kept else 1), f"{fuller[0].name} has {kept or also} that {poorer[0].name} lacks"
    return 0, "undecided: neither dates nor credits nor details tell"


def _detail(witness: Witness, spans: Sequence[Span]) -> _Detail:
    text = witness.text
    inside = np.zeros(len(text.words), dtype=bool)
    for span in spans:
        first, end = np.searchsorted(text.starts, span.start), np.searchsorted(text.ends, span.end, side="right")
        inside[first:end] = True
    passages = "\n".join(text.source[span.start : span.end] for span in spans)
    folded = fold(passages).text if text.flags else passages  # digits that nothing flags fold to themselves
    return _Detail(int((inside & text.quoted).sum()), frozenset(_NUMBER.findall(folded)))


def _fuller(own: _Detail, other: _Detail) -> str:
    """Say what the first keeps that the second lost; nothing where that is little or the second has its own."""
    kept = []
    if own.quoted - other.quoted >= QUOTED and own.quoted >= 2 * other.quoted:
        kept.append(f"{own.quoted - other.quoted} more words of direct quotation")
    if len(own.numbers - other.numbers) >= NUMBERS and not other.numbers - own.numbers:
        kept.append(f"{len(own.numbers - other.numbers)} numbers")
    return " and ".join(kept)


def _outlets(witness: Witness, spans: Sequence[Span]) -> set[str]:
    """Give the outlets that are credited within the spans."""
    return {
        credit.outlet.casefold()
        for credit in witness.credits()
        if any(span.start <= credit.start < span.end for span in spans)
    }
