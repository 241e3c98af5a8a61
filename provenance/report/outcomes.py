"""What became of a reviewer's decisions, and what is new since a baseline, as the report shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.report.pairs import Name, key, name
from provenance.report.wording import DECISIONS, RELATIONS, STATUSES, cut, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from provenance.report.review import Outcome, Review

LINES = 1_000  # of a list
TEXT = 200  # code points of a passage


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in one line of the table."""

    number: int
    decision: str
    status: str
    told: str
    left: Name
    right: Name
    scope: str
    reviewer: str
    date: str
    note: str
    pair: int | None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """All decisions, and how many there are of each status."""

    rows: tuple[Decided, ...]
    counts: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is new, gone or changed: documents it is about, and in words what it is."""

    names: tuple[Name, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Things of one sort that are new, gone or changed; `more` are not listed."""

    sort: str
    way: str
    total: int
    rows: tuple[Change, ...]

    @property
    def more(self) -> int:
        """How many are left to report.json."""
        return self.total - len(self.rows)


def reviewed(review: Review, names: Mapping[str, Name], pairs: Mapping[tuple[str, str], int]) -> Reviewed:
    """Give every decision, in the order of the reviewer's file."""
    counts = review.counts()
    return Reviewed(
        tuple(_decided(outcome, names, pairs) for outcome in review.outcomes),
        tuple((status, label, counts[status]) for status, label in STATUSES.items()),
    )


def _decided(outcome: Outcome, names: Mapping[str, Name], pairs: Mapping[tuple[str, str], int]) -> Decided:
    decision = outcome.decision
    left = outcome.a.doc if outcome.a else decision.a.doc
    right = outcome.b.doc if outcome.b else decision.b.doc
    return Decided(
        number=decision.number,
        decision=DECISIONS[decision.kind],
        status=outcome.status,
        told=outcome.reason,
        left=name(left, names),
        right=name(right, names),
        scope="pair" if decision.of_pair else "passages",
        reviewer=decision.reviewer,
        date=decision.date,
        note=decision.note,
        pair=pairs.get(key(left, right)),
    )


def changed(changes: Mapping[str, Any], names: Mapping[str, Name]) -> tuple[Changes, ...]:
    """Give what is new, gone and changed of documents, pairs, passages and removals; of nothing a total of 0."""

    def pair(row: Mapping[str, Any]) -> Change:
        told = f"{_relation(row['before'])}, now {_relation(row['after'])}" if "before" in row else _relation(row)
        return Change((name(row["a"], names), name(row["b"], names)), told)

    def match(row: Mapping[str, Any]) -> Change:
        text = cut(" ".join(row["a"]["text"].split()), TEXT)
        return Change((name(row["a"]["doc"], names), name(row["b"]["doc"], names)), text)

    def removal(row: Mapping[str, Any]) -> Change:
        return Change((name(row["doc"], names),), cut(" ".join(row["text"].split()), TEXT))

    sorts: tuple[tuple[str, str, Callable[[Any], Change]], ...] = (
        ("documents", "Documents", lambda row: _document(row, names)),
        ("relations", "Pairs", pair),
        ("matches", "Passages in common", match),
        ("removals", "Removed passages", removal),
    )
    return tuple(row for field, label, one in sorts for row in _ways(changes[field], label, one))


def _ways(found: Mapping[str, Any], label: str, one: Callable[[Any], Change]) -> Iterator[Changes]:
    for way in ("new", "gone", "changed", "renamed"):
        rows: Iterable[Any] = found.get(way, ())
        listed = tuple(one(row) for row in list(rows)[:LINES])
        yield Changes(label, way, len(list(rows)), listed)


def _document(row: Any, names: Mapping[str, Name]) -> Change:
    if isinstance(row, str):
        return Change((name(row, names),), "")
    return Change((name(row["to"], names),), f"was called {cut(row['from'], TEXT)}")


def _relation(row: Mapping[str, Any]) -> str:
    kind = RELATIONS.get(row["kind"], words(row["kind"]))
    derived = ", derived" if row["derived"] else ""
    return f"{kind.lower()}{derived}, score {row['score']:.2f}"
