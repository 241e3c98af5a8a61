"""What requests and answers are made of: validated on the way in, described by the same models in OpenAPI."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from selectolax.lexbor import LexborHTMLParser

from provenance.model import Document, Strictness
from service.problems import Problem

if TYPE_CHECKING:
    from service.settings import ServiceSettings

ID = 500  # code points of an id
SHORT = 2_000  # of a title, an address and their like
# Identifiers are shown, logged and sent in addresses: nothing in them acts on what shows them.
NAME = r"^[^\u0000-\u001f\u007f-\u009f]*$"

Name = Annotated[str, Field(min_length=1, max_length=ID, pattern=NAME)]
# To JSON 5.0 and 5 are one number.
Whole = Annotated[
    int,
    Field(ge=-(2**63), lt=2**64),
    BeforeValidator(lambda value: int(value) if isinstance(value, float) and value.is_integer() else value),
]
Short = Annotated[str | None, Field(max_length=SHORT)]

_EITHER: dict[str, Any] = {
    "oneOf": [
        {"required": ["text"], "properties": {"text": {"type": "string"}}},
        {"required": ["html"], "properties": {"html": {"type": "string"}}},
    ]
}


class Model(BaseModel):
    """A JSON object; fields it does not know are let pass and ignored."""

    model_config = ConfigDict(strict=True, frozen=True)


class Content(Model):
    """A text or a page, with what is known of it."""

    model_config = ConfigDict(json_schema_extra=_EITHER)

    text: str | None = Field(None, description="The text; either this or `html`.")
    html: str | None = Field(None, description="The page's markup.")
    title: Short = None
    publisher: Short = Field(None, description="Who published it; else the domain of `url` stands for it.")
    url: Short = Field(None, description="Where it was published. It is never fetched.")
    published: Short = Field(None, description="When, in ISO 8601.")
    language: Short = Field(None, description="A language tag, such as `en`.")

    @model_validator(mode="after")
    def _either(self) -> Content:
        if (self.text is None) == (self.html is None):
            raise ValueError("must have either text or html" + ("" if self.text is None else ", not both"))
        return self

    def document(self, name: str) -> Document:
        """Give it as a document of this id."""
        return Document(
            id=name,
            text=self.html if self.text is None else self.text,  # type: ignore[arg-type]
            html=self.text is None,
            title=self.title,
            publisher=self.publisher,
            url=self.url,
            published=self.published,
            language=self.language,
        )


class Record(Content):
    """A text or a page with an id; a number stands for its digits."""

    id: Name | Whole | None = None

    def called(self, default: str) -> Document:
        """Give it as a document, called `default` where it has no id."""
        return self.document(default if self.id is None else str(self.id))


class NewDocument(Content):
    """A text or a page that is to be checked and added under its id."""

    id: Name
    strictness: Strictness = "balanced"


class Check(Record):
    """One document that is to be checked."""

    strictness: Strictness = "balanced"


class CheckMany(Model):
    """Documents that are checked together, against what was seen before and each other."""

    documents: list[Record] = Field(min_length=1)
    strictness: Strictness = "balanced"


class Clean(Content):
    """A text or a page that is to be cleaned."""

    strictness: Strictness = "balanced"


class Compare(Model):
    """Two texts; a string stands for a record with that text."""

    a: Content | str
    b: Content | str


Any_ = TypeVar("Any_", bound=BaseModel)


def validated(model: type[Any_], value: Any) -> Any_:
    """Give a JSON value as a model, or a problem that points to all that is wrong."""
    if not isinstance(value, dict):
        raise wrong([("#", f"The body must be an object; it is {_kind(value)}.")])
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise wrong([told(row["loc"], row["msg"]) for row in found[:20]]) from error


def told(place: tuple[int | str, ...], message: str) -> tuple[str, str]:
    """Give a place as a JSON pointer, and what is wrong there as a sentence."""
    # A union tells of each of its members too, by names that are no part of the request.
    path = [part for part in place if isinstance(part, int) or part in _FIELDS]
    pointer = "#" + "".join(f"/{part}" for part in path)
    what = message.removeprefix("Value error, ")
    return pointer, f"{'.'.join(map(str, path)) or 'The body'}: {what[0].lower()}{what[1:]}."


def wrong(errors: list[tuple[str, str]]) -> Problem:
    """Give the problem of a request whose content is not what it should be."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, errors[0][1], errors=errors)


def bounded(document: Document, settings: ServiceSettings, where: str = "") -> Document:
    """Give a document of bearable size; 413 for one that is larger, as it stands or as the text of its page is."""
    told = None
    if document.html and len(document.text) > settings.page_length:
        told = f"A page may have {settings.page_length:,} characters; this has more."
    elif length(document, settings.text_length) > settings.text_length:
        told = f"A text may have {settings.text_length:,} characters; this has more."
    if told:
        pointer = f"#{where}/{'html' if document.html else 'text'}"
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told, errors=[(pointer, told)])
    return document


def together(documents: list[Document], settings: ServiceSettings) -> list[Document]:
    """Give documents that are bearable in one request; 413 where their texts are too much."""
    if sum(length(one, 0) for one in documents) > settings.together:
        told = f"The texts of a request may have {settings.together:,} characters; /v1/batches takes more."
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told)
    return documents


def length(document: Document, enough: int) -> int:
    """Give how many characters a text has; of a page with more than `enough`, those that may be text."""
    if not document.html or len(document.text) <= enough:
        return len(document.text)
    tree = LexborHTMLParser(document.text)
    tree.strip_tags(["script", "style", "noscript", "template"])
    return len(tree.text())


def _kind(value: Any) -> str:
    names: dict[type, str] = {bool: "a boolean", str: "a string", list: "an array"}
    return names.get(type(value), "null" if value is None else "a number")


class Called(Model):
    """An id that stands in an address."""

    id: Name


class Strict(Model):
    """The one parameter of a batch."""

    strictness: Strictness


class About(Model):
    """What the query may say of a text."""

    publisher: Short = None
    strictness: Strictness = "balanced"


_FIELDS = {name for model in (NewDocument, CheckMany, Compare) for name in model.model_fields}
