"""What the pages show of a check or a comparison; the templates only lay it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance.model import Cleaned, DocumentRelation, Match, Side, Span
from provenance.report.pages import opening, page, reasons, title
from provenance.report.pairs import Batch, Name, Pair, by_pair, key, pair
from provenance.report.pieces import segments
from provenance.report.wording import MEANINGS, RELATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from provenance.index.records import Stored
    from provenance.model import AuditedDocument, Relation
    from provenance.report.pages import Page, ReasonLine
    from provenance.report.pieces import Segment
    from service.checks import Checked

SHOWN = 20  # stored texts that stand side by side with the article
HEADLINES = {
    "derived": "Copied or rewritten passages were found.",
    "shares_passages": "Single passages were found elsewhere.",
    "same_event": "Others report the same event, in their own words.",
    "original": "Nothing of this was found elsewhere.",
    "insufficient_text": "There is too little text to compare.",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A stored text that the article has to do with, and their passages in common."""

    title: str
    publisher: str | None
    published: str | None
    added: str
    url: str | None
    pair: Pair
    turned: bool  # whether the article is on the right of the pair


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the timeline; `day` is as it was told, `known` whether that is when the text was published."""

    day: str
    known: bool
    title: str
    publisher: str | None
    own: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Result:
    """All that the page of a check shows."""

    verdict: str
    headline: str
    page: Page
    reasons: tuple[ReasonLine, ...]
    found: tuple[Found, ...]
    more: int
    timeline: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """All that the page of a comparison shows."""

    kind: str
    meaning: str
    pair: Pair
    left: tuple[Segment, ...]
    right: tuple[Segment, ...]


def result(checked: Checked, verdict: str) -> Result:
    """Give what the page of a check of one document shows."""
    audit = checked.audit
    (row,) = audit.documents
    own = row.document.id
    matches = by_pair(audit.matches)
    names = {own: Name(own, "This article", 1, shown=True)}
    names |= {name: Name(name, _called(one)) for name, one in checked.stored.items()}
    telling = [one for one in audit.relations if one.kind != "insufficient_text" and _other(one, own) in names]
    ranked = sorted(telling, key=lambda one: (not one.derived, -one.score, one.a, one.b))
    found = tuple(
        _found(
            pair(place, one, matches.get(key(one.a, one.b), ()), Batch(names, {own: row}, {}, None)),
            checked.stored,
            own,
        )
        for place, one in enumerate(ranked[:SHOWN], 1)
    )
    passages = [
        (Span(cell.start, cell.end), line.number)
        for one in found
        for line in one.pair.rows
        for cell in [line.right if one.turned else line.left]
    ]
    shown = page(row, names[own], {own: passages}, {own: [one.pair.number for one in found]})
    return Result(
        verdict=verdict,
        headline=HEADLINES[verdict],
        page=replace(shown, segments=trimmed(shown.segments or ())),
        reasons=tuple(reasons([shown], shown.length)),
        found=found,
        more=len(ranked) - len(found),
        timeline=tuple(_timeline(row, found)),
    )


def compared(relation: Relation, a: str, b: str) -> Compared:
    """Give what the page of a comparison shows; `a` and `b` are the texts that its spans count in."""
    names = {"a": Name("a", "First text", 1, shown=True), "b": Name("b", "Second text", 2, shown=True)}
    matches = [
        Match(
            Side("a", one.a.start, one.a.end, a[one.a.start : one.a.end]),
            Side("b", one.b.start, one.b.end, b[one.b.start : one.b.end]),
            one.kind,
            one.score,
        )
        for one in relation.spans
    ]
    told = DocumentRelation(
        "a",
        "b",
        relation.kind,
        relation.score,
        relation.derived,
        relation.chance,
        relation.earlier,
        relation.reason,
    )
    made = pair(1, told, matches, Batch(names, {}, {}, None))
    turned = relation.earlier == "b"
    left = [(Span(row.left.start, row.left.end), row.number) for row in made.rows]
    right = [(Span(row.right.start, row.right.end), row.number) for row in made.rows]
    first, second = (right, left) if turned else (left, right)
    return Compared(
        kind=RELATIONS.get(relation.kind, relation.kind),
        meaning=MEANINGS.get(relation.kind, ""),
        pair=made,
        left=trimmed(segments(Cleaned(a, a), (), first)[0]),
        right=trimmed(segments(Cleaned(b, b), (), second)[0]),
    )


def trimmed(shown: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Give a text without the empty lines at its end."""
    if not shown or not shown[-1].pieces:
        return shown
    *before, last = shown[-1].pieces
    end = replace(last, tail=last.tail.rstrip()) if last.tail else replace(last, text=last.text.rstrip())
    return (*shown[:-1], replace(shown[-1], pieces=(*before, end)))


def _found(made: Pair, stored: Mapping[str, Stored], own: str) -> Found:
    turned = made.right.id == own
    other = stored[made.left.id if turned else made.right.id]
    return Found(
        title=_called(other),
        publisher=other.fields.get("publisher"),
        published=other.fields.get("published"),
        added=other.added,
        url=other.fields.get("url"),
        pair=made,
        turned=turned,
    )


def _timeline(row: AuditedDocument, found: Sequence[Found]) -> list[Moment]:
    """Give the article and those it was found in by their days; those without one stand last."""
    published = row.document.published or row.cleaned.published
    publisher = row.document.publisher or row.cleaned.publisher
    moments = [Moment(published or "", bool(published), title(row), publisher, own=True, kind="")]
    moments += [
        Moment(
            one.published or one.added,
            bool(one.published),
            one.title,
            one.publisher,
            own=False,
            kind=one.pair.kind,
        )
        for one in found
        if one.pair.relation.kind != "unrelated"
    ]
    return sorted(moments, key=lambda one: (not one.day, one.day, one.title))


def _called(stored: Stored) -> str:
    return opening(stored.fields.get("title") or "") or opening(stored.text or "") or stored.id


def _other(one: DocumentRelation, own: str) -> str:
    return one.b if one.a == own else one.a
