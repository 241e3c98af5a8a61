"""A folder of tables, on this machine or in an object store; what is in it is whole.

A table is written under another name and moved, so its name is the mark that it is done.
"""

from __future__ import annotations

import json
import posixpath
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from provenance.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

_PART = ".part"
_OF_URLS = "/:%?#=&@+,~!$'()*;"


@dataclass(frozen=True)
class Folder:
    """A place by its path or URL (s3://, gs://, file://); it can be sent to other machines.

    `run` tells it from the same place at another time, for what is remembered of it.
    """

    url: str
    run: str = ""

    @cached_property
    def _place(self) -> tuple[fs.FileSystem, str]:
        return located(self.url)

    def below(self, name: str) -> Folder:
        """Give a folder in this one."""
        path, mark, query = self.url.partition("?") if "://" in self.url else (self.url, "", "")
        return Folder(posixpath.join(path, name) + mark + query, self.run)

    def names(self, below: str = "") -> set[str]:
        """Give the names of the files in a folder that are done."""
        system, path = self._place
        selector = fs.FileSelector(posixpath.join(path, below), allow_not_found=True)
        return {info.base_name for info in system.get_file_info(selector) if not info.base_name.endswith(_PART)}

    def has(self, name: str) -> bool:
        """Tell whether a file is there, and so done."""
        system, path = self._place
        return bool(system.get_file_info(posixpath.join(path, name)).type == fs.FileType.File)

    def put(self, name: str, table: pa.Table) -> None:
        """Write a table, as Parquet or Arrow by its name."""
        with self._written(name) as file:
            if name.endswith(".parquet"):
                pq.write_table(table, file, compression="zstd", compression_level=1)
            else:
                with pa.ipc.new_file(file, table.schema) as writer:
                    writer.write_table(table)

    def put_json(self, name: str, value: Any) -> None:
        """Write a JSON value."""
        with self._written(name) as file:
            file.write(json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n")

    def writing(self, name: str) -> _Written:
        """Give a file to be written; it gets its name when it is left without an error."""
        return self._written(name)

    def _written(self, name: str) -> _Written:
        system, path = self._place
        return _Written(system, posixpath.join(path, name))

    def get(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read an Arrow table, or some of its columns."""
        system, path = self._place
        with system.open_input_file(posixpath.join(path, name)) as file:
            options = None
            if columns is not None:
                names = pa.ipc.open_file(file).schema.names
                options = pa.ipc.IpcReadOptions(included_fields=[names.index(one) for one in columns])
            return pa.ipc.open_file(file, options=options).read_all()

    def get_json(self, name: str) -> Any:
        """Read a JSON value."""
        system, path = self._place
        with system.open_input_stream(posixpath.join(path, name)) as file:
            return json.loads(file.read())

    def opened(self, name: str) -> pa.NativeFile:
        """Open a file for reading at any place."""
        system, path = self._place
        return system.open_input_file(posixpath.join(path, name))

    def remove(self, *names: str) -> None:
        """Remove files and folders below, those that are there, in this order."""
        system, path = self._place
        for info in system.get_file_info([posixpath.join(path, name) for name in names]):
            if info.type == fs.FileType.Directory:
                system.delete_dir(info.path)
            elif info.type == fs.FileType.File:
                system.delete_file(info.path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs on this machine out of the folder; raises SettingsError where one is in it.

        The system lets go of the lock when a process ends, however it does. Object stores have no locks.
        """
        system, path = self._place
        if not isinstance(system, fs.LocalFileSystem) or fcntl is None:
            yield
            return
        system.create_dir(path, recursive=True)
        with open(posixpath.join(path, "lock"), "ab") as file:  # noqa: PTH123 (as all paths here)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SettingsError(f"{self.url}: another run is at work in it") from error
            yield


class _Written:
    """A file under another name, moved to its own when all went well, else removed."""

    def __init__(self, system: fs.FileSystem, path: str) -> None:
        self.system, self.path = system, path

    def __enter__(self) -> pa.NativeFile:
        if isinstance(self.system, fs.LocalFileSystem):
            self.system.create_dir(posixpath.dirname(self.path), recursive=True)
        self.file = self.system.open_output_stream(self.path + _PART)
        return self.file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.file.close()
        finally:
            if kind is not None:
                self.system.delete_file(self.path + _PART)
        if kind is None:
            self.system.move(self.path + _PART, self.path)


def located(url: str) -> tuple[fs.FileSystem, str]:
    """Give the file system of a path or URL, and the path in it; raises InputError for one that is not known."""
    try:
        if "://" in url:
            # A space or a bracket in a name is none of a URL; what is written %20 is left as it is.
            system, path = fs.FileSystem.from_uri(quote(url, safe=_OF_URLS))
        else:
            import os  # noqa: PLC0415

            system, path = fs.LocalFileSystem(), os.path.abspath(url)  # noqa: PTH100
    except (OSError, ValueError) as error:
        raise InputError(url, str(error)) from error
    return system, path
