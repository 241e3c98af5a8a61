"""Routes for those who run the service: is it up, is it of use, what does it do, how is it asked."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app

from provenance import __version__
from provenance.errors import ProvenanceError
from service import metrics, openapi
from service.disk import write_some
from service.operations import JSON, Answer, Operation, operation
from service.problems import Problem
from service.routes_check import as_json
from service.state import state

if TYPE_CHECKING:
    from collections.abc import Callable

blueprint = Blueprint("health", __name__)
PROBE = "default"  # the tenant whose index is looked at


@blueprint.get("/healthz")
@operation(Operation(summary="Say that the process answers", answers={200: Answer("It does.", {JSON: "Health"})}))
def healthz() -> Response:
    """Answer."""
    return as_json({"status": "ok", "version": __version__})


@blueprint.get("/readyz")
@operation(
    Operation(
        summary="Say whether requests can be answered",
        answers={
            200: Answer("They can.", {JSON: "Ready"}),
            503: Answer("They cannot: what is needed and does not answer is false.", {JSON: "Ready"}),
        },
    )
)
def readyz() -> Response:
    """Tell what was found at the last look at the index and the disk."""
    checks = state().glance.looked(_looked)
    well = all(checks.values())
    return as_json({"status": "ready" if well else "not ready", "checks": checks}, 200 if well else 503)


def _looked() -> dict[str, bool]:
    def index() -> None:
        with state().indexes.of(PROBE) as opened:
            opened.store.figures()

    return {"index": _works(index), "disk": _works(partial(write_some, state().settings))}


@blueprint.get("/metrics")
@operation(
    Operation(
        summary="Give figures for Prometheus, of all processes",
        scope="metrics",
        answers={200: Answer("The figures.", {"text/plain": {"type": "string"}})},
    )
)
def figures() -> Response:
    """Give the figures."""
    return Response(metrics.exposed(*state().batches.figures()), content_type=metrics.TYPE)


@blueprint.get("/openapi.json")
@operation(
    Operation(summary="Give this description", answers={200: Answer("OpenAPI 3.1.", {JSON: {"type": "object"}})})
)
def described() -> Response:
    """Give the OpenAPI document."""
    return Response(json.dumps(description(), indent=1), content_type=JSON)


def description() -> dict[str, Any]:
    """Give the OpenAPI document of this application, made once; it says whether keys are asked for."""
    keys = state().keyed
    kept: dict[bool, dict[str, Any]] = current_app.extensions.setdefault("provenance.openapi", {})
    if keys not in kept:
        kept[keys] = openapi.document(current_app, keys=keys)
    return kept[keys]


def _works(look: Callable[[], None]) -> bool:
    try:
        look()
    except (ProvenanceError, Problem, OSError):
        return False
    return True
