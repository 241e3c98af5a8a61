"""Upkeep: the tail becomes a run, many runs become fewer, and what was removed goes from them.

A tail of `TAIL` documents becomes a run; of more than `RUNS` runs the `FANOUT` smallest neighbours become one;
where `TAIL` documents were removed, the runs that had them are rewritten.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.errors import StoreError
from provenance.stores import Change, State, capped
from provenance.stores.postings import (
    KEY,
    Manifest,
    Postings,
    Run,
    bits_for,
    chosen,
    decoded,
    encoded,
    sorted_part,
    unpacked,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.stores import IndexStore
    from provenance.stores.segments import Segments

TAIL = 4_096  # documents after which the tail becomes a run
RUNS = 6  # that a lookup has to look into
FANOUT = 4  # runs that become one where there are more
PART = 4_000_000  # postings that are merged at one time: 100 MB


class OvertakenError(StoreError):
    """Runs that were being read were rewritten by another meanwhile."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run to be made in place of others, or of the tail (`runs` is empty), from sorted postings."""

    state: State
    manifest: Manifest
    runs: Sequence[Run]
    size: int  # postings, at most
    base: int
    upto: int
    dead: Sequence[bytes]  # what stays of them
    every: bool = False  # whether it stands in place of all runs, whatever the manifest says

    def bits(self, store: IndexStore) -> int:
        """Give the bits of the new run's blocks."""
        return bits_for(self.size, self.upto - self.base, store.block)


def tidy(segments: Segments, *, longest: int = TAIL) -> None:
    """Make a run of a tail of `longest` documents, join runs where they are many, rewrite those with many dead."""
    with segments.turn:
        _tidy(segments, longest)


def _tidy(segments: Segments, longest: int) -> None:
    segments.refresh()
    if segments.tail >= longest and not _rewrite(segments, ()):
        return  # another did so at the same time
    for _ in range(len(segments.manifest.runs)):
        runs = _cheapest(segments.manifest.runs)
        if not runs or not _rewrite(segments, runs):
            break
    if len(segments.dead) >= TAIL:
        for run in segments.manifest.runs:
            if run.whole and segments.dead.of(run) and not _rewrite(segments, (run,)):
                return


def compact(segments: Segments) -> None:
    """Make one run of everything, unless a run only counts what long lists have: then see `carried_out`."""
    with segments.turn:
        segments.refresh()
        if segments.tail:
            _rewrite(segments, ())
        if not all(run.whole for run in segments.manifest.runs):
            return
        if len(segments.manifest.runs) > 1 or (segments.manifest.runs and len(segments.dead)):
            _rewrite(segments, segments.manifest.runs)


def parts(segments: Segments, runs: Sequence[Run], most: int = KEY) -> Iterator[Postings]:
    """Give the postings of runs with their overflow, by ranges of keys (2**`most` at most), in order.

    Raises OvertakenError where the runs were rewritten meanwhile.
    """
    total = sum(run.postings for run in runs)
    bits = min([*(run.bits for run in runs), (total // PART).bit_length(), most])
    overflows = [capped.overflow_of(run) for run in runs]
    for part in range(1 << bits):
        span = (part << (KEY - bits), (part + 1) << (KEY - bits))
        blocks = [range(part << (run.bits - bits), (part + 1) << (run.bits - bits)) for run in runs]
        more = [
            capped.blocks_of(run, *overflow.between(*span)[1:])
            for run, overflow in zip(runs, overflows, strict=True)
        ]
        wanted = {run.id: [*own, *rest] for run, own, rest in zip(runs, blocks, more, strict=True)}
        snapshot = segments.store.read(segments.state, wanted)
        if snapshot.generation != segments.state.generation:
            raise OvertakenError("the index was rewritten by another meanwhile; nothing was changed")
        values = iter(snapshot.blocks)
        found = []
        for run, overflow, own, rest in zip(runs, overflows, blocks, more, strict=True):
            listed = decoded(run, own, [next(values) for _ in own])
            found.append(capped.joined(listed, run, overflow, span, [next(values) for _ in rest]))
        yield sorted_part(found, bits, runs[0].base, runs[-1].upto)


def _rewrite(segments: Segments, runs: Sequence[Run]) -> bool:
    """Put one run in place of `runs`, or of the tail; False where another changed the runs before."""
    state, manifest = segments.state, segments.manifest
    base, upto = (runs[0].base, runs[-1].upto) if runs else (manifest.upto, state.next)
    size = sum(run.postings for run in runs) or sum(len(chunk.packed) for chunk in segments.chunks)
    plan = Plan(state, manifest, runs, size, base, upto, segments.dead.outside(base, upto))
    store = segments.store
    # A range never ends within a block of the new run.
    source = parts(segments, runs, plan.bits(store)) if runs else _tail(segments, base, upto)
    done = carried_out(store, plan, (_living(segments, one) for one in source))
    segments.refresh()
    return done


def _tail(segments: Segments, base: int, upto: int) -> Iterator[Postings]:
    yield sorted_part([*map(unpacked, segments.chunks)], 0, base, upto)


def _living(segments: Segments, found: Postings) -> Postings:
    return chosen(found, segments.dead.without(found.numbers))


def carried_out(store: IndexStore, plan: Plan, source: Iterable[Postings]) -> bool:
    """Make the run of a plan; False where another changed the runs before."""
    number = 1 + secrets.randbits(40)  # a number stands for one run: what is remembered of it is never another's
    bits = plan.bits(store)
    run = Run(number, bits, plan.base, plan.upto, 0)
    shortening = capped.Shortening(run)
    sizes: list[int] = []

    def blocks() -> Iterator[tuple[int, bytes]]:
        for found in source:
            sizes.append(len(found))
            yield from encoded(run, shortening.listed(found))
            yield from shortening.blocks()
        yield from shortening.blocks(last=True)

    def changed() -> bytes:
        new = Run(number, bits, plan.base, plan.upto, sum(sizes), shortening.more)
        kept = [one for one in plan.manifest.runs if one not in plan.runs]
        upto = max(plan.manifest.upto, plan.upto)
        return Manifest(tuple(sorted((*kept, new), key=_base)), upto).packed()

    gone = None if plan.every else [one.id for one in plan.runs]
    upto = max(plan.manifest.upto, plan.upto)
    return store.swap(Change(plan.state, changed, number, blocks(), gone, upto, plan.dead))


def _cheapest(runs: Sequence[Run]) -> Sequence[Run]:
    """Give the `FANOUT` neighbouring runs of the fewest documents, where there are more than `RUNS`; else none.

    So small runs are joined often and large ones seldom, whatever the order in which they came.
    """
    if len(runs) <= RUNS:
        return ()
    groups = [runs[start : start + FANOUT] for start in range(len(runs) - FANOUT + 1)]
    groups = [group for group in groups if all(run.whole for run in group)]
    return min(groups, key=lambda group: group[-1].upto - group[0].base, default=())


def _base(run: Run) -> int:
    return run.base
