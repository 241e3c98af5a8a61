"""Files, folders and standard input: found, opened and unpacked, within bounds."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from provenance.errors import InputError
from provenance.model import Document, Rejected
from provenance.readers.digests import READ, Digested
from provenance.readers.formats import ENDINGS, by_name
from provenance.readers.packed import unpack

if TYPE_CHECKING:
    from provenance.config import Limits
    from provenance.readers.digests import Note
    from provenance.readers.options import ReadOptions


# Bytes read at once where a line over the limit is passed over.
SKIPPED = 1 << 20


class UnopenedError(InputError):
    """A source that does not exist, or that the system does not let us open."""


@dataclass(frozen=True, slots=True)
class Unopened(Rejected):
    """A source that was asked for by name and could not be opened: whoever asked made a mistake.

    Told apart from what is merely wrong with the content, as cat(1) and grep(1) do by their exit status.
    """


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to open: `name` is how messages call it, `id` what a whole file's document is called.

    `asked` says that it was named itself, and not found below a folder.
    """

    path: Path | None
    name: str
    id: str
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """The unpacked bytes of a source; reading raises OSError, which `opened` gives the source's name."""

    source: Source
    stream: io.BufferedReader

    def peek(self, size: int) -> bytes:
        """Give up to `size` of the bytes that come next, and leave them there."""
        return self.stream.peek(size)[:size]

    def whole(self, limit: int) -> bytes:
        """Give everything; raises InputError when there are more than `limit` bytes."""
        data = self.stream.read(limit + 1)
        if len(data) > limit:
            raise InputError(self.source.name, f"over the limit of {limit:,} bytes a document")
        return data

    def lines(self, limit: int) -> Iterator[bytes | None]:
        """Give line after line without its end, and None for one of more than `limit` bytes."""
        while line := self.stream.readline(limit + 2):
            content = line.removesuffix(b"\n").removesuffix(b"\r")
            yield content if len(content) <= limit else None
            while line and not line.endswith(b"\n"):
                line = self.stream.readline(SKIPPED)


Reader = Callable[[Opened, "ReadOptions"], Iterator[Document | Rejected]]


def find(sources: Iterable[str | os.PathLike[str]], options: ReadOptions) -> Iterator[Source | Rejected]:
    """Give what `sources` stand for: the files themselves, the files below the folders, standard input."""
    names = [os.fspath(source) for source in sources]
    root = options.root if options.root is not None else common_folder(names)
    for name in names:
        if name == "-":
            yield Source(None, "-", "-")
        elif _is_folder(name):
            yield from _below(Path(name), root, options)
        else:
            yield _source(Path(name), root, asked=True)


def common_folder(names: Iterable[str]) -> str:
    """Give the deepest folder that holds all the named files and folders; a folder holds itself."""
    folders = [
        os.path.abspath(name if _is_folder(name) else Path(name).parent)  # noqa: PTH100 (no symlinks resolved)
        for name in names
        if name != "-"
    ]
    return os.path.commonpath(folders) if folders else "."


def _is_folder(name: str) -> bool:
    return os.path.isdir(name)  # noqa: PTH112 (Path.is_dir raises where the way there is not permitted)


def _source(path: Path, root: str, *, asked: bool) -> Source:
    return Source(path, _utf8(str(path)), _utf8(Path(os.path.relpath(path, root)).as_posix()), asked)


def _utf8(name: str) -> str:
    """Give a file's name as Unicode: names are bytes, and a report must be able to write them."""
    return os.fsencode(name).decode("utf-8", "replace")


def _below(folder: Path, root: str, options: ReadOptions) -> Iterator[Source | Rejected]:
    wanted = {ending for ending, kind in ENDINGS.items() if options.format in ("auto", kind)}
    failures: list[OSError] = []
    empty = True
    for place, folders, files in os.walk(folder, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            kind = by_name(name)
            if kind and options.format in ("auto", kind) and not name.startswith(".") and os.path.isfile(path):  # noqa: PTH113
                empty = False
                yield _source(path, root, asked=False)
    for failure in failures:
        refused = Unopened if Path(failure.filename) == folder else Rejected
        yield refused(_utf8(str(failure.filename)), _reason(failure))
    if empty and not failures:
        yield Rejected(
            _utf8(str(folder)), f"a folder without documents (no file ends in {', '.join(sorted(wanted))})"
        )


@contextmanager
def opened(source: Source, limits: Limits, note: Note | None = None) -> Iterator[Opened]:
    """Open a source and unpack it if it is packed; raises InputError when that cannot be done.

    `note` is told the digest of its bytes at the end, also where they could not be used.
    """
    with _named(source), _raw(source) as raw:
        if note is None:
            yield _unpacked(source, raw, limits)
            return
        digested = Digested(raw)
        try:
            yield _unpacked(source, io.BufferedReader(digested, READ), limits)
        except (InputError, OSError):
            note(digested.input(source.name))
            raise
        note(digested.input(source.name))


def _unpacked(source: Source, raw: io.BufferedReader, limits: Limits) -> Opened:
    stream = unpack(raw, limits)
    if not stream.peek(1):
        raise InputError(source.name, "empty: there is not one byte in it")
    return Opened(source, stream)


@contextmanager
def _raw(source: Source) -> Iterator[io.BufferedReader]:
    if source.path is not None:
        try:
            stream = source.path.open("rb")
        except OSError as error:
            raise UnopenedError(source.name, _reason(error)) from error
        except ValueError as error:  # a NUL in the name
            raise UnopenedError(source.name, str(error)) from error
        with stream:
            yield stream
    elif sys.stdin is None:  # the process was started without one
        raise UnopenedError(source.name, "standard input is closed")
    else:
        # Standard input stays open for whoever owns it; what a test puts in its place may lack `peek`.
        stdin = sys.stdin.buffer
        yield stdin if isinstance(stdin, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stdin))


@contextmanager
def _named(source: Source) -> Iterator[None]:
    """Turn the system's errors into ours, with the name of the source."""
    try:
        yield
    except OSError as error:
        raise InputError(source.name, _reason(error)) from error


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    if isinstance(error, PermissionError):
        return "not readable: permission denied"
    return f"not readable: {error.strerror or error}"
