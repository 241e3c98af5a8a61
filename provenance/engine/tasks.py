"""Daft, as far as it is used here: a function over items as a source of rows, here or on a Ray cluster."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import daft
from daft.io.source import DataSource, DataSourceTask
from daft.recordbatch import RecordBatch
from daft.runners import get_or_create_runner

from provenance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    import pyarrow as pa

# As many tasks as there are processors hold a batch in memory at one time.
_turn = threading.BoundedSemaphore(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)


for _name in ("daft_local_execution", "daft_distributed"):  # their errors are raised as well, and told once
    logging.getLogger(_name).addHandler(logging.NullHandler())


class _Task(DataSourceTask):
    def __init__(self, function: Callable[[Any], pa.Table], item: Any, schema: pa.Schema) -> None:
        self.function, self.item, self.made = function, item, daft.Schema.from_pyarrow_schema(schema)

    @property
    def schema(self) -> daft.Schema:
        return self.made

    async def read(self) -> AsyncIterator[RecordBatch]:
        yield RecordBatch.from_arrow_table(await asyncio.to_thread(self._run))

    def _run(self) -> pa.Table:
        with _turn:
            return self.function(self.item)


class _Tasks(DataSource):
    name = "provenance"

    def __init__(self, function: Callable[[Any], pa.Table], items: Sequence[Any], schema: pa.Schema) -> None:
        self.function, self.items, self.made = function, items, schema

    @property
    def schema(self) -> daft.Schema:
        return daft.Schema.from_pyarrow_schema(self.made)

    async def get_tasks(self, pushdowns: Any) -> AsyncIterator[DataSourceTask]:  # noqa: ARG002 (Daft's own)
        for item in self.items:
            yield _Task(self.function, item, self.made)


def rows_of(function: Callable[[Any], pa.Table], items: Sequence[Any], schema: pa.Schema) -> daft.DataFrame:
    """Give the rows of function(item) for each item, each a task by itself; both must be such as can be sent."""
    return _Tasks(function, items, schema).read()


@contextmanager
def running(address: str | None) -> Iterator[None]:
    """Choose where plans run: here (None), on the Ray cluster at an address, or on one started here ("local")."""
    if address is None:
        _choose("native", daft.set_runner_native)
        yield
        return
    import ray  # noqa: PLC0415 (only for those who have a cluster)

    started = not ray.is_initialized()
    if started:
        ray.init(None if address == "local" else address, log_to_driver=False, logging_level=logging.ERROR)
    try:
        _choose("ray", daft.set_runner_ray)
        yield
    finally:
        if started:
            ray.shutdown()


def _choose(name: str, choose: Callable[[], object]) -> None:
    """Choose the runner of this process, which is done once; raises SettingsError where it is another."""
    try:
        choose()
    except Exception as error:
        if get_or_create_runner().name != name:
            raise SettingsError(
                f"this process runs Daft elsewhere already, and cannot change to {name}"
            ) from error
