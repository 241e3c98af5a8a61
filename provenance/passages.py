"""The passages that two texts are reported to share: copied runs, and what was rewritten beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.model import MatchKind, Span, SpanPair

if TYPE_CHECKING:
    from provenance.align import Chain, Table
    from provenance.evidence import Pair
    from provenance.runs import Run
    from provenance.words import Text

PASSAGE = 900  # code points; a rewritten passage is no longer, where sentence ends allow


@dataclass(frozen=True, slots=True)
class Bar:
    """What it takes to report rewritten passages: bits of their chain, bits and likeness of each.

    A chain of one sentence on either side needs `lone_bits` and `lone_likeness`: that one sentence resembles
    one other happens to any two texts on one subject.
    """

    chain: float
    bits: float
    likeness: float
    lone_bits: float
    lone_likeness: float


# Within a rewritten document weak likeness counts. In a text on something else a passage stands out; two reports
# of one event resemble each other in many sentences, and beside a copied passage the rest is on its subject.
REWRITE = Bar(chain=20, bits=4, likeness=0.15, lone_bits=20, lone_likeness=0.15)
ELSEWHERE = Bar(chain=18, bits=8, likeness=0.2, lone_bits=100, lone_likeness=0.8)
SAME_SUBJECT = Bar(chain=24, bits=20, likeness=0.35, lone_bits=100, lone_likeness=0.8)
BESIDE = Bar(chain=60, bits=50, likeness=0.45, lone_bits=60, lone_likeness=0.6)


@dataclass(frozen=True, slots=True)
class _Group:
    """Sentences [a, a_end) of a aligned with [b, b_end) of b, which share `bits`."""

    a: int
    a_end: int
    b: int
    b_end: int
    bits: float


def passages(pair: Pair, chains: list[Chain], bar: Bar) -> list[SpanPair]:
    """Give the aligned passages in the order of a: copied runs, and what was rewritten beside them."""
    a, b = pair.a, pair.b
    if not (chains or pair.copied):
        return []
    found = [_copied_pair(a, b, run) for run in pair.copied]
    known_a = _explained(a, [(run.a_start, run.a_end) for run in pair.copied])
    known_b = _explained(b, [(run.b_start, run.b_end) for run in pair.copied])
    groups = []
    for one in chains:
        lone = len(one.a) == 1
        if one.score >= (bar.lone_bits if lone else bar.chain):
            least = bar.lone_likeness if lone else bar.likeness
            groups += [(group, least) for group in _groups(a, b, one, (known_a, known_b))]
    used_a, used_b = known_a, known_b
    for group, least in sorted(groups, key=lambda row: -row[0].bits):
        likeness = _likeness(pair.table, group)
        if group.bits < bar.bits or likeness < least:
            continue
        own_a, own_b = set(range(group.a, group.a_end)), set(range(group.b, group.b_end))
        if own_a <= used_a and own_b <= used_b:  # stronger passages explain both sides
            continue
        used_a |= own_a
        used_b |= own_b
        span_a = Span(a.spans[group.a].start, a.spans[group.a_end - 1].end)
        span_b = Span(b.spans[group.b].start, b.spans[group.b_end - 1].end)
        found.append(SpanPair(span_a, span_b, "rewritten", round(likeness, 4)))
    return sorted(found, key=lambda pair: (pair.a, pair.b))


def _copied_pair(a: Text, b: Text, run: Run) -> SpanPair:
    span_a = Span(int(a.starts[run.a_start]), int(a.ends[run.a_end - 1]))
    span_b = Span(int(b.starts[run.b_start]), int(b.ends[run.b_end - 1]))
    share = min(1.0, run.equal / max(run.a_end - run.a_start, run.b_end - run.b_start))
    quoted = min(a.quoted[run.a_start : run.a_end].mean(), b.quoted[run.b_start : run.b_end].mean())
    kind: MatchKind = "quote" if quoted >= 0.8 else "copied" if share >= 0.995 else "edited"
    return SpanPair(span_a, span_b, kind, round(share, 4))


def _explained(text: Text, spans: list[tuple[int, int]]) -> set[int]:
    """Give the sentences of which copied runs, words [start, end) each, hold a third or more."""
    if not spans:
        return set()
    inside = np.zeros(len(text.words), dtype=np.int32)
    for start, end in spans:
        inside[start:end] = 1
    held = np.diff(np.concatenate(([0], np.cumsum(inside)))[text.bounds])
    return set(np.flatnonzero(3 * held >= np.diff(text.bounds)).tolist())


def _groups(a: Text, b: Text, one: Chain, known: tuple[set[int], set[int]]) -> list[_Group]:
    """Divide a chain into passages: neighbouring sentence pairs, up to the longest passage on either side."""
    groups: list[_Group] = []
    for i, j, bits in zip(one.a.tolist(), one.b.tolist(), one.each.tolist(), strict=True):
        if i in known[0] or j in known[1]:  # what was copied needs no second explanation
            continue
        last = groups[-1] if groups else None
        if (
            last
            and i <= last.a_end
            and j <= last.b_end
            and a.spans[i].end - a.spans[last.a].start <= PASSAGE
            and b.spans[j].end - b.spans[last.b].start <= PASSAGE
        ):
            groups[-1] = _Group(last.a, i + 1, last.b, j + 1, last.bits + bits)
        else:
            groups.append(_Group(i, i + 1, j, j + 1, bits))
    return groups


def _likeness(table: Table, group: _Group) -> float:
    """Give the share of two passages' weight that they share, 0..1."""
    weight_a, weight_b = table.weight_a[group.a : group.a_end], table.weight_b[group.b : group.b_end]
    rows = slice(*np.searchsorted(table.a, (group.a, group.a_end)))
    inside = (table.b[rows] >= group.b) & (table.b[rows] < group.b_end)
    best_a, best_b = np.zeros(len(weight_a)), np.zeros(len(weight_b))
    np.maximum.at(best_a, table.a[rows][inside] - group.a, table.shared[rows][inside])
    np.maximum.at(best_b, table.b[rows][inside] - group.b, table.shared[rows][inside])
    mean = math.sqrt(float(weight_a.sum()) * float(weight_b.sum())) or 1.0
    return min(1.0, float(best_a.sum() + best_b.sum()) / 2 / mean)
