"""Documents through cleaning as a stream: in order, in memory that does not grow, by one process or several."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from provenance.model import Cleaned, Document, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from provenance.index import Index
    from provenance.model import Strictness

Item = Document | Rejected
Pair = tuple[Document, Cleaned]

TOGETHER = 50  # documents that travel to a worker at once, and
CHARACTERS = 1_000_000  # how much text at most: a worker given more keeps the others waiting
AHEAD = 2  # chunks a worker that are read before the first is written: more only takes memory


def cleaned(
    items: Iterable[Item], strictness: Strictness, *, jobs: int = 1, house: int = 0, index: Index | None = None
) -> Generator[Pair | Rejected]:
    """Give each document with what cleaning left of it, and each rejected input as it is, in the order given.

    With one job a document is given before the next is asked for. With more, some hundreds are read ahead. With
    `house`, so many documents are held together, and what one publisher repeats among them is taken out. So is,
    with `index`, what one repeats in the documents stored there.
    """
    work = partial(_clean_each, strictness=strictness)
    chunks = _spread(work, items, jobs) if jobs > 1 else (work([item]) for item in items)
    with closing(chunks):  # also where whoever reads has gone
        results = chain.from_iterable(chunks)
        yield from _without_repeated(results, max(1, house), index) if house > 1 or index else results


def _clean_each(items: Sequence[Item], strictness: Strictness) -> list[Pair | Rejected]:
    from provenance.clean import clean_batch  # noqa: PLC0415 (see provenance.cli)
    from provenance.errors import InputError  # noqa: PLC0415

    done: list[Pair | Rejected] = []
    for item in items:
        if isinstance(item, Rejected):
            done.append(item)
            continue
        try:
            (result,) = clean_batch([item], strictness=strictness)
        except InputError as error:
            done.append(Rejected(item.source or item.id, error.error))
        else:
            done.append((item, result))
    return done


def _spread(
    work: Callable[[Sequence[Item]], list[Pair | Rejected]], items: Iterable[Item], jobs: int
) -> Generator[list[Pair | Rejected]]:
    """Yield work(chunk) for chunks of the items, in order, by several processes; never many chunks ahead.

    Workers are started anew, not forked: a bar that is drawn meanwhile has a thread, and forks inherit its locks.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, initializer=_leave_interrupts)
    waiting: deque[Future[list[Pair | Rejected]]] = deque()
    try:
        for chunk in _chunks(items):
            waiting.append(pool.submit(work, chunk))
            if len(waiting) >= AHEAD * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Let Ctrl-C be the business of the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += len(item.text) if isinstance(item, Document) else 0
        if len(chunk) >= TOGETHER or size >= CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _without_repeated(
    results: Iterable[Pair | Rejected], house: int, index: Index | None
) -> Iterator[Pair | Rejected]:
    """Take out what publishers repeat, among so many documents at a time."""
    held: list[Pair | Rejected] = []
    documents = 0
    for result in results:
        held.append(result)
        documents += not isinstance(result, Rejected)
        if documents >= house:
            yield from _released(held, index)
            held, documents = [], 0
    yield from _released(held, index)


def _released(held: Sequence[Pair | Rejected], index: Index | None) -> Iterator[Pair | Rejected]:
    from provenance.house import without_repeated  # noqa: PLC0415 (see provenance.cli)

    pairs = [pair for one in held for pair in _pairs(one)]
    seen = index.seen(document.id for document, _ in pairs) if index else None
    left = iter(without_repeated([result for _, result in pairs], seen))
    for one in held:
        yield one if isinstance(one, Rejected) else (one[0], next(left))


def _pairs(one: Pair | Rejected) -> Iterator[Pair]:
    if not isinstance(one, Rejected):
        yield one
