"""The audit of a batch: clean, read, find candidates, compare, and say what goes back to what."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance import __version__, candidates
from provenance.c2pa import manifests
from provenance.clean import clean_batch
from provenance.compare import MIN_WORDS, relate
from provenance.credits import credits
from provenance.entries import Entry, Prepared
from provenance.errors import InputError, SettingsError
from provenance.evidence import threshold
from provenance.fingerprint import (
    PASSAGE_ROWS,
    PERMUTATIONS,
    Fingerprint,
    banded,
    bands,
    digests,
    fingerprint,
    passage_minhashes,
)
from provenance.kernels.running import foresee
from provenance.model import (
    AuditedDocument,
    Cleaned,
    Credit,
    Document,
    Rejected,
    Relation,
    Strictness,
    authors,
)
from provenance.outside import outside
from provenance.report.audit import SCALE, Audit, score_step, turns_of
from provenance.report.iscc import text_code
from provenance.report.made_with import libraries, weights
from provenance.telling import Estimated, dates, silent_pairs, told
from provenance.words import Text, Vocabulary, masked, passages, read, read_all
from provenance.workers import mapped

if TYPE_CHECKING:
    from provenance.index import Index
    from provenance.index.look import Look
    from provenance.index.records import Stored

Progress = Callable[[str, int, int], None]
Parts = np.ndarray[Any, np.dtype[np.uint32]]  # a MinHash of each passage: (n, 128)
STEPS = 4_000  # of kernels, that two articles take
GENERAL = 20_000  # sentences of general text that a corpus' own frequencies are blended with

_FIELDS = frozenset(field.name for field in fields(Document)) - {"html", "extra", "author"}


def audit(
    documents: Iterable[Document | Rejected | Mapping[str, Any]],
    *,
    engine: str = "local",
    index: Index | None = None,
    against: Iterable[Document | Rejected | Mapping[str, Any]] = (),
    strictness: Strictness = "balanced",
    progress: Progress | None = None,
    jobs: int | None = None,
) -> Audit:
    """Audit a batch of documents: what is not the article, what matches what, and what is derived.

    `against` are documents that the batch is compared with; they are neither reported on nor compared with
    each other. `index` adds stored documents that share something with the batch, and what recurred before.
    Inputs that cannot be used, and ids met a second time, are listed in the audit's `rejected`. Large batches are
    compared by `jobs` processes, by default as many as there are processors; the result is the same. Raises
    SettingsError for an engine that this version has not.
    """
    settings = _settings(engine, strictness, index)
    step = progress or _silent
    own, rejected = _admit(documents, set())
    others, refused = _admit(against, {document.id for document in own})
    batch = [*own, *others]
    look = index.look(len(own), batch) if index else None
    cleaned = clean_batch(batch, strictness=strictness, seen=look, done=lambda n: step("clean", n, len(batch)))
    prepared = replace(_prepare(batch, cleaned, step, jobs, look), own=len(own))
    audited = tuple(row.audited for row in prepared.entries[: len(own)])
    estimated: Estimated = look.estimates(audited) if look else ([], [])
    pairs = _pairs(prepared, look)
    met = sorted({second for _, second in pairs if second >= len(batch)})
    rest = [row.audited for row in prepared.entries[len(own) : len(batch)]]
    held, unread = outside(rest, [prepared.entries[number].audited for number in met], look, estimated[0])
    found, compared = _related(prepared, pairs, len(held) + unread, step, jobs)
    matches, relations, joined = told(prepared, found, estimated, dates((*audited, *held)))
    silent = silent_pairs(prepared, compared, relations)
    rows = (audited, (*rejected, *refused), matches, relations, joined, _steps(compared))
    return Audit(__version__, settings, *rows, compared_with=held, unread=unread, silent=silent)


def _settings(engine: str, strictness: Strictness, index: Index | None) -> dict[str, Any]:
    if engine != "local":
        raise SettingsError("this version audits on one machine: engine='local'")
    settings: dict[str, Any] = {"engine": engine, "strictness": strictness, "threshold": threshold()}
    made = {"weights": weights(), "libraries": libraries()}
    return settings | ({"index": index.namespace} if index else {}) | made


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report progress to nobody."""


# --- what goes in -----------------------------------------------------------------------------------------


def _admit(
    rows: Iterable[Document | Rejected | Mapping[str, Any]], seen: set[str]
) -> tuple[list[Document], list[Rejected]]:
    """Divide what was given into documents with ids of their own and what was rejected."""
    documents: list[Document] = []
    rejected: list[Rejected] = []
    for number, row in enumerate(rows):
        if isinstance(row, Rejected):
            rejected.append(row)
            continue
        try:
            document = row if isinstance(row, Document) else document_of(row, f"document {number + 1}")
        except InputError as error:
            rejected.append(Rejected(error.source, error.error))
            continue
        if document.id in seen:
            rejected.append(Rejected(document.source or document.id, f"the id {document.id!r} was given before"))
            continue
        seen.add(document.id)
        documents.append(document)
    return documents, rejected


def document_of(row: Mapping[str, Any], place: str) -> Document:
    """Make a Document of a record with `id` and `text` (or `html`); raise InputError, naming `place`."""
    values = {key: value for key, value in row.items() if key in _FIELDS and value is not None}
    html = "html" in row and "text" not in row
    text = row.get("html" if html else "text")
    if not isinstance(text, str):
        raise InputError(place, "a document needs a string in 'text' or 'html'")
    if "id" not in values:
        raise InputError(place, "a document needs an 'id'")
    wrong = next((key for key, value in values.items() if key != "id" and not isinstance(value, str)), None)
    if wrong:
        raise InputError(place, f"{wrong!r} is not a string")
    values |= {"id": str(values["id"]), "text": text, "html": html}
    extra = {key: value for key, value in row.items() if key not in _FIELDS and key != "html"}
    return Document(**values, extra=extra, author=authors(row.get("author")))


# --- what is compared -------------------------------------------------------------------------------------


def _prepare(
    batch: Sequence[Document],
    cleaned: Sequence[Cleaned],
    step: Progress,
    jobs: int | None,
    look: Look | None,
) -> Prepared:
    left = [masked(one.source, one.kept) for one in cleaned]
    named = mapped(lambda number: credits(left[number]), range(len(left)), jobs)  # while this process reads
    vocabulary = look.vocabulary if look else Vocabulary()
    texts = []
    for number, source in enumerate(left):
        texts.append((look.text(number, source) if look else None) or read(source, vocabulary))
        step("read", number + 1, len(batch))
    prints = _prints(texts, vocabulary, look)
    entries = []
    for number, (document, one, text, found) in enumerate(zip(batch, cleaned, texts, named, strict=True)):
        entries.append(Entry(_audited(document, one, text, found), text, *prints[number]))
        step("fingerprint", number + 1, len(batch))
    against = look.against if look else []
    for old, text in zip(against, read_all([old.text or "" for old in against], vocabulary), strict=True):
        texts.append(text)
        entries.append(Entry(_known(old, text), text, old.sketch.print, None))
    return Prepared(entries, _blended(vocabulary, texts))


def _prints(texts: Sequence[Text], vocabulary: Vocabulary, look: Look | None) -> list[tuple[Fingerprint, Parts]]:
    """Give the fingerprint of each text of a batch, and of its passages; a lone text's are asked by nobody."""
    if len(texts) == 1 and look and (sketch := look.sketch(0, texts[0])):
        return [(sketch.print, np.zeros((0, PERMUTATIONS), dtype=np.uint32))]
    known, hashes = digests(list(vocabulary)), vocabulary.hashes
    made = []
    for text in texts:
        own = hashes[text.words]
        made.append((fingerprint(text.words, own, known), passage_minhashes(own, passages(text))))
    return made


def _known(stored: Stored, text: Text) -> AuditedDocument:
    """Give a stored document as one that was audited: what was found of it when it was added is known."""
    flags = (*stored.flags, *(("insufficient_text",) if len(text.words) < MIN_WORDS else ()))
    return AuditedDocument(stored.document, stored.cleaned, stored.credits, stored.digest.hex(), flags)


def _audited(document: Document, cleaned: Cleaned, text: Text, found: Sequence[Credit]) -> AuditedDocument:
    flags = {*cleaned.flags, *text.flags}
    if len(text.words) < MIN_WORDS:
        flags.add("insufficient_text")
    embedded = manifests(cleaned.source)
    if embedded:
        flags.add("c2pa_manifest")
    digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
    code = text_code(cleaned.source)
    return AuditedDocument(document, cleaned, tuple(found), digest, tuple(sorted(flags)), embedded, code)


def _blended(vocabulary: Vocabulary, texts: Sequence[Text]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Blend general frequencies with the corpus': the more sentences it has, the more it counts."""
    general = vocabulary.chances
    met = np.zeros(len(general))
    for text in texts:
        met[text.stemmed.keys] += text.stemmed.counts
    return (GENERAL * general + met) / (GENERAL + sum(text.size for text in texts))


def _pairs(prepared: Prepared, look: Look | None) -> list[tuple[int, int]]:
    """Give the candidate pairs that hold at least one document of the batch."""
    usable = [
        number for number, entry in enumerate(prepared.entries) if "insufficient_text" not in entry.audited.flags
    ]
    batch = [number for number in usable if prepared.entries[number].passages is not None]
    found = _within([prepared.entries[number] for number in batch], prepared.chances)
    pairs = {(batch[a], batch[b]) for a, b in found if batch[a] < prepared.own}
    if look is not None:
        first = sum(entry.passages is not None for entry in prepared.entries)
        known = [(a, first + b, sure) for a, b, sure in look.pairs() if {a, first + b} <= set(usable)]
        texts = [entry.text for entry in prepared.entries]
        unsure = np.array([(a, b) for a, b, sure in known if not sure], dtype=np.int64).reshape(-1, 2)
        pairs.update((a, b) for a, b, sure in known if sure)
        pairs.update((a, b) for a, b in candidates.screened(texts, unsure, prepared.chances).tolist())
    return sorted(pairs)


def _within(entries: Sequence[Entry], chances: np.ndarray[Any, np.dtype[np.float64]]) -> list[tuple[int, int]]:
    """Give the candidate pairs of a batch, by their places in it."""
    if len(entries) < 2:
        return []
    texts = [entry.text for entry in entries]
    anchored = candidates.by_anchors(texts, chances)
    copies = candidates.by_bands(bands([entry.print for entry in entries]), np.arange(len(entries)))
    parts = [entry.passages for entry in entries if entry.passages is not None]
    owners = np.repeat(np.arange(len(entries)), [len(part) for part in parts])
    excerpts = candidates.by_bands(banded(np.concatenate(parts), PASSAGE_ROWS), owners)
    joined = np.concatenate((candidates.screened(texts, anchored, chances), copies, excerpts))
    return [(a, b) for a, b in np.unique(joined, axis=0).tolist()]


def _related(
    prepared: Prepared, pairs: Sequence[tuple[int, int]], others: int, step: Progress, jobs: int | None
) -> tuple[list[tuple[int, int, Relation]], list[tuple[int, int, float]]]:
    """Compare the candidate pairs; give those with anything in common, and the score of each.

    `others` is how many documents the batch was held against, read or not.
    """
    turns = turns_of(prepared.own, others)

    def compared(pair: tuple[int, int]) -> Relation:
        first, second = (prepared.entries[number].text for number in pair)
        return relate(first, second, prepared.chances, turns)

    if foresee(STEPS * len(pairs)):
        compared(pairs[0][:1] * 2)  # a text and itself take every kernel: compiled here, not in each process
    found, scores = [], []
    for number, (pair, relation) in enumerate(zip(pairs, mapped(compared, pairs, jobs), strict=True)):
        scores.append((*pair, relation.score))
        if relation.kind != "unrelated":
            found.append((*pair, relation))
        step("compare", number + 1, len(pairs))
    return found, scores


def _steps(compared: Iterable[tuple[int, int, float]]) -> tuple[int, ...]:
    """Count the pairs by the step of their score."""
    counts = [0] * SCALE
    for _, _, score in compared:
        counts[score_step(score)] += 1
    return tuple(counts)
