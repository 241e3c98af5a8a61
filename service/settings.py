"""What a service is run with, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.model import Strictness


METRICS = "PROMETHEUS_MULTIPROC_DIR"  # the variable that says where processes meet to count together


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Where a service keeps what, and the bounds on a request; sizes in bytes, texts in code points, times in s.

    data        folder of keys, queue, batches, and of the index unless `index` says where that is
    redis       address of the server for queue and rate limits, and of the index unless `index` says otherwise
    together    of all texts of one request
    pending     batches of one tenant that wait, and their bytes
    free_bytes  of the disk that batches leave to keys, index and reports
    keys        whether requests need a key even if none was made; while they do not, whoever reaches the port is
                the tenant `default`
    at_once     heavy requests that one process works on at a time; others wait up to `patience`, then get 503
    """

    data: Path = Path("provenance-data")
    index: str | None = None
    redis: str | None = None
    keys: bool = False
    strictness: Strictness = "balanced"

    body_bytes: int = 5_000_000
    documents: int = 100
    text_length: int = 300_000
    together: int = 600_000
    page_length: int = 2_000_000
    depth: int = 50
    values: int = 20_000
    rows: int = 20_000
    batch_bytes: int = 500_000_000
    pending: int = 100
    pending_bytes: int = 5_000_000_000
    free_bytes: int = 200_000_000
    keep_days: float = 30.0

    at_once: int = 2
    patience: float = 10.0
    read_seconds: float = 30.0
    request_seconds: float = 60.0
    rate: int = 600
    workers: int = 1
    threads: int = 32
    batch_workers: int = 1
    proxies: int = 0

    def __post_init__(self) -> None:
        """Say once and for all where the folder is: what runs later may stand elsewhere."""
        object.__setattr__(self, "data", self.data.absolute())

    @property
    def index_url(self) -> str:
        """The address of the index."""
        return self.index or self.redis or f"sqlite:{self.data / 'index.db'}"
