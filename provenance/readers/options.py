"""How sources are to be read, as one frozen value."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import Literal, get_args

from provenance.config import Limits
from provenance.errors import SettingsError

Format = Literal["auto", "text", "html", "jsonl"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a source is and where its records keep what; raises SettingsError when that makes no sense.

    `encoding` is for text and pages that do not say theirs and are not UTF-8; JSON is UTF-8 by its own
    definition. `root` is the folder that the ids of files are told from, where the default (the deepest
    folder that holds all the sources) would let two calls give one id to two files.
    """

    format: Format = "auto"
    text_field: str = "text"
    html_field: str = "html"
    id_field: str = "id"
    title_field: str = "title"
    publisher_field: str = "publisher"
    url_field: str = "url"
    date_field: str = "published"
    language_field: str = "language"
    author_field: str = "author"
    encoding: str | None = None
    root: str | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if self.format not in get_args(Format):
            raise SettingsError(f"format is {self.format!r}, not one of {', '.join(get_args(Format))}")
        if self.encoding is None:
            return
        try:
            codecs.lookup(self.encoding)
            "a".encode(self.encoding)  # a codec that is not of text refuses
        except (LookupError, ValueError, AttributeError):
            raise SettingsError(f"{self.encoding!r} is not the name of a text encoding") from None
