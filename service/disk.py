"""The disk that the data is on: how much of it is left, and whether it takes what is written."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from service.problems import full

if TYPE_CHECKING:
    from pathlib import Path

    from service.settings import ServiceSettings

BLOCK = 4_096


def refuse_full(folder: Path, settings: ServiceSettings, more: int = 0) -> None:
    """Raise 507 where `more` bytes would leave less of a disk than is kept free for all else."""
    if shutil.disk_usage(folder).free - more < settings.free_bytes:
        raise full()


def write_some(settings: ServiceSettings) -> None:
    """Write a block to the disk, and take it away; a Problem or OSError where that cannot be."""
    refuse_full(settings.data, settings)
    path = settings.data / f".ready-{os.getpid()}-{os.urandom(4).hex()}"
    try:
        with path.open("xb") as file:
            file.write(bytes(BLOCK))
            file.flush()
            os.fsync(file.fileno())
    finally:
        path.unlink(missing_ok=True)
