"""Where a removed unit and its match have words in common: found by shingles, told in code points of both texts.

Shingles are at hand by unit, texts by shard. So runs of words come first, then every shard turns the words of its
own texts into code points, and then these are brought together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.again import again, changed
from provenance.engine.arrays import numbers, table
from provenance.engine.columns import Batch, arrow_bytes
from provenance.engine.joining import by_shard, places, portions, shingles
from provenance.engine.printing import scratch, told
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
ASKED = pa.schema([("place", pa.int64()), ("unit", pa.uint64()), ("word", pa.int64())])
PLACED = pa.schema([("place", pa.int64()), ("at", pa.int64())])


def runs(part: int, *, settings: DedupSettings, work: Folder) -> pa.Table:
    """Give the runs of the part-th removed units with their matches."""
    gone = work.get("removed.arrow").slice(part * PAIRS, PAIRS)
    one, other = numbers(gone["unit"]), numbers(gone["match"])
    found = [
        _runs(one[here], other[here], part * PAIRS + here.start, settings, work)
        for here in portions(one, other, work)
    ]
    every = np.concatenate(found) if found else np.zeros((0, 5), dtype=np.int64)
    return table(list(every.T), RUNS)


def _runs(one: Array, other: Array, number: int, settings: DedupSettings, work: Folder) -> Array:
    """Give the runs of removed units, numbered from `number`, with their matches: int64 (n, 5)."""
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
        own = np.full((len(pieces), 1), number + row)
        found.append(np.concatenate((own, pieces), axis=1))
    return np.concatenate(found)


def placed(shard: Shard, *, settings: DedupSettings, work: Folder) -> pa.Table:
    """Give the code points of the words that runs begin and end with, in the texts of a shard.

    A place is 4 * run, plus 0 for the start of its words, 1 for their end, 2 and 3 for those of the match.
    """
    name = f"{shard.name}.arrow"
    if not work.has(f"placed/{name}"):
        work.put(f"placed/{name}", _placed(shard, settings, work))
    return work.get(f"placed/{name}")


def _placed(shard: Shard, settings: DedupSettings, work: Folder) -> pa.Table:
    asked = _asked(shard, work)
    if not len(asked[0]):
        return PLACED.empty_table()
    rows, words, ends, places_of = asked
    found, met = np.zeros(len(rows), dtype=np.int64), 0
    for batch in again(shard, settings.reading, work, told(shard, work)["sums"]):
        if not isinstance(batch, Batch):
            continue
        data, offsets = arrow_bytes(batch.texts)
        first, last = np.searchsorted(rows, (batch.rows[0], batch.rows[-1] + 1))
        if first == last:
            continue
        edges = np.flatnonzero(np.diff(rows[first:last], prepend=-1)) + first
        for start, end in zip(edges.tolist(), [*edges[1:].tolist(), int(last)], strict=True):
            place = int(np.searchsorted(batch.rows, rows[start]))
            text = data[offsets[place] : offsets[place + 1]].tobytes()
            starts, stops = word_places(text, scratch())
            part = slice(start, end)
            met += end - start
            if len(starts):
                found[part] = np.where(
                    ends[part], stops[words[part] - ends[part]], starts[words[part] - ends[part]]
                )
    if met < len(rows):
        raise changed(shard)
    return table([places_of, found], PLACED)


def ask(work: Folder) -> None:
    """Write what is asked of each shard that something is asked of: places as above, units and words."""
    made, gone = work.get("runs.arrow"), work.get("removed.arrow")
    removed, every = numbers(made["removed"]), np.arange(len(made), dtype=np.int64)
    asked = [
        (4 * every + 2 * side + end, numbers(gone[whose])[removed], numbers(made[name]))
        for side, (whose, *names) in enumerate((("unit", "first", "last"), ("match", "other", "end")))
        for end, name in enumerate(names)
    ]
    place, unit, word = (np.concatenate(one) for one in zip(*asked, strict=True))
    order = np.lexsort((place, unit))
    place, unit, word = place[order], unit[order], word[order]
    for shard, first, last in by_shard(unit):
        here = slice(first, last)
        work.put(f"asked/{shard:06}.arrow", table([place[here], unit[here], word[here]], ASKED))
    work.put_json("asked.json", True)


def _asked(shard: Shard, work: Folder) -> tuple[Array, Array, Array, Array]:
    """Give what is asked of a shard, by row: rows, words, 1 where the end of the word before is meant, places."""
    if not work.has(f"asked/{shard.name}.arrow"):
        return (np.zeros(0, np.int64),) * 4
    asked = work.get(f"asked/{shard.name}.arrow")
    place, unit, word = (numbers(asked[name]) for name in ASKED.names)
    own = numbers(work.get(f"prints/{shard.name}.arrow", ["row"])["row"])
    rows = own[(unit & np.uint64(0xFFFFFFFF)).astype(np.int64)]
    order = np.argsort(rows, kind="stable")
    return rows[order], word[order], (place & 1)[order], place[order]
