"""What an audit says on the terminal: its findings, and what could not be used."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from provenance.cli.exits import complain, visible

if TYPE_CHECKING:
    from provenance.model import DocumentRelation
    from provenance.report.audit import Audit

LINES = 50  # of one kind on a terminal; the report has all


def name_rejected(result: Audit) -> None:
    """Say what could not be used; of a great many only some, for the report lists them all."""
    from provenance.readers import Unopened  # noqa: PLC0415 (see provenance.cli)

    rows = list(result.rejected)
    if len(rows) > LINES:  # what the user named goes first
        rows.sort(key=lambda row: not isinstance(row, Unopened))
    for row in rows[:LINES]:
        complain(f"{row.source}: {row.error}")
    if len(rows) > LINES:
        complain(f"… and {len(rows) - LINES:,} more that could not be used; report.json lists all")


def name_stale(result: Audit) -> None:
    """Say which decisions found no place, and which may be of another text; of a great many only some."""
    outcomes = result.review.outcomes if result.review else ()
    rows = [row for row in outcomes if row.status == "stale"]
    for row in rows[:LINES]:
        complain(f"decision {row.decision.number} is stale: {row.reason}")
    if len(rows) > LINES:
        complain(f"… and {len(rows) - LINES:,} more that are stale; report.json lists all")
    unsure = [row.decision.number for row in outcomes if row.unsure]
    if unsure:
        named = ", ".join(map(str, unsure[:LINES])) + (", …" if len(unsure) > LINES else "")
        complain(f"applied without the digest of a document, so to whatever its text now is: decision {named}")


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
        *_records(result),
        f"derived    {len(derived)} pairs",
        *(f"  {_relation(relation)}" for relation in derived[:LINES]),
    ]
    if len(derived) > LINES:
        lines.append(f"  … and {len(derived) - LINES:,} more; the report has all")
    click.echo("\n".join(lines).encode())


def _records(result: Audit) -> list[str]:
    """Give the lines of what was reviewed and of what has changed, where that was asked for."""
    lines = []
    if result.review is not None:
        counts = result.review.counts()
        told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        lines.append(f"decisions  {len(result.review.outcomes)}" + (f": {told}" if told else ""))
    if result.changes is not None:
        parts = {name: result.changes[name] for name in ("documents", "relations", "matches", "removals")}
        told = ", ".join(f"{name} +{len(part['new'])} -{len(part['gone'])}" for name, part in parts.items())
        lines.append(f"changes    {told}")
    return lines


def _relation(relation: DocumentRelation) -> str:
    decided = f", {relation.decision} by review" if relation.decision else ""
    earlier = f", earlier: {relation.earlier} ({relation.reason})" if relation.earlier else ""
    return visible(f"{relation.kind} {relation.score:.2f}  {relation.a} and {relation.b}{earlier}{decided}")


WRITERS = {"json": _write_json, "jsonl": _write_jsonl, "summary": _write_summary}
