"""What the report is made of: marked words, pieces of a text, figures in words."""

from dataclasses import replace

import pytest
from any_audits import any_audits
from audits import OTHER, STORM, document, sample, side
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.model import Cleaned, Cluster, Credit, Match, Removal, Side, Span
from provenance.report.audit import SCALE
from provenance.report.html import render
from provenance.report.marks import common_words
from provenance.report.pieces import segments
from provenance.report.view import view
from provenance.report.wording import CONTAINED, PARTLY, count, cut, odds, percent, score, strength


@given(st.text(), st.text())
def test_marked_runs_rebuild_both_sides_and_mark_alike(a, b):
    left, right = common_words(a, b)
    assert ("".join(run.text for run in left), "".join(run.text for run in right)) == (a, b)
    assert any(run.common for run in left) == any(run.common for run in right)
    assert common_words(b, a) == (right, left)


def test_marks_do_not_run_over_the_end_of_a_sentence():
    left, right = common_words("Lindow harbour.\n\nThe cranes", "Lindow harbour. The cranes fell")
    assert [run.text for run in left if run.common] == ["Lindow harbour", "The cranes"]
    assert [run.text for run in right if run.common] == ["Lindow harbour", "The cranes"]


@given(st.text("ab \n", max_size=80), st.data())
def test_segments_rebuild_the_source(text, data):
    def cuts(most):
        edge = st.integers(0, len(text))
        return sorted(set(data.draw(st.lists(edge, max_size=most))))

    edges = cuts(8)
    spans = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    removals = tuple(Removal(a, b, text[a:b], "share", "rule", 0.5) for a, b in spans)
    named = cuts(4)
    found_credits = [Credit(a, b, text[a:b]) for a, b in zip(named[::2], named[1::2], strict=False)]
    free = cuts(6)
    passages = [(Span(a, b), f"1.{a}") for a in free for b in free if a < b]
    found, hidden = segments(Cleaned("", text, removals), found_credits, passages)
    assert hidden == 0
    assert "".join(part.lead + "".join(piece.text for piece in part.pieces) for part in found) == text
    assert [part.removal for part in found if part.removal] == list(removals)
    pieces = [piece for part in found for piece in part.pieces]
    opened = sorted(number for piece in pieces for number in piece.passages)
    assert opened == sorted(number for span, number in passages if span.start < len(text))


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        (0.0, "was not estimated"),
        (1e-9, "Fewer than one in a million batches"),
        (0.00123, "One in 810 batches like this one"),
        (0.1234, "One in 8 batches"),
        (0.3, "One in 3 batches"),
        (0.7, "unrelated texts would give about one such match: this may be coincidence"),
        (4.0, "unrelated texts would give about 4 such matches: this may be coincidence"),
        (12_345.0, "about 12,000 such matches"),
    ],
)
def test_chance_in_words(chance, expected):
    assert expected in odds(chance)


def test_figures_in_words():
    assert percent(999, 1000) == "over 99 %"
    assert percent(1000, 1000) == "100 %"
    assert percent(0.97, 1) == "97 %"
    assert count(2, "story") == "2 stories"
    assert count(3, "day") == "3 days"
    assert [score(value) for value in (0, 0.001, 0.006, 0.786, 1)] == [
        "0.00",
        "under 0.01",
        "0.01",
        "0.79",
        "1.00",
    ]
    assert cut("a long line of words", 12) == "a long line…"


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_audits())
def test_every_pair_that_is_told_of_stands_in_the_step_of_its_score(found):
    shown = view(found).scores
    assert shown.compared == shown.listed == sum(len(step.lines) for step in shown.steps)
    for step in shown.steps:
        assert all(step.number <= line.relation.score * SCALE for line in step.lines)
        assert [line.relation.score for line in step.lines] == sorted(
            (line.relation.score for line in step.lines), reverse=True
        )


def test_pairs_in_which_nothing_was_found_are_counted_and_not_listed():
    shown = view(replace(sample(), scores=(40, *[0] * 15, 1, 0, 0, 0))).scores
    assert (shown.compared, shown.listed, shown.silent) == (
        42,
        2,
        40,
    )  # a score of 0.2 was not counted: it is listed


def test_a_cluster_is_drawn_in_order_of_time_with_its_credits():
    (group,) = view(sample()).groups.rows
    assert [node.name.id for node in group.drawing.nodes] == ["wire/storm.txt", "copy/cranes.txt"]
    first, second = group.drawing.nodes
    assert (first.earliest, first.credits, first.date) == (True, "Radio Meridian", "2024-03-04")
    assert first.at < second.at
    (edge,) = group.drawing.edges
    assert (edge.directed, edge.pair) == (True, 1)
    undecided = replace(sample().relations[0], earlier=None)
    (group,) = view(replace(sample(), relations=(undecided,))).groups.rows
    assert not group.drawing.edges[0].directed


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("r46 credits Radio One", "Document 1 credits Radio One."),
        ("o46 credits Radio One", "The text “o46” credits Radio One."),
        ("r46 has 5 numbers that o46 lacks", "Document 1 has 5 numbers that the text “o46” lacks."),
        ("o46 has 2 numbers that r46 lacks", "The text “o46” has 2 numbers that document 1 lacks."),
        ("published 2025-01-01, the other 2025-01-02", "Published 2025-01-01, the other 2025-01-02."),
    ],
)
def test_a_reason_calls_documents_as_the_page_does_and_leaves_ids_as_they_are(reason, told):
    row = document("r46", STORM)
    audit = replace(
        sample(),
        documents=(row,),
        relations=(replace(sample().relations[0], a="r46", b="o46", earlier="r46", reason=reason),),
        matches=(Match(side(row, "Storm", "days"), Side("o46", 0, 5, "Storm"), "copied", 1.0),),
        clusters=(),
    )
    (shown,) = view(audit).derived
    assert shown.direction.endswith(f"appears to be the earlier. {told}")


def test_a_text_within_a_longer_one_is_not_called_nearly_the_same():
    short, long = document("short", STORM), document("long", STORM + OTHER * 8)
    relation = replace(sample().relations[0], a="short", b="long", earlier=None, kind="near_duplicate")
    match = Match(side(short, "Storm", "weeks."), side(long, "Storm", "weeks."), "copied", 1.0)

    def shown(*rows):
        return view(replace(sample(), documents=rows, relations=(relation,), matches=(match,), clusters=()))

    (pair,) = shown(short, long).derived
    assert (pair.kind, pair.meaning) == CONTAINED
    assert [line.kind for step in shown(short, long).scores.steps for line in step.lines] == [CONTAINED[0]]
    (pair,) = shown(short, replace(short, document=replace(short.document, id="long"))).derived
    assert pair.kind == "Nearly the same text"
    (pair,) = shown(replace(long, document=replace(long.document, id="short")), long).derived
    assert pair.kind == PARTLY[0]


@pytest.mark.parametrize("value", [0.6997, 0.7, 0.7049])
def test_the_strength_is_that_of_the_score_as_it_is_read(value):
    assert (score(value), strength(value)) == ("0.70", "strong evidence")


def test_an_undated_document_stands_before_those_that_it_is_earlier_than():
    a, b, c = sample().documents
    rows = (replace(a, document=replace(a.document, published=None)), b, c)
    audit = replace(
        sample(), documents=rows, clusters=(Cluster("1", (b.document.id, a.document.id), None, "undecided"),)
    )
    (group,) = view(audit).groups.rows
    assert [node.name.id for node in group.drawing.nodes] == [a.document.id, b.document.id]
    assert "no date" in render(audit)


def test_the_library_has_each_passage_once_for_its_publisher():
    def row(number, publisher, junk="Sign up"):
        return document(f"d{number}", f"News {number}.\n\n{junk}", [(junk, "newsletter")], publisher=publisher)

    rows = (row(1, "Post"), row(2, "Post", "SIGN  UP"), row(3, "Wire"), row(4, "Post", "Join us"))
    post, wire = view(replace(sample(), documents=rows, relations=(), matches=(), clusters=())).shelves
    assert (post.publisher, post.removals, post.documents) == ("Post", 3, 3)
    assert [(entry.text, entry.times) for entry in post.entries] == [("Sign up", 2), ("Join us", 1)]
    assert [place.document for place in post.entries[0].places] == [1, 2]
    assert (wire.publisher, wire.removals, wire.whole) == ("Wire", 1, True)
