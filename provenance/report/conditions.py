"""What lets a run fail: a measure of the audit, with the least or the most that it may be.

`derived` is met by one derived pair, `matches>10` by eleven matches, `junk>=0.2` by a fifth of all characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from provenance.report.audit import Audit

_CONDITION = re.compile(r"\s*([a-z_]+)\s*(?:(>=?)\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*)?")


@dataclass(frozen=True, slots=True)
class Condition:
    """A measure above a bound, or at it where it is `inclusive`."""

    measure: str
    bound: float = 0.0
    inclusive: bool = False

    def met(self, value: float) -> bool:
        """Whether a value of the measure meets the condition."""
        return value > self.bound or (self.inclusive and value == self.bound)

    def __str__(self) -> str:
        return f"{self.measure}{'>=' if self.inclusive else '>'}{self.bound:g}"


def condition(text: str) -> Condition:
    """Read a condition as NAME, NAME>NUMBER or NAME>=NUMBER; raises SettingsError for anything else.

    >>> str(condition("junk >= .2")), str(condition("derived"))
    ('junk>=0.2', 'derived>0')
    """
    found = _CONDITION.fullmatch(text)
    if not found or found[1] not in MEASURES:
        known = ", ".join(MEASURES)
        raise SettingsError(f"{text!r} is not NAME, NAME>NUMBER or NAME>=NUMBER, with a NAME of {known}")
    return Condition(found[1], float(found[3] or 0), found[2] == ">=")


def met(conditions: Iterable[Condition], audit: Audit) -> list[str]:
    """Give a line for each condition that an audit meets, with the measure's value; the order is theirs."""
    lines = []
    for one in dict.fromkeys(conditions):
        value = MEASURES[one.measure](audit)
        if one.met(value):
            lines.append(f"{one.measure} is {value:.4g} ({one})")
    return lines


def _derived(audit: Audit) -> int:
    return sum(row.derived for row in audit.relations)


def _junk(audit: Audit) -> float:
    """Give the share of all characters that was removed."""
    removed = sum(removal.end - removal.start for row in audit.documents for removal in row.cleaned.removals)
    return removed / max(1, sum(len(row.cleaned.source) for row in audit.documents))


def _new(audit: Audit) -> int:
    """Count the pairs that are derived and were not in the baseline; without one, all that are derived."""
    if audit.changes is None:
        return _derived(audit)
    relations: dict[str, list[dict[str, Any]]] = audit.changes["relations"]
    turned = [row for row in relations["changed"] if row["after"]["derived"] and not row["before"]["derived"]]
    return sum(bool(row["derived"]) for row in relations["new"]) + len(turned)


def _stale(audit: Audit) -> int:
    return audit.review.counts()["stale"] if audit.review else 0


MEASURES: Mapping[str, Callable[[Audit], float]] = {
    "derived": _derived,
    "new": _new,
    "undecided": lambda audit: sum(row.derived and row.decision in (None, "note") for row in audit.relations),
    "matches": lambda audit: len(audit.matches),
    "removed": lambda audit: sum(len(row.cleaned.removals) for row in audit.documents),
    "junk": _junk,
    "rejected": lambda audit: len(audit.rejected),
    "stale": _stale,
}
