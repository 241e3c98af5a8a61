"""Documents through cleaning as a stream: in order, in memory that does not grow, by one process or several."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from provenance.model import Cleaned, Document, Rejected

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from provenance.index import Index
    from provenance.model import Strictness

Item = Document | Rejected
Pair = tuple[Document, Cleaned]
Work = Callable[[Sequence[Item]], list[Pair | Rejected]]

TOGETHER = 50  # documents that travel to a worker at once, and
CHARACTERS = 1_000_000  # how much text at most: a worker given more keeps the others waiting
KILLED = "the process that cleaned it was killed, twice: for want of memory, or from outside"
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


def _spread(work: Work, items: Iterable[Item], jobs: int) -> Generator[list[Pair | Rejected]]:
    """Yield work(chunk) for chunks of the items, in order, by several processes; never many chunks ahead.

    Workers are started anew, not forked: a bar that is drawn meanwhile has a thread, and forks inherit its locks.
    Where one is killed all end, and what they had is tried again.
    """
    chunks = _chunks(items)
    pool = _pool(jobs)
    try:
        waiting = deque((chunk, _begun(pool, work, chunk)) for chunk in islice(chunks, AHEAD * jobs))
        while waiting:
            try:
                done = waiting[0][1].result()
            except BrokenProcessPool:
                pool.shutdown()
                yield from _again(work, [chunk for chunk, _ in waiting])
                waiting.clear()
                pool = _pool(jobs)
            else:
                waiting.popleft()
                yield done
            more = islice(chunks, AHEAD * jobs - len(waiting))
            waiting.extend((chunk, _begun(pool, work, chunk)) for chunk in more)
    finally:
        pool.shutdown(cancel_futures=True)


def _again(work: Work, chunks: Iterable[Sequence[Item]]) -> Generator[list[Pair | Rejected]]:
    """Yield work(chunk) by one process, for each item alone where that is killed; reject what ends it alone."""
    pool = _pool(1)
    try:
        for chunk in chunks:
            parts = deque([chunk])
            while parts:
                part = parts.popleft()
                try:
                    done = pool.submit(work, part).result()
                except BrokenProcessPool:
                    pool.shutdown()
                    pool = _pool(1)
                    if len(part) > 1:
                        parts.extend([item] for item in part)
                        continue
                    done = [Rejected(part[0].source or _name(part[0]), KILLED)]
                yield done
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_leave_interrupts)


def _begun(pool: ProcessPoolExecutor, work: Work, chunk: Sequence[Item]) -> Future[list[Pair | Rejected]]:
    """Begin work on a chunk; where the pool has just broken, it is broken for this chunk too."""
    try:
        return pool.submit(work, chunk)
    except BrokenProcessPool as error:
        failed: Future[list[Pair | Rejected]] = Future()
        failed.set_exception(error)
        return failed


def _name(item: Item) -> str:
    return item.id if isinstance(item, Document) else item.source


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
