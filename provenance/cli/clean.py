"""`provenance clean`: documents in, their text without what is not the article out, one at a time."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import complain, status
from provenance.cli.index import seen_before
from provenance.cli.inputs import STRICTNESS, own_names, read_options, reading
from provenance.cli.progress import counting
from provenance.cli.writers import WRITERS, Ledger, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.cli.stream import Pair
    from provenance.model import Rejected, Strictness

_MEANT = {"0": "\0", "f": "\f", "n": "\n", "t": "\t", "\\": "\\"}
_ESCAPED = re.compile(r"\\([0fnt\\])")


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCES]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(WRITERS)),
    default="jsonl",
    show_default=True,
    help="jsonl: a record each, with its ledger; text, markdown: what is left; table: what went, in numbers.",
)
@click.option(
    "--separator",
    metavar="TEXT",
    help=r"What --format text writes between two texts, in place of an empty line: '---\n', '\0', '\f'.",
)
@STRICTNESS
@click.option(
    "--house",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Also take out what a publisher repeats, looked for among N documents at a time (held in memory).",
)
@click.option(
    "--index",
    "index_url",
    metavar="URL",
    help="Also take out what a publisher repeats in the documents of an index: sqlite:PATH or redis://…",
)
@click.option(
    "--namespace", default="default", show_default=True, metavar="NAME", help="Of several indexes, which."
)
@click.option(
    "--ledger",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write each document's removals to FILE as JSON Lines, and the totals to standard error.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that clean; 0 for as many as there are processors. The order is kept.",
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["removed", "rejected"]),
    help="End with status 1 when something was removed, or an input rejected. Repeatable.",
)
@reading
def clean(
    *,
    sources: tuple[str, ...],
    form: str,
    separator: str | None,
    strictness: Strictness,
    house: int,
    ledger: str | None,
    jobs: int,
    fail_on: tuple[str, ...],
    **values: Any,
) -> int:
    """Take what is not the article out of SOURCES, with a ledger of every removal.

    SOURCES are files, folders, or - for standard input, which is also the default. JSON Lines keep the
    fields this program does not know. Documents are read, cleaned and written one at a time.
    """
    from provenance.cli.stream import cleaned  # noqa: PLC0415 (see provenance.cli)
    from provenance.readers import read  # noqa: PLC0415

    found: Counter[str] = Counter()
    names = sources or ("-",)
    if separator is not None and form != "text":
        raise click.UsageError("--separator divides texts: it needs --format text")
    headed = separator is None and (_several(names) if form == "text" else names != ("-",))
    if ledger:
        _apart(ledger, names)
    if not sources and sys.stdin is not None and sys.stdin.isatty():
        complain("reading standard input, to its end (Ctrl-D); name files or folders to read those")
    with ExitStack() as stack:
        book = Ledger(stack.enter_context(open(ledger, "wb")) if ledger else None)  # noqa: PTH123 (click's own path)
        advance = stack.enter_context(counting("cleaned"))
        items = read(names, read_options(values, names))
        processes = jobs or len(os.sched_getaffinity(0))
        index = stack.enter_context(seen_before(values["index_url"], values["namespace"]))
        rows = _noted(cleaned(items, strictness, jobs=processes, house=house, index=index), book, found)
        WRITERS[form](advance(_known_once(rows)), Shape(own_names(values), headed, _plain(separator)))
    if ledger:
        complain(book.totals())
    return status(+found, fail_on, used=found["documents"], unopened=bool(found["unopened"]))


def _several(sources: Sequence[str]) -> bool:
    """Say whether the sources are several files: the documents of one need no file's name above them."""
    return len(sources) > 1 or Path(sources[0]).is_dir()


def _plain(separator: str | None) -> str | None:
    r"""Give a separator as it is meant: \0, \f, \n, \t and \\ are hard to write in a shell."""
    return None if separator is None else _ESCAPED.sub(lambda found: _MEANT[found[1]], separator)


def _apart(ledger: str, sources: Iterable[str]) -> None:
    """Refuse a ledger that would be written over, or read as, one of the sources."""
    place = Path(ledger).resolve()
    for source in sources:
        if source != "-" and place.is_relative_to(Path(source).resolve()):
            raise click.BadParameter(f"{ledger!r} lies among the sources, in {source!r}", param_hint="--ledger")


def _noted(results: Iterable[Pair | Rejected], book: Ledger, found: Counter[str]) -> Iterator[Pair]:
    """Pass the documents on, complain of what was rejected, and write both down; count them in `found`."""
    from provenance.model import Rejected  # noqa: PLC0415 (see provenance.cli)
    from provenance.readers import Unopened  # noqa: PLC0415

    for one in results:
        if isinstance(one, Rejected):
            found["rejected"] += 1
            found["unopened"] += isinstance(one, Unopened)
            complain(f"{one.source}: {one.error}")
            book.reject(one)
            continue
        found["documents"] += 1
        found["removed"] += len(one[1].removals)
        book.note(*one)
        yield one
    if found["rejected"] > 1:
        complain(f"{found['rejected']:,} inputs could not be used")


def _known_once(rows: Iterable[Pair]) -> Iterator[Pair]:
    """Pass the documents on, and complain of an id that was met before.

    The record is kept: to clean it, its id need not be its own. Hashes of 64 bits are held instead of the
    ids, so that millions of records fit; among a million, two ids share one with odds of 1 in 37 million.
    """
    seen: set[int] = set()
    for document, cleaned in rows:
        known = hash(document.id)
        if known in seen:
            complain(f"{document.source or document.id}: the id {document.id!r} was given before; it is kept")
        seen.add(known)
        yield document, cleaned
