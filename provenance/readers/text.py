"""Plain text: one file, one document."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from provenance.errors import InputError
from provenance.model import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.readers.options import ReadOptions
    from provenance.readers.sources import Opened

# A mark at the start of the bytes, longest first: UTF-32's begins with UTF-16's.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
KINDS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP or Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"BZh", "packed with bzip2"),
    (b"\xfd7zXZ\0", "packed with xz"),
)
# Control characters but tab, line feed, vertical tab, form feed, carriage return and escape.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_CONTROL_SHARE = 0.1


def read(stream: Opened, options: ReadOptions) -> Iterator[Document]:
    """Give the one document of a source of plain text; raises InputError when it is none."""
    source = stream.source
    data = stream.whole(options.limits.document_bytes)
    try:
        text = decode(data, options.encoding)
    except ValueError as error:
        raise InputError(source.name, str(error)) from error
    if not text.strip():
        raise InputError(source.name, "empty: there is only white space in it")
    yield Document(source.id, text, source=source.name)


def decode(data: bytes, encoding: str | None = None) -> str:
    """Give bytes as text: by their byte order mark, else in `encoding`, else as UTF-8.

    Raises ValueError, with what is wrong and at which byte, for what is not text. No other encoding is
    tried in silence: in a single-byte encoding every file is text, and often the wrong one.
    """
    refuse_known_binary(data)
    mark, marked = next(((mark, name) for mark, name in MARKS if data.startswith(mark)), (b"", None))
    name = marked or encoding or "utf-8"
    body = data.removeprefix(mark)
    nul = body.find(b"\0") if "16" not in name and "32" not in name else -1
    if nul >= 0:
        raise ValueError(f"binary, not text: a NUL at byte {nul + len(mark)}")
    try:
        text = body.decode(name)
    except UnicodeDecodeError as error:
        raise ValueError(_broken(error, len(mark), body)) from error
    if len(_CONTROL.findall(text)) > _CONTROL_SHARE * len(text):
        raise ValueError("binary, not text: mostly control characters")
    return text


def refuse_known_binary(data: bytes) -> None:
    """Raise ValueError, naming the kind, for bytes that begin as a known kind of file does."""
    for start, kind in KINDS:
        if data.startswith(start):
            raise ValueError(f"binary, not text: {kind}")


def _broken(error: UnicodeDecodeError, offset: int, body: bytes) -> str:
    name = error.encoding.upper()
    message = f"not {name} at byte {error.start + offset} (0x{body[error.start]:02X}): {error.reason}"
    if name != "UTF-8":
        return message
    try:
        body.decode("cp1252")
    except UnicodeDecodeError:
        return message
    return f"{message}; if it is Western European text of old, say --encoding cp1252"
