"""C2PA manifests embedded in plain text, found before folding makes them disappear.

A manifest of content credentials may travel inside a text as invisible characters: a zero-width no-break space,
then a run of variation selectors of which each stands for a byte (C2PA 2.x, "Embedding manifests into unstructured
text"). The bytes are the magic word, a version, the manifest's length in four bytes, and the manifest. It is
recorded that a document carries one, so that a verifier can be asked about it; it is not validated here.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from provenance.model import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"C2PATXT\0"
HEADER = len(MAGIC) + 1 + 4  # bytes: magic, version, length

_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_MARK = "\ufeff"


def selectors(data: bytes) -> str:
    """Give bytes as variation selectors, a character each.

    >>> [hex(ord(one)) for one in selectors(bytes([0, 15, 16, 255]))]
    ['0xfe00', '0xfe0f', '0xe0100', '0xe01ef']
    """
    return "".join(chr(0xFE00 + byte) if byte < 16 else chr(0xE0100 + byte - 16) for byte in data)


_BEGINNING = selectors(MAGIC)


def manifests(text: str) -> tuple[Manifest, ...]:
    """Give the manifests that stand in a text, in order; takes time linear in the text."""
    return tuple(_found(text))


def _found(text: str) -> Iterator[Manifest]:
    at = text.find(_BEGINNING)
    while at >= 0:
        run = _SELECTORS.match(text, at)
        data = _bytes(run.group()) if run else b""
        declared = int.from_bytes(data[HEADER - 4 : HEADER], "big")
        payload = data[HEADER : HEADER + declared]
        end = at + min(len(data), HEADER + declared)
        yield Manifest(
            start=at - 1 if text[at - 1 : at] == _MARK else at,
            end=end,
            version=data[len(MAGIC)] if len(data) > len(MAGIC) else None,
            length=len(payload),
            sha256=hashlib.sha256(payload).hexdigest(),
            complete=len(data) >= HEADER + declared,
        )
        at = text.find(_BEGINNING, end)


def _bytes(run: str) -> bytes:
    return bytes(code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in map(ord, run))
