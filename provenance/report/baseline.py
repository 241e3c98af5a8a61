"""What is new since an earlier report: documents, relations, matches and removals that came, went or changed.

Passages are told apart by their words and not by their place, so text that was added above one does not make it
new. A document that is only called otherwise is recognised by its digest.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from provenance.errors import InputError
from provenance.model import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from pathlib import Path

    from provenance.report.audit import Audit

    Report = Mapping[str, Any]
    Row = Mapping[str, Any]

PARTS = ("documents", "relations", "matches")
_SIDE = ("doc", "start", "end", "text")
_REMOVAL = ("start", "end", "text", "reason", "rule", "confidence")
JUDGED = ("kind", "derived", "earlier", "decision")  # of a relation; a score moves a little with its batch


def read_report(path: Path, note: Callable[[Input], None] | None = None) -> dict[str, Any]:
    """Give an earlier report.json with its own digest in `sha256`; raises InputError where it is none.

    `note` is told the file, with its digest.
    """
    try:
        data = path.read_bytes()
        report = json.loads(data)
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise InputError(str(path), f"not a report.json: {error}") from error
    listed = isinstance(report, dict) and all(isinstance(report.get(part), list) for part in PARTS)
    if not listed:
        raise InputError(str(path), f"not a report.json: it has no {', '.join(PARTS)}")
    digest = hashlib.sha256(data).hexdigest()
    if note is not None:
        note(Input(str(path), digest, len(data), "baseline"))
    return {**report, "sha256": digest}


def since(audit: Audit, old: Report) -> Audit:
    """Give the audit with what has changed since an earlier report; raises InputError where that lacks fields."""
    try:
        return replace(audit, changes=compared(old, audit.to_dict()))
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError("baseline", f"not a report.json: {type(error).__name__} {error}") from error


def compared(old: Report, new: Report) -> dict[str, Any]:
    """Give what is new, gone and changed from one report to another, each in the order of its report."""
    names = _renamed(old["documents"], new["documents"])
    return {
        "baseline": {"version": old.get("version", ""), "sha256": old.get("sha256", "")},
        "documents": _documents(old["documents"], new["documents"], names),
        "relations": _relations(old["relations"], new["relations"], names),
        "matches": _differing(
            _matches(old), _matches(new), lambda row, now: _match_key(row, names if now else {})
        ),
        "removals": _differing(
            _removals(old), _removals(new), lambda row, now: _removal_key(row, names if now else {})
        ),
    }


def _renamed(old: Iterable[Row], new: Iterable[Row]) -> dict[str, str]:
    """Give the former id of each document that is the same text under a new one."""
    before = {row["id"]: row["sha256"] for row in old}
    after = {row["id"]: row["sha256"] for row in new}
    gone = {digest: name for name, digest in sorted(before.items(), reverse=True) if name not in after}
    names: dict[str, str] = {}
    for name, digest in after.items():
        if name not in before and digest in gone:
            names[name] = gone.pop(digest)
    return names


def _documents(old: Iterable[Row], new: Iterable[Row], names: Mapping[str, str]) -> dict[str, Any]:
    before = {row["id"]: row["sha256"] for row in old}
    after = {row["id"]: row["sha256"] for row in new}
    kept = {*after, *names.values()}
    return {
        "new": [name for name in after if name not in before and name not in names],
        "gone": [name for name in before if name not in kept],
        "changed": [name for name in after if name in before and before[name] != after[name]],
        "renamed": [{"from": former, "to": name} for name, former in names.items()],
    }


def _relations(old: Iterable[Row], new: Iterable[Row], names: Mapping[str, str]) -> dict[str, Any]:
    before = {frozenset((row["a"], row["b"])): row for row in old}
    after = {frozenset(names.get(row[side], row[side]) for side in "ab"): row for row in new}
    changed = []
    for pair, row in after.items():
        was = before.get(pair)
        now = {**row, "earlier": names.get(row["earlier"], row["earlier"])}
        if was is not None and any(was.get(key) != now.get(key) for key in JUDGED):
            changed.append({"a": row["a"], "b": row["b"], "before": _judged(was), "after": _judged(row)})
    return {
        "new": [_told(row) for pair, row in after.items() if pair not in before],
        "gone": [_told(row) for pair, row in before.items() if pair not in after],
        "changed": changed,
    }


def _judged(row: Row) -> dict[str, Any]:
    return {"score": row["score"], **{key: row.get(key) for key in JUDGED}}


def _told(row: Row) -> dict[str, Any]:
    return {"a": row["a"], "b": row["b"], **_judged(row)}


def _matches(report: Report) -> list[dict[str, Any]]:
    """Give a report's matches with the fields that one of today has: what is gone is told as the rest is."""
    return [
        {
            **{side: {name: row[side][name] for name in _SIDE} for side in "ab"},
            **{name: row[name] for name in ("kind", "score")},
            "decision": row.get("decision"),
        }
        for row in report["matches"]
    ]


def _removals(report: Report) -> list[dict[str, Any]]:
    """Give a report's removals as `_matches` gives the matches, each with its document."""
    return [
        {"doc": row["id"], **{name: removal[name] for name in _REMOVAL}, "documents": removal.get("documents")}
        for row in report["documents"]
        for removal in row["removals"]
    ]


def _removal_key(row: Row, names: Mapping[str, str]) -> Hashable:
    return names.get(row["doc"], row["doc"]), row["reason"], row["text"]


def _match_key(row: Row, names: Mapping[str, str]) -> Hashable:
    sides = ((names.get(row[side]["doc"], row[side]["doc"]), row[side]["text"]) for side in "ab")
    return frozenset(sides), row["kind"]


def _differing(
    old: Sequence[Row], new: Sequence[Row], key: Callable[[Row, bool], Hashable]
) -> dict[str, list[Row]]:
    """Give what is in one list and not in the other, by a key; what stands twice counts twice."""
    return {
        "new": _without(new, Counter(key(row, False) for row in old), lambda row: key(row, True)),
        "gone": _without(old, Counter(key(row, True) for row in new), lambda row: key(row, False)),
    }


def _without(rows: Iterable[Row], known: Counter[Hashable], key: Callable[[Row], Hashable]) -> list[Row]:
    left = []
    for row in rows:
        if known[key(row)] > 0:
            known[key(row)] -= 1
        else:
            left.append(row)
    return left
