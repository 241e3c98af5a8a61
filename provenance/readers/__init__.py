"""From names of files, folders and standard input to documents; what cannot be read is said, not raised.

A reader turns one opened source into documents. It is a function with the signature `Reader`, listed by
its format's name in `READERS`: adding a format is adding a module and a line there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.errors import InputError
from provenance.model import Document, Rejected
from provenance.readers import html, records, text
from provenance.readers.formats import detect
from provenance.readers.options import Format, ReadOptions
from provenance.readers.sources import (
    Opened,
    Reader,
    Source,
    Unopened,
    UnopenedError,
    common_folder,
    find,
    opened,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike

    from provenance.readers.digests import Note

__all__ = ["Format", "Opened", "ReadOptions", "Reader", "Source", "Unopened", "common_folder", "read"]

READERS: dict[str, Reader] = {"html": html.read, "jsonl": records.read, "text": text.read}


def read(
    sources: Iterable[str | PathLike[str]],
    options: ReadOptions = ReadOptions(),  # noqa: B008 (frozen, so one value may serve every call)
    note: Note | None = None,
) -> Iterator[Document | Rejected]:
    """Give the documents of `sources` in order, and a `Rejected` where one could not be had.

    A source is a file, a folder (every file below it with a known ending, sorted, a folder's own files
    before those of its folders, hidden ones left out) or `-`, standard input. The id of a file's document
    is its path below the deepest folder that holds all the sources, so that no two of them share one.

    What was named and could not be opened is `Unopened`, a kind of `Rejected`. `note` is told each file that was
    opened, when it has been read, with the digest of its bytes.

    Records are read as they are asked for: the memory taken is that of one document, not of its file.
    """
    for found in find(sources, options):
        if isinstance(found, Rejected):
            yield found
        else:
            yield from _read_one(found, options, note)


def _read_one(source: Source, options: ReadOptions, note: Note | None) -> Iterator[Document | Rejected]:
    try:
        with opened(source, options.limits, note) as stream:
            kind = options.format if options.format != "auto" else detect(stream)
            yield from READERS[kind](stream, options)
    except UnopenedError as error:
        yield (Unopened if source.asked else Rejected)(error.source, error.error)
    except InputError as error:
        yield Rejected(error.source, error.error)
