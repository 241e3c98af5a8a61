"""The options that say how sources are read; the same for every command that reads some."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.exits import Command, debugging

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.readers import ReadOptions

STRICTNESS = click.option(
    "--strictness",
    type=click.Choice(["safe", "balanced", "strict"]),
    default="balanced",
    show_default=True,
    help="How much evidence a removal needs.",
)

_FIELDS = (
    ("text", "text", "the text"),
    ("html", "html", "the page, where there is no text"),
    ("id", "id", "the id; without one a record is called path:line"),
    ("title", "title", "the title"),
    ("publisher", "publisher", "the publisher"),
    ("url", "url", "the address"),
    ("date", "published", "the time of publication"),
    ("language", "language", "the language"),
    ("author", "author", "the author"),
)


def reading(command: Command) -> Command:
    """Add the options of reading to a command; it gets them all as `**reading`."""
    for name, default, what in reversed(_FIELDS):
        command = click.option(
            f"--{name}-field",
            default=default,
            show_default=True,
            metavar="NAME",
            help=f"Field of JSON Lines with {what}.",
        )(command)
    command = debugging(command)
    command = click.option("--encoding", metavar="NAME", help="Encoding of text that is not UTF-8.")(command)
    return click.option(
        "--input-format",
        type=click.Choice(["auto", "text", "html", "jsonl"]),
        default="auto",
        show_default=True,
        help="What the sources are; auto goes by the name, then by how the bytes begin.",
    )(command)


def read_options(values: dict[str, Any], sources: Iterable[str] = ()) -> ReadOptions:
    """Give the values of the options as one; ids are told from the folder that holds all `sources`."""
    from provenance.readers import ReadOptions, common_folder  # noqa: PLC0415 (see provenance.cli)

    known = {field.name for field in fields(ReadOptions)}
    chosen = {name: value for name, value in values.items() if name in known}
    return ReadOptions(format=values["input_format"], root=common_folder(sources), **chosen)


def told(options: ReadOptions) -> dict[str, Any]:
    """Give the options that decide what is read from the sources, as JSON values."""
    named = {field.name: getattr(options, field.name) for field in fields(options)}
    limits = {field.name: getattr(options.limits, field.name) for field in fields(options.limits)}
    return {name: value for name, value in named.items() if name not in ("root", "limits")} | {"limits": limits}


def own_names(values: dict[str, Any]) -> dict[str, str]:
    """Give by our name of a field the name that the records have for it, where that is another."""
    chosen = {default: values[f"{name}_field"] for name, default, _ in _FIELDS if name != "html"}
    return {ours: theirs for ours, theirs in chosen.items() if ours != theirs}
