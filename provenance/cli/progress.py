"""Progress on standard error, and only where someone watches."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.progress import Progress

Item = TypeVar("Item")


@contextmanager
def staged() -> Iterator[Callable[[str, int, int], None] | None]:
    """Give a function of stage, done and total that draws one bar a stage; None where none is watched."""
    if not sys.stderr.isatty():
        yield None
        return
    with _bars() as bars:
        tasks: dict[str, int] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)  # type: ignore[arg-type]

        yield show


@contextmanager
def counting(what: str) -> Iterator[Callable[[Iterable[Item]], Iterable[Item]]]:
    """Give a function that passes items on and counts them under a bar, where one is watched.

    Not where the results go to a terminal as well: there they are the progress.
    """
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield iter
        return
    with _bars() as bars:
        task = bars.add_task(what, total=None)

        def count(items: Iterable[Item]) -> Iterator[Item]:
            for item in items:
                yield item
                bars.advance(task)

        yield count


def _bars() -> Progress:
    from rich.console import Console  # noqa: PLC0415 (see provenance.cli)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
