"""JSON values of requests to values of the package, naming the field that is wrong; and back."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast, get_args

from provenance.model import Cleaned, Document, Relation, Strictness
from service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = ("id", "title", "publisher", "url", "published", "language")
_KNOWN = {*_NAMES, "text", "html", "strictness"}
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be checked; `strictness` is None where the request does not say."""

    documents: tuple[Document, ...]
    strictness: Strictness | None


def batch(body: Any, most: int) -> Batch:
    """Give the documents of a check: `{"documents": [...]}`, or one record."""
    record = _object(body, "")
    if "documents" not in record:
        return Batch((document(record, "", "document"),), strictness(record))
    rows = record["documents"]
    if not isinstance(rows, list):
        raise _wrong("/documents", "must be an array")
    if not rows:
        raise _wrong("/documents", "must hold at least one document")
    if len(rows) > most:
        raise _wrong("/documents", f"must hold at most {most:,} documents; it holds {len(rows):,}")
    found = tuple(document(row, f"/documents/{place}", f"document-{place + 1}") for place, row in enumerate(rows))
    return Batch(found, strictness(record))


def document(value: Any, where: str, default: str) -> Document:
    """Give a record as a Document, with `default` for a missing id; unknown fields go to `extra`."""
    record = _object(value, where)
    given = [name for name in ("text", "html") if record.get(name) is not None]
    if len(given) != 1:
        raise _wrong(where or "/", "must have either text or html" + (", not both" if given else ""))
    if type(record.get("id")) is int:  # many a database counts its articles
        record = record | {"id": str(record["id"])}
    names = {name: string(record, name, where) for name in _NAMES}
    return Document(
        id=names.pop("id") or default,
        text=cast("str", string(record, given[0], where)),
        html=given == ["html"],
        extra={name: item for name, item in record.items() if name not in _KNOWN},
        **names,
    )


def side(body: Any, name: str) -> Document:
    """Give one text of a comparison: a string, or a record."""
    record = _object(body, "")
    if name not in record:
        raise _wrong(f"/{name}", "is missing")
    if isinstance(record[name], str):
        return Document(id=name, text=cast("str", string(record, name, "")))
    return document(record[name], f"/{name}", name)


def string(record: Mapping[str, Any], name: str, where: str) -> str | None:
    """Give a field that is a string or absent; null is absent."""
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong(f"{where}/{name}", f"must be a string; it is {_kind(value)}")
    if not value.isascii() and (lone := _SURROGATE.search(value)):
        raise _wrong(f"{where}/{name}", f"holds half of a surrogate pair at code point {lone.start()}")
    return value


def strictness(record: Mapping[str, Any]) -> Strictness | None:
    """Give the strictness that a request asks for, if it does."""
    value = string(record, "strictness", "")
    if value is None:
        return None
    if value not in get_args(Strictness):
        raise _wrong("/strictness", f"must be one of {', '.join(get_args(Strictness))}")
    return cast("Strictness", value)


def cleaned(value: Cleaned) -> dict[str, Any]:
    """Give what cleaning found as JSON values."""
    return asdict(value)


def relation(value: Relation, a: str, b: str) -> dict[str, Any]:
    """Give a comparison as JSON values; `a` and `b` are the sources that its spans count in."""
    spans = [
        {
            "a": asdict(span.a) | {"text": a[span.a.start : span.a.end]},
            "b": asdict(span.b) | {"text": b[span.b.start : span.b.end]},
            "kind": span.kind,
            "score": span.score,
        }
        for span in value.spans
    ]
    return {
        "kind": value.kind,
        "score": value.score,
        "derived": value.derived,
        "chance": value.chance,
        "earlier": value.earlier,
        "reason": value.reason,
        "evidence": dict(value.evidence),
        "spans": spans,
    }


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where or "/", f"must be an object; it is {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    names: dict[type, str] = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
    }
    return names.get(type(value), "null" if value is None else "an object")


def _wrong(where: str, what: str) -> Problem:
    subject = where.strip("/").replace("/", ".") or "The body"
    pointer = "#" + ("" if where == "/" else where)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{subject} {what}.", pointer)
