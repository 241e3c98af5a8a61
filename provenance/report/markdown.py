"""The audit in Markdown, short enough for a pull request or a mail; report.json has all of it.

Titles, ids and texts come from others and stand in code spans, in which nothing is carried out: no markup, no
link, no mention of a person, no reference to an issue.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

from provenance.report.decisions import KINDS
from provenance.report.pages import title
from provenance.report.pairs import Name
from provenance.report.review import Status
from provenance.report.verdict import verdict
from provenance.report.wording import REASONS, RELATIONS, count, percent, score, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from provenance.model import AuditedDocument
    from provenance.report.audit import Audit

ROWS, LONGEST = 25, 120  # of a table, and code points of a name


def summary(audit: Audit) -> str:
    """Give the audit as Markdown (GitHub's dialect, readable as it is)."""
    parts = [_verdict(audit), _pairs(audit), _removals(audit), _review(audit), _changes(audit), _rejected(audit)]
    return "\n\n".join(filter(None, parts)) + "\n\n" + _CAVEAT + "\n"


_CAVEAT = "A match is evidence, not proof. The figures lead to their evidence in report.html; report.json has all."


def code(text: str, *, cell: bool = True) -> str:
    r"""Give any text as a code span that ends where it should, on one line and without control characters.

    A bar would end a table's cell even in a code span, and is escaped, as tables have it; one after a backslash,
    of which readers make different things, stands by its number.

    >>> print(code("a `b`|\n@c"), code("\\|"), code("a|b", cell=False))
    ``a `b`\| @c`` `\[U+007C]` `a|b`
    """
    line = " ".join(text.split())
    shown = "".join(f"[U+{ord(one):04X}]" if unicodedata.category(one) in _UNSEEN else one for one in line)
    shown = shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
    if cell:
        shown = shown.replace("\\|", "\\[U+007C]").replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    padding = " " if shown.startswith("`") or shown.endswith("`") or not shown else ""
    return f"{fence}{padding}{shown or '(empty)'}{padding}{fence}"


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def _verdict(audit: Audit) -> str:
    names = {row.document.id: Name(row.document.id, code(title(row), cell=False)) for row in audit.documents}
    found = verdict(audit, names)
    length = sum(len(row.cleaned.source) for row in audit.documents)
    removed = sum(span.end - span.start for row in audit.documents for span in row.cleaned.removals)
    read = f"documents read: {len(audit.documents):,}, rejected: {len(audit.rejected):,}"
    if audit.compared_with:
        read += f", only compared with: {len(audit.compared_with):,}"
    derived = sum(row.derived for row in audit.relations)
    told = f"derived pairs: {derived:,}, passages in common: {len(audit.matches):,}"
    counted = f"{read}, {told}, characters removed: {percent(removed, length)} of {length:,}"
    said = " ".join((f"**{found.headline}**", *found.remarks))
    return f"# Provenance audit\n\n{said}\n\n{counted[0].upper()}{counted[1:]}."


def _pairs(audit: Audit) -> str:
    derived = sorted((row for row in audit.relations if row.derived), key=lambda row: (-row.score, row.a, row.b))
    passages = Counter(frozenset((match.a.doc, match.b.doc)) for match in audit.matches)
    documents = {row.document.id: row for row in (*audit.documents, *audit.compared_with)}
    rows = [
        (
            *(_called(doc, documents) for doc in (row.a, row.b)),
            {row.a: "a", row.b: "b"}.get(row.earlier or "", "undecided"),
            RELATIONS.get(row.kind, words(row.kind)).lower(),
            score(row.score),
            _odds(row.chance),
            str(passages[frozenset((row.a, row.b))]),
            words(row.decision).lower() if row.decision else "",
        )
        for row in derived[: ROWS + 1]
    ]
    head = ("a", "b", "earlier", "relation", "score", "by chance", "passages", "decision")
    return _section("Derived pairs", head, rows, len(derived))


def _called(doc: str, documents: Mapping[str, AuditedDocument]) -> str:
    """Give a document's id, after its title if it has one."""
    row = documents.get(doc)
    named = (row.document.title or row.cleaned.title or "") if row else ""
    return f"{code(named)} ({code(doc)})" if named.strip() and named != doc else code(doc)


def _odds(chance: float) -> str:
    """Give how many matches as strong unrelated texts would give, for a cell: in how many such batches one."""
    if chance <= 0:
        return "not estimated"
    if chance >= 0.5:
        return f"about {chance:,.0f}"
    return "under 1 in 1,000,000" if chance < 1e-6 else f"1 in {float(f'{1 / chance:.2g}'):,.0f}"


def _removals(audit: Audit) -> str:
    spans, characters = Counter[str](), Counter[str]()
    for removal in (removal for row in audit.documents for removal in row.cleaned.removals):
        spans[removal.reason] += 1
        characters[removal.reason] += removal.end - removal.start
    rows = [
        (REASONS.get(reason, words(reason)), str(times), f"{characters[reason]:,}")
        for reason, times in sorted(spans.items())
    ]
    return _section("Removed", ("reason", "passages", "characters"), rows)


def _review(audit: Audit) -> str:
    if audit.review is None:
        return ""
    counts = audit.review.counts()
    became, held = (
        ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in names if counts[name])
        for names in (get_args(Status), KINDS)
    )
    told = f"{count(len(audit.review.outcomes), 'decision')}: {became}" if became else ""
    told += f". Those that hold: {held}" if held else ""
    rows = [
        (
            str(one.decision.number),
            one.decision.kind,
            code(one.decision.a.doc),
            code(one.decision.b.doc),
            one.status,
            code(one.reason),
        )
        for one in audit.review.outcomes
        if one.status in ("stale", "reanchored")
    ]
    table = _table(("no.", "decision", "a", "b", "status", "why"), rows)
    return f"## Review\n\n{told or 'no decisions'}." + (f"\n\n{table}" if rows else "")


def _changes(audit: Audit) -> str:
    if audit.changes is None:
        return ""
    rows = [
        (name, *(str(len(audit.changes[name].get(which, ()))) for which in ("new", "gone", "changed")))
        for name in ("documents", "relations", "matches", "removals")
    ]
    return _section("Since the baseline", ("", "new", "gone", "changed"), rows)


def _rejected(audit: Audit) -> str:
    return _section("Rejected", ("input", "why"), [(code(row.source), code(row.error)) for row in audit.rejected])


def _section(heading: str, head: Sequence[str], rows: Sequence[Sequence[str]], total: int | None = None) -> str:
    return f"## {heading}\n\n{_table(head, rows, total)}" if rows else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], total: int | None = None) -> str:
    """Give a table of the first rows, and how many more there are, of a `total` where not all were given."""
    return "\n".join(_lines(head, rows, len(rows) if total is None else total))


def _lines(head: Sequence[str], rows: Sequence[Sequence[Any]], total: int) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows[:ROWS]:
        yield f"| {' | '.join(row)} |"
    if total > ROWS:
        yield f"\nand {total - ROWS:,} more, in report.json."
