"""`provenance clean`: documents in, their text without what is not the article out, one at a time."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import complain, status, visible
from provenance.cli.inputs import STRICTNESS, read_options, reading
from provenance.cli.progress import counting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provenance.model import Cleaned, Document, Rejected, Strictness


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCES]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "text", "table"]),
    default="jsonl",
    show_default=True,
    help="jsonl: a record a document, with the ledger; text: what is left; table: what went, in numbers.",
)
@STRICTNESS
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["removed", "rejected"]),
    help="End with status 1 when something was removed, or an input rejected. Repeatable.",
)
@reading
def clean(
    sources: tuple[str, ...],
    form: str,
    strictness: Strictness,
    fail_on: tuple[str, ...],
    **values: Any,
) -> int:
    """Take what is not the article out of SOURCES, with a ledger of every removal.

    SOURCES are files, folders, or - for standard input, which is also the default. JSON Lines keep the
    fields this program does not know. Documents are read, cleaned and written one at a time.
    """
    from provenance.readers import read  # noqa: PLC0415 (see provenance.cli)

    found: Counter[str] = Counter()
    names = sources or ("-",)
    if not sources and sys.stdin is not None and sys.stdin.isatty():
        complain("reading standard input, to its end (Ctrl-D); name files or folders to read those")
    with counting("cleaned") as advance:
        rows = _cleaned(read(names, read_options(values, names)), strictness, found)
        WRITERS[form](advance(_known_once(rows)))
    return status(+found, fail_on, used=found["documents"], unopened=bool(found["unopened"]))


def _cleaned(
    inputs: Iterable[Document | Rejected], strictness: Strictness, found: Counter[str]
) -> Iterator[tuple[Document, Cleaned]]:
    """Give each document with its ledger; complain of the others; count both in `found`."""
    from provenance.clean import clean as clean_text  # noqa: PLC0415 (see provenance.cli)
    from provenance.errors import InputError  # noqa: PLC0415
    from provenance.model import Rejected  # noqa: PLC0415
    from provenance.readers import Unopened  # noqa: PLC0415

    for item in inputs:
        if isinstance(item, Rejected):
            found["rejected"] += 1
            found["unopened"] += isinstance(item, Unopened)
            complain(f"{item.source}: {item.error}")
            continue
        try:
            result = clean_text(item.text, html=item.html, publisher=item.publisher, strictness=strictness)
        except InputError as error:
            found["rejected"] += 1
            complain(f"{item.source or item.id}: {error.error}")
            continue
        found["documents"] += 1
        found["removed"] += len(result.removals)
        yield item, result


def _known_once(rows: Iterable[tuple[Document, Cleaned]]) -> Iterator[tuple[Document, Cleaned]]:
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


def _write_jsonl(rows: Iterable[tuple[Document, Cleaned]]) -> None:
    for document, cleaned in rows:
        # The record's own fields first: ours take the place of those of an earlier cleaning.
        record = dict(document.extra) | {
            "id": document.id,
            "text": cleaned.text,
            "title": document.title or cleaned.title,
            "publisher": document.publisher or cleaned.publisher,
            "url": document.url or cleaned.url,
            "published": document.published or cleaned.published,
            "language": document.language or cleaned.language,
            "flags": list(cleaned.flags),
            "removals": [asdict(removal) for removal in cleaned.removals],
        }
        click.echo(json.dumps(record, ensure_ascii=False, allow_nan=False).encode())


def _write_text(rows: Iterable[tuple[Document, Cleaned]]) -> None:
    """Write the texts, under headings as of head(1) when there is more than one."""
    rows = iter(rows)
    first = list(islice(rows, 2))
    for number, (document, cleaned) in enumerate(chain(first, rows)):
        if len(first) > 1:
            heading = f"==> {visible(document.id)} <=="
            click.echo((f"\n{heading}" if number else heading).encode())
        click.echo(cleaned.text.encode(), nl=not cleaned.text.endswith("\n"))


def _write_table(rows: Iterable[tuple[Document, Cleaned]]) -> None:
    total: Counter[str] = Counter()
    click.echo(f"{'characters':>10}  {'removed':>10}  document: reasons")
    for document, cleaned in rows:
        reasons = Counter(removal.reason for removal in cleaned.removals)
        gone = len(cleaned.source) - len(cleaned.text)
        total.update(reasons)
        named = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common()) or "nothing"
        click.echo(f"{len(cleaned.source):>10,}  {gone:>10,}  {visible(document.id)}: {named}".encode())
    named = ", ".join(f"{reason} {count}" for reason, count in total.most_common()) or "nothing"
    click.echo(f"all: {named}")


WRITERS = {"jsonl": _write_jsonl, "text": _write_text, "table": _write_table}
