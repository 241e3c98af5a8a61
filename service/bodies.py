"""The body of a request, read whole or refused."""

from __future__ import annotations

import codecs
import json
import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

from werkzeug.exceptions import ClientDisconnected

from provenance.readers import html, text
from service.problems import Problem

if TYPE_CHECKING:
    from flask import Request

BLOCK = 1 << 16


def read_body(request: Request, limit: int) -> bytes:
    """Give the body; 413 for one over `limit` bytes, whether its length was announced or it came in chunks.

    Flask's own limit is not used: with it a chunked body that is too long can be cut at the limit and
    then taken for whole.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A compressed body is not accepted; send it as it is.")
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit)
    if "Transfer-Encoding" in request.headers and not request.environ.get("wsgi.input_terminated"):
        raise Problem(HTTPStatus.LENGTH_REQUIRED, "This server needs a Content-Length.")
    blocks: list[bytes] = []
    size = 0
    try:
        while block := request.stream.read(min(BLOCK, limit + 1 - size)):
            blocks.append(block)
            size += len(block)
            if size > limit:
                raise _too_large(limit)
    except (OSError, ClientDisconnected) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body ended early or was not well chunked.") from error
    return b"".join(blocks)


def read_json(request: Request, limit: int) -> Any:
    """Give the body as a JSON value; 415 where it is not declared as JSON, 400 where it is none."""
    if not request.is_json:
        raise unsupported(request, "application/json")
    body = read_body(request, limit)
    try:
        decoded = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(
            HTTPStatus.BAD_REQUEST, f"The body is not UTF-8: {error.reason} at byte {error.start}."
        ) from error
    try:
        return json.loads(decoded, parse_constant=_constant, parse_float=_finite)
    except RecursionError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is nested too deeply.") from error
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body is not valid JSON: {error}.") from error


def read_text(request: Request, limit: int) -> str:
    """Give a text/plain or text/html body as the command line reads such a file, by its declared charset first."""
    charset = request.mimetype_params.get("charset")
    decode = html.decode if request.mimetype == "text/html" else text.decode
    try:
        if charset is not None:
            codecs.lookup(charset)
        return decode(read_body(request, limit), charset)
    except LookupError as error:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The charset {charset!r} is not known.") from error
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body cannot be read: {error}.") from error


def unsupported(request: Request, *accepted: str) -> Problem:
    """Give the problem of a body in a media type that is not taken."""
    given = request.mimetype or "none"
    return Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The Content-Type must be {' or '.join(accepted)}; it is {given}."
    )


def _too_large(limit: int) -> Problem:
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {limit:,} bytes.")


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"the number {digits[:40]} is out of range")
    return value
