"""The audit as SARIF 2.1.0, which code forges and editors show beside the lines of a file.

A result for each match of a derived pair, on the later document, with the other passage as its related location; a
note for each removal. What a reviewer denied is there and suppressed; with a baseline, each result says whether it
is new. Columns count code points. A document that is no text file of its own (a page, a record) has no region.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.model import AuditedDocument, DocumentRelation, Match, Removal, Side
    from provenance.report.audit import Audit

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
EXCERPT = 200  # code points of a passage in a message
RULES = {
    "copied": ("warning", "A passage stands word for word in another document."),
    "edited": ("warning", "A passage stands in another document with small changes."),
    "rewritten": ("warning", "A passage stands in another document in other words."),
    "quote": ("note", "A direct quotation stands in another document too."),
    "removed": ("note", "A passage is not part of the article."),
}
_LINE = re.compile(r"\r\n|\n")  # SARIF's own default, so that all readers count alike
_RECORD = re.compile(r"(.+):(\d+)", re.DOTALL)


def sarif(audit: Audit) -> dict[str, Any]:
    """Give the audit as a SARIF log of one run; its order is that of the audit."""
    files = {row.document.id: _File(row) for row in audit.documents}
    new = _new(audit)
    relations = {frozenset((row.a, row.b)): row for row in audit.relations}
    results = [*_matched(audit, files, relations, new), *_removed(audit, files, new)]
    rules = [
        {"id": name, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for name, (level, text) in RULES.items()
    ]
    failures = [{"level": "error", "message": {"text": f"{row.source}: {row.error}"}} for row in audit.rejected]
    run = {
        "tool": {"driver": {"name": "Provenance", "semanticVersion": audit.version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": failures}],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


@dataclass(frozen=True, slots=False)
class _File:
    """Where a document's passages stand for a reader of files."""

    row: AuditedDocument

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE.finditer(self.row.cleaned.source))]

    def location(self, start: int, end: int, told: str = "") -> dict[str, Any]:
        """Give a passage's place; `told` says what it is."""
        document = self.row.document
        where: dict[str, Any] = {"logicalLocations": [{"name": document.id, "kind": "document"}]}
        record = _RECORD.fullmatch(document.source or "")
        if record:
            where["physicalLocation"] = {
                "artifactLocation": _uri(record[1]),
                "region": {"startLine": max(1, int(record[2]))},
            }
        elif document.source and document.source != "-":
            where["physicalLocation"] = {"artifactLocation": _uri(document.source)}
            if not document.html:
                where["physicalLocation"]["region"] = self._region(start, end)
        return where | ({"message": {"text": told}} if told else {})

    def _region(self, start: int, end: int) -> dict[str, int]:
        first, last = (bisect_right(self._starts, place) for place in (start, max(start, end)))
        return {
            "startLine": first,
            "startColumn": start - self._starts[first - 1] + 1,
            "endLine": last,
            "endColumn": end - self._starts[last - 1] + 1,
        }


def _uri(path: str) -> dict[str, str]:
    place = quote(path.encode("utf-8", "replace"), safe="/")
    return {"uri": f"file://{place}" if place.startswith("/") else place}


def _matched(
    audit: Audit,
    files: Mapping[str, _File],
    relations: Mapping[frozenset[str], DocumentRelation],
    new: Counter[str] | None,
) -> Iterator[dict[str, Any]]:
    for match in audit.matches:
        relation = relations.get(frozenset((match.a.doc, match.b.doc)))
        if relation is None or not (relation.derived or relation.decision in ("reject", "same_source")):
            continue
        other, own = (match.a, match.b) if relation.earlier != match.b.doc else (match.b, match.a)
        if own.doc not in files:
            other, own = own, other
        related = (
            [files[other.doc].location(other.start, other.end, _excerpt(other.text))] if other.doc in files else []
        )
        known = f"; {relation.earlier} is the earlier" if relation.earlier else ""
        judged = f"score of the pair {relation.score:.2f}{known}"
        text = f"{match.kind}, as in {other.doc} ({judged}): {_excerpt(own.text)}"
        result = _result(match.kind, text, files[own.doc].location(own.start, own.end), _match_print(match))
        result["relatedLocations"] = [{"id": number, **place} for number, place in enumerate(related, 1)]
        decision = match.decision if match.decision in ("reject", "same_source") else relation.decision
        if decision in ("reject", "same_source"):
            justified = f"reviewed: {decision.replace('_', ' ')}"
            result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justified}]
        yield _compared(result, new)


def _removed(audit: Audit, files: Mapping[str, _File], new: Counter[str] | None) -> Iterator[dict[str, Any]]:
    for row in audit.documents:
        for removal in row.cleaned.removals:
            place = files[row.document.id].location(removal.start, removal.end)
            why = f"{removal.reason.replace('_', ' ')} ({removal.rule}, {removal.confidence:.0%})"
            text = f"{why}: {_excerpt(removal.text)}"
            yield _compared(_result("removed", text, place, _removal_print(row.document.id, removal)), new)


def _result(rule: str, text: str, place: dict[str, Any], fingerprint: str) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "ruleIndex": list(RULES).index(rule),
        "level": RULES[rule][0],
        "message": {"text": text},
        "locations": [place],
        "partialFingerprints": {"passages/v1": fingerprint},
    }


def _compared(result: dict[str, Any], new: Counter[str] | None) -> dict[str, Any]:
    """Say of a result whether the baseline had it."""
    if new is None:
        return result
    fingerprint = result["partialFingerprints"]["passages/v1"]
    fresh = new[fingerprint] > 0
    new[fingerprint] -= fresh
    return result | {"baselineState": "new" if fresh else "unchanged"}


def _new(audit: Audit) -> Counter[str] | None:
    """Count the results that are new since the baseline, by fingerprint; None without one."""
    if audit.changes is None:
        return None
    matches = ((row["kind"], row["a"], row["b"]) for row in audit.changes["matches"]["new"])
    prints = [_print(kind, *sorted((side["doc"], side["text"]) for side in sides)) for kind, *sides in matches]
    removals = audit.changes["removals"]["new"]
    return Counter([*prints, *(_print("removed", row["reason"], row["doc"], row["text"]) for row in removals)])


def _match_print(match: Match) -> str:
    return _print(match.kind, *sorted(_words(side) for side in (match.a, match.b)))


def _words(side: Side) -> tuple[str, str]:
    return side.doc, side.text


def _removal_print(doc: str, removal: Removal) -> str:
    return _print("removed", removal.reason, doc, removal.text)


def _print(*parts: object) -> str:
    """Give what tells a result from others and stays when text moves."""
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"
