"""Where a removed unit and its match have words in common: found by shingles, told in code points of both texts.

Shingles are at hand by unit, texts by shard. So runs of words come first, then every shard turns the words of its
own texts into code points, and then these are brought together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.arrays import numbers, table
from provenance.engine.joining import places, shingles
from provenance.engine.printing import arrow_bytes, scratch
from provenance.engine.reading import Batch, batches
from provenance.fingerprint import SHINGLE
from provenance.kernels import pairs as kernels
from provenance.prints import word_places

if TYPE_CHECKING:
    from provenance.engine.folder import Folder
    from provenance.engine.settings import DedupSettings
    from provenance.engine.shards import Shard

    Array = np.ndarray[Any, np.dtype[Any]]

GAP = 8  # words of an edit that a run goes on across
MOST = 64  # runs told of one pair; the first are its first
PAIRS = 4096  # of one task
# A run: which removed unit, words [first, last) of it, and of its match; counted from the text's first word. The
# first run of a unit is the whole of it, and of its match.
RUNS = pa.schema([("removed", pa.int64()), *((name, pa.int64()) for name in ("first", "last", "other", "end"))])
PLACED = pa.schema([("place", pa.int64()), ("at", pa.int64())])


def runs(part: int, *, settings: DedupSettings, work: Folder) -> pa.Table:
    """Give the runs of the part-th removed units with their matches."""
    gone = work.get("removed.arrow").slice(part * PAIRS, PAIRS)
    one, other = numbers(gone["unit"]), numbers(gone["match"])
    units, rows = np.unique(np.concatenate((one, other)), return_inverse=True)
    values, starts, ends = shingles(units, work)
    firsts, lasts, seals = (places(units, work, name).astype(np.int64) for name in ("first", "last", "seal"))
    room = np.empty(4 * MOST, dtype=np.int64)
    found: list[Array] = []
    for row, (a, b) in enumerate(zip(rows[: len(one)].tolist(), rows[len(one) :].tolist(), strict=True)):
        whole = np.array([firsts[a], lasts[a], firsts[b], lasts[b]], dtype=np.int64)
        if settings.shingle == "character" or seals[a] == seals[b]:
            pieces = whole[None]
        else:
            order = np.argsort(values[starts[b] : ends[b]], kind="stable")
            left, right = values[starts[a] : ends[a]], values[starts[b] : ends[b]]
            count = kernels.common.compiled(left, right, order, (SHINGLE, GAP, MOST), room)
            pieces = room[: 4 * count].reshape(-1, 4) + whole[[0, 0, 2, 2]]
        pieces = np.concatenate((whole[None], pieces))
        number = np.full((len(pieces), 1), part * PAIRS + row)
        found.append(np.concatenate((number, pieces), axis=1))
    every = np.concatenate(found) if found else np.zeros((0, 5), dtype=np.int64)
    return table(list(every.T), RUNS)


def placed(shard: Shard, *, settings: DedupSettings, work: Folder) -> pa.Table:
    """Give the code points of the words that runs begin and end with, in the texts of a shard.

    A place is 4 * run, plus 0 for the start of its words, 1 for their end, 2 and 3 for those of the match.
    """
    name = f"{shard.name}.arrow"
    if name not in work.names("placed"):
        work.put(f"placed/{name}", _placed(shard, settings, work))
    return work.get(f"placed/{name}")


def _placed(shard: Shard, settings: DedupSettings, work: Folder) -> pa.Table:
    asked = _asked(shard, work)
    if not len(asked[0]):
        return PLACED.empty_table()
    rows, words, ends, places_of = asked
    found = np.zeros(len(rows), dtype=np.int64)
    for batch in batches(shard, settings.reading):
        if not isinstance(batch, Batch):
            continue
        data, offsets = arrow_bytes(batch.texts)
        first, last = np.searchsorted(rows, (batch.rows[0], batch.rows[-1] + 1))
        edges = np.flatnonzero(np.diff(rows[first:last], prepend=-1)) + first
        for start, end in zip(edges.tolist(), [*edges[1:].tolist(), int(last)], strict=True):
            place = int(np.searchsorted(batch.rows, rows[start]))
            text = data[offsets[place] : offsets[place + 1]].tobytes()
            starts, stops = word_places(text, scratch())
            part = slice(start, end)
            if len(starts):
                found[part] = np.where(
                    ends[part], stops[words[part] - ends[part]], starts[words[part] - ends[part]]
                )
    return table([places_of, found], PLACED)


def _asked(shard: Shard, work: Folder) -> tuple[Array, Array, Array, Array]:
    """Give what is asked of a shard, by row: rows, words, 1 where the end of the word before is meant, places."""
    made, gone = work.get("runs.arrow"), work.get("removed.arrow")
    removed = numbers(made["removed"])
    asked: list[Array] = []
    units: list[Array] = []
    words: list[Array] = []
    for side, (column, first, last) in enumerate((("unit", "first", "last"), ("match", "other", "end"))):
        unit = numbers(gone[column])[removed]
        here = np.flatnonzero(unit >> np.uint64(32) == shard.number)
        for end, name in enumerate((first, last)):
            asked.append(4 * here + 2 * side + end)
            units.append(unit[here])
            words.append(numbers(made[name])[here])
    number, unit, word = np.concatenate(asked), np.concatenate(units), np.concatenate(words)
    own = numbers(work.get(f"prints/{shard.name}.arrow", ["row"])["row"])
    rows = own[(unit & np.uint64(0xFFFFFFFF)).astype(np.int64)]
    order = np.argsort(rows, kind="stable")
    return rows[order], word[order], (number & 1)[order], number[order]
