"""`provenance compare`: what two documents are to each other, and on which passages."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import DONE, FINDINGS, visible
from provenance.cli.inputs import read_options, reading
from provenance.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.text import Text

    from provenance.model import Document, Relation, Span, SpanPair
    from provenance.readers import ReadOptions

COLOURS = {"copied": "red", "edited": "yellow", "rewritten": "cyan", "quote": "magenta"}


@click.command()
@click.argument("a")
@click.argument("b")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text: the verdict and the passages one above the other; json: the relation as one object.",
)
@click.option(
    "--fail-on", multiple=True, type=click.Choice(["derived"]), help="End with status 1 for derived texts."
)
@reading
def compare(a: str, b: str, form: str, fail_on: tuple[str, ...], **values: Any) -> int:
    """Compare the documents A and B as they stand: a file each, or - for standard input.

    Nothing is removed first; of a page, the visible text is compared.
    """
    from provenance.compare import compare as compare_texts  # noqa: PLC0415 (see provenance.cli)

    options = read_options(values, (a, b))
    sides = _only(a, options), _only(b, options)
    relation = compare_texts(*sides)
    (_write_json if form == "json" else _write_text)(sides, relation)
    return FINDINGS if relation.derived and fail_on else DONE


def _only(name: str, options: ReadOptions) -> Document:
    """Give the one document of a source, a page as its visible text; raises InputError without one."""
    from dataclasses import replace  # noqa: PLC0415 (see provenance.cli)
    from itertools import islice  # noqa: PLC0415

    from provenance.clean import clean  # noqa: PLC0415
    from provenance.model import Rejected  # noqa: PLC0415
    from provenance.readers import read  # noqa: PLC0415

    found = list(islice(read([name], options), 2))
    for item in found:
        if isinstance(item, Rejected):
            raise InputError(item.source, item.error)
    if len(found) > 1:
        raise InputError(name, "more than one document; compare takes one a side, audit takes many")
    document = next(item for item in found if not isinstance(item, Rejected))
    return (
        replace(document, text=clean(document.text, html=True).source, html=False) if document.html else document
    )


def _side(document: Document, span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": document.text[span.start : span.end]}


def _write_json(sides: tuple[Document, Document], relation: Relation) -> None:
    a, b = sides
    result = {
        "a": a.id,
        "b": b.id,
        "kind": relation.kind,
        "score": relation.score,
        "derived": relation.derived,
        "chance": relation.chance,
        "earlier": relation.earlier,
        "reason": relation.reason,
        "evidence": dict(relation.evidence),
        "spans": [
            {"a": _side(a, pair.a), "b": _side(b, pair.b), "kind": pair.kind, "score": pair.score}
            for pair in relation.spans
        ],
    }
    click.echo(json.dumps(result, ensure_ascii=False, allow_nan=False).encode())


def _write_text(sides: tuple[Document, Document], relation: Relation) -> None:
    """Write the verdict, then the passages, A above B, with the words that both have in colour."""
    from rich.console import Console  # noqa: PLC0415 (see provenance.cli)
    from rich.text import Text  # noqa: PLC0415

    from provenance.report.wording import count  # noqa: PLC0415

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    verdict = "derived" if relation.derived else "not derived"
    found = count(len(relation.spans), "passage")
    console.print(Text(f"{relation.kind}, {verdict}, score {relation.score:.2f}, {found}", style="bold"))
    for label, document in zip("AB", sides, strict=True):
        console.print(Text.assemble((f"{label}  ", "bold"), visible(document.id)))
    if relation.reason:
        console.print(Text(visible(relation.reason)))
    for number, pair in enumerate(relation.spans, 1):
        colour = COLOURS[pair.kind]
        console.print(Text.assemble("\n", (f"{number}  {pair.kind} {pair.score:.2f}", f"bold {colour}")))
        for label, passage in zip("AB", _marked(sides, pair, colour), strict=True):
            _print_passage(console, label, passage)


def _marked(sides: tuple[Document, Document], pair: SpanPair, colour: str) -> Iterator[Text]:
    """Give both passages of a pair, each after its place, with the words in colour that both have."""
    from rich.text import Text  # noqa: PLC0415 (see provenance.cli)

    from provenance.report.marks import common_words  # noqa: PLC0415

    spans = (pair.a, pair.b)
    # Lines as they were would break the columns; a passage is one paragraph here.
    a, b = (" ".join(side.text[span.start : span.end].split()) for side, span in zip(sides, spans, strict=True))
    for span, runs in zip(spans, common_words(a, b), strict=True):
        words = ((visible(run.text), f"bold {colour}" if run.common else "") for run in runs)
        yield Text.assemble((f"{span.start}-{span.end}  ", "dim"), *words)


def _print_passage(console: Console, label: str, passage: Text) -> None:
    """Print a passage beside its label: on a terminal in lines that fit, else as one line."""
    from rich.text import Text  # noqa: PLC0415 (see provenance.cli)

    lines = list(passage.wrap(console, max(20, console.width - 4))) if console.is_terminal else [passage]
    for number, line in enumerate(lines):
        line.rstrip()
        console.print(Text.assemble((f"{' ' if number else label}  ", "bold"), line))
