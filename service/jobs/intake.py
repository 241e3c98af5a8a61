"""A batch as it comes in: lines of JSON, or files of a form, written to the disk as they arrive."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from contextlib import contextmanager
from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from service import bodies
from service.disk import refuse_full
from service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from service.settings import ServiceSettings

FIELD = 10_000  # bytes of a field that is no file
PARTS = 2_000
PIECE = 8_192  # bytes that the decoder is given at a time: what it holds, it moves with every part
PAGES = (".html", ".htm", ".xhtml")
LINES = (".jsonl", ".ndjson")


class Rows:
    """The file of a batch' rows, written line by line within its limits."""

    def __init__(self, path: Path, settings: ServiceSettings) -> None:
        self._file, self._folder = path.open("xb"), path.parent
        self._settings = settings
        self._rest = bytearray()
        self._size = 0
        self.count = 0
        self.digest = hashlib.sha256()
        self.refused: list[tuple[str, str]] = []

    def take(self, block: bytes) -> None:
        """Take some bytes of lines; 413 for more lines, or longer ones, than there may be; 507 for a full disk."""
        refuse_full(self._folder, self._settings, len(block))
        self._size += len(block)
        if self._size > self._settings.batch_bytes:
            raise too_large(f"A batch may have {self._settings.batch_bytes:,} bytes.")
        self._rest += block
        end = self._rest.rfind(b"\n") + 1
        if end:
            lines = bytes(self._rest[:end])
            del self._rest[:end]
            self._write(lines)
        if len(self._rest) > self._longest:
            raise too_large(f"A line may have {self._longest:,} bytes.")

    def end(self) -> None:
        """End the line that is not ended, if there is one."""
        if self._rest:
            self._write(bytes(self._rest) + b"\n")
            self._rest.clear()

    def drop(self) -> None:
        """Forget the line that is not ended: what would end it is lost."""
        self._rest.clear()

    def close(self) -> None:
        """Put all of it on the disk."""
        with self._file:
            self.end()
            self._file.flush()
            os.fsync(self._file.fileno())

    def abandon(self) -> None:
        """Close the file as it is."""
        self._file.close()

    @property
    def _longest(self) -> int:
        return self._settings.page_length + 100_000

    def _write(self, lines: bytes) -> None:
        for line in lines.split(b"\n"):
            if len(line) > self._longest:
                raise too_large(f"A line may have {self._longest:,} bytes.")
            self.count += bool(line.strip())
        if self.count > self._settings.rows:
            raise too_large(f"A batch may have {self._settings.rows:,} documents.")
        self._file.write(lines)
        self.digest.update(lines)


@contextmanager
def receiving(folder: Path, settings: ServiceSettings) -> Iterator[Rows]:
    """Give the rows of a new batch to write, durable at the end."""
    rows = Rows(folder / "rows.jsonl", settings)
    try:
        yield rows
    except BaseException:
        rows.abandon()
        raise
    rows.close()


def take_form(blocks: Iterable[bytes], boundary: bytes, rows: Rows, settings: ServiceSettings) -> dict[str, str]:
    """Take the files of a form as rows: lines of JSON as they are, a text or page as one; give its other fields.

    A packed file (.gz) is unpacked, within the same limits.
    """
    decoder = MultipartDecoder(
        boundary, max_form_memory_size=max(16 * bodies.BLOCK, settings.page_length), max_parts=PARTS
    )
    fields: dict[str, str] = {}
    part: _Part | None = None
    try:
        for block in chain(_pieces(blocks), (None,)):
            decoder.receive_data(block)
            while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
                if isinstance(event, (Field, File)):
                    part = _Part(event, rows, settings)
                elif isinstance(event, Data) and part is not None:
                    part.take(event.data)
                    if not event.more_data:
                        fields |= part.end()
    except (ValueError, RequestEntityTooLarge) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not a whole multipart form.") from error
    return fields


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), PIECE):
            yield block[start : start + PIECE]


class _Part:
    """One field or file of a form."""

    def __init__(self, event: Field | File, rows: Rows, settings: ServiceSettings) -> None:
        self._field = event.name or ""
        self._name = (event.filename or "") if isinstance(event, File) else None
        self._rows, self._settings = rows, settings
        self._held = bytearray()
        name = (self._name or "").lower()
        self._packed = bodies.Unpacker() if name.endswith(".gz") else None
        self._kind = name.removesuffix(".gz")
        self._lines = self._kind.endswith(LINES)
        self._broken = False

    def take(self, data: bytes) -> None:
        """Take some of its bytes."""
        if self._packed is None:
            self._keep(data)
        elif not self._broken:
            with self._unpacking():
                for block in self._packed.feed(data):
                    self._keep(block)

    def end(self) -> dict[str, str]:
        """Make a row of a text or page; give a field's value by its name."""
        if self._packed is not None and not self._broken:
            with self._unpacking():
                self._keep(self._packed.end())
        if self._broken:
            return {}
        if self._lines:
            self._rows.end()
        elif self._name is None:
            return {self._field: self._held.decode("utf-8", "replace")}
        elif self._name or self._held.strip():  # a form sends an empty file where none was chosen
            page = self._kind.endswith(PAGES)
            try:
                text = bodies.decoded(bytes(self._held), page=page)
            except Problem as problem:  # as in a folder, the others are none the worse
                self._rows.refused.append((self._name or "text", problem.detail))
                return {}
            row = {"id": self._name or "text", "html" if page else "text": text}
            self._rows.take(json.dumps(row).encode() + b"\n")
        return {}

    @contextmanager
    def _unpacking(self) -> Iterator[None]:
        """List a file that is damaged among the rejected, as in a folder; whole lines before that are kept."""
        try:
            yield
        except zlib.error as error:
            self._broken = True
            self._rows.drop()
            self._rows.refused.append((self._name or "text", f"cannot be unpacked: {error}"))

    def _keep(self, data: bytes) -> None:
        if self._lines:
            self._rows.take(data)
            return
        self._held += data
        if len(self._held) > (FIELD if self._name is None else self._settings.page_length):
            raise too_large(f"{self._name or self._field} is too large.")


def too_large(detail: str) -> Problem:
    """Give the problem of a batch over a limit."""
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
