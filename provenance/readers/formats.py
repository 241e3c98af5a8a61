"""What a source is: by the ending of its name, else by how its bytes begin."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from provenance.readers.records import ARRAY

if TYPE_CHECKING:
    from provenance.readers.options import Format
    from provenance.readers.sources import Opened

ENDINGS: dict[str, Format] = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
PACKED = (".gz", ".zst")

_BOM = b"\xef\xbb\xbf"
_PAGE = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|article|main|div|section|p|h1)\b", re.IGNORECASE
)
_AHEAD = re.compile(rb"(?:\s+|<!--.{0,2000}?-->|<\?xml[^>]{0,200}>)*", re.DOTALL)


def by_name(name: str) -> Format | None:
    """Give the format that the ending of a file's name stands for, looking under `.gz` and `.zst`."""
    path = PurePath(name)
    if path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return ENDINGS.get(path.suffix.lower())


def detect(stream: Opened) -> Format:
    """Give the format of an opened source; text is what neither name nor beginning speaks against."""
    named = by_name(stream.source.name)
    if named is not None:
        return named
    # A page may open with comments; 4 kB reaches past those and is far below any limit.
    start = stream.peek(4096).removeprefix(_BOM)
    ahead = _AHEAD.match(start)
    start = start[ahead.end() if ahead else 0 :]
    if start.startswith(b"{") or ARRAY.match(start):
        return "jsonl"
    return "html" if _PAGE.match(start) else "text"
