"""Pages: one file, one document of markup, its bytes decoded as a browser would."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from provenance.errors import InputError
from provenance.model import Document
from provenance.readers.text import refuse_known_binary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.readers.options import ReadOptions
    from provenance.readers.sources import Opened

# What pages call by one name and mean by a wider one (WHATWG Encoding, section 4.2); and a declaration
# that could be read says that the bytes are not UTF-16.
WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
# Python has codecs that no browser knows; some take quadratic time.
NOT_FOR_PAGES = {"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}


def read(stream: Opened, options: ReadOptions) -> Iterator[Document]:
    """Give the one document of a page; raises InputError when it is none."""
    source = stream.source
    data = stream.whole(options.limits.document_bytes)
    try:
        page = decode(data, options.encoding)
    except ValueError as error:
        raise InputError(source.name, str(error)) from error
    if not page.strip():
        raise InputError(source.name, "empty: there is only white space in it")
    yield Document(source.id, page, html=True, source=source.name)


def decode(data: bytes, encoding: str | None = None) -> str:
    """Give a page as text: by its byte order mark, `encoding`, UTF-8, what it declares, Windows-1252.

    UTF-8 goes before the declaration because bytes beyond ASCII are hardly ever UTF-8 by accident, and
    pages saved by crawlers often carry the declaration of another time. A page with a few broken bytes in
    its UTF-8 is read with U+FFFD in their place. Raises ValueError for what is not a page.
    """
    from bs4.dammit import EncodingDetector  # noqa: PLC0415 (most runs read no page)

    refuse_known_binary(data)
    data, marked = EncodingDetector.strip_byte_order_mark(data)
    if marked:
        return _whole(data.decode(marked, "replace"))
    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    # ASCII alone says nothing: ISO-2022-JP is made of it.
    guess = None if data.isascii() and declared else "utf-8"
    for name in (encoding, guess, _codec(declared)):
        text = _decoded(data, name)
        if text is not None:
            return _whole(text)
    lenient = data.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    beyond = sum(1 for char in lenient if char > "\x7f") - broken
    return _whole(lenient if beyond > broken else data.decode("cp1252", "replace"))


def _codec(declared: str | None) -> str | None:
    """Give Python's name for a declared encoding; None when there is no such one for pages."""
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return None
    return None if name in NOT_FOR_PAGES else WIDER.get(name, name)


def _decoded(data: bytes, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return data.decode(name)
    except (LookupError, ValueError):  # LookupError: a codec that does not give text
        return None


def _whole(text: str) -> str:
    # Of the control characters only NUL is never found in a page, but many are found in any binary file.
    if text.count("\0") > len(text) // 100:
        raise ValueError("binary, not a page: full of NUL characters")
    return text
