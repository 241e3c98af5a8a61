"""Audits of any documents whatever, as a Hypothesis strategy: what a record must hold without knowing it."""

import itertools
from dataclasses import replace

from audits import document
from hypothesis import strategies as st

from provenance.model import Cluster, DocumentRelation, Match, Rejected, Removal, Side
from provenance.report.audit import Audit

# Characters at which programs have come to grief, among any others.
TEXTS = st.one_of(
    st.text(st.sampled_from("ab \r\n\t\u0301\u202e\U0001f600\ud800\0=+-@|`<>&\"'\\[]"), max_size=60),
    st.text(max_size=60),
)
SCORES = st.floats(0, 1).map(lambda value: round(value, 4))
RELATION_KINDS = ["exact", "near_duplicate", "rewritten", "shares_passages", "same_event"]
MATCH_KINDS = ["copied", "edited", "rewritten", "quote"]
DECISIONS = [None, "confirm", "reject", "same_source", "note"]


@st.composite
def any_audits(draw):
    ids = draw(st.lists(TEXTS.filter(bool), min_size=2, max_size=4, unique=True))
    rows = [
        document(name, draw(TEXTS.filter(bool)), title=draw(TEXTS), publisher=draw(TEXTS), source=draw(TEXTS))
        for name in ids
    ]
    rows = [_shortened(draw, row) for row in rows]
    kept = draw(st.integers(1, len(rows)))  # the rest were only compared with
    relations, matches = [], []
    for number, a in enumerate(rows[:kept]):
        for b in rows[number + 1 :]:
            if draw(st.booleans()):
                relations.append(_relation(draw, a, b))
                matches += [_match(draw, a, b) for _ in range(draw(st.integers(0, 3)))]
    return Audit(
        version="0.1.0",
        parameters={"strictness": "balanced"},
        documents=tuple(rows[:kept]),
        compared_with=tuple(replace(row, origin="against") for row in rows[kept:]),
        rejected=(Rejected(draw(TEXTS), draw(TEXTS)),),
        matches=tuple(dict.fromkeys(matches)),
        relations=tuple(relations),
        clusters=(Cluster(ids[0], tuple(ids), None, draw(TEXTS)),),
    )


def _shortened(draw, row):
    """Give the document with passages removed from it, side by side or apart."""
    text = row.cleaned.source
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=5)))
    removals = []
    for start, end in itertools.pairwise(edges):
        if draw(st.booleans()):
            reason, seen = draw(st.sampled_from([("share", None), ("repeated_block", 3)]))
            removals.append(Removal(start, end, text[start:end], reason, "a_rule", draw(SCORES), seen))
    cleaned = replace(row.cleaned, removals=tuple(removals))
    return replace(row, cleaned=replace(cleaned, text="".join(text[one.start : one.end] for one in cleaned.kept)))


def _relation(draw, a, b):
    return DocumentRelation(
        a.document.id,
        b.document.id,
        draw(st.sampled_from(RELATION_KINDS)),
        draw(SCORES),
        derived=draw(st.booleans()),
        chance=draw(st.floats(0, 1e6)),
        earlier=draw(st.sampled_from([a.document.id, b.document.id, None])),
        reason=draw(TEXTS),
        evidence={"cover": draw(SCORES)},
        decision=draw(st.sampled_from(DECISIONS)),
    )


def _match(draw, a, b):
    sides = (_side(draw, a), _side(draw, b))
    return Match(*sides, draw(st.sampled_from(MATCH_KINDS)), draw(SCORES), draw(st.sampled_from(DECISIONS)))


def _side(draw, row):
    text = row.cleaned.source
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    return Side(row.document.id, start, end, text[start:end])
