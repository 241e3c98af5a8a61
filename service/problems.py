"""Every error as application/problem+json (RFC 9457), in one shape, whoever raised it."""

from __future__ import annotations

import errno
import json
import logging
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from provenance.errors import ProvenanceError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask import Flask

TYPE = "application/problem+json"
# Answers are data: nothing in them is to be run, framed, guessed at, kept or told to the next page.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
UNEXPECTED = "The request could not be answered; the error was logged."
RETRY = 5  # seconds after which a store that does not answer is worth another try
_LOG = logging.getLogger("provenance.service")


class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """A request that cannot be answered; `errors` are JSON pointers with what is wrong there."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take the status, a sentence for the client, the pointers, and headers of the answer."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def register(app: Flask, shown: Callable[[Problem], Response | None]) -> None:
    """Make the application answer every error with a problem; `shown` may answer with a page instead."""

    def answer(problem: Problem) -> Response:
        return shown(problem) or as_json(problem)

    app.register_error_handler(Problem, answer)
    app.register_error_handler(ProvenanceError, lambda error: answer(_refused(error)))
    app.register_error_handler(HTTPException, lambda error: answer(_http(error)))
    app.register_error_handler(OSError, lambda error: answer(_of_system(error)))
    app.register_error_handler(Exception, lambda error: answer(_unexpected(error)))


def as_json(problem: Problem) -> Response:
    """Give a problem as its answer."""
    response = Response(encoded(problem, request.path, g.get("request_id", "")), problem.status, content_type=TYPE)
    response.headers.update(problem.headers)
    return response


def encoded(problem: Problem, path: str, request_id: str) -> bytes:
    """Give a problem as JSON, of the request for a path; that is empty where it could not be read."""
    body: dict[str, Any] = {
        "type": "about:blank",  # the status says it all; RFC 9457, section 4.2.1
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": problem.detail,
        "instance": quote(path, safe="/:@!$&'()*+,;=~"),
        "request_id": request_id,
    }
    if problem.errors:
        body["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in problem.errors]
    return json.dumps(body).encode()


def where(error: Exception) -> str:
    """Give where an error was raised; its message may quote a document, which has no place in a log."""
    return "".join(traceback.format_tb(error.__traceback__))


def _refused(error: ProvenanceError) -> Problem:
    if isinstance(error, StoreError):
        # What is wrong with a store names places that are none of the client's business.
        _LOG.error("the index does not answer", extra={"error": str(error)})
        again = {"Retry-After": str(RETRY)}
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The index cannot be reached just now.", headers=again)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


def _http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    kept = {  # Allow of a 405, Retry-After of a 429
        name: value
        for name, value in error.get_headers()
        if name.lower() not in {"content-type", "content-length"}
    }
    return Problem(status, error.description or status.phrase, headers=kept)


def full() -> Problem:
    """Give the problem of a disk that is full."""
    _LOG.error("the disk is full")
    detail = "The disk of the service is full; nothing of this was kept."
    return Problem(HTTPStatus.INSUFFICIENT_STORAGE, detail, headers={"Retry-After": "60"})


def _of_system(error: OSError) -> Problem:
    return full() if error.errno in {errno.ENOSPC, errno.EDQUOT} else _unexpected(error)


def _unexpected(error: Exception) -> Problem:
    _LOG.error("unexpected error", extra={"error": type(error).__name__, "where": where(error)})
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, UNEXPECTED)
