"""Numbers between Arrow and NumPy, by their buffers.

Arrow's own ways over import pandas wherever it is installed, to ask whether it is meant: half a second of a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

    Array = np.ndarray[Any, np.dtype[Any]]


def numbers(column: pa.Array | pa.ChunkedArray) -> Array:
    """Give a column of whole numbers or doubles, no nulls: uncopied, so read only, if it is in one piece."""
    if isinstance(column, pa.ChunkedArray):
        pieces = [numbers(chunk) for chunk in column.chunks]
        return pieces[0] if len(pieces) == 1 else np.concatenate((*pieces, np.empty(0, _width(column.type))))
    buffer = column.buffers()[1]
    if buffer is None or not len(column):
        return np.empty(0, _width(column.type))
    return np.frombuffer(buffer, _width(column.type), len(column), column.offset * (column.type.bit_width // 8))


def column(values: Array) -> pa.Array:
    """Give numbers as a column, uncopied where they are next to one another."""
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def table(columns: Iterable[Array], schema: pa.Schema) -> pa.Table:
    """Give columns of numbers as a table."""
    return pa.Table.from_arrays(
        [column(one).cast(kind) for one, kind in zip(columns, schema.types, strict=True)], schema=schema
    )


def _width(kind: pa.DataType) -> np.dtype[Any]:
    return np.dtype(str(kind))  # whole numbers and double: both libraries call them the same
