"""Which batch is next: tenants take turns, so that none waits for all that another has handed in."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from service.jobs.folders import phase_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.jobs.folders import Folders


def waiting(folders: Folders) -> Iterator[Path]:
    """Give the batches that wait, in the order in which they are to be begun.

    First comes the tenant none of whose batches was begun for the longest time; of a tenant, the batch that was
    begun the fewest times (one that fails again and again holds no other up), then the oldest. What is worked on
    elsewhere, done, failed or removed is left out, as it is when its turn comes.
    """
    begun: dict[str, float] = defaultdict(float)
    queues: defaultdict[str, list[tuple[int, str, Path]]] = defaultdict(list)
    for folder in folders.all():
        tenant = folder.parent.name
        attempts, last = _attempts(folder)
        begun[tenant] = max(begun[tenant], last)
        if not (folder / "report").exists() and not (folder / "failed.json").exists():
            queues[tenant].append((attempts, folder.name, folder))
    for place in range(max(map(len, queues.values()), default=0)):
        for tenant in sorted(queues, key=lambda one: (begun[one], one)):
            own = sorted(queues[tenant])
            if place < len(own) and phase_of(own[place][2]) == "queued":
                yield own[place][2]


def _attempts(folder: Path) -> tuple[int, float]:
    """Give how often a batch was begun, and when last, in seconds since 1970; 0 and 0.0 for never."""
    try:
        told = (folder / "attempts").stat()
    except FileNotFoundError:
        return 0, 0.0
    return told.st_size, told.st_mtime
