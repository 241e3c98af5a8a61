"""What `provenance clean` writes: records, text, Markdown or a table, and the ledger beside them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any

import click

from provenance.cli.exits import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from provenance.cli.stream import Pair
    from provenance.model import Cleaned, Document, Rejected


def record(document: Document, cleaned: Cleaned, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Give a cleaned document as a record: its own unknown fields, the text that is left, and the ledger.

    `names` are those that the record has for text, title and so on, where they are others than ours.
    """
    number = next(
        (value for value in document.extra.values() if type(value) is int and str(value) == document.id), None
    )
    own = {
        "id": document.id if number is None else number,
        "text": cleaned.text,
        "title": document.title or cleaned.title,
        "publisher": document.publisher or cleaned.publisher,
        "url": document.url or cleaned.url,
        "published": document.published or cleaned.published,
        "language": document.language or cleaned.language,
        "author": document.extra.get((names or {}).get("author", "author")) or document.author or cleaned.author,
        "flags": list(cleaned.flags),
        "removals": [asdict(removal) for removal in cleaned.removals],
    }
    # The record's own fields first: ours take the place of those of an earlier cleaning.
    return dict(document.extra) | {(names or {}).get(name, name): value for name, value in own.items()}


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def _json(value: Any) -> bytes:
    return _ENCODER.encode(value).encode()


@dataclass(frozen=True, slots=True)
class Shape:
    """How the output is shaped: the records' own names for our fields, and what stands between documents.

    `headed` says whether each begins with its name; `separator` is what divides texts instead.
    """

    names: Mapping[str, str]
    headed: bool
    separator: str | None = None


def _write_jsonl(rows: Iterable[Pair], shape: Shape) -> None:
    for document, cleaned in rows:
        click.echo(_json(record(document, cleaned, shape.names)))


def _write_text(rows: Iterable[Pair], shape: Shape) -> None:
    """Write the texts, under headings as of head(1) where these are asked for and there is more than one."""
    headed = (lambda name: f"==> {name} <==") if shape.headed else None
    _write_each(rows, headed, lambda _, cleaned: cleaned.text, shape.separator)


def _write_markdown(rows: Iterable[Pair], shape: Shape) -> None:
    """Write Markdown, under comments that name the documents, as for text."""
    from provenance.cli.markdown import markdown  # noqa: PLC0415 (see provenance.cli)

    def written(document: Document, cleaned: Cleaned) -> str:
        return markdown(cleaned, document.text if document.html else None, document.title)

    headed = (lambda name: f"<!-- {name.replace('--', '- -')} -->\n") if shape.headed else None
    _write_each(rows, headed, written)


def _write_each(
    rows: Iterable[Pair],
    headed: Callable[[str], str] | None,
    written: Callable[[Document, Cleaned], str],
    separator: str | None = None,
) -> None:
    """Write documents with an empty line, or the separator, between them; without headings each as it comes."""
    rows = iter(rows)
    first = list(islice(rows, 2 if headed else 0))
    for number, (document, cleaned) in enumerate(chain(first, rows)):
        if number:
            click.echo((separator or "").encode(), nl=separator is None)
        if headed and len(first) > 1:
            click.echo(headed(visible(document.id)).encode())
        text = written(document, cleaned)
        click.echo(text.encode(), nl=not text.endswith("\n"))


def _write_table(rows: Iterable[Pair], _shape: Shape) -> None:
    total: Counter[str] = Counter()
    click.echo(f"{'characters':>10}  {'removed':>10}  document: reasons")
    for document, cleaned in rows:
        reasons: Counter[str] = Counter(removal.reason for removal in cleaned.removals)
        gone = len(cleaned.source) - len(cleaned.text)
        total.update(reasons)
        click.echo(f"{len(cleaned.source):>10,}  {gone:>10,}  {visible(document.id)}: {named(reasons)}".encode())
    click.echo(f"all: {named(total)}")


def named(reasons: Counter[str]) -> str:
    """Give counted reasons in words, the most frequent first."""
    return ", ".join(f"{reason} {count}" for reason, count in reasons.most_common()) or "nothing"


WRITERS: dict[str, Callable[[Iterable[Pair], Shape], None]] = {
    "jsonl": _write_jsonl,
    "text": _write_text,
    "markdown": _write_markdown,
    "table": _write_table,
}


class Ledger:
    """A file with a row for each document or rejected input, written as they pass; and their totals."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self.file = file
        self.reasons: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def note(self, document: Document, cleaned: Cleaned) -> None:
        """Write what was removed from a document: offsets count code points of the text as it was given.

        For a page they count in its visible text. `characters` is the length of what they count in.
        """
        self.counts["documents"] += 1
        self.counts["characters"] += len(cleaned.source)
        self.counts["left"] += len(cleaned.text)
        self.reasons.update(removal.reason for removal in cleaned.removals)
        removals = [asdict(removal) for removal in cleaned.removals]
        row = {"id": document.id, "source": document.source, "characters": len(cleaned.source)}
        self._write(row | {"left": len(cleaned.text), "flags": list(cleaned.flags), "removals": removals})

    def reject(self, rejected: Rejected) -> None:
        """Write what could not be used, and why."""
        self.counts["rejected"] += 1
        self._write({"source": rejected.source, "error": rejected.error})

    def totals(self) -> str:
        """Give the totals in one line."""
        counts = self.counts
        gone = counts["characters"] - counts["left"]
        return (
            f"{counts['documents']:,} documents, {counts['rejected']:,} rejected; "
            f"{gone:,} of {counts['characters']:,} characters removed: {named(self.reasons)}"
        )

    def _write(self, row: dict[str, Any]) -> None:
        if self.file is not None:
            self.file.write(_json(row) + b"\n")
