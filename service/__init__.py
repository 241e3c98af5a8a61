"""The HTTP service: `create_app` gives the WSGI application."""

from service.app import create_app
from service.settings import ServiceSettings

__all__ = ["ServiceSettings", "create_app"]
