"""The application: routes, guards and errors put together."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from service import guard, pages, problems, routes_batches, routes_check, routes_documents, routes_health, state
from service.settings import ServiceSettings


class Named(BaseConverter):
    """An id in an address: anything at all, slashes and line breaks among it."""

    regex = r"(?s:.+)"
    part_isolating = False


def create_app(settings: ServiceSettings | None = None) -> Flask:
    """Give the WSGI application; what it keeps is in the folder that the settings name."""
    settings = settings or ServiceSettings()
    app = Flask("service", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False  # an address is right or wrong; no redirects
    app.url_map.strict_slashes = False
    app.url_map.converters["name"] = Named
    state.install(app, settings)
    guard.install(app)
    problems.register(app, pages.shown)
    pages.install(app)
    for part in (routes_health, routes_check, routes_documents, routes_batches, pages):
        app.register_blueprint(part.blueprint)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app
