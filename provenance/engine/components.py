"""Connected components, by contraction: each part of the edges by itself, then what the parts disagree on.

A part joins its edges to stars (union-find) and names each member's least one known there. A member that two parts
name differently connects their names: these connections are the edges of the next round, of far fewer members.
With one part there is one round; with many there are about as many as a star contraction takes (Kiveris et al.,
Connected Components in MapReduce and Beyond, 2014), and no round holds more than its edges anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import daft
import numpy as np
import pyarrow as pa
from daft import DataType, Series, col, lit

from provenance.engine.arrays import column, numbers, table
from provenance.kernels import pairs as kernels

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

PART = 1 << 22  # edges that are joined at one time
LABELS = pa.schema([("member", pa.uint64()), ("label", pa.uint64())])


def stars(firsts: Array, seconds: Array) -> tuple[Array, Array]:
    """Give the members of edges, sorted, and the least member that each is connected with."""
    members, places = np.unique(np.concatenate((firsts, seconds)), return_inverse=True)
    parents = np.arange(len(members), dtype=np.int64)
    places = places.astype(np.int64)
    kernels.joined.compiled(places[: len(firsts)], places[len(firsts) :], parents)
    return members, members[parents]


def components(edges: pa.Table, part: int = PART) -> pa.Table:
    """Give for each member of the edges, columns a and b, the least member of its component: a row a member."""
    frame: daft.DataFrame | None = daft.from_arrow(edges.select(["a", "b"]))
    rounds: list[tuple[Array, Array]] = []
    while frame is not None:
        named = _named(frame, part).to_arrow()
        members, labels = numbers(named["member"]), numbers(named["least"])
        rounds.append(_sorted(members, labels))
        lists = named["labels"].combine_chunks()
        several = named.take(column(np.flatnonzero(np.diff(numbers(lists.offsets)) > 1)))
        frame = None
        if len(several):
            again = daft.from_arrow(several.select(["least", "labels"])).explode("labels")
            again = again.where(col("labels") != col("least"))
            frame = again.select(col("labels").alias("a"), col("least").alias("b"))
    return table(_unwound(rounds), LABELS)


def _named(frame: daft.DataFrame, part: int) -> daft.DataFrame:
    """Give each member with its labels, each once, and the least of them."""

    @daft.func.batch(
        return_dtype=DataType.list(DataType.struct({"member": DataType.uint64(), "label": DataType.uint64()}))
    )
    def joined(a: Series, b: Series) -> pa.Array:
        firsts, seconds = numbers(a.to_arrow()), numbers(b.to_arrow())
        members, labels = stars(firsts.astype(np.uint64), seconds.astype(np.uint64))
        # A batch gives as many rows as it takes: all its stars stand in the first.
        values = pa.StructArray.from_arrays([column(members), column(labels)], ["member", "label"])
        ends = np.full(len(firsts) + 1, len(members), dtype=np.int64)
        ends[0] = 0
        return pa.LargeListArray.from_arrays(column(ends), values)

    found = frame.into_batches(part).select(joined(col("a"), col("b")).alias("star"))
    found = found.where(col("star").length() > lit(0)).explode("star")
    found = found.select(col("star")["member"].alias("member"), col("star")["label"].alias("label"))
    return found.groupby("member").agg(
        col("label").min().alias("least"), col("label").list_agg_distinct().alias("labels")
    )


def _sorted(members: Array, labels: Array) -> tuple[Array, Array]:
    order = np.argsort(members)
    return members[order], labels[order]


def _unwound(rounds: list[tuple[Array, Array]]) -> list[Array]:
    """Give the first round's members with the names that the later ones lead to."""
    members, labels = rounds[0]
    for known, names in rounds[1:]:
        place = np.minimum(np.searchsorted(known, labels), len(known) - 1)
        labels = np.where(known[place] == labels, names[place], labels)
    return [members, labels]
