"""`provenance index`: what was seen before, kept and asked."""

from __future__ import annotations

import json
import re
import warnings
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import DONE, ERROR, FINDINGS, Command, complain, debugging, status
from provenance.cli.inputs import STRICTNESS, read_options, reading
from provenance.cli.progress import counting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provenance.index import Added, Index
    from provenance.model import Document, Rejected, Strictness

_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdwy])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_557_600}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def index() -> None:
    """Keep what was seen before, and ask where a text's passages have been.

    An index is a file (sqlite:PATH) or in a Redis server (redis://…, with TLS rediss://…).
    """


def placed(command: Command) -> Command:
    """Add the options that say which index is meant."""
    command = click.option(
        "--namespace", default="default", show_default=True, metavar="NAME", help="Of several in one place, which."
    )(command)
    return click.option(
        "--index",
        "url",
        required=True,
        envvar="PROVENANCE_INDEX",
        metavar="URL",
        help="sqlite:PATH or redis://… (or set PROVENANCE_INDEX).",
    )(command)


@index.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES...")
@click.option("--replace", is_flag=True, help="Put documents in place of those that have their ids.")
@click.option(
    "--no-text", is_flag=True, help="Of a new index: keep fingerprints only; then rewrites are not found."
)
@click.option(
    "--jobs", type=click.IntRange(1), help="Processes that prepare documents; by default, all processors."
)
@placed
@reading
def add(
    sources: tuple[str, ...],
    url: str,
    namespace: str,
    *,
    replace: bool,
    no_text: bool,
    jobs: int | None,
    **values: Any,
) -> int:
    """Add the documents in SOURCES; what is said to be added is on the disk.

    One whose id is there with the same text is known, and nothing is done; with another text it is in conflict.
    """
    from provenance.readers import read  # noqa: PLC0415 (see provenance.cli)

    found: Counter[str] = Counter()
    rows = _usable(read(sources, read_options(values, sources)), found)
    for first in rows:  # where there is none, no index is begun
        with (
            _opened(url, namespace, create=True, text=False if no_text else None) as opened,
            counting("added") as advance,
        ):
            _tell(advance(opened.add_many(chain((first,), rows), replace=replace, jobs=jobs)), found)
    return _ended(found)


@index.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES...")
@click.option("--fail-on", multiple=True, type=click.Choice(["derived"]), help="End with status 1 when one is.")
@STRICTNESS
@placed
@reading
def check(
    sources: tuple[str, ...],
    url: str,
    namespace: str,
    *,
    fail_on: tuple[str, ...],
    strictness: Strictness,
    **values: Any,
) -> int:
    """Say of each document in SOURCES what stored ones it has to do with: one JSON record a document."""
    from provenance.readers import read  # noqa: PLC0415 (see provenance.cli)

    found: Counter[str] = Counter()
    with _opened(url, namespace) as opened:
        for document in _usable(read(sources, read_options(values, sources)), found):
            found["documents"] += 1
            row = checked(opened, document, strictness)
            found["derived"] += any(relation["derived"] for relation in row["relations"])
            _write(row)
    return status(+found, fail_on, used=found["documents"], unopened=bool(found["unopened"]))


def checked(opened: Index, document: Document, strictness: Strictness) -> dict[str, Any]:
    """Give what a check finds as one record: relations and matches, and what is known of the stored documents."""
    report = opened.check(document, strictness=strictness).to_dict()
    names = sorted({row["b"] for row in report["relations"]})
    known = {}
    for name in names:
        stored = opened.get(name)
        known[name] = {"added": stored.added, **stored.fields} if stored else None
    return {
        "id": document.id,
        "relations": report["relations"],
        "matches": report["matches"],
        "stored": known,
        "removals": report["documents"][0]["removals"],
    }


@index.command()
@click.argument("ids", nargs=-1, required=True, metavar="IDS...")
@placed
@debugging
def remove(ids: tuple[str, ...], url: str, namespace: str) -> int:
    """Remove the documents of these ids."""
    with _opened(url, namespace) as opened:
        gone = set(opened.remove(ids))
    for name in ids:
        if name not in gone:
            complain(f"{name}: no such document in the index")
    _write({"removed": len(gone)})
    return DONE if len(gone) == len(set(ids)) else ERROR


@index.command()
@click.argument("age", metavar="AGE")
@placed
@debugging
def expire(age: str, url: str, namespace: str) -> int:
    """Remove the documents that were added longer than AGE ago: 90d, 12h, 2y."""
    match = _AGE.fullmatch(age)
    if not match:
        raise click.BadParameter("an age is a number and one of s m h d w y: 90d", param_hint="AGE")
    with _opened(url, namespace) as opened:
        _write({"removed": len(opened.expire(float(match[1]) * _SECONDS[match[2]]))})
    return DONE


@index.command()
@placed
@debugging
def stats(url: str, namespace: str) -> int:
    """Say how large the index is and how it was made."""
    with _opened(url, namespace) as opened:
        _write(opened.stats())
    return DONE


@index.command()
@placed
@debugging
def verify(url: str, namespace: str) -> int:
    """Read every document and every posting, and name what is lost or wrong (status 1)."""
    from provenance.index.verify import verify as verified  # noqa: PLC0415 (see provenance.cli)

    with _opened(url, namespace) as opened:
        found = verified(opened)
    for line in found.told:
        complain(line)
    _write({"documents": found.documents, "postings": found.postings, "faults": found.faults})
    return FINDINGS if found.faults else DONE


@index.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@placed
@debugging
def export(path: Path, url: str, namespace: str) -> int:
    """Write all documents with their fingerprints to a Parquet file; what cannot be read is named (status 1)."""
    from provenance.index.carry import export as exported  # noqa: PLC0415 (see provenance.cli)

    lost: list[int] = []

    def gone(number: int, why: str) -> None:
        lost.append(number)
        complain(f"document number {number}: {why}" if number else why)

    with _opened(url, namespace) as opened:
        _write({"documents": exported(opened, path, gone), "lost": len(lost)})
    return FINDINGS if lost else DONE


@index.command("import")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Put documents in place of those that have their ids.")
@click.option("--no-text", is_flag=True, help="Of a new index: keep fingerprints only.")
@placed
@debugging
def import_(path: Path, url: str, namespace: str, *, replace: bool, no_text: bool) -> int:
    """Add the documents of an exported Parquet file.

    An index that is begun for them keeps texts if they have any, unless --no-text says not to.
    """
    from provenance.index.carry import has_texts  # noqa: PLC0415 (see provenance.cli)
    from provenance.index.carry import import_ as imported  # noqa: PLC0415

    found: Counter[str] = Counter()
    bare = no_text or (not has_texts(path) and not _begun(url, namespace))
    with _opened(url, namespace, create=True, text=False if bare else None) as opened:
        _tell(imported(opened, path, replacing=replace), found)
    return _ended(found)


@index.command()
@click.option("--to", required=True, metavar="URL", help="Where the new index is made.")
@click.option("--to-namespace", default="default", show_default=True, metavar="NAME", help="Its namespace.")
@placed
@debugging
def migrate(url: str, namespace: str, to: str, to_namespace: str) -> int:
    """Fingerprint an index of other settings anew, into a new one; it must keep texts, and is left as it is."""
    from provenance.index.carry import migrate as migrated  # noqa: PLC0415 (see provenance.cli)
    from provenance.stores import same_place  # noqa: PLC0415

    found: Counter[str] = Counter()
    if namespace == to_namespace and same_place(url, to):
        raise click.BadParameter("the new index needs a place of its own", param_hint="--to")
    with _opened(to, to_namespace, create=True) as opened:
        _tell(migrated(url, namespace, opened), found)
    return _ended(found)


@index.command()
@click.option("--drop", is_flag=True, help="Remove the documents whose records cannot be read.")
@placed
@debugging
def repair(url: str, namespace: str, *, drop: bool) -> int:
    """Make all postings anew from the documents; name those that cannot be read (status 1 where they stay)."""
    with _opened(url, namespace) as opened:
        unread = opened.repair(drop=drop)
    for name in unread:
        complain(f"{name}: its record cannot be read{'; it was removed' if drop else ''}")
    _write({"unread": len(unread), "removed": len(unread) if drop else 0})
    return FINDINGS if unread and not drop else DONE


@index.command()
@placed
@debugging
def compact(url: str, namespace: str) -> int:
    """Join all runs, drop what was removed, and give back space."""
    with _opened(url, namespace) as opened:
        _write(dict(opened.compact()))
    return DONE


def seen_before(url: str | None, namespace: str) -> AbstractContextManager[Index | None]:
    """Give the index that another command is to look into; None where none was named."""
    return nullcontext() if url is None else _opened(url, namespace)


def _opened(url: str, namespace: str, *, create: bool = False, text: bool | None = None) -> Index:
    from provenance.errors import DamageWarning  # noqa: PLC0415 (see provenance.cli)
    from provenance.index import Index  # noqa: PLC0415

    warnings.simplefilter("always", DamageWarning)
    warnings.showwarning = lambda message, *_where: complain(str(message))
    return Index.open(url, namespace, text=text, create=create)


def _begun(url: str, namespace: str) -> bool:
    """Say whether there is an index already."""
    from provenance.errors import StoreError  # noqa: PLC0415 (see provenance.cli)

    try:
        _opened(url, namespace).close()
    except StoreError:
        return False
    return True


def _usable(inputs: Iterable[Document | Rejected], found: Counter[str]) -> Iterator[Document]:
    """Give the documents, and complain of the rest."""
    from provenance.model import Rejected  # noqa: PLC0415 (see provenance.cli)
    from provenance.readers import Unopened  # noqa: PLC0415

    for item in inputs:
        if isinstance(item, Rejected):
            found["rejected"] += 1
            found["unopened"] += isinstance(item, Unopened)
            complain(f"{item.source}: {item.error}")
        else:
            yield item


def _tell(rows: Iterable[Added], found: Counter[str]) -> None:
    for row in rows:
        found[row.status] += 1
        if row.status == "conflict":
            complain(f"{row.id}: it is in the index with another text (--replace puts this one in its place)")


def _ended(found: Counter[str]) -> int:
    """Write what became of documents, and give the exit status: an error where one could not be used or added."""
    _write(dict(found))
    used = sum(found[name] for name in ("added", "replaced", "known", "conflict", "superseded"))
    return ERROR if found["conflict"] or found["unopened"] or not used else DONE


def _write(row: dict[str, Any]) -> None:
    click.echo(json.dumps(row, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))
