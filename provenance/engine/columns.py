"""Tables to batches of texts: what is no text is refused row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from provenance.engine.shards import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.engine.shards import Shard
    from provenance.readers.options import ReadOptions

    Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Texts with what the rows are.

    rows     int64, number of each in its shard, those refused counted too
    texts    Arrow's large strings, none of them null
    ids      the rows' own, or where they stand
    dates    as they are written, of any type; null where there is none
    table    the rows with all their columns
    """

    rows: np.ndarray[Any, np.dtype[np.int64]]
    texts: pa.LargeStringArray
    ids: pa.StringArray
    dates: pa.Array
    table: pa.Table


def doubled(names: Sequence[str], options: ReadOptions) -> str | None:
    """Tell what is wrong where a column that is asked for is there more than once."""
    for name in (options.text_field, options.id_field, options.date_field):
        if names.count(name) > 1:
            return f"has {names.count(name)} columns {name!r}"
    return None


def usable(
    table: pa.Table, row: int, shard: Shard, options: ReadOptions, *, every: bool = False
) -> Iterator[Batch | Refused]:
    """Give the rows whose text is one; `row` is the first's number in the shard.

    With `every`, all columns are to be UTF-8, and a row is refused where one is not.
    """
    url, name = shard.urls[0], options.text_field
    texts = _whole(table[name])
    if not (_stringy(texts.type) or _binary(texts.type)):
        yield Refused(url, f"column {name!r} is {texts.type}, not text", len(table))
        return
    wrong = _wrong(texts)
    for other in table.column_names if every else ():
        for place, error in _broken(_whole(table[other])):
            wrong.setdefault(place, f"column {other!r} {error}")
    for place in sorted(wrong):
        yield Refused(f"{url}:{shard.before + row + place}", wrong[place])
    rows = np.arange(row, row + len(table), dtype=np.int64)
    if wrong:
        good = np.ones(len(table), dtype=np.bool_)
        good[list(wrong)] = False
        mask = pa.array(good.tolist(), pa.bool_())
        table, texts, rows = table.filter(mask), texts.filter(mask), rows[good]
    if len(rows):
        nothing = pa.nulls(len(rows), pa.string())
        known = set(table.column_names)
        ids = _strings(_whole(table[options.id_field])) if options.id_field in known else nothing
        if ids.null_count:
            ids = pc.coalesce(ids, pa.array([f"{url}:{shard.before + one}" for one in rows.tolist()], pa.string()))
        dates = _whole(table[options.date_field]) if options.date_field in known else nothing
        yield Batch(rows, texts.cast(pa.large_string()), ids, dates, table)


def arrow_bytes(texts: pa.LargeStringArray) -> tuple[Array, Array]:
    """Give the buffer of a column of strings and the places where each begins, uncopied."""
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data if data is not None and data.size else b"\0", np.uint8), places


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    found = column.combine_chunks()
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found


def _binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _stringy(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _wrong(texts: pa.Array) -> dict[int, str]:
    """Give what is wrong with texts, by place: those that are null, not UTF-8, or without a letter."""
    wrong = dict(_broken(texts, binary=True))
    if wrong:
        values = [None if place in wrong else texts[place].as_py() for place in range(len(texts))]
        texts = pa.array(values, texts.type)
    strings = texts.cast(pa.large_string())
    blank = pc.utf8_is_space(strings)
    none = np.flatnonzero(np.diff(arrow_bytes(strings)[1]) == 0).tolist()  # null too
    if blank.true_count:
        none += [place for place, one in enumerate(blank.to_pylist()) if one]
    return dict.fromkeys(none, "has no text") | wrong


def _broken(column: pa.Array, *, binary: bool = False) -> list[tuple[int, str]]:
    """Give the places of strings that are not UTF-8, with what is said of them."""
    if not (_stringy(column.type) or (binary and _binary(column.type))):
        return []
    try:
        (column.cast(pa.large_string()) if _binary(column.type) else column).validate(full=True)
    except pa.ArrowInvalid:
        return [(place, error) for place, value in enumerate(_raw(column)) if (error := _not_utf8(value))]
    return []


def _raw(column: pa.Array) -> list[bytes | None]:
    found: list[bytes | None] = column.cast(pa.large_binary()).to_pylist()
    return found


def _not_utf8(value: bytes | None) -> str | None:
    try:
        (value or b"").decode("utf-8")
    except UnicodeError as error:
        return f"is not UTF-8 at its byte {error.start}"  # type: ignore[attr-defined]
    return None


def _strings(column: pa.Array) -> pa.StringArray:
    """Give values as strings; what is not UTF-8 is replaced, for it only says which row is meant."""
    if _binary(column.type) or _stringy(column.type):
        try:
            found = column.cast(pa.large_string()).cast(pa.string())
            found.validate(full=True)
        except pa.ArrowInvalid:
            values = [one if one is None else one.decode("utf-8", "replace") for one in _raw(column)]
            return pa.array(values, pa.string())
        return found
    try:
        return column.cast(pa.string(), safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([one if one is None else str(one) for one in column.to_pylist()], pa.string())
