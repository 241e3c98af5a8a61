"""What two texts are to each other: copied and rewritten passages, and one verdict with its evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from provenance import runs
from provenance.align import DENSE, LENIENT, STRICT, Chain, chain, seed, table
from provenance.evidence import Pair, chance, gather, judge
from provenance.lineage import earlier
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
    if (len(first.text), first.text) > (len(second.text), second.text):
        return _exchanged(compare(second, first))
    vocabulary = Vocabulary()
    texts = read(first.text, vocabulary), read(second.text, vocabulary)
    relation = relate(*texts, np.array(vocabulary.chances))
    order = earlier(first.published, second.published)
    if not order:
        return replace(relation, reason=relation.reason or "undecided: no dates of publication tell them apart")
    before, after = (first, second) if order < 0 else (second, first)
    reason = f"published {before.published}, the other {after.published}"
    return replace(relation, earlier="a" if order < 0 else "b", reason=reason)


def relate(a: Text, b: Text, chances: Floats, pairs: int = 1) -> Relation:
    """Compare two texts of one vocabulary; `chances` is each stem's chance to be in any sentence.

    `pairs` is how many pairs of documents the batch has: so many times chance had its turn.
    """
    if (len(a.source), a.source) > (len(b.source), b.source):  # one canonical order makes the result symmetric
        return _exchanged(relate(b, a, chances, pairs))
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


def _exchanged(relation: Relation) -> Relation:
    spans = tuple(SpanPair(pair.b, pair.a, pair.kind, pair.score) for pair in relation.spans)
    which: dict[str | None, Literal["a", "b"]] = {"a": "b", "b": "a"}
    ordered = tuple(sorted(spans, key=lambda pair: (pair.a, pair.b)))
    return replace(relation, spans=ordered, earlier=which.get(relation.earlier))
