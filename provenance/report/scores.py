"""How the scores of all compared pairs are distributed, and the listed pairs in order of their score."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.report.audit import SCALE, score_step
from provenance.report.coverage import called as label
from provenance.report.decided import FATES, called
from provenance.report.pairs import Batch, Name, key, name, reviewed
from provenance.report.wording import DECISIONS, score, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from provenance.model import DocumentRelation, Match
    from provenance.report.audit import Audit
    from provenance.report.pairs import Pair

LEFT, WIDE, TALL = 48, 880, 150  # of the chart's field, in its own units
LINES = 10_000  # pairs listed


@dataclass(frozen=True, slots=True)
class Line:
    """A relation in one line of the table; `pair` is its number where its passages are side by side.

    `sorts` are the sorts of pairs that it is one of: derived, found (by the program), sharing (passages, and no
    more), and what was decided on it.
    """

    left: Name
    right: Name
    relation: DocumentRelation
    sorts: tuple[str, ...]
    kind: str
    score: str
    passages: int
    pair: int | None
    decision: str
    reviewed: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """The pairs of one step of the scale: how many were compared, and those of them that are listed."""

    number: int
    label: str
    compared: int
    listed: int
    lines: tuple[Line, ...]
    derived: int
    x: float
    wide: float
    top: float

    @property
    def whole(self) -> bool:
        """Whether all pairs that are to be listed are."""
        return self.listed == len(self.lines)


@dataclass(frozen=True, slots=True)
class Scores:
    """The distribution; `threshold` is the score from which a pair is derived, `at` its place on the chart."""

    steps: tuple[Step, ...]
    compared: int
    listed: int
    possible: int
    threshold: float | None
    at: float
    ticks: tuple[tuple[float, str], ...]

    @property
    def silent(self) -> int:
        """How many of the compared pairs have nothing in common that was found."""
        return self.compared - self.listed


def scores(
    audit: Audit,
    told: Iterable[DocumentRelation],
    matches: Mapping[tuple[str, str], Sequence[Match]],
    batch: Batch,
    pairs: Iterable[Pair],
) -> Scores:
    """Give the distribution of scores, with the pairs that are told of in each step, the strongest first."""
    numbers = {key(row.left.id, row.right.id): row.number for row in pairs}
    groups: dict[int, list[DocumentRelation]] = defaultdict(list)
    for row in told:
        groups[score_step(row.score)].append(row)
    listed = [len(groups[step]) for step in range(SCALE)]
    given = audit.scores if len(audit.scores) == SCALE else listed
    compared = [max(pair) for pair in zip(given, listed, strict=True)]
    most, left = max(compared), LINES
    steps = []
    for step in reversed(range(SCALE)):
        rows = sorted(groups[step], key=lambda row: (-row.score, row.a, row.b))
        lines = tuple(_line(row, matches, batch, numbers) for row in rows[:left])
        left -= len(lines)
        label = f"{step / SCALE:.2f} to {(step + 1) / SCALE:.2f}"
        derived = sum(row.derived for row in rows)
        steps.append(_drawn(Step(step, label, compared[step], listed[step], lines, derived, 0, 0, 0), most))
    return Scores(
        steps=tuple(steps),
        compared=sum(compared),
        listed=sum(listed),
        possible=audit.pairs,
        threshold=batch.threshold,
        at=LEFT + WIDE * (batch.threshold or 0),
        ticks=tuple((round(TALL + 10 - _height(tick, most), 1), f"{tick:,}") for tick in _ticks(most)),
    )


def _line(
    row: DocumentRelation,
    matches: Mapping[tuple[str, str], Sequence[Match]],
    batch: Batch,
    numbers: Mapping[tuple[str, str], int],
) -> Line:
    ends = key(row.a, row.b)
    passages = len(matches.get(ends, ()))
    left, right = (row.b, row.a) if row.earlier == row.b else (row.a, row.b)
    return Line(
        left=name(left, batch.names),
        right=name(right, batch.names),
        relation=row,
        sorts=tuple(_sorts(row, batch, passages)),
        kind=label(row, matches.get(ends, ()), batch.documents)[0],
        score=score(row.score, batch.threshold),
        passages=passages,
        pair=numbers.get(ends),
        decision=DECISIONS.get(row.decision, words(row.decision)) if row.decision else "",
        reviewed=reviewed(row, batch),
    )


def _sorts(row: DocumentRelation, batch: Batch, passages: int) -> Iterator[str]:
    if row.derived:
        yield "derived"
    if called(row, batch.threshold):
        yield "found"
    if row.decision:
        yield row.decision
    if passages and not row.derived and row.decision not in FATES:
        yield "sharing"


def _drawn(step: Step, most: int) -> Step:
    wide = WIDE / SCALE
    top = round(TALL + 10 - _height(step.compared, most), 1)
    x = round(LEFT + wide * step.number + 2, 1)
    return Step(
        step.number, step.label, step.compared, step.listed, step.lines, step.derived, x, round(wide - 4, 1), top
    )


def _height(count: int, most: int) -> float:
    """Give the height of a bar: by the logarithm, for a thousand unrelated pairs stand beside a derived one."""
    return TALL * math.log1p(count) / math.log1p(most) if most else 0.0


def _ticks(most: int) -> list[int]:
    """Give the counts that the chart's scale names: 1, 10, 100 …, and the highest."""
    tens = [10**power for power in range(len(str(most)) if most else 0)]
    return [tick for tick in tens if tick <= most / 2] + ([most] if most else [])
