"""Files that a source stands for: a file, all that is known in a folder, or what a pattern matches."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from pyarrow import fs

from provenance.engine.folder import located

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind = Literal["parquet", "csv", "jsonl", "warc", "text", "html"]

ENDINGS: dict[str, Kind] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".warc": "warc",
    ".wet": "warc",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
}
_PACKED = (".gz", ".zst")
_WILD = re.compile(r"[*?\[]")
_QUERY = re.compile(r"(://[^?]*)(\?[\w.-]+=.*)", re.DOTALL)  # of a URL, as Arrow takes it: s3://bucket/x?region=…


def ending(path: str) -> str:
    """Give the ending of a file's name, in small letters, under `.gz` and `.zst`."""
    name = PurePosixPath(path)
    if name.suffix.lower() in _PACKED:
        name = name.with_suffix("")
    return name.suffix.lower()


def kind_of(path: str) -> Kind | None:
    """Give what a file is by the ending of its name, under `.gz` and `.zst`."""
    return ENDINGS.get(ending(_QUERY.sub(r"\1", path)))


def files_of(source: str, but: str = "") -> Iterator[tuple[str, Kind]]:
    """Give the URLs and kinds of the files that a source stands for, sorted, but those of the folder `but`.

    What is there by the very name is meant before what the name would match as a pattern.
    """
    query = found[2] if (found := _QUERY.search(source)) else ""
    base = source.removesuffix(query)
    system, path, info = _looked(base + query)
    pattern: list[str] = []
    if info.type == fs.FileType.NotFound:
        base, pattern = _parted(base)
        if not pattern:
            return
        system, path, info = _looked((base or ".") + query)
    if info.type == fs.FileType.File:
        yield from ([(source, kind)] if not pattern and (kind := kind_of(path)) else [])
    elif info.type == fs.FileType.Directory:
        before = _before(base, path) if "://" in source else ""
        for one in sorted(_below(system, path, pattern, _own(but, system))):
            if kind := kind_of(one):
                yield (before + quote(one, safe="/=:@+,~!$&'()*;") + query if before else one), kind


def _before(url: str, path: str) -> str:
    """Give what stands before a path in the URL of it: the scheme, and the host where the path has none."""
    whole = url.rstrip("/")
    return next(
        (whole.removesuffix(end) for one in (path, quote(path)) if whole.endswith(end := one.rstrip("/"))),
        whole[: whole.index("://") + 3],
    )


def _looked(url: str) -> tuple[fs.FileSystem, str, fs.FileInfo]:
    system, path = located(url)
    return system, path, system.get_file_info(path)


def _parted(source: str) -> tuple[str, list[str]]:
    """Give the folder before the first part with a wild card, and the parts from it on; none if there is none."""
    start = source.index("://") + 3 if "://" in source else 0
    parts = source[start:].split("/")
    first = next((place for place, part in enumerate(parts) if _WILD.search(part)), None)
    if first is None:
        return source, []
    base = source[:start] + "/".join(parts[:first])
    return base or ("/" if first else ""), parts[first:]


def _own(folder: str, system: fs.FileSystem) -> str:
    """Give the path of a folder where it is in the same file system, to be left out."""
    if not folder:
        return ""
    place, path = located(folder)
    return path if place.type_name == system.type_name else ""


def _below(system: fs.FileSystem, path: str, pattern: Sequence[str], but: str) -> Iterator[str]:
    """Give the paths of the files below a folder that are not hidden and of a pattern, if there is one."""
    for one in system.get_file_info(fs.FileSelector(path, recursive=True)):
        inside = one.path.removeprefix(path).lstrip("/").split("/")
        hidden = any(part.startswith((".", "_")) for part in inside)
        own = but and (one.path == but or one.path.startswith(posixpath.join(but, "")))
        if one.type == fs.FileType.File and not hidden and not own and (not pattern or _matches(inside, pattern)):
            yield str(one.path)


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether a path is of a pattern, part by part: `**` is any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        if len(pattern) == 1:
            return bool(parts)
        return any(_matches(parts[first:], pattern[1:]) for first in range(len(parts)))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
