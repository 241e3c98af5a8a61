"""The audit in Markdown, short enough for a pull request or a mail; report.json has all of it.

Titles, ids and texts come from others and stand in code spans, in which nothing is carried out: no markup, no
link, no mention of a person, no reference to an issue.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.model import DocumentRelation
    from provenance.report.audit import Audit

ROWS, LONGEST = 25, 120  # of a table, and code points of a name


def summary(audit: Audit) -> str:
    """Give the audit as Markdown (GitHub's dialect, readable as it is)."""
    parts = [_verdict(audit), _pairs(audit), _removals(audit), _review(audit), _changes(audit), _rejected(audit)]
    return "\n\n".join(filter(None, parts)) + "\n\n" + _CAVEAT + "\n"


_CAVEAT = "A match is evidence, not proof. The figures lead to their evidence in report.html; report.json has all."


def code(text: str) -> str:
    r"""Give any text as a code span that ends where it should, on one line and without control characters.

    A bar would end a table's cell even in a code span, and is broken.

    >>> print(code("a `b`|\n@c"))
    ``a `b`¦ @c``
    """
    line = " ".join(text.replace("|", "¦").split())
    shown = "".join(f"[U+{ord(one):04X}]" if unicodedata.category(one) in _UNSEEN else one for one in line)
    shown = shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    padding = " " if shown.startswith("`") or shown.endswith("`") or not shown else ""
    return f"{fence}{padding}{shown or '(empty)'}{padding}{fence}"


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def _verdict(audit: Audit) -> str:
    derived = [row for row in audit.relations if row.derived]
    involved = {side for row in derived for side in (row.a, row.b)}
    length = sum(len(row.cleaned.source) for row in audit.documents)
    removed = sum(span.end - span.start for row in audit.documents for span in row.cleaned.removals)
    found = (
        f"**{len(derived)} derived {'pair' if len(derived) == 1 else 'pairs'}** among {len(involved)} documents"
        if derived
        else "**No derivation was found**"
    )
    share = f"{100 * removed / max(1, length):.1f} %"
    read = f"documents read: {len(audit.documents):,}, rejected: {len(audit.rejected):,}"
    told = f"matching passages: {len(audit.matches):,}, characters removed: {share} of {length:,}"
    return f"# Provenance audit\n\n{found}; {read}, {told}."


def _pairs(audit: Audit) -> str:
    derived = sorted((row for row in audit.relations if row.derived), key=lambda row: (-row.score, row.a, row.b))
    passages = Counter(frozenset((match.a.doc, match.b.doc)) for match in audit.matches)
    rows = [
        (
            *_sides(row),
            row.kind,
            f"{row.score:.2f}",
            f"{row.chance:.3g}",
            str(passages[frozenset((row.a, row.b))]),
            row.decision or "",
        )
        for row in derived
    ]
    head = ("earlier", "later", "kind", "score", "by chance", "passages", "decision")
    return _section("Derived pairs", head, rows)


def _sides(row: DocumentRelation) -> tuple[str, str]:
    first, second = (row.b, row.a) if row.earlier == row.b else (row.a, row.b)
    unsure = "" if row.earlier else " (order undecided)"
    return code(first), code(second) + unsure


def _removals(audit: Audit) -> str:
    spans, characters = Counter[str](), Counter[str]()
    for removal in (removal for row in audit.documents for removal in row.cleaned.removals):
        spans[removal.reason] += 1
        characters[removal.reason] += removal.end - removal.start
    rows = [(code(reason), str(count), f"{characters[reason]:,}") for reason, count in sorted(spans.items())]
    return _section("Removed", ("reason", "passages", "characters"), rows)


def _review(audit: Audit) -> str:
    if audit.review is None:
        return ""
    counts = audit.review.counts()
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
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


def _section(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return f"## {title}\n\n{_table(head, rows)}" if rows else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_lines(head, rows))


def _lines(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows[:ROWS]:
        yield f"| {' | '.join(row)} |"
    if len(rows) > ROWS:
        yield f"\nand {len(rows) - ROWS:,} more, in report.json."
