"""The HTTP service: `create_app` gives the WSGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.settings import ServiceSettings

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["ServiceSettings", "create_app"]


def create_app(settings: ServiceSettings | None = None) -> Flask:
    """Give the WSGI application; what it keeps is in the folder that the settings name."""
    # What counts requests decides when it is imported whether processes count together (see service.supervise).
    from service.app import create_app as made  # noqa: PLC0415

    return made(settings)
