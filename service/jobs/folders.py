"""Where batches are kept: a folder each, whose files say how far it is.

    meta.json       what was asked for; there is no batch before it, and it is written last
    rows.jsonl      the documents, a line each
    lock            held by the process that works on it; the system lets go of it when that dies
    attempts        a byte for each process that began
    progress.json   how far it is
    report/         the outcome, put in its place when all of it is written
    failed.json     why there is none

Nothing here depends on the queue: that only says when to look. So a batch that was accepted is there whatever
becomes of processes and of the queue, and the work on it is taken up by whoever comes next.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import re
import secrets
import shutil
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from provenance.model import Strictness

Phase = Literal["queued", "running", "done", "failed"]
_ID = re.compile(r"[0-9]{10}-[a-z0-9]{16}")
_TENANT = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True)
class Meta:
    """What was asked for.

    made      seconds since 1970
    refused   files that hold no text, and why
    digest    of what was sent: who sends other things under the same Idempotency-Key is told so
    """

    id: str
    tenant: str
    rows: int
    strictness: Strictness
    made: float
    label: str = ""
    refused: tuple[tuple[str, str], ...] = ()
    digest: str = ""


class Folders:
    """The batches below one folder, by tenant."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def begin(self, tenant: str) -> Path:
        """Make a folder for a batch that is being received; hidden until `accept`."""
        # Ids begin with the time, so that they sort by it.
        name = f"{int(time.time()):010d}-{secrets.token_hex(8)}"
        folder = self._of(tenant) / f".{name}"
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def accept(self, folder: Path, meta: Meta) -> Path:
        """Put a batch whose rows are written in its place: when this returns it is on the disk, wholly."""
        put(folder / "meta.json", asdict(meta))
        flush(folder)
        final = folder.with_name(meta.id)
        folder.rename(final)
        flush(final.parent)
        flush(final.parent.parent)
        return final

    def find(self, tenant: str, name: str) -> Path | None:
        """Give the folder of a batch, or None."""
        if not _ID.fullmatch(name):
            return None
        folder = self._of(tenant) / name
        return folder if (folder / "meta.json").exists() else None

    def marked(self, tenant: str, mark: str, since: float) -> Path | None:
        """Give the tenant's batch whose id ends so, accepted since that time, or None."""
        found = (one for one in self.listed(tenant) if one.name.endswith(f"-{mark}"))
        return next((one for one in found if int(one.name.partition("-")[0]) >= since), None)

    def listed(self, tenant: str) -> list[Path]:
        """Give the tenant's batches, the newest first."""
        folder = self._of(tenant)
        found = [one for one in folder.iterdir() if _ID.fullmatch(one.name)] if folder.is_dir() else []
        return sorted(found, key=lambda one: one.name, reverse=True)

    def all(self) -> Iterator[Path]:
        """Give the batches of all tenants, the oldest first."""
        tenants = [one.name for one in self.root.iterdir()] if self.root.is_dir() else []
        found = [folder for tenant in tenants if _TENANT.fullmatch(tenant) for folder in self.listed(tenant)]
        yield from sorted(found, key=lambda one: one.name)

    def figures(self) -> tuple[dict[str, int], float]:
        """Give how many batches are in which phase, and the seconds that the oldest not done has waited."""
        counts: dict[str, int] = {"queued": 0, "running": 0, "done": 0, "failed": 0}
        oldest = 0.0
        for folder in self.all():
            phase = phase_of(folder)
            counts[phase] += 1
            if phase in {"queued", "running"}:
                oldest = max(oldest, time.time() - int(folder.name.partition("-")[0]))
        return counts, oldest

    def remove(self, folder: Path) -> None:
        """Take a batch away at once, and its files after that."""
        gone = folder.with_name(f".gone-{folder.name}-{secrets.token_hex(4)}")
        try:
            folder.rename(gone)
        except FileNotFoundError:
            return
        shutil.rmtree(gone, ignore_errors=True)

    def leftovers(self, age: float) -> Iterator[Path]:
        """Give hidden folders older than so many seconds: receptions that were cut off, removals likewise."""
        for tenant in self.root.iterdir() if self.root.is_dir() else ():
            for one in tenant.glob(".*"):
                if one.stat().st_mtime < time.time() - age:
                    yield one

    def _of(self, tenant: str) -> Path:
        if not _TENANT.fullmatch(tenant):
            raise ValueError(tenant)
        return self.root / tenant


def beat_of(data: Path) -> Path:
    """Give the file that the workers of this machine touch as long as they live."""
    return data / "beats" / platform.node()


def meta_of(folder: Path) -> Meta:
    """Give what was asked for; FileNotFoundError where the batch was removed."""
    return Meta(**json.loads((folder / "meta.json").read_bytes()))


def size_of(folder: Path) -> int:
    """Give the bytes of a batch' documents."""
    try:
        return (folder / "rows.jsonl").stat().st_size
    except FileNotFoundError:
        return 0


def phase_of(folder: Path) -> Phase:
    """Tell how far a batch is."""
    if (folder / "report").is_dir():
        return "done"
    if (folder / "failed.json").exists():
        return "failed"
    with working(folder) as mine:
        return "queued" if mine else "running"


@contextmanager
def working(folder: Path, tries: int = 1) -> Iterator[bool]:
    """Hold a batch while one works on it; False where another process does.

    Whoever asks for its phase holds it for some microseconds; who means to work tries again.
    """
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        yield False
        return
    try:
        yield any(_held(lock, wait=attempt > 0) for attempt in range(tries))
    finally:
        os.close(lock)


def _held(lock: int, *, wait: bool) -> bool:
    if wait:
        time.sleep(0.05)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def put(path: Path, value: Any) -> None:
    """Write a JSON value to the disk, wholly or not at all."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with beside.open("xb") as file:
        file.write(json.dumps(value).encode())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def flush(folder: Path) -> None:
    """Make what was made and renamed in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
