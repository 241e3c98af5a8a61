"""The name of a service among others that share a Redis server: theirs are other queues, and other counts."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def name_of(data: Path) -> str:
    """Give the name of the service whose data is in a folder; made once, of eight digits, and kept there."""
    path = data / "name"
    if not path.exists():
        beside = data / f".name-{secrets.token_hex(4)}"
        beside.write_text(secrets.token_hex(4))
        with suppress(FileExistsError):  # whichever process is first, all read one name, and read it whole
            os.link(beside, path)
        beside.unlink()
    return path.read_text()
