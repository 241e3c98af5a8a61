"""Who stays before whom, as one number a unit: the least stays first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.arrays import numbers
from provenance.lineage import when

if TYPE_CHECKING:
    from provenance.engine.settings import Keep

    Array = np.ndarray[Any, np.dtype[Any]]

FIRST = np.iinfo(np.int64).min  # of what is compared with, and stays whatever comes
NEVER = np.iinfo(np.int64).max  # the moment of what has no date: after all others
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((1e11, 1_000_000.0), (1e14, 1_000.0), (1e17, 1.0))  # below it: seconds, milliseconds, microseconds


def ranks(keep: Keep, words: Array, dates: pa.Array) -> Array:
    """Give the rank of each unit, from where its words begin and end, and its moment: int64 (n,)."""
    if keep == "longest":
        return words[:, 0].astype(np.int64) - words[:, 1]
    return numbers(dates) if keep == "earliest" else np.zeros(len(words), dtype=np.int64)


def moments(dates: pa.Array) -> Array:
    """Give dates as microseconds of UTC since 1970: int64 (n,), NEVER for what is none.

    Arrow's dates and timestamps are taken as they are, without a zone as UTC; numbers count seconds, or what their
    size says; strings are ISO 8601 (a year or month alone, too), RFC 5322 or such numbers.
    """
    known: dict[Any, int] = {}
    found = np.empty(len(dates), dtype=np.int64)
    if pa.types.is_timestamp(dates.type) or pa.types.is_date(dates.type):
        dates = dates.cast(pa.timestamp("us", getattr(dates.type, "tz", None)), safe=False).cast(pa.int64())
        return np.array([NEVER if one is None else one for one in dates.to_pylist()], dtype=np.int64)
    for place, value in enumerate(dates.to_pylist()):
        if not isinstance(value, (str, bytes, int, float)):
            found[place] = NEVER
            continue
        if value not in known:
            known[value] = _moment(value)
        found[place] = known[value]
    return found


def _moment(value: str | bytes | float) -> int:
    if isinstance(value, (int, float)):
        return _counted(float(value))
    text = (value.decode("utf-8", "replace") if isinstance(value, bytes) else value).strip()
    read = _day(text) or when(text)
    if read is not None:
        whole = read if isinstance(read, datetime) else datetime(read.year, read.month, read.day, tzinfo=UTC)
        return (whole - _EPOCH) // timedelta(microseconds=1)
    try:
        return _counted(float(text))
    except ValueError:
        return NEVER


def _day(text: str) -> datetime | None:
    """Read a year, a month or a day of a year, which Python's own reading of ISO 8601 knows none of."""
    for size, form in ((4, "%Y"), (7, "%Y-%m"), (8, "%Y-%j")):
        if len(text) == size and text.replace("-", "").isdecimal():
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                continue
    return None


def _counted(value: float) -> int:
    for least, factor in _UNITS:
        if abs(value) < least:
            return int(value * factor)
    return int(value / 1000) if abs(value) < float(NEVER) else NEVER  # NaN too
