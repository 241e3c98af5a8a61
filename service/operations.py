"""What is known of a route beside its address: who may ask, what goes in and what comes out.

One declaration serves the check of keys, the limits and the OpenAPI document, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

Scope = Literal["check", "read", "write", "batches", "metrics"]
Route = TypeVar("Route", bound="Callable[..., Any]")
JSON = "application/json"
NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a request, in its address, query or headers; `schema` is a JSON schema."""

    name: str
    place: Literal["path", "query", "header"]
    schema: Mapping[str, Any]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no problem: its schema by media type, by the name of a component or in full."""

    description: str
    content: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """A route.

    scope     what a key must allow; None for a route that needs no key
    heavy     whether it works on texts: such requests are counted and wait for one another
    body      schemas by media type, as in `Answer`
    answers   by status
    problems  statuses of problems beside those that follow from the rest
    page      whether people are meant: a problem is then shown as a page
    """

    summary: str
    scope: Scope | None = None
    heavy: bool = False
    body: Mapping[str, Any] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    answers: Mapping[int, Answer] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    description: str = ""
    page: bool = False


def operation(declared: Operation) -> Callable[[Route], Route]:
    """Declare what a route is."""

    def decorate(route: Route) -> Route:
        route.operation = declared  # type: ignore[attr-defined]
        return route

    return decorate


def operation_of(app: Flask, endpoint: str | None) -> Operation | None:
    """Give what a route was declared to be."""
    view = app.view_functions.get(endpoint) if endpoint else None
    return getattr(view, "operation", None)
