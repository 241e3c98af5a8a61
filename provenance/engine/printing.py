"""Shards to fingerprints, kept in the folder a run works in: what is there is not made again.

prints/N.arrow     a row a unit: where it stands, its seal, its keys, where its shingles are; who it is
shingles/N.bin     the shingles of all its units, as 32-bit values one after the other, for verifying
"""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.again import rows_of, stretches, summed
from provenance.engine.arrays import column, numbers, table
from provenance.engine.columns import Batch, arrow_bytes
from provenance.engine.ranks import FIRST, NEVER, moments, ranks
from provenance.engine.shards import Refused
from provenance.fingerprint import banded
from provenance.prints import Prints, Scratch, Wanted, prints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.engine.folder import Folder
    from provenance.engine.settings import DedupSettings
    from provenance.engine.shards import Shard

    Array = np.ndarray[Any, np.dtype[Any]]

COUNTED = pa.schema([("keys", pa.int64())])
KEYS = pa.schema([("key", pa.uint64()), ("unit", pa.uint64()), ("seal", pa.uint64())])
WINDOW = 16  # shingles: two passages with 20 words in a row in common share an anchor
_SLICE = 8 << 20  # bytes of text that are fingerprinted at one time


_own = threading.local()


def scratch() -> Scratch:
    """Give this thread's room for fingerprints."""
    if not hasattr(_own, "scratch"):
        _own.scratch = Scratch()
    found: Scratch = _own.scratch
    return found


def wanted(settings: DedupSettings) -> Wanted:
    """Give what is made of each batch."""
    if settings.level == "passage":
        return Wanted(least=settings.passage_words, minhash=False, window=WINDOW)
    return Wanted(shingle=settings.shingle)


def printed(shard: Shard, settings: DedupSettings, work: Folder) -> None:
    """Make the fingerprints of a shard; raises OSError where they cannot be written."""
    pieces: list[pa.Table] = []
    told: dict[str, Any] = {"rows": 0, "undated": 0, "good": [], "sums": {}, "refused": []}
    at = 0
    with work.writing(f"shingles/{shard.name}.bin") as file:
        for batch in rows_of(shard, settings.reading, work):
            if isinstance(batch, Refused):
                told["refused"].append([batch.source, batch.error, batch.rows])
                continue
            if settings.keep == "earliest":
                batch = replace(batch, dates=column(moments(batch.dates)))  # noqa: PLW2901
                told["undated"] += int((numbers(batch.dates) == NEVER).sum())
            told["rows"] += len(batch.rows)
            told["good"] += stretches(batch.rows)
            told["sums"][int(batch.rows[0])] = summed(batch)
            for found, first in _sliced(batch, wanted(settings)):
                pieces.append(_table(found, batch, first, at, settings))
                file.write(found.shingles)
                at += len(found.shingles)
    made = pa.concat_tables(pieces) if pieces else _empty(settings)
    if shard.reference:
        made = made.set_column(
            made.column_names.index("rank"), "rank", column(np.full(len(made), FIRST, dtype=np.int64))
        )
    work.put(f"prints/{shard.name}.arrow", made.replace_schema_metadata({"told": json.dumps(told)}))


def _sliced(batch: Batch, asked: Wanted) -> Iterator[tuple[Prints, int]]:
    """Give the fingerprints of a batch in slices of bounded size, each with the number of its first text."""
    first = 0
    whole = arrow_bytes(batch.texts)
    while first < len(batch.rows):
        offsets = whole[1][first:]
        count = max(1, int(np.searchsorted(offsets, offsets[0] + _SLICE, side="right")) - 1)
        yield prints(whole[0], offsets[: count + 1], asked, scratch()), first
        first += count


def _table(made: Prints, batch: Batch, first: int, at: int, settings: DedupSettings) -> pa.Table:
    owners = made.owners + first
    ends = made.ends[:, 0] + at
    starts = np.concatenate((np.array([at], dtype=np.int64), ends[:-1]))[: len(ends)]
    who = column(owners)
    return pa.table(
        {
            "row": column(batch.rows[owners]),
            "first": column(made.words[:, 0]),
            "last": column(made.words[:, 1]),
            "seal": column(made.seals),
            "keys": _keys(made, settings),
            "start": column(starts),
            "end": column(ends),
            "id": batch.ids.take(who),
            "rank": column(ranks(settings.keep, made.words, batch.dates.take(who))),
        }
    )


def _keys(made: Prints, settings: DedupSettings) -> pa.Array:
    """Give each unit's keys: its bands or anchors, if it has shingles, and its seal, if it has words."""
    empty = made.words[:, 1] == made.words[:, 0]
    bounds = np.concatenate((np.zeros((1, 2), dtype=np.int64), made.ends))
    if settings.level == "passage":
        counts = np.diff(bounds[:, 1])
        offsets = np.concatenate(([0], np.cumsum(counts + 1)))
        values = np.empty(int(offsets[-1]), dtype=np.uint64)
        last = np.zeros(len(values), dtype=np.bool_)
        last[offsets[1:] - 1] = True
        values[last] = made.seals
        values[~last] = made.anchors
        return pa.LargeListArray.from_arrays(column(offsets), column(values))
    bands, rows = settings.bands
    values = np.concatenate((banded(made.minhashes[:, : bands * rows], rows), made.seals[:, None]), axis=1)
    values[np.diff(bounds[:, 0]) == 0, :bands] = 0
    values[empty] = 0
    return pa.LargeListArray.from_arrays(column(np.arange(len(values) + 1) * (bands + 1)), column(values.ravel()))


def _empty(settings: DedupSettings) -> pa.Table:
    text = np.zeros(1, np.uint8), np.zeros(1, np.int64)
    nothing = pa.nulls(0, pa.string())
    dates = pa.nulls(0, pa.int64())
    batch = Batch(np.zeros(0, np.int64), pa.array([], pa.large_string()), nothing, dates, pa.table({}))
    return _table(prints(*text, wanted(settings), scratch()), batch, 0, 0, settings)


def told(shard: Shard, work: Folder) -> dict[str, Any]:
    """Give what was said when a shard was read.

    `rows` are good, `undated` of them without a date (where that is asked); `good` are the stretches of their
    numbers, `sums` how many texts each batch has and a sum over them, by its first row; the rest was `refused`.
    """
    with work.opened(f"prints/{shard.name}.arrow") as file:
        found: dict[str, Any] = json.loads(pa.ipc.open_file(file).schema.metadata[b"told"])
        return found


def counted(shard: Shard, *, settings: DedupSettings, work: Folder) -> pa.Table:
    """Make a shard's fingerprints, unless they are there; give how many keys they have."""
    name = f"{shard.name}.arrow"
    if not work.has(f"prints/{name}"):
        printed(shard, settings, work)
    lists = work.get(f"prints/{name}", ["keys"])["keys"].combine_chunks()
    return table([np.array([len(lists.flatten())])], COUNTED)


def keys(
    shard: Shard, *, settings: DedupSettings, work: Folder, part: tuple[int, int] = (0, 1), only: str = ""
) -> pa.Table:
    """Give the keys of a shard's units that are of `part`, (number, of how many); of units in the table `only`."""
    counted(shard, settings=settings, work=work)  # which were made, unless a node has died since with its disk
    name = f"{shard.name}.arrow"
    prints_ = work.get(f"prints/{name}", ["seal", "keys"])
    number, parts = part
    seals, lists = numbers(prints_["seal"]), prints_["keys"].combine_chunks()
    lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
    offsets, values = numbers(lists.offsets), numbers(lists.values)
    units = np.repeat(np.arange(len(seals), dtype=np.uint64), np.diff(offsets))
    units += np.uint64(shard.number << 32)
    chosen = values != 0
    if parts > 1:
        chosen &= values % np.uint64(parts) == np.uint64(number)
    if only:
        chosen &= np.isin(units, numbers(work.get(only)["unit"]))
    seals = np.repeat(seals, np.diff(offsets))
    return table([values[chosen], units[chosen], seals[chosen]], KEYS)
