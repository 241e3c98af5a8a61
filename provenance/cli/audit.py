"""`provenance audit`: a batch in, a report out."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import complain, status, visible
from provenance.cli.inputs import STRICTNESS, read_options, reading
from provenance.cli.progress import staged

if TYPE_CHECKING:
    from provenance.model import DocumentRelation, Strictness
    from provenance.report.audit import Audit


LINES = 50  # of one kind on a terminal; the report has all


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES...")
@click.option(
    "--against",
    multiple=True,
    metavar="PATH",
    help="Documents to compare with, but not to report on among themselves. Repeatable.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="report",
    show_default=True,
    metavar="FOLDER",
    help="Where report.json and report.html go; made if it is not there.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["summary", "json", "jsonl"]),
    default="summary",
    show_default=True,
    help="On standard output: a summary, the whole report, or one relation a line.",
)
@STRICTNESS
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["derived", "removed", "rejected"]),
    help="End with status 1 when a document is derived, a span removed, an input rejected. Repeatable.",
)
@reading
def audit(
    *,
    sources: tuple[str, ...],
    against: tuple[str, ...],
    out: Path,
    form: str,
    strictness: Strictness,
    fail_on: tuple[str, ...],
    **values: Any,
) -> int:
    """Find what is not the article in SOURCES, and which passages they share.

    SOURCES are files, folders, or - for standard input.
    """
    from provenance.pipeline import audit as audit_batch  # noqa: PLC0415 (see provenance.cli)
    from provenance.readers import Unopened, read  # noqa: PLC0415

    options = read_options(values, (*sources, *against))
    with staged() as progress:
        result = audit_batch(
            read(sources, options), against=read(against, options), strictness=strictness, progress=progress
        )
    _name_rejected(result)
    folder = result.write(out)
    WRITERS[form](result)
    click.echo(f"report: {visible(str(Path(folder, 'report.html')))}", err=True)
    unopened = any(isinstance(row, Unopened) for row in result.rejected)
    return status(_found(result), fail_on, used=len(result.documents), unopened=unopened)


def _name_rejected(result: Audit) -> None:
    """Say what could not be used; of a great many only some, for the report lists them all."""
    from provenance.readers import Unopened  # noqa: PLC0415 (see provenance.cli)

    rows = list(result.rejected)
    if len(rows) > LINES:  # what the user named goes first
        rows.sort(key=lambda row: not isinstance(row, Unopened))
    for row in rows[:LINES]:
        complain(f"{row.source}: {row.error}")
    if len(rows) > LINES:
        complain(f"… and {len(rows) - LINES:,} more that could not be used; report.json lists all")


def _found(result: Audit) -> set[str]:
    present = {
        "derived": any(relation.derived for relation in result.relations),
        "removed": any(row.cleaned.removals for row in result.documents),
        "rejected": bool(result.rejected),
    }
    return {name for name, is_so in present.items() if is_so}


def _write_json(result: Audit) -> None:
    click.echo(json.dumps(result.to_dict(), ensure_ascii=False, allow_nan=False).encode())


def _write_jsonl(result: Audit) -> None:
    for relation in result.to_dict()["relations"]:
        click.echo(json.dumps(relation, ensure_ascii=False, allow_nan=False).encode())


def _write_summary(result: Audit) -> None:
    removals = [removal for row in result.documents for removal in row.cleaned.removals]
    reasons = Counter(removal.reason for removal in removals)
    named = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    derived = sorted((r for r in result.relations if r.derived), key=lambda r: (-r.score, r.a, r.b))
    lines = [
        f"documents  {len(result.documents)}" + (f" ({len(result.rejected)} rejected)" if result.rejected else ""),
        f"removed    {len(removals)} spans" + (f": {named}" if named else ""),
        f"matches    {len(result.matches)}",
        f"derived    {len(derived)} pairs",
        *(f"  {_relation(relation)}" for relation in derived[:LINES]),
    ]
    if len(derived) > LINES:
        lines.append(f"  … and {len(derived) - LINES:,} more; the report has all")
    click.echo("\n".join(lines).encode())


def _relation(relation: DocumentRelation) -> str:
    earlier = f", earlier: {relation.earlier} ({relation.reason})" if relation.earlier else ""
    return visible(f"{relation.kind} {relation.score:.2f}  {relation.a} and {relation.b}{earlier}")


WRITERS = {"json": _write_json, "jsonl": _write_jsonl, "summary": _write_summary}
