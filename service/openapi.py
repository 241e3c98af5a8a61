"""The OpenAPI 3.1 document, made of what the routes declare, and so never of what they are not."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from provenance import __version__
from service import answers, problems, schemas
from service.operations import Operation, operation_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

MODELS = (schemas.Content, schemas.NewDocument, schemas.Check, schemas.CheckMany, schemas.Clean, schemas.Compare)
SECURED = (401, 403, 429)  # problems of a route that needs a key
BODY = (400, 408, 411, 413, 415, 422)  # of one with a body
HEAVY = (503,)
KEY = {"Key": {"type": "http", "scheme": "bearer", "description": "A key made by `provenance keys add`."}}
_PART = re.compile(r"<(?:\w+:)?(\w+)>")


def document(app: Flask, *, keys: bool) -> dict[str, Any]:
    """Give the document of an application's routes that are declared and not pages."""
    paths: dict[str, Any] = {}
    for rule in app.url_map.iter_rules():
        declared = operation_of(app, rule.endpoint)
        if declared is None or (declared.page and not rule.rule.startswith("/v1/")):
            continue
        path = _PART.sub("{id}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule.endpoint, declared, keys=keys)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Provenance",
            "version": __version__,
            "summary": "What in a text is not the article, and where have its passages been before?",
            "description": "Offsets are half-open and count Unicode code points. Every problem is "
            "application/problem+json (RFC 9457). Answers carry X-Request-Id.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": _components(), **({"securitySchemes": KEY} if keys else {})},
    }


def _components() -> dict[str, Any]:
    _, made = models_json_schema(
        [(model, "validation") for model in MODELS], ref_template="#/components/schemas/{model}"
    )
    described: dict[str, Any] = made["$defs"]
    return answers.components() | described


def _operation(endpoint: str, declared: Operation, *, keys: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": endpoint.replace(".", "_"), "summary": declared.summary}
    if declared.description:
        made["description"] = declared.description
    if declared.scope and keys:
        made["security"] = [{"Key": []}]
        made["description"] = f"{declared.description} Scope: `{declared.scope}`.".strip()
    if declared.parameters:
        made["parameters"] = [
            {
                "name": one.name,
                "in": one.place,
                "required": one.place == "path",
                "description": one.description,
                "schema": one.schema,
            }
            for one in declared.parameters
        ]
    if declared.body:
        content = {media: {"schema": _schema(value)} for media, value in declared.body.items()}
        made["requestBody"] = {"required": True, "content": content}
    made["responses"] = _responses(declared)
    return made


def _responses(declared: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, answer in declared.answers.items():
        made: dict[str, Any] = {"description": answer.description}
        if answer.content:
            made["content"] = {media: {"schema": _schema(value)} for media, value in answer.content.items()}
        if answer.headers:
            made["headers"] = {
                name: {"description": told, "schema": answers.TEXT} for name, told in answer.headers.items()
            }
        found[str(status)] = made
    statuses = {*declared.problems, 400}
    statuses |= set(SECURED) | {503} if declared.scope else set()
    statuses |= set(BODY) if declared.body else set()
    statuses |= set(HEAVY) if declared.heavy else set()
    for status in sorted(statuses):
        content = {problems.TYPE: {"schema": answers.component("Problem")}}
        found[str(status)] = {"description": HTTPStatus(status).phrase, "content": content}
    return found


def _schema(value: Any) -> Any:
    if isinstance(value, str):
        return answers.component(value)
    if isinstance(value, dict) and "anyOf" in value:
        return {"anyOf": [_schema(one) for one in value["anyOf"]]}
    return value


def chapters(made: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the operations in the order of a readable page: each with its method, path and parts."""
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, operations in made["paths"].items()
        for method, operation in operations.items()
    ]
