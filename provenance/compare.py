"""What two texts are to each other: copied and rewritten passages, and one verdict with its evidence."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from provenance import runs
from provenance.align import DENSE, LENIENT, STRICT, Chain, chain, seed, table
from provenance.credits import credits
from provenance.direction import Witness, direction
from provenance.evidence import Pair, chance, gather, judge
from provenance.model import Document, Relation, SpanPair
from provenance.passages import BESIDE, ELSEWHERE, REWRITE, SAME_SUBJECT, Bar, passages
from provenance.words import Text, Vocabulary, read

EVIDENCE_BITS = 8.0  # a chain of this many bits counts towards the verdict on the documents
SAME_EVENT = 0.2  # cosine of two texts' stems by rarity from which they may be about one thing
MOSTLY_REWRITTEN = 0.2  # share of copied words below which a derived text is a rewrite throughout
UNLIKELY = 0.05  # chance of their best chain below which they are
MIN_WORDS = 8  # a text of fewer words proves nothing: two empty fingerprints are equal

Floats = NDArray[np.float64]


def compare(a: str | Document, b: str | Document) -> Relation:
    """Compare two texts as they stand (nothing is cleaned); spans count code points of each.

    Symmetric: compare(b, a) is the same relation with its sides exchanged.
    """
    first, second = (side if isinstance(side, Document) else Document("", side) for side in (a, b))
    # Numbers of words, and so the last bits of sums, follow the order: one canonical order makes it symmetric.
    flip = (len(first.text), first.text) > (len(second.text), second.text)
    vocabulary = Vocabulary()
    texts = [read(side.text, vocabulary) for side in ((second, first) if flip else (first, second))]
    one, other = texts[::-1] if flip else texts
    relation = relate(one, other, vocabulary.chances)
    sides = _witness(first, one, "the first text"), _witness(second, other, "the second text")
    order, reason = direction(*sides, rewritten(relation))
    if not order:
        return replace(relation, reason=relation.reason or reason)
    return replace(relation, earlier="a" if order < 0 else "b", reason=reason)


def rewritten(relation: Relation) -> tuple[SpanPair, ...]:
    """Give the passages whose wording may tell which text came first: those of a text that was rewritten.

    A copy loses nothing, and one that was brought up to date gains numbers as easily as it loses them.
    """
    near = relation.kind in ("exact", "near_duplicate")
    return relation.spans if relation.derived and not near else ()


def _witness(document: Document, text: Text, name: str) -> Witness:
    publisher = document.publisher or document.url
    return Witness(document.id or name, text, document.published, publisher, partial(credits, document.text))


def relate(a: Text, b: Text, chances: Floats, pairs: int = 1) -> Relation:
    """Compare two texts of one vocabulary; `chances` is each stem's chance to be in any sentence.

    `pairs` is how many pairs of documents the batch has: so many times chance had its turn.
    """
    if (len(a.source), a.source) > (len(b.source), b.source):  # one canonical order makes the result symmetric
        return exchanged(relate(b, a, chances, pairs))
    if min(len(a.words), len(b.words)) < MIN_WORDS:
        return Relation("insufficient_text", 0.0, derived=False, reason=f"a text has fewer than {MIN_WORDS} words")
    pair, chains, evidence = examine(a, b, chances)
    kind, score, derived = judge(a, b, evidence)
    bar = _bar(pair, evidence, derived=derived)
    if bar is REWRITE:
        chains = chain(seed(pair.table, LENIENT), EVIDENCE_BITS)
    spans = passages(pair, chains, bar)
    by_chance = chance(a.size * b.size, max((one.score for one in chains), default=0.0))
    if kind == "unrelated":
        if any(span.kind != "quote" for span in spans):
            kind = "shares_passages"
        elif evidence["cosine"] >= SAME_EVENT and by_chance < UNLIKELY:
            kind = "same_event"
    return Relation(kind, round(score, 4), derived, tuple(spans), pairs * by_chance, evidence=evidence)


def examine(a: Text, b: Text, chances: Floats) -> tuple[Pair, list[Chain], dict[str, float]]:
    """Align two texts of one vocabulary, and gather what speaks for derivation; give no verdict yet."""
    weighed = table(a, b, chances)
    chains = chain(seed(weighed, STRICT), EVIDENCE_BITS)
    pair = Pair(a, b, weighed, runs.find(a, b) if chains or a.size * b.size > DENSE else [])
    return pair, chains, gather(pair, chains, chances)


def _bar(pair: Pair, evidence: dict[str, float], *, derived: bool) -> Bar:
    """Choose what it takes to report a rewritten passage of these two texts."""
    if derived and evidence["verbatim"] < MOSTLY_REWRITTEN:
        return REWRITE
    if pair.copied:
        return BESIDE
    return SAME_SUBJECT if evidence["cosine"] >= SAME_EVENT else ELSEWHERE


def exchanged(relation: Relation) -> Relation:
    """Give the relation of b and a, from that of a and b before its direction is told."""
    spans = tuple(SpanPair(pair.b, pair.a, pair.kind, pair.score) for pair in relation.spans)
    return replace(relation, spans=tuple(sorted(spans, key=lambda pair: (pair.a, pair.b))))
