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


def mapped(
    function: Callable[[Item], Result], items: Sequence[Item], jobs: int | None = None, *, chunk: int = CHUNK
) -> Iterator[Result]:
    """Give function(item) for each item, in order; `function` may be a closure, and `chunk` items travel together.

    Workers begin at once, and end when the last result was taken; work in place begins with the first.
    """
    workers = jobs_for(len(items), jobs)
    if workers == 1:
        return map(function, items)
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("fork"))
    _inherited["function"] = function
    try:
        with warnings.catch_warnings():
            # From 3.12 on Python warns that other threads may hold locks at a fork; NumPy's wait for work only.
            warnings.simplefilter("ignore", DeprecationWarning)
            results = pool.map(_call, items, chunksize=chunk)  # forks, and sends all items on their way
    finally:
        _inherited.clear()
    return _taken(pool, results)


def _taken(pool: ProcessPoolExecutor, results: Iterator[Result]) -> Iterator[Result]:
    with pool:
        yield from results


def _call(item: Any) -> Any:
    return _inherited["function"](item)
