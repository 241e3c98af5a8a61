"""An audit as files: report.html for people, and records of the same findings for programs, by standards."""

from __future__ import annotations

import json
import os
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from provenance.report.audit import Audit


def write(audit: Audit, folder: Path, *, made: datetime | None = None) -> Path:
    """Write the report and its records into `folder`, made if absent, and give `folder`.

    report.html, report.json, report.md, report.sarif, pairs.csv and provenance.jsonld. All are written beside
    their places and renamed when all are whole, so that a reader sees the old report or the new one and never a
    part. The same audit `made` at the same time gives the same bytes; without a time it is that of
    SOURCE_DATE_EPOCH, else now. Raises OSError where the folder cannot be made or written, ValueError where a
    figure is NaN or infinite, SettingsError where SOURCE_DATE_EPOCH is no time.
    """
    contents = _contents(audit, made or now())
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


def _contents(audit: Audit, made: datetime) -> dict[str, bytes]:
    from provenance.report.html import render  # noqa: PLC0415 (templates load only when a report is written)
    from provenance.report.markdown import summary  # noqa: PLC0415
    from provenance.report.prov import linked, record  # noqa: PLC0415
    from provenance.report.sarif import sarif  # noqa: PLC0415
    from provenance.report.table import pairs  # noqa: PLC0415

    return {
        "report.json": encode(audit.to_dict()),
        "report.html": render(audit).encode("utf-8", "replace"),
        "report.md": summary(audit).encode("utf-8", "replace"),
        "report.sarif": encode(sarif(audit)),
        "pairs.csv": pairs(audit),
        "provenance.jsonld": encode(linked(record(audit, made))),
    }


def now() -> datetime:
    """Give the time that a record is stamped with, to the second: SOURCE_DATE_EPOCH if it is set.

    So that whoever builds twice gets the same twice (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SettingsError(f"SOURCE_DATE_EPOCH is not a time in seconds: {epoch!r}") from error


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
