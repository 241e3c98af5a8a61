"""Passages side by side as far as they are shown: long ones by their ends, what is the same on both sides once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.report.marks import Run, common_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model import Match, Side

OPEN = 20  # pairs that are shown unfolded, their passages at length
LONG, BRIEF = 3_000, 900  # code points of a passage that are shown, of such a pair and of another
TWICE = 600  # code points of a passage that is worth reading twice, if both sides are the same
ROWS = 200  # passages of a pair that are shown
# What the page spends on a pair, on a passage and on a mark beside their text, in characters.
CARD, ROW = 2_000, 700


@dataclass(frozen=True, slots=True)
class Cell:
    """One side of a row: its marked text up to its `more` code points left out, what comes after them, its place.

    `same` says instead that it is the other side's text over again.
    """

    runs: tuple[Run, ...]
    more: int
    tail: tuple[Run, ...]
    start: int
    end: int
    same: bool = False


def cells(one: Side, two: Side, number: int) -> tuple[Cell, Cell]:
    """Give the two sides of a passage of the pair with this number."""
    most = LONG if number <= OPEN else BRIEF
    (head, more, tail), (other, hidden, end) = _cut(one.text, most), _cut(two.text, most)
    if _same(one, two):
        runs = tuple(Run(text, common=True) for text in (head, tail) if text)
        return Cell(runs[:1], more, runs[1:], one.start, one.end), Cell((), 0, (), two.start, two.end, same=True)
    left, right = common_words(f"{head}\n{tail}" if tail else head, f"{other}\n{end}" if end else other)
    return (
        Cell(*_parted(left, len(head), more), one.start, one.end),
        Cell(*_parted(right, len(other), hidden), two.start, two.end),
    )


def cost(matches: Sequence[Match], number: int) -> int:
    """Give about how many characters of the page it takes to show the pair with this number."""
    most = LONG if number <= OPEN else BRIEF
    size = CARD
    for match in matches[:ROWS]:
        left, right = (min(most, len(side.text)) for side in (match.a, match.b))
        size += ROW + left + (0 if _same(match.a, match.b) else right)
    return size


def _same(one: Side, two: Side) -> bool:
    """Say whether a long passage is the same on both sides, but for spaces and letter case."""
    if min(len(one.text), len(two.text)) < TWICE:
        return False
    return one.text == two.text or one.text.casefold().split() == two.text.casefold().split()


def _cut(text: str, most: int) -> tuple[str, int, str]:
    """Give the beginning of a text, how much is left out, and its end; both at words where there are some."""
    if len(text) <= most:
        return text, 0, ""
    head, tail = text[: 2 * most // 3], text[-(most // 3) :]
    head = head.rsplit(" ", 1)[0] if " " in head[most // 2 :] else head
    tail = tail.split(" ", 1)[1] if " " in tail[: most // 6] else tail
    return head, len(text) - len(head) - len(tail), tail


def _parted(runs: Sequence[Run], size: int, more: int) -> tuple[tuple[Run, ...], int, tuple[Run, ...]]:
    """Part runs at the line end after `size` code points, where something is left out; else give them whole."""
    if not more:
        return tuple(runs), 0, ()
    head: list[Run] = []
    tail: list[Run] = []
    at = 0
    for run in runs:
        before, after = run.text[: max(0, size - at)], run.text[max(0, size + 1 - at) :]
        at += len(run.text)
        head += [Run(before, run.common)] if before else []
        tail += [Run(after, run.common)] if after else []
    return tuple(head), more, tuple(tail)
