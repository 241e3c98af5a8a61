"""WARC: the responses of a crawl, each page or text a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastwarc.warc import ArchiveIterator, WarcRecordType

from provenance.model import Document, Rejected
from provenance.readers import html, text

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from provenance.readers.options import ReadOptions
    from provenance.readers.sources import Opened


class _Forward:
    """A stream that is read forward only: fastwarc goes back in what says that it could."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self.stream, self.at = stream, 0

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.at += len(data)
        return data

    def tell(self) -> int:
        return self.at


_PAGES = ("text/html", "application/xhtml+xml")


def read(stream: Opened, options: ReadOptions) -> Iterator[Document | Rejected]:
    """Give a document for each response that is a page or plain text, and each text that was made of one (WET)."""
    kinds = WarcRecordType.response | WarcRecordType.conversion
    for record in ArchiveIterator(
        cast("io.BufferedReader", _Forward(stream.stream)), record_types=kinds, parse_http=True
    ):
        address = record.headers.get("WARC-Target-URI") or ""
        where = f"{stream.source.name}:{record.record_id or address}"
        kind = str(record.http_content_type or "text/plain" if record.http_headers else "text/plain")
        if kind not in (*_PAGES, "text/plain"):
            continue
        data = record.reader.read(options.limits.document_bytes + 1)
        if len(data) > options.limits.document_bytes:
            yield Rejected(where, f"over the limit of {options.limits.document_bytes:,} bytes a document")
            continue
        try:
            page = kind in _PAGES
            found = html.decode(data, record.http_charset) if page else text.decode(data, record.http_charset)
        except (ValueError, LookupError) as error:
            yield Rejected(where, str(error))
            continue
        if not found.strip():
            yield Rejected(where, "empty: there is only white space in it")
            continue
        date = str(record.record_date.isoformat()) if record.record_date else None
        yield Document(where, found, html=page, url=address or None, published=date, source=where)
