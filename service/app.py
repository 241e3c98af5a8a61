"""The application: routes, errors and headers put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response

from service import problems
from service.routes import routes
from service.settings import ServiceSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model import Document

# Answers are data: nothing in them is to be run, framed, guessed at, kept or told to the next page.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_app(corpus: Sequence[Document] = (), settings: ServiceSettings | None = None) -> Flask:
    """Give the WSGI application; documents that are checked are compared with `corpus` and each other."""
    app = Flask("service", static_folder=None)
    app.url_map.merge_slashes = False  # an address is right or wrong; no redirects
    problems.register(app)
    app.register_blueprint(routes(tuple(corpus), settings or ServiceSettings()))
    app.after_request(_secure)
    return app


def _secure(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
