"""The digest of a file's own bytes, taken as they are read: what sha256sum says, packed or marked as it is."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from typing import TYPE_CHECKING

from provenance.model import Input

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

    Note = Callable[[Input], None]

READ = 1 << 18  # bytes at once


class Digested(io.RawIOBase):
    """A stream that passes bytes on and takes their digest; closing it leaves the stream below open."""

    def __init__(self, below: io.BufferedReader) -> None:
        super().__init__()
        self._below, self._hash = below, hashlib.sha256()
        self._size, self._ended = 0, False

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read what is there, at most as much as the buffer holds; 0 at the end."""
        view = memoryview(buffer).cast("B")
        count = self._below.readinto1(view)
        self._hash.update(view[:count])
        self._size += count
        self._ended = count == 0
        return count

    def input(self, source: str) -> Input:
        """Give the source with its digest: the rest of a file is read for it.

        Of a pipe or terminal that was not read to its end, which may never come, there is none.
        """
        try:
            if not self._ended and stat.S_ISREG(os.fstat(self._below.fileno()).st_mode):
                while self.readinto(bytearray(READ)):
                    pass
        except OSError:  # no file after all, or one that cannot be read to its end
            self._ended = False
        return Input(source, self._hash.hexdigest(), self._size) if self._ended else Input(source)
