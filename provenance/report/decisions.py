"""A reviewer's decisions as values, and the file they are read from: JSON Lines, or a JSON array.

{"decision": "reject", "a": {"doc": "one.txt", "sha256": "…"}, "b": {"doc": "two.txt", "sha256": "…"},
 "reviewer": "R. Lindqvist", "date": "2025-03-01", "note": "both from the agency's morning file"}

Where both sides quote a passage (`exact`, and as they help to find it `prefix`, `suffix` and `start`), the
decision is on that match, or with "scope": "pair" still on the pair of documents.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.errors import InputError
from provenance.lineage import when
from provenance.model import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from provenance.model import DecisionKind

KINDS: tuple[DecisionKind, ...] = ("confirm", "reject", "same_source", "note")


@dataclass(frozen=True, slots=True)
class Place:
    """One side of a decision, as the reviewer saw it; without `exact` it is the whole document."""

    doc: str
    sha256: str | None = None
    exact: str | None = None
    prefix: str = ""
    suffix: str = ""
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided, on a pair of documents or on two passages of theirs; `number` counts from 1."""

    kind: DecisionKind
    a: Place
    b: Place
    reviewer: str
    date: str
    note: str = ""
    of_pair: bool = True
    number: int = 1


def read_decisions(path: Path, note: Callable[[Input], None] | None = None) -> tuple[Decision, ...]:
    """Give the decisions of a file, in its order; raises InputError, naming the decision that makes no sense.

    `note` is told the file, with its digest.
    """
    source = str(path)
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(source, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError(source, f"not UTF-8 at byte {error.start}") from error
    if note is not None:
        note(Input(source, hashlib.sha256(data).hexdigest(), len(data), "review"))
    return tuple(_decision(row, number, place) for number, (place, row) in enumerate(_rows(text, source), 1))


def _rows(text: str, source: str) -> Iterator[tuple[str, Any]]:
    if text.lstrip().startswith("["):
        for number, row in enumerate(_loaded(text, source), 1):
            yield f"{source}: decision {number}", row
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{source}:{number}", _loaded(line, f"{source}:{number}")


def _loaded(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(place, f"not JSON: {error}") from error


def _decision(row: Any, number: int, place: str) -> Decision:
    if not isinstance(row, dict):
        raise InputError(place, "a decision is a JSON object")
    kind = next((kind for kind in KINDS if kind == row.get("decision")), None)
    if kind is None:
        raise InputError(place, f"'decision' is one of {', '.join(KINDS)}")
    a, b = (_place(row.get(side), side, place) for side in "ab")
    if a.doc == b.doc:
        raise InputError(place, "'a' and 'b' name the same document")
    date = _text(row, "date", place)
    if when(date) is None:
        raise InputError(place, "'date' is not a date as 2025-03-01 or 2025-03-01T12:00:00Z")
    note = _text(row, "note", place, needed=kind == "note")
    quotes = a.exact is not None and b.exact is not None
    scope = row.get("scope", "passages" if quotes else "pair")
    if scope not in ("pair", "passages") or (scope == "passages" and not quotes):
        raise InputError(place, "'scope' is 'pair', or 'passages' where both sides have 'exact'")
    return Decision(kind, a, b, _text(row, "reviewer", place), date, note, of_pair=scope == "pair", number=number)


def _place(value: Any, side: str, place: str) -> Place:
    if not isinstance(value, dict):
        raise InputError(place, f"{side!r} is an object with the document's id in 'doc'")
    start = value.get("start")
    if start is not None and (isinstance(start, bool) or not isinstance(start, int) or start < 0):
        raise InputError(place, f"'start' of {side!r} is not a position")
    return Place(
        doc=_text(value, "doc", place),
        sha256=_text(value, "sha256", place, needed=False).lower() or None,
        exact=_text(value, "exact", place, needed=False) or None,
        prefix=_text(value, "prefix", place, needed=False),
        suffix=_text(value, "suffix", place, needed=False),
        start=start,
    )


def _text(row: Mapping[str, Any], name: str, place: str, *, needed: bool = True) -> str:
    value = row.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise InputError(place, f"{name!r} is missing or not a string")
    return value
