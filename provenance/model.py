"""The values that pass between the layers: frozen, without behaviour beyond looking at themselves.

Every offset in the package is half-open and counts Unicode code points. Offsets of removals, passages,
matches and credits count in `Cleaned.source`: the text as it was given, or the visible text of a page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Reason = Literal[
    "advertisement",
    "author_bio",
    "related_headline",
    "newsletter",
    "share",
    "cookie_notice",
    "navigation",
    "caption",
    "comments",
    "page_furniture",
    "copyright",
    "repeated_block",
]
Strictness = Literal["safe", "balanced", "strict"]
Role = Literal["batch", "against", "review", "baseline"]
Origin = Literal["batch", "against", "index"]
DecisionKind = Literal["confirm", "reject", "same_source", "note"]
MatchKind = Literal["copied", "edited", "rewritten", "quote"]
RelationKind = Literal[
    "exact",
    "near_duplicate",
    "rewritten",
    "shares_passages",
    "same_event",
    "unrelated",
    "insufficient_text",
]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open run of code points."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Document:
    """One article as it came in; `text` is markup where `html` is true.

    `source` says where it was read (a path, or path:line), `extra` keeps the record's unknown fields.
    """

    id: str
    text: str
    html: bool = False
    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    published: str | None = None
    language: str | None = None
    source: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    author: str | None = None


def authors(value: object) -> str | None:
    """Give the names in what records and linked data call an author, with commas between several; None for none.

    It is a text, an object with a name, or a list of such.
    """
    several = value if isinstance(value, (list, tuple)) else [value]
    found = [one.get("name") if isinstance(one, dict) else one for one in several]
    return ", ".join(name.strip() for name in found if isinstance(name, str) and name.strip()) or None


@dataclass(frozen=True, slots=True)
class Input:
    """A file that went into a run, by the digest and the number of its own bytes; both None where it has no end.

    `role` says what it is: a source of the batch or of what that is compared with, a reviewer's decisions, an
    earlier report.
    """

    source: str
    sha256: str | None = None
    size: int | None = None
    role: Role = "batch"


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that could not be used: where it stood and what is wrong with it."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Removal:
    """A span of the source that is not the article; `text` is what stood there.

    `documents` counts the publisher's documents that have a repeated block; it is None for any other reason.
    """

    start: int
    end: int
    text: str
    reason: Reason
    rule: str
    confidence: float
    documents: int | None = None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a source and what was taken from it.

    The law of the ledger: the removals, and the spans between them (`kept`), partition `source`;
    `text` is the kept spans joined by nothing.
    """

    text: str
    source: str
    removals: tuple[Removal, ...] = ()
    flags: tuple[str, ...] = ()
    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    author: str | None = None

    @property
    def kept(self) -> tuple[Span, ...]:
        """The spans of `source` between the removals, in order; none is empty."""
        edges = [0]
        for removal in self.removals:
            edges += [removal.start, removal.end]
        edges.append(len(self.source))
        return tuple(Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b)


@dataclass(frozen=True, slots=True)
class Credit:
    """A source that the text names: `outlet` is its name, and the text at the span."""

    start: int
    end: int
    outlet: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A C2PA manifest embedded in a text, as found and not validated.

    The span is that of the whole wrapper. `length` counts the bytes of the manifest that are there, `sha256` is of
    them; `complete` is false where the wrapper announces more. `version` is None where even that is cut off.
    """

    start: int
    end: int
    version: int | None
    length: int
    sha256: str
    complete: bool


@dataclass(frozen=True, slots=True)
class SpanPair:
    """A passage of text a and the passage of text b that it is aligned with; `score` in 0..1."""

    a: Span
    b: Span
    kind: MatchKind
    score: float


@dataclass(frozen=True, slots=True)
class Relation:
    """What two texts are to each other.

    `score` (0..1) rises with the evidence that one text, or a common source, was copied or rewritten;
    `derived` is the verdict on it. `chance` is how many matches as strong chance would give among all the pairs
    of the batch; of two texts, between them. `earlier` is "a", "b" or None (undecided), and `reason` says on
    what evidence.
    """

    kind: RelationKind
    score: float
    derived: bool
    spans: tuple[SpanPair, ...] = ()
    chance: float = 0.0
    earlier: Literal["a", "b"] | None = None
    reason: str = ""
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Documents joined by derivation; `earliest` is the one the others most likely go back to, if known."""

    id: str
    documents: tuple[str, ...]
    earliest: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a match: a span of the document's source, with its text."""

    doc: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """Two passages of two documents of a batch, aligned; `score` in 0..1, `decision` a reviewer's."""

    a: Side
    b: Side
    kind: MatchKind
    score: float
    decision: DecisionKind | None = None


@dataclass(frozen=True, slots=True)
class DocumentRelation:
    """`Relation` between two documents of a batch, by their ids; `earlier` is an id or None.

    A reviewer's `decision` is already in `derived`.
    """

    a: str
    b: str
    kind: RelationKind
    score: float
    derived: bool
    chance: float
    earlier: str | None
    reason: str
    evidence: Mapping[str, float] = field(default_factory=dict)
    decision: DecisionKind | None = None


@dataclass(frozen=True, slots=True)
class SilentPair:
    """Two documents that were compared passage by passage, and of which nothing is told but the score."""

    a: str
    b: str
    score: float


@dataclass(frozen=True, slots=True)
class AuditedDocument:
    """A document with what was found in it alone; `sha256` is of the text as it was given, in UTF-8.

    `iscc` is the ISCC Text-Code of `cleaned.source`: like texts have like codes. `origin` says whether the
    document is one of the batch, or one that the batch was only compared with. One of an index is there as the
    index has it: what was removed stands as line breaks, or there is no text at all.
    """

    document: Document
    cleaned: Cleaned
    credits: tuple[Credit, ...]
    sha256: str
    flags: tuple[str, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    iscc: str | None = None
    origin: Origin = "batch"
