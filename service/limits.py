"""How much a client may ask, and how much a process takes on."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from service import metrics
from service.name import name_of
from service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limits.storage import Storage

    from service.settings import ServiceSettings

ANSWER = 0.25  # seconds that the server has to count a request
AWAY = 5.0  # seconds for which a server that failed is left alone


class Rates:
    """Requests a minute of each client, counted in Redis for all processes, else in this one.

    A process that counts for itself allows its share only, so that all of them together allow what is set. So it
    is where there is no Redis, and while that does not answer.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.whole = RateLimitItemPerMinute(settings.rate)
        self.share = math.ceil(settings.rate / settings.workers)
        self.local = Minutes()
        self.shared = None
        self.away = 0.0
        if settings.redis:
            self.shared = SlidingWindowCounterRateLimiter(_storage_of(settings.redis, name_of(settings.data)))

    def count(self, client: str) -> None:
        """Count a request; 429 for one too many."""
        if self.shared is not None and time.monotonic() >= self.away:
            try:
                left = self._left(self.shared, client)
            except Exception:  # noqa: BLE001 (whatever is wrong with the server, there is a limit)
                self.away = time.monotonic() + AWAY
                metrics.FALLBACKS.inc()
            else:
                self._refuse(left)
                return
        self._refuse(self.local.hit(client, self.share))

    def _left(self, limiter: SlidingWindowCounterRateLimiter, client: str) -> int:
        if limiter.hit(self.whole, client):
            return 0
        return max(1, math.ceil(limiter.get_window_stats(self.whole, client).reset_time - time.time()))

    def _refuse(self, left: int) -> None:
        if left:
            detail = f"More than {self.whole.amount} requests a minute; try again in {left} s."
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers={"Retry-After": str(left)})


def _storage_of(url: str, name: str) -> Storage:
    """Give where a service's requests are counted in Redis; one without an answer in time is counted here."""
    from redis.backoff import NoBackoff  # noqa: PLC0415 (only a service with Redis has use for it)
    from redis.exceptions import ConnectionError as Lost  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    again = Retry(NoBackoff(), 1, supported_errors=(Lost,))  # of a connection that was lost while it was idle
    patience: dict[str, Any] = {"socket_timeout": ANSWER, "socket_connect_timeout": ANSWER, "retry": again}
    return storage_from_string(url, key_prefix=f"provenance-{name}", **patience)  # type: ignore[return-value]


class Minutes:
    """Requests of the last minute, by client: those of this minute, and of the one before what still counts.

    The library that counts in Redis would begin a thread for each request that it counts in memory.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._minute = 0
        self._counts: Counter[str] = Counter()
        self._before: Counter[str] = Counter()

    def hit(self, client: str, most: int, now: float | None = None) -> int:
        """Count a request; give 0, or for one too many, which is not counted, seconds to wait."""
        minute, second = divmod(time.monotonic() if now is None else now, 60)
        with self._guard:
            if minute != self._minute:
                self._before = self._counts if minute == self._minute + 1 else Counter()
                self._minute, self._counts = int(minute), Counter()
            if self._counts[client] + self._before[client] * (1 - second / 60) >= most:
                return math.ceil(60 - second)
            self._counts[client] += 1
        return 0


class Gate:
    """Lets so many heavy requests of this process work at one time; others wait a while, then are sent away.

    Threads of one process share one processor: more at a time would make all of them late. No tenant has more than
    half of the places while another waits.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self._places, self._patience = settings.at_once, settings.patience
        self._half = max(1, settings.at_once // 2)
        self._changed = threading.Condition()
        self._working: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    @contextmanager
    def passed(self, tenant: str) -> Iterator[None]:
        """Work on a request; 503 where none of those before it ended in time."""
        with self._changed:
            self._waiting[tenant] += 1
            came = self._changed.wait_for(lambda: self._free(tenant), self._patience)
            self._waiting -= Counter([tenant])
            self._changed.notify_all()  # another tenant may have more than half now
            if not came:
                detail = "The service has more to do than it can; try again shortly."
                raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "2"})
            self._working[tenant] += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= Counter([tenant])
                self._changed.notify_all()

    def _free(self, tenant: str) -> bool:
        if self._working.total() >= self._places:
            return False
        return self._working[tenant] < self._half or not any(one != tenant for one in self._waiting)
