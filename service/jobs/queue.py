"""The queue that tells workers of batches: huey, on SQLite in the folder of the data or on a Redis server.

It is a hint and no record: what there is to do stands in the batches' folders (`service.jobs.folders`). A worker
looks through them when it starts and once a minute, so that a batch whose worker died, or whose message was lost
with the queue, is taken up all the same.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from huey import RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from service.jobs.folders import Folders, meta_of, phase_of
from service.jobs.run import work
from service.jobs.turns import waiting
from service.name import name_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from huey import Huey

    from service.settings import ServiceSettings

RETRIES, DELAY = 5, 5  # of a batch whose index did not answer, and seconds between them
CONNECT, ANSWER = 0.5, 1.5  # seconds that the queue's server has; a worker's wait for a message is within them
DAY = 86_400.0
CUT_OFF = 6 * 3_600.0  # seconds after which a reception that is not done never will be
_LOG = logging.getLogger("provenance.service")


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue, and what a message in it sets off."""

    huey: Huey
    task: Callable[[str, str], Any]

    def tell(self, tenant: str, name: str) -> None:
        """Tell the workers of a batch; where that cannot be, they will find it themselves."""
        try:
            self.task(tenant, name)
        except Exception as error:  # noqa: BLE001 (a queue that is gone must not refuse what is safe on the disk)
            _LOG.warning("the queue does not answer", extra={"batch": name, "error": type(error).__name__})


class Plain(Serializer):
    """Messages as JSON: who can write to the queue can name a task and its words, and make nothing else of it."""

    def _serialize(self, data: Message) -> bytes:
        eta = data.eta.isoformat() if data.eta else None
        return json.dumps(
            [data.id, data.name, eta, data.retries, data.retry_delay, list(data.args or ())]
        ).encode()

    def _deserialize(self, data: bytes) -> Message:
        given, name, eta, retries, delay, args = json.loads(data)
        when = datetime.fromisoformat(eta) if eta else None
        return Message(given, name, when, retries, delay, args=tuple(map(str, args)), kwargs={})


class Beating(Consumer):
    """A consumer that leaves a mark, for a health check, each time that its loop goes round."""

    beat: Path

    def loop(self, health_check_ts: float | None = None) -> float | None:
        """Go round once, in about a second."""
        self.beat.parent.mkdir(exist_ok=True)
        self.beat.touch()
        looked: float | None = super().loop(health_check_ts)
        return looked


def pool_of(url: str) -> ConnectionPool:
    """Give connections to a queue's server, which end in time where that hangs: a batch is safe without it."""
    again = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))  # one that was lost while it was idle
    return ConnectionPool.from_url(url, socket_timeout=ANSWER, socket_connect_timeout=CONNECT, retry=again)


@lru_cache(maxsize=4)
def queue_of(settings: ServiceSettings) -> Queue:
    """Give the queue of a service; one in each process."""
    huey: Huey
    if settings.redis:
        # A worker waits for messages a second at a time, so that it hears in time that it is to stop.
        name = f"provenance-{name_of(settings.data)}"
        pool = pool_of(settings.redis)
        huey = RedisHuey(name, connection_pool=pool, read_timeout=1, results=False, serializer=Plain())
    else:
        path = str(settings.data / "queue.db")
        huey = SqliteHuey("provenance", filename=path, results=False, fsync=False, serializer=Plain())
    folders = Folders(settings.data / "batches")

    @huey.task(retries=RETRIES, retry_delay=DELAY)  # type: ignore[untyped-decorator]
    def batch(_tenant: str, _name: str) -> None:
        for folder in waiting(folders):  # whose turn it is, whichever batch the message was sent for
            if work(folder, settings):
                return

    queue = Queue(huey, batch)

    @huey.on_startup()  # type: ignore[untyped-decorator]
    def begin() -> None:
        sweep(queue, settings)

    @huey.periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
    def minute() -> None:
        sweep(queue, settings)

    return queue


def sweep(queue: Queue, settings: ServiceSettings) -> int:
    """Tell of every batch that waits and that nobody works on, and remove what is past its time; give how many."""
    folders = Folders(settings.data / "batches")
    told = 0
    for folder in folders.all():
        try:
            meta, phase = meta_of(folder), phase_of(folder)
        except FileNotFoundError:
            if folder.is_dir() and folder.stat().st_mtime < time.time() - CUT_OFF:
                shutil.rmtree(folder, ignore_errors=True)  # what is left of one, by no name that leads to it
            continue  # removed meanwhile
        if phase == "queued":
            queue.tell(meta.tenant, meta.id)
            told += 1
        elif phase != "running" and meta.made < time.time() - settings.keep_days * DAY:
            folders.remove(folder)
    for folder in folders.leftovers(CUT_OFF):
        shutil.rmtree(folder, ignore_errors=True)
    return told
