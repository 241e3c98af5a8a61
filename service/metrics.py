"""What is counted, for Prometheus; over all processes where PROMETHEUS_MULTIPROC_DIR says where they meet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from service.settings import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPE = CONTENT_TYPE_LATEST

REQUESTS = Counter("provenance_requests_total", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "provenance_request_seconds",
    "Time from the request's head to the answer.",
    ("route",),
    buckets=(0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
VERDICTS = Counter("provenance_verdicts_total", "Documents checked, by verdict.", ("verdict",))
REFUSED = Counter("provenance_refused_total", "Requests sent away, by status.", ("status",))
FALLBACKS = Counter("provenance_rate_fallbacks_total", "Times that Redis did not count a request.")
ACTIVE = Gauge("provenance_requests_active", "Requests being answered.", multiprocess_mode="livesum")


def exposed(batches: Mapping[str, int], oldest: float) -> bytes:
    """Give all figures in Prometheus' format; those of the batches, which other containers work on, are told."""
    told = CollectorRegistry()
    states = Gauge("provenance_batches", "Batches that are kept, by state.", ("state",), registry=told)
    for state, count in batches.items():
        states.labels(state).set(count)
    waits = Gauge(
        "provenance_batch_wait_seconds", "Time that the oldest batch not done has waited.", registry=told
    )
    waits.set(oldest)
    if METRICS not in os.environ:
        return generate_latest() + generate_latest(told)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry) + generate_latest(told)


def gone(process: int) -> None:
    """Forget what a process that has ended was doing; what it had done stays counted."""
    if METRICS in os.environ and Path(os.environ[METRICS]).is_dir():
        mark_process_dead(process)  # type: ignore[no-untyped-call]
