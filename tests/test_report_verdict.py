"""The verdict: what it says of every outcome, reviewed or not, and that its numbers lead to what they count."""

from dataclasses import replace

import pytest
from audits import OTHER, document, sample, side
from test_report import Page, words

from provenance.lineage import clusters
from provenance.model import DocumentRelation, Match
from provenance.report.audit import Audit
from provenance.report.decisions import Decision, Place
from provenance.report.html import render
from provenance.report.review import reviewed
from provenance.report.verdict import Figure
from provenance.report.view import view


def told(audit):
    """Give the verdict of an audit in one line."""
    return " ".join(map(str, (view(audit).verdict.headline, *view(audit).verdict.remarks)))


def decide(audit, *decisions):
    """Give the audit with pairs decided on, each (kind, a, b)."""
    return reviewed(
        audit,
        [
            Decision(kind, Place(a), Place(b), "R. Lindqvist", "2025-03-01", note="seen", number=number)
            for number, (kind, a, b) in enumerate(decisions, 1)
        ],
    )


STORM_PAIR = ("wire/storm.txt", "copy/cranes.txt")
EVENT_PAIR = ("copy/cranes.txt", "choir.txt")


@pytest.mark.parametrize(
    ("documents", "flags", "expected"),
    [
        (0, (), "No document could be read."),
        (1, (), "One document was read; it was compared with no other."),
        (2, (), "No document was found to be copied or rewritten from another."),
        (2, ("insufficient_text",), "There is too little text to say anything."),
    ],
)
def test_the_verdict_where_nothing_is_derived(documents, flags, expected):
    rows = tuple(replace(document(f"d{number}", OTHER), flags=flags) for number in range(documents))
    page = render(Audit("0.1.0", {}, rows))
    assert f"<h1>{expected}</h1>" in page
    Page(page)


def passage_shared(audit):
    """Give the audit with a quotation in the pair that only reports the same event."""
    _, b, c = audit.documents
    quote = Match(side(b, "Three cranes", "rails"), side(c, "A choir", "theatre"), "quote", 0.4)
    return replace(audit, matches=(*audit.matches, quote))


def test_the_verdict_does_not_deny_passages_that_other_pairs_share():
    denied = "No other pair of documents shows a sign of it."
    assert denied in words(render(sample()))
    text = words(render(passage_shared(sample())))
    assert denied not in text
    assert "One other pair shares some passages, too little to call one text derived from the other." in text


def test_the_verdict_where_nothing_is_derived_names_passages_in_common():
    first, *rest = sample().relations
    audit = replace(
        sample(), relations=(replace(first, kind="shares_passages", derived=False), *rest), clusters=()
    )
    assert told(audit) == (
        "No document was found to be copied or rewritten from another. "
        "One pair shares some passages, too little to call one text derived from the other."
    )
    assert "Two pairs share some passages" in told(passage_shared(audit))


def test_a_pair_without_a_match_shares_no_passages():
    first, _, third = sample().relations
    audit = replace(sample(), relations=(first, replace(third, kind="shares_passages")))
    assert "No other pair of documents shows a sign of it." in told(audit)


def test_a_rejected_finding_is_told_as_one_and_not_as_too_weak():
    found = decide(sample(), ("reject", *STORM_PAIR))
    assert told(found) == (
        "By decision of a reviewer, no document goes back to another. "
        "The program called one pair derived; in review, one was rejected."
    )
    page = words(render(found))
    assert "Rewritten, rejected in review" in page
    assert "R. Lindqvist rejected this pair on 2025-03-01: “seen”. The program called it derived. One text" in page
    assert "too little to call" not in page
    assert "from 0.258 on: called derived by the program" in page


def test_a_pair_that_only_a_reviewer_calls_derived_is_told_as_one():
    first, _, third = sample().relations
    alone = replace(sample(), relations=(third,), matches=(), clusters=())
    verdict = told(decide(alone, ("confirm", *EVENT_PAIR)))
    assert verdict.startswith(
        "By decision of a reviewer, two of three documents go back to another; the program alone does not say so. "
        "The pair is “Harbour shut as cranes fall” and “A choir of two hundred voices"
    )
    assert "with no passage in common that the program found. Which of the two came first is undecided." in verdict
    assert "Of the pairs that the program did not call derived, in review one was confirmed." in verdict
    both = replace(sample(), relations=(first, third))
    remarks = told(decide(both, ("confirm", *STORM_PAIR), ("confirm", *EVENT_PAIR)))
    assert "Two of three documents share copied or rewritten passages" in remarks
    assert "The program called one pair derived; in review, one was confirmed. Of the pairs that" in remarks
    page = words(render(decide(both, ("confirm", *EVENT_PAIR))))
    assert "Same event only" in page
    assert "Confirmed" in page


def test_decisions_of_several_kinds_are_counted_apart_and_a_note_is_none():
    two = sample().relations[2]
    audit = replace(sample(), relations=(sample().relations[0], replace(two, derived=True, kind="rewritten")))
    found = decide(audit, ("same_source", *STORM_PAIR), ("reject", *EVENT_PAIR))
    assert "called two pairs derived; in review, one was rejected, one was put down to a common source." in told(
        found
    )
    noted = decide(sample(), ("note", *STORM_PAIR))
    assert "review" not in told(noted)
    assert "R. Lindqvist made a note on 2025-03-01: “seen”." in words(render(noted))


def test_the_tag_of_a_decided_pair_leads_to_its_row():
    page = Page(render(decide(sample(), ("note", *EVENT_PAIR), ("reject", *STORM_PAIR))))
    assert {"#review-1", "#review-2"} <= set(page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)


def several():
    """Give an audit of four documents that form two clusters."""
    rows = tuple(document(f"d{number}", f"{number} {OTHER}") for number in range(4))
    pairs = [("d0", "d1"), ("d2", "d3")]
    relations = tuple(DocumentRelation(*pair, "rewritten", 0.9, True, 1e-9, None, "") for pair in pairs)
    matches = tuple(
        Match(
            side(rows[int(a[1])], "A choir", "theatre"), side(rows[int(b[1])], "A choir", "theatre"), "copied", 1.0
        )
        for a, b in pairs
    )
    joined = clusters(pairs, {})
    return Audit("0.1.0", {"threshold": 0.258}, rows, (), matches, relations, joined)


def test_documents_of_several_clusters_do_not_all_share_with_each_other():
    assert told(several()) == (
        "All four documents share copied or rewritten passages with at least one other. "
        "They form two pairs, in two clusters. No other pair of documents shows a sign of it."
    )


def test_every_number_of_a_verdict_leads_somewhere():
    for audit in (sample(), several(), decide(several(), ("reject", "d0", "d1")), passage_shared(sample())):
        shown = view(audit)
        figures = [one for said in (shown.verdict.title, *shown.verdict.rest) for one in said.pieces]
        figures = [one for one in figures if isinstance(one, Figure)]
        assert figures
        assert {one.target for one in figures} <= shown.linked
