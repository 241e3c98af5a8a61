"""A look at what a service needs, taken at most once a second however often it is asked for, by whoever."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FRESH = 1.0  # seconds for which a look is as good as another


class Glance:
    """The last look, shared by the threads of a process: who needs no key must not make it work each time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._until = 0.0
        self._found: Mapping[str, bool] = {}

    def looked(self, look: Callable[[], Mapping[str, bool]]) -> Mapping[str, bool]:
        """Give what a look finds, or found lately; while a look is taken, what the one before found."""
        if not self._guard.acquire(blocking=not self._found):
            return self._found
        try:
            if time.monotonic() >= self._until:
                self._found = look()
                self._until = time.monotonic() + FRESH
            return self._found
        finally:
            self._guard.release()
