"""Documents as the report shows them, and what was removed from them, reason by reason."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.report.pairs import WIDTH
from provenance.report.pieces import LONG, MOST, segments
from provenance.report.wording import FLAGS, REASONS, cut, number, percent, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from provenance.model import AuditedDocument, Manifest, Match, Removal, Span
    from provenance.report.pairs import Name
    from provenance.report.pieces import Segment

TEXT = 700_000  # code points of documents shown in full, a mark counted as MARK of them
MARK = 300
LISTED = 3_000  # removals listed under their reasons; of a larger batch EXAMPLES under each
EXAMPLES = 12
PAIRS = 60  # pairs of a document that are named beside it
TITLE = 90  # code points
SURE = MOST // 2  # removals of a document shown in full that certainly have their place in it

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,5}")


@dataclass(frozen=True, slots=True)
class Example:
    """A removed passage in a few words, with the place where it stands."""

    text: str
    size: int
    document: int
    number: int
    shown: bool


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """What was removed for one reason; `share` is of all characters read, in thousandths."""

    label: str
    passages: int
    documents: int
    characters: int
    share: str
    bar: int
    examples: tuple[Example, ...]

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.passages - len(self.examples)


@dataclass(frozen=True, slots=True)
class Page:
    """One document: its facts, and its text in segments if it is shown in full."""

    number: int
    name: Name
    row: AuditedDocument
    facts: tuple[tuple[str, str], ...]
    language: str | None
    publisher: str | None
    published: str | None
    length: int
    removed: int
    share: str
    outlets: tuple[str, ...]
    flags: tuple[str, ...]
    pairs: tuple[int, ...]
    manifests: tuple[str, ...]
    segments: tuple[Segment, ...] | None = None
    hidden: int = 0

    @property
    def kept(self) -> int:
        """How many characters were kept."""
        return self.length - self.removed


def choose(rows: Sequence[AuditedDocument], matches: Sequence[Match]) -> set[str]:
    """Choose the documents that are shown in full: the matched, then those with removals, then the others."""
    counts = Counter(side.doc for match in matches for side in (match.a, match.b))
    ranked = sorted(rows, key=lambda row: (not counts[row.document.id], not row.cleaned.removals))
    full, left = set(), TEXT
    for row in ranked:
        marks = len(row.cleaned.removals) + len(row.credits) + counts[row.document.id]
        left -= min(len(row.cleaned.source), LONG) + MARK * min(marks, MOST) + MARK
        if left < 0:
            break
        full.add(row.document.id)
    return full


def page(
    row: AuditedDocument,
    called: Name,
    passages: Mapping[str, Sequence[tuple[Span, str]]],
    pairs: Mapping[str, Sequence[int]],
) -> Page:
    """Give a document as the report shows it; in full, with its numbered passages, where its name says so."""
    cleaned, document = row.cleaned, row.document
    length, removed = len(cleaned.source), sum(removal.end - removal.start for removal in cleaned.removals)
    language = document.language or cleaned.language
    facts = (
        ("Id", document.id),
        ("Read from", document.source if document.source != document.id else None),
        ("Author", document.author or cleaned.author),
        ("Publisher", document.publisher or cleaned.publisher),
        ("Published", document.published or cleaned.published),
        ("Address", document.url or cleaned.url),
        ("Language", language),
        ("SHA-256", row.sha256),
        ("ISCC", row.iscc),
    )
    shown, hidden = segments(cleaned, row.credits, passages.get(document.id, ())) if called.shown else (None, 0)
    return Page(
        number=called.number or 0,
        name=called,
        row=row,
        facts=tuple((label, value) for label, value in facts if value),
        publisher=document.publisher or cleaned.publisher,
        published=document.published or cleaned.published,
        language=language if language and _LANGUAGE.fullmatch(language) else None,
        length=length,
        removed=removed,
        share=percent(removed, length),
        outlets=tuple(dict.fromkeys(credit.outlet for credit in row.credits)),
        flags=tuple(FLAGS.get(flag, words(flag)) for flag in row.flags),
        pairs=tuple(pairs.get(document.id, ()))[:PAIRS],
        manifests=tuple(_manifest(one) for one in row.manifests),
        segments=shown,
        hidden=hidden,
    )


def _manifest(row: Manifest) -> str:
    whole = "complete" if row.complete else "cut off"
    return f"{number(row.length)} bytes, {whole}, not validated, SHA-256 {row.sha256}"


def reasons(pages: Iterable[Page], length: int) -> Iterator[ReasonLine]:
    """Give a line for each reason met, the one that took most first."""
    found: dict[str, list[tuple[Page, int, Removal]]] = defaultdict(list)
    for item in pages:
        for place, removal in enumerate(item.row.cleaned.removals, 1):
            found[removal.reason].append((item, place, removal))
    sizes = {reason: sum(row.end - row.start for _, _, row in rows) for reason, rows in found.items()}
    most = EXAMPLES if sum(map(len, found.values())) > LISTED else LISTED
    for reason, rows in sorted(found.items(), key=lambda item: (-sizes[item[0]], item[0])):
        yield ReasonLine(
            label=REASONS.get(reason, words(reason)),
            passages=len(rows),
            documents=len({item.number for item, _, _ in rows}),
            characters=sizes[reason],
            share=percent(sizes[reason], length),
            bar=WIDTH * sizes[reason] // (length or 1),
            examples=tuple(
                Example(
                    opening(row.text),
                    row.end - row.start,
                    item.number,
                    place,
                    item.name.shown and place <= SURE,
                )
                for item, place, row in rows[:most]
            ),
        )


def title(row: AuditedDocument) -> str:
    """Give a document's title, else its opening words, else its id."""
    given = row.document.title or row.cleaned.title or ""
    return opening(given) or opening(row.cleaned.text) or row.document.id


def opening(text: str) -> str:
    """Give the first line of a text that says something, cut at a word."""
    return cut(" ".join(text[: 40 * TITLE].strip().partition("\n")[0].split()), TITLE)
