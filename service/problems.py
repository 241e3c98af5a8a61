"""Every error as application/problem+json (RFC 9457), in one shape, whoever raised it."""

from __future__ import annotations

import json
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from flask import Flask


class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """A request that cannot be answered; `field` is the JSON pointer of what is wrong in it, if one is."""

    def __init__(self, status: HTTPStatus, detail: str, field: str | None = None) -> None:
        """Take the status, a sentence for the client, and the pointer."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field


def register(app: Flask) -> None:
    """Make the application answer every error with a problem."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(ProvenanceError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _problem(error: Problem) -> Response:
    return _response(error.status, error.detail, error.field)


def _refused(error: ProvenanceError) -> Response:
    return _response(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


def _http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    response = _response(status, error.description or status.phrase)
    for name, value in error.get_headers():  # Allow of a 405, Retry-After of a 429
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    # An error's message may quote a document, which has no place in a log; where it was raised has.
    where = "".join(traceback.format_tb(error.__traceback__))
    current_app.logger.error("%s in %s %s\n%s", type(error).__name__, request.method, request.path, where)
    return _response(HTTPStatus.INTERNAL_SERVER_ERROR, "The request could not be answered; the error was logged.")


def _response(status: HTTPStatus, detail: str, field: str | None = None) -> Response:
    body: dict[str, object] = {
        "type": "about:blank",  # the status says it all; RFC 9457, section 4.2.1
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": quote(request.path, safe="/:@!$&'()*+,;=~"),
    }
    if field is not None:
        body["errors"] = [{"pointer": field, "detail": detail}]
    return Response(json.dumps(body), status, content_type="application/problem+json")
