"""JSON Lines, or an array of records: each a document or a reason why not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from provenance.errors import InputError
from provenance.model import Document, Rejected, authors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.readers.options import ReadOptions
    from provenance.readers.sources import Opened

# Records are flat, or nearly. Deeper ones would end Python's stack here, or when they are written again.
DEPTH = 100
DIGITS = 4_000  # of a number: what is longer, Python refuses in words of its own

_BOM = b"\xef\xbb\xbf"
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


# A file that opens like this is one array of records; as a line of JSON Lines an array is an error.
ARRAY = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*(?:\{|\])")


class RecordError(ValueError):
    """What is wrong with a record, to be read after "line 3" or "record 3"."""


def read(stream: Opened, options: ReadOptions) -> Iterator[Document | Rejected]:
    """Give a document for each good record of a source and a Rejected for each bad one, in order.

    JSON Lines are read line by line. An array, which its last byte may still spoil, is read whole, and may be as
    long as a document.
    """
    for _, found in lined(stream, options):
        yield found


def lined(stream: Opened, options: ReadOptions) -> Iterator[tuple[bytes, Document | Rejected]]:
    """Give the same, each with its line as it stands; a record of an array with a line that says what it does."""
    if ARRAY.match(stream.peek(4096)):
        yield from _array(stream, options)
        return
    name = stream.source.name
    number = records = 0
    try:
        for number, line in enumerate(stream.lines(options.limits.line_bytes), 1):
            content = line.removeprefix(_BOM) if line is not None and number == 1 else line
            if content is not None and not content.strip():
                continue
            records += 1
            where = f"{name}:{number}"
            try:
                yield content or b"", _document(_record(content, options), where, options)
            except RecordError as error:
                yield b"", Rejected(where, f"line {number} {error}")
    except OSError as error:
        # What came before is good and was given; say where it stopped.
        raise InputError(name, f"not read beyond line {number}: {error.strerror or error}") from error
    if not records:
        raise InputError(name, "empty: there is no record in it")


def _array(stream: Opened, options: ReadOptions) -> Iterator[tuple[bytes, Document | Rejected]]:
    name = stream.source.name
    data = stream.whole(options.limits.document_bytes)
    try:
        values = _value(data.removeprefix(_BOM))
    except RecordError as error:
        raise InputError(name, f"an array of records that {error}") from error
    if not values:
        raise InputError(name, "empty: there is no record in it")
    for number, value in enumerate(values, 1):
        where = f"{name}:{number}"
        try:
            line = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
            yield line, _document(_object(value, data), where, options)
        except RecordError as error:
            yield b"", Rejected(where, f"record {number} {error}")


def _record(data: bytes | None, options: ReadOptions) -> dict[str, Any]:
    """Give the JSON object of a line; raises RecordError."""
    if data is None:
        raise RecordError(f"is over the limit of {options.limits.line_bytes:,} bytes a line")
    return _object(_value(data), data)


def _value(data: bytes) -> Any:
    """Give what JSON says; raises RecordError."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_constant, parse_float=_float, parse_int=_int)
    except UnicodeDecodeError as error:
        raise RecordError(f"is not UTF-8 at its byte {error.start} (0x{data[error.start]:02X})") from error
    except json.JSONDecodeError as error:
        raise RecordError(f"is not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise RecordError(f"is nested deeper than {DEPTH} levels") from error
    except ValueError as error:  # numbers: ours below
        raise RecordError(f"is not JSON that can be kept: {error}") from error


def _object(value: object, data: bytes) -> dict[str, Any]:
    """Give a value of `data` as a record that can be kept; raises RecordError."""
    if not isinstance(value, dict):
        raise RecordError(f"is not a JSON object but {_kind(value)}")
    if data.count(b"[") + data.count(b"{") > DEPTH and _deeper(value, DEPTH):
        raise RecordError(f"is nested deeper than {DEPTH} levels")
    if _SURROGATE_ESCAPE.search(data):
        _refuse_surrogates(value)
    return value


def _document(record: Mapping[str, Any], where: str, options: ReadOptions) -> Document:
    """Give the document of a record; raises RecordError."""
    rest = dict(record)
    text, html = _text(rest, options)
    return Document(
        id=_id(rest, options.id_field) or where,
        text=text,
        html=html,
        title=_string(rest, options.title_field),
        publisher=_string(rest, options.publisher_field),
        url=_string(rest, options.url_field),
        published=_string(rest, options.date_field),
        language=_string(rest, options.language_field),
        author=authors(rest.get(options.author_field)),
        source=where,
        extra=rest,
    )


def _text(rest: dict[str, Any], options: ReadOptions) -> tuple[str, bool]:
    """Take the text, or else the page, out of a record; which of the two it was is the second value."""
    field, html = options.text_field, False
    if rest.get(field) is None and rest.get(options.html_field) is not None:
        rest.pop(field, None)
        field, html = options.html_field, True
    value = rest.pop(field, None)
    if value is None:
        fields = ", ".join(repr(name) for name in _names(rest)) or "none"
        raise RecordError(
            f"has no text: neither {options.text_field!r} nor {options.html_field!r} (fields: {fields})"
        )
    if not isinstance(value, str):
        raise RecordError(f"has {_kind(value)} in {field!r}, not text")
    if not value.strip():
        raise RecordError(f"has no text: {field!r} is empty")
    return value, html


def _names(rest: Mapping[str, Any]) -> Iterator[str]:
    """Give the first names of a record's fields, short enough for a message."""
    for name in list(rest)[:10]:
        yield name if len(name) <= 40 else f"{name[:40]}…"


def _id(rest: dict[str, Any], field: str) -> str | None:
    value = rest.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # the number itself stays in the record: whoever joins on it needs it as it was
    rest.pop(field, None)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    raise RecordError(f"has {_kind(value)} in {field!r}, not an id")


def _string(rest: dict[str, Any], field: str) -> str | None:
    """Take a field out of a record as text; what is neither text nor a number stays among the unknown."""
    value = rest.get(field)
    if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
        return None
    rest.pop(field, None)
    return None if value is None or value == "" else str(value)


def _refuse_surrogates(record: Mapping[str, Any]) -> None:
    """Raise RecordError where a string of a record, or a name in it, has half a pair: it is not Unicode."""
    for field, value in record.items():
        for string in (field, *_strings(value)):
            found = _SURROGATE.search(string)
            if found:
                name = _SURROGATE.sub("\ufffd", field)
                code = ord(found.group())
                raise RecordError(f"has a lone surrogate (\\u{code:04x}) at character {found.start()} of {name!r}")


def _strings(value: object) -> Iterator[str]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            pending += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            pending += item


def _deeper(value: object, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return any(isinstance(item, (dict, list)) for item in level)


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _int(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits is too large")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{digits[:40]} is too large a number")
    return value


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
