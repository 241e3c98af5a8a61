"""Sources, cut into shards: pieces that are read, fingerprinted and written by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from provenance.engine.finding import files_of
from provenance.engine.folder import located
from provenance.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provenance.engine.finding import Kind

SHARD_BYTES = 64 << 20  # of text unpacked, in row groups of Parquet; other files are a shard each
_FILES = 200  # texts and pages that are one shard


@dataclass(frozen=True, slots=True)
class Shard:
    """Files, or row groups [first, last) of one Parquet file, with so many rows before them.

    `reference` stands for what is compared with and never removed.
    """

    number: int
    kind: Kind
    urls: tuple[str, ...]
    first: int = 0
    last: int = 0
    before: int = 0
    reference: bool = False

    @property
    def name(self) -> str:
        """What its results are called."""
        return f"{self.number:06}"


@dataclass(frozen=True, slots=True)
class Refused:
    """Rows that could not be used: where they stood, what is wrong, and how many they are, None if unknown."""

    source: str
    error: str
    rows: int | None = 1


def shards(sources: Iterable[str], *, reference: bool, start: int, but: str = "") -> Iterator[Shard | Refused]:
    """Give the shards of files, folders and globs, in order, numbered from `start`; none of the folder `but`."""
    number = start
    for source in sources:
        found = False
        files: list[str] = []
        for url, kind in files_of(source, but):
            found = True
            if kind in ("text", "html"):
                files.append(url)
                continue
            if kind != "parquet":
                yield Shard(number, kind, (url,), reference=reference)
                number += 1
                continue
            try:
                spans = list(_row_groups(url))
            except (OSError, pa.ArrowException) as error:
                yield Refused(url, f"not a Parquet file that can be read: {told(error)}", None)
                continue
            for first, last, before in spans:
                yield Shard(number, kind, (url,), first, last, before, reference)
                number += 1
        for at in range(0, len(files), _FILES):
            yield Shard(number, "text", tuple(files[at : at + _FILES]), reference=reference)
            number += 1
        if not found:
            raise InputError(source, "no such file, or none in it whose name ends as a known format's does")


def told(error: BaseException) -> str:
    """Give the first line of what an error says."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


def _row_groups(url: str) -> Iterator[tuple[int, int, int]]:
    system, path = located(url)
    with system.open_input_file(path) as file:
        about = pq.read_metadata(file)
        first, size, before, row = 0, 0, 0, 0
        for group in range(about.num_row_groups):
            size += about.row_group(group).total_byte_size
            row += about.row_group(group).num_rows
            if size >= SHARD_BYTES:
                yield first, group + 1, before
                first, size, before = group + 1, 0, row
        if first < about.num_row_groups:
            yield first, about.num_row_groups, before
