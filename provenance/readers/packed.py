"""gzip and zstd, told by their first bytes and unpacked as they are read, within bounds."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import WriteableBuffer

    from provenance.config import Limits

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPABLE = tuple(bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60))

# Bytes fed to a decompressor at once. zstd unpacks all it is fed, at most 128 kB from 4 bytes, so that a
# kilobyte costs at most 32 MB; the calls are no measurable part of the time.
FED = 1024

# Text packs 3 to 10 times, a feed that repeats itself perhaps 100 times; a bomb 1,000 times and more.
# The ratio counts only where the output is over the limit of one document.
SUSPECT_RATIO = 200


class _Inflator(Protocol):
    """What zlib's and zstandard's decompressors have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def unpack(raw: io.BufferedReader, limits: Limits) -> io.BufferedReader:
    """Give the stream itself, or what is in it when its first bytes are those of gzip or zstd.

    Reading raises OSError where the data are damaged, end early, or are a bomb: unpack to more than one
    document may have and to more than `SUSPECT_RATIO` times their size.
    """
    start = raw.peek(4)[:4]
    if start.startswith(GZIP):
        return io.BufferedReader(
            _Unpacked(raw, "gzip", lambda: zlib.decompressobj(wbits=31), limits.document_bytes)
        )
    if start == ZSTD or start in ZSTD_SKIPPABLE:
        from zstandard import ZstdDecompressor  # noqa: PLC0415 (only for those who have such files)

        return io.BufferedReader(
            _Unpacked(raw, "zstd", lambda: ZstdDecompressor().decompressobj(), limits.document_bytes)
        )
    return raw


class _Unpacked(io.RawIOBase):
    """The unpacked bytes as a raw stream; members (gzip) and frames (zstd) that follow each other are one."""

    def __init__(self, raw: io.BufferedReader, name: str, start: Callable[[], _Inflator], limit: int) -> None:
        super().__init__()
        self._pieces = _inflate(raw, name, start, limit)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        size = min(len(view), len(self._rest))
        view[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _inflate(raw: io.BufferedReader, name: str, start: Callable[[], _Inflator], limit: int) -> Iterator[bytes]:
    """Give what is packed in `raw`, piece by piece, none of them empty."""
    taken = given = 0
    inflator = start()
    begun = False
    for data in iter(lambda: raw.read(FED), b""):
        taken += len(data)
        rest = data
        while rest:
            if not begun and name == "gzip" and not rest.strip(b"\0"):
                break  # tapes and disks pad gzip with zeros
            begun = True
            piece = _decompress(inflator, rest, name)
            rest = inflator.unused_data
            if inflator.eof:
                inflator, begun = start(), False
            given += len(piece)
            if given > limit and given > SUSPECT_RATIO * taken:
                raise OSError(f"the {name} data unpack to over {SUSPECT_RATIO} times their size: not read further")
            if piece:
                yield piece
    if begun:
        raise OSError(f"the {name} data end early")


def _decompress(inflator: _Inflator, data: bytes, name: str) -> bytes:
    try:
        return inflator.decompress(data)
    except Exception as error:
        # zlib and zstandard each have an error of their own, straight below Exception.
        raise OSError(f"the {name} data are damaged: {error}") from error
