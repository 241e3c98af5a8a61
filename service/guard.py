"""Who may ask: what is seen to before any route, and put on every answer after it."""

from __future__ import annotations

import base64
import binascii
import logging
import re
import secrets
import time
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import current_app, g, request

from service import metrics
from service.keys import ANYONE, Key
from service.operations import operation_of
from service.problems import HEADERS, Problem
from service.state import state

if TYPE_CHECKING:
    from flask import Flask, Response

FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
SAFE = {"GET", "HEAD", "OPTIONS"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LOG = logging.getLogger("provenance.service")


def install(app: Flask) -> None:
    """Guard all routes of an application."""
    app.before_request(_begin)
    app.before_request(_admit)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    g.began = time.perf_counter()
    metrics.ACTIVE.inc()
    g.active = True


def _admit() -> None:
    try:
        request.environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8")
    except UnicodeError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The address is not UTF-8.") from error
    _refuse_strangers()
    declared = operation_of(current_app, request.endpoint)
    if declared is None or declared.scope is None:
        return
    g.key = who() if state().keyed else ANYONE
    state().rates.count(f"key {g.key.id}" if g.key.id else f"address {request.remote_addr}")
    if declared.scope not in g.key.scopes:
        raise Problem(HTTPStatus.FORBIDDEN, f"This key is not for requests of the scope {declared.scope!r}.")


def _refuse_strangers() -> None:
    """Refuse what other pages make a browser send: it may know a key, or stand where no key is asked for."""
    if not state().keyed:
        if not _is_loopback(request.host):
            # A name that another made to point here: what its page reads of us, it may tell (DNS rebinding).
            raise Problem(HTTPStatus.FORBIDDEN, "Without keys the service answers to names of this machine only.")
        if any(name in request.headers for name in FORWARDED):
            raise Problem(HTTPStatus.FORBIDDEN, "Without keys the service answers nobody through a proxy.")
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    foreign = site not in {"same-origin", "none"} if site else bool(origin) and _host(origin or "") != request.host
    if foreign:
        raise Problem(HTTPStatus.FORBIDDEN, "Another site's page may not send this.")


def who() -> Key:
    """Give the key of the request, a Bearer token or a password; 401 for none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    token = value.strip()
    if scheme.lower() == "basic":
        try:
            token = base64.b64decode(token, validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, ValueError):
            token = ""
    found = state().keys.find(token) if scheme.lower() in {"bearer", "basic"} else None
    if found is None:
        # Who guesses is slowed down, whichever keys are tried.
        state().rates.count(f"refused {request.remote_addr}")
        asks = {"WWW-Authenticate": 'Bearer realm="Provenance"'}
        if not request.path.startswith("/v1/"):
            asks = {"WWW-Authenticate": 'Basic realm="Provenance: the key is the password", charset="UTF-8"'}
        raise Problem(HTTPStatus.UNAUTHORIZED, "A key is needed, and this is none that is good.", headers=asks)
    return found


def _end(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "pages.static":  # Flask says of files that a browser may keep them, and ask
        response.headers["Cache-Control"] = HEADERS["Cache-Control"]
    if response.status_code == HTTPStatus.NO_CONTENT:
        response.headers.pop("Content-Type", None)
    response.headers["X-Request-Id"] = g.request_id
    if request.scheme == "https":
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    seconds = time.perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule else "none"
    # Methods are words of the client's: only known ones become labels.
    method = request.method if request.method in SAFE | {"POST", "PUT", "DELETE", "PATCH"} else "other"
    metrics.REQUESTS.labels(method, route, response.status_code).inc()
    metrics.SECONDS.labels(route).observe(seconds)
    if response.status_code in {401, 403, 413, 429, 503}:
        metrics.REFUSED.labels(response.status_code).inc()
    if g.pop("active", False):
        metrics.ACTIVE.dec()
    _LOG.info("request", extra=_told(response, method, route, seconds))
    return response


def _told(response: Response, method: str, route: str, seconds: float) -> dict[str, object]:
    key: Key | None = g.get("key")
    return {
        "request_id": g.request_id,
        "method": method,
        "route": route,
        "status": response.status_code,
        "ms": round(1000 * seconds, 1),
        "received": request.content_length or 0,
        "tenant": key.tenant if key else None,
        "key": key.id if key else None,
    }


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
