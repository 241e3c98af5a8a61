"""What answers are made of, as schemas; the report's comes with the package."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
MAYBE: dict[str, Any] = {"type": ["string", "null"]}
WHOLE: dict[str, Any] = {"type": "integer", "minimum": 0}
SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
VERDICT = {"enum": ["derived", "shares_passages", "same_event", "original", "insufficient_text"]}


def record(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give the schema of an object with these fields and no others."""
    fields = required | (optional or {})
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    """Give the schema of an array."""
    return {"type": "array", "items": items}


def component(name: str) -> dict[str, Any]:
    """Give a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


_FIELDS = dict.fromkeys(("title", "publisher", "url", "published", "language", "source"), MAYBE)
_ABOUT = {"id": TEXT, "sha256": TEXT, "added": TEXT, **_FIELDS}
_SPAN = {"start": WHOLE, "end": WHOLE}
_KIND = {"enum": ["copied", "edited", "rewritten", "quote"]}
_REMOVAL = record(
    {
        **_SPAN,
        "text": TEXT,
        "reason": TEXT,
        "rule": TEXT,
        "confidence": SHARE,
        "documents": {"type": ["integer", "null"]},
    }
)
_PASSAGE = record({**_SPAN, "text": TEXT})
_CREDIT = record({**_SPAN, "outlet": TEXT})
_BATCH = record(
    {
        "id": TEXT,
        "state": {"enum": ["queued", "running", "done", "failed"]},
        "rows": WHOLE,
        "label": TEXT,
        "strictness": TEXT,
        "made": TEXT,
        "progress": record({"stage": TEXT, "share": SHARE}),
        "error": MAYBE,
        "finished": MAYBE,
        "summary": {"type": ["object", "null"]},
    }
)


_OWN = {
    "Cleaned": record(
        {"text": TEXT, "source": TEXT, "removals": listed(_REMOVAL), "flags": listed(TEXT)}
        | dict.fromkeys(("title", "author", "publisher", "published", "url", "language"), MAYBE)
    ),
    "Compared": record(
        {
            "kind": TEXT,
            "score": SHARE,
            "derived": {"type": "boolean"},
            "chance": {"type": "number"},
            "earlier": MAYBE,
            "reason": TEXT,
            "evidence": {"type": "object"},
            "spans": listed(record({"a": _PASSAGE, "b": _PASSAGE, "kind": _KIND, "score": SHARE})),
        }
    ),
    "Stored": record({**_ABOUT, "text": MAYBE, "flags": listed(TEXT), "credits": listed(_CREDIT)}),
    "Written": record(_ABOUT),
    "Page": record({"documents": listed(record(_ABOUT)), "next": MAYBE}),
    "Batch": _BATCH,
    "Batches": record({"batches": listed(component("Batch")), "next": MAYBE}),
    "Health": record({"status": TEXT, "version": TEXT}),
    "Ready": record({"status": TEXT, "checks": {"type": "object"}}),
    "Problem": record(
        {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "instance": TEXT, "request_id": TEXT},
        {"errors": listed(record({"pointer": TEXT, "detail": TEXT}))},
    ),
}


def components() -> dict[str, Any]:
    """Give the schemas of all answers, by name."""
    text = (files("provenance.report") / "schema.json").read_text(encoding="utf-8")
    report = json.loads(text.replace("#/$defs/", "#/components/schemas/report."))
    parts = {f"report.{name}": value for name, value in report.pop("$defs").items()}
    report = {name: value for name, value in report.items() if name not in {"$schema", "$id"}} | {
        "title": "Report"
    }
    stored = {"type": "object", "additionalProperties": record({"added": TEXT, **_FIELDS})}
    return {
        **parts,
        **_OWN,
        "Report": report,
        "Checked": _more(report, {"verdict": VERDICT, "stored": stored}),
        "CheckedNew": _more(report, {"verdict": VERDICT, "stored": stored, "written": record(_ABOUT)}),
    }


def _more(report: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    return {**report, "properties": {**report["properties"], **fields}, "required": [*report["required"], *fields]}
