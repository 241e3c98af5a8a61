"""Work done by several processes is the work done by one."""

import os
import threading

import pytest

from provenance import workers
from provenance.workers import jobs_for, mapped


def test_results_come_in_order_whoever_does_the_work() -> None:
    items = list(range(1000))
    factor = 3  # a closure reaches the workers
    assert list(mapped(lambda item: item * factor, items, jobs=2)) == [item * 3 for item in items]
    assert set(mapped(lambda _: os.getpid(), items, jobs=2)) - {os.getpid()}
    assert set(mapped(lambda _: os.getpid(), items, jobs=1)) == {os.getpid()}


def test_an_error_in_a_worker_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        list(mapped(lambda item: 1 // item, [1, 0], jobs=2))


def test_small_batches_and_threaded_processes_stay_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    with monkeypatch.context() as alone:  # whatever threads other tests left behind
        alone.setattr(threading, "active_count", lambda: 1)
        assert jobs_for(workers.WORTH - 1, None) == 1
        assert jobs_for(workers.WORTH, None) == 3
    assert jobs_for(workers.WORTH, 2) == 2
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        assert jobs_for(workers.WORTH, None) == 1
    finally:
        stop.set()
        other.join()
