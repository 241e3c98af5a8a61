"""Which pairs stand side by side on a page that has not room for all, and how much of their passages."""

from collections import Counter
from dataclasses import replace

import pytest
from audits import OTHER, RETOLD, STORM, document, sample
from hypothesis import given
from hypothesis import strategies as st
from test_report import words

from provenance.model import DocumentRelation, Match, Side
from provenance.report import view as page
from provenance.report.excerpts import BRIEF, LONG, OPEN, TWICE, cells, cost
from provenance.report.html import render
from provenance.report.view import view


def whole(row):
    """Give a document's whole text as one side of a match."""
    return Side(row.document.id, 0, len(row.cleaned.source), row.cleaned.source)


def batch(kinds):
    """Give an audit with a pair of long texts for each kind, in which one passage is all of both."""
    rows, relations, matches = [], [], []
    for number, kind in enumerate(kinds):
        left = document(f"a{number:03}", f"{number} {STORM * 8}")
        right = document(f"b{number:03}", left.cleaned.source if kind == "exact" else f"{number} {RETOLD * 8}")
        rows += [left, right]
        ends = left.document.id, right.document.id
        score = {"exact": 1.0, "near_duplicate": 0.9}.get(kind, 0.4)
        relations.append(DocumentRelation(*ends, kind, score, True, 1e-9, None, ""))
        matches.append(Match(whole(left), whole(right), "copied" if kind == "exact" else "edited", score))
    return replace(
        sample(), documents=tuple(rows), relations=tuple(relations), matches=tuple(matches), clusters=()
    )


def test_many_copies_leave_room_for_the_few_rewritings(monkeypatch):
    monkeypatch.setattr(page, "TEXT", 120_000)
    shown = view(batch(["near_duplicate"] * 60 + ["exact"] * 60 + ["rewritten"] * 3))
    kinds = Counter(row.relation.kind for row in shown.derived)
    assert kinds["rewritten"] == 3
    assert min(kinds["exact"], kinds["near_duplicate"]) > 8
    assert shown.beyond == 123 - len(shown.derived) > 0
    scores = [row.relation.score for row in shown.derived]
    assert scores == sorted(scores, reverse=True)
    assert [row.number for row in shown.derived] == list(range(1, len(scores) + 1))


def test_a_pair_too_large_for_what_is_left_does_not_end_the_list(monkeypatch):
    audit = batch(["near_duplicate", "rewritten", "rewritten"])
    first, *rest = audit.matches
    audit = replace(audit, matches=(*[first] * 50, *rest))
    monkeypatch.setattr(page, "TEXT", cost(rest, 1) + cost(rest, 1))
    assert [row.relation.kind for row in view(audit).derived] == ["near_duplicate"]  # one is always shown
    smaller = replace(
        audit, relations=(replace(audit.relations[0], score=0.3, kind="rewritten"), *audit.relations[1:])
    )
    assert len(view(smaller).derived) == 2


def test_what_is_the_same_on_both_sides_is_shown_once():
    text = words(render(batch(["exact"])))
    assert text.count("The same text, word for word.") == 1
    short = batch(["exact"])
    few = Side("a000", 0, 40, short.documents[0].cleaned.source[:40])
    text = words(render(replace(short, matches=(Match(few, replace(few, doc="b000"), "copied", 1.0),))))
    assert "The same text, word for word." not in text


@pytest.mark.parametrize(("number", "most"), [(1, LONG), (OPEN + 1, BRIEF)])
def test_a_long_passage_is_shown_by_its_ends(number, most):
    text = f"Beginning. {OTHER * 80} Ending."
    one, two = Side("a", 0, len(text), text), Side("b", 5, 5 + len(RETOLD), RETOLD)
    left, right = cells(one, two, number)
    head, tail = ("".join(run.text for run in runs) for runs in (left.runs, left.tail))
    assert text.startswith(head)
    assert text.endswith(tail)
    assert most // 2 < len(head) + len(tail) <= most
    assert left.more == len(text) - len(head) - len(tail)
    assert ("".join(run.text for run in right.runs), right.more, right.tail) == (RETOLD, 0, ())


TEXTS = st.lists(st.text("ab \n", min_size=1, max_size=9), max_size=60).map(lambda parts: "".join(parts) * 5)


@given(TEXTS, TEXTS, st.integers(1, 2 * OPEN))
def test_what_is_shown_and_what_is_left_out_make_the_passage(a, b, number):
    one, two = (Side(name, 0, len(text), text) for name, text in (("a", a), ("b", b)))
    for side, cell in zip((one, two), cells(one, two, number), strict=True):
        if cell.same:
            assert min(len(a), len(b)) >= TWICE
            continue
        head, tail = ("".join(run.text for run in runs) for runs in (cell.runs, cell.tail))
        assert len(head) + cell.more + len(tail) == len(side.text)
        assert side.text.startswith(head)
        assert side.text.endswith(tail)
