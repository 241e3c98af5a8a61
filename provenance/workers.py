"""One function over many items on all processors of this machine, in order.

Workers are forks: they see everything the batch has read, and only items and results travel. Where forking is not
to be had, or a process has threads that a fork would freeze, the work is done in place.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH = 2_000  # items below which starting workers costs more than it saves
CHUNK = 200  # items that travel together

_inherited: dict[str, Callable[[Any], Any]] = {}


def jobs_for(count: int, jobs: int | None) -> int:
    """Give the number of workers for `count` items: `jobs`, or by default as many as there are processors."""
    if jobs is not None:
        return max(1, jobs)
    alone = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
    return len(os.sched_getaffinity(0)) if alone and count >= WORTH else 1


def mapped(function: Callable[[Item], Result], items: Sequence[Item], jobs: int | None = None) -> Iterator[Result]:
    """Yield function(item) for each item, in order; `function` may be a closure."""
    workers = jobs_for(len(items), jobs)
    if workers == 1:
        yield from map(function, items)
        return
    _inherited["function"] = function
    try:
        with warnings.catch_warnings():
            # From 3.12 on Python warns that other threads may hold locks at a fork; NumPy's wait for work only.
            warnings.simplefilter("ignore", DeprecationWarning)
            with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
                yield from pool.map(_call, items, chunksize=CHUNK)
    finally:
        _inherited.clear()


def _call(item: Any) -> Any:
    return _inherited["function"](item)
