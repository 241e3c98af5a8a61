"""An audit as files: report.json for programs, report.html for people."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, Any

from provenance.report.html import render

if TYPE_CHECKING:
    from pathlib import Path

    from provenance.report.audit import Audit


def write(audit: Audit, folder: Path) -> Path:
    """Write report.json and report.html into `folder`, made if absent, and give `folder`.

    Both are written beside their places and renamed when both are whole, so that a reader sees the old
    report or the new one and never a part. The same audit gives the same bytes. Raises OSError where
    the folder cannot be made or written, ValueError where a figure is NaN or infinite.
    """
    contents = {
        "report.json": encode(audit.to_dict()),
        "report.html": render(audit).encode("utf-8", "replace"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    partial = {folder / name: folder / f".{name}.{secrets.token_hex(8)}" for name in contents}
    try:
        for target, beside in partial.items():
            _put(beside, contents[target.name])
        for target, beside in partial.items():
            beside.replace(target)
    finally:
        for beside in partial.values():
            beside.unlink(missing_ok=True)
    return folder


def encode(value: Any) -> bytes:
    r"""Give a JSON value as UTF-8 bytes, in its own order, ended by a line break.

    A lone surrogate, which UTF-8 cannot hold, becomes the escape that JSON has for it. ValueError for
    NaN and infinity, which JSON does not know.

    >>> encode({"é": "\ud800"})
    b'{\n "\xc3\xa9": "\\ud800"\n}\n'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _put(path: Path, content: bytes) -> None:
    """Write a new file to the disk itself: a rename must not outlive the bytes it names."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
