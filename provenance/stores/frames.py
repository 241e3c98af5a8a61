"""A value in a store, framed: what it is, in which version, how long and with which checksum.

| bytes | what |
|---|---|
| 1 | version of the format |
| 1 | kind: D document, T tail, X dead, B block, O overflow, M manifest |
| 4 | length of what follows, little-endian |
| 4 | CRC-32 of what follows |

A value that is not so framed was written by something else, or broke: it is named and refused. Values are numbers
and text in a fixed layout; nothing in them can be executed.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = 1
_HEAD = struct.Struct("<BcII")
_HEADS = np.dtype([("version", "u1"), ("kind", "S1"), ("length", "<u4"), ("sum", "<u4")])


def framed(kind: bytes, payload: bytes) -> bytes:
    """Give the payload with its frame."""
    return _HEAD.pack(VERSION, kind, len(payload), zlib.crc32(payload)) + payload


def opened(kind: bytes, value: bytes, what: str) -> bytes:
    """Give the payload of a framed value; raise StoreError, naming `what` it should have been."""
    if len(value) < _HEAD.size:
        raise StoreError(f"{what} is damaged: {len(value)} bytes are less than a frame")
    version, found, length, checksum = _HEAD.unpack_from(value)
    if version != VERSION or found != kind:
        raise StoreError(f"{what} is not ours: it begins with {value[:2]!r}, not with {bytes([VERSION]) + kind!r}")
    payload = value[_HEAD.size :]
    if len(payload) != length:
        raise StoreError(f"{what} is damaged: it has {len(payload)} bytes and should have {length}")
    if zlib.crc32(payload) != checksum:
        raise StoreError(f"{what} is damaged: its checksum is wrong")
    return payload


def all_opened(kind: bytes, values: Sequence[bytes], size: int) -> list[bytes] | None:
    """Give the payloads of many framed values, of items of `size` bytes; None where one is not whole.

    Empty values are empty. A lookup opens a thousand blocks: no call of Python's is made for each.
    """
    held = [value for value in values if value]
    payloads = [value[_HEAD.size :] for value in held]
    heads = b"".join([value[: _HEAD.size] for value in held])
    if len(heads) != _HEAD.size * len(held):
        return None
    told = np.frombuffer(heads, dtype=_HEADS)
    lengths = np.fromiter(map(len, payloads), np.int64, len(held))
    sums = np.fromiter(map(zlib.crc32, payloads), np.int64, len(held))
    ours = (
        (told["version"] == VERSION) & (told["kind"] == kind) & (told["length"] == lengths) & (told["sum"] == sums)
    )
    if not ours.all() or (lengths % size).any():
        return None
    if len(held) == len(values):
        return payloads
    left = iter(payloads)
    return [next(left) if value else b"" for value in values]
