"""A reviewer's decisions: applied, found again where the text has changed, and never dropped."""

import json
from dataclasses import replace

import pytest
from any_audits import any_audits
from audits import OTHER, RETOLD, STORM, document, sample, side
from commands import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.errors import InputError
from provenance.model import Match, Span
from provenance.report.decisions import Decision, Place, read_decisions
from provenance.report.review import reviewed
from provenance.report.selectors import quote
from provenance.report.view import view

A, B, C = (row.document.id for row in sample().documents)
TEXTS = {row.document.id: row.cleaned.source for row in sample().documents}
SHA = {row.document.id: row.sha256 for row in sample().documents}


def pair(kind, a=A, b=B, **fields):
    sides = (Place(doc, SHA.get(doc)) for doc in (a, b))
    return Decision(kind, *sides, **{"reviewer": "R. Lindqvist", "date": "2025-03-01"} | fields)


def passages(kind, match, **fields):
    sides = (_quoted(one) for one in (match.a, match.b))
    return Decision(kind, *sides, **{"reviewer": "R. Lindqvist", "date": "2025-03-01", "of_pair": False} | fields)


def _quoted(one):
    words = quote(TEXTS[one.doc], Span(one.start, one.end))
    return Place(one.doc, SHA[one.doc], one.text, words.prefix, words.suffix, one.start)


def retexted(found, name, text):
    """Give the audit as of a run in which one document has another text, with its passages where they are now."""
    changed = document(name, text)
    rows = tuple(changed if row.document.id == name else row for row in found.documents)

    def moved(one):
        return side(changed, one.text, one.text) if one.doc == name else one

    matches = tuple(replace(row, a=moved(row.a), b=moved(row.b)) for row in found.matches)
    return replace(found, documents=rows, matches=matches)


# --- applied ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "derived", "clusters"),
    [("confirm", True, 1), ("reject", False, 0), ("same_source", False, 0), ("note", True, 1)],
)
def test_a_decision_on_a_pair_decides(kind, derived, clusters):
    found = reviewed(sample(), [pair(kind)])
    relation = found.relations[0]
    assert (relation.derived, relation.decision) == (derived, kind)
    assert len(found.clusters) == clusters
    assert (relation.earlier is None) == (kind == "same_source")
    counts = found.to_dict()["review"]["counts"]
    assert (counts["applied"], counts[kind], counts["stale"]) == (1, 1, 0)
    assert found.relations[1:] == sample().relations[1:]


def test_the_sides_may_be_given_the_other_way_round():
    assert reviewed(sample(), [pair("reject", B, A)]).relations[0].decision == "reject"


def test_a_pair_that_was_not_found_to_be_derived_can_be_confirmed():
    found = reviewed(sample(), [pair("confirm", B, C)])
    assert found.relations[2].derived
    assert [cluster.documents for cluster in found.clusters] == [tuple(sorted((A, B, C)))]


def test_a_decision_on_passages_marks_the_match_and_leaves_the_pair():
    found = reviewed(sample(), [passages("reject", sample().matches[0])])
    assert found.matches[0].decision == "reject"
    assert found.relations == sample().relations
    (row,) = found.to_dict()["review"]["decisions"]
    assert (row["status"], row["scope"]) == ("applied", "passages")
    assert row["found"][0]["text"] == sample().matches[0].a.text


@pytest.mark.parametrize(
    "dates", [("2025-03-01", "2025-03-02"), ("2025-03-02T09:00:00Z", "2025-03-01"), ("2025-03-01",) * 2]
)
def test_the_later_decision_holds_and_the_other_is_listed(dates):
    decisions = [
        pair(kind, date=date, number=number)
        for number, (kind, date) in enumerate(zip(("reject", "confirm"), dates, strict=True), 1)
    ]
    found = reviewed(sample(), decisions)
    last = "reject" if dates[0] > dates[1] else "confirm"
    assert found.relations[0].decision == last
    statuses = [outcome.status for outcome in found.review.outcomes]
    assert statuses == (["applied", "superseded"] if last == "reject" else ["superseded", "applied"])


def test_a_note_stands_beside_a_decision_and_does_not_undo_it():
    found = reviewed(
        sample(), [pair("reject", number=1), pair("note", note="see the editor", date="2025-04-01", number=2)]
    )
    assert (found.relations[0].decision, found.relations[0].derived) == ("reject", False)
    assert [outcome.status for outcome in found.review.outcomes] == ["applied", "applied"]


# --- found again ------------------------------------------------------------------------------------------


def test_passages_are_found_again_in_a_text_that_has_changed():
    found = retexted(sample(), A, f"By our own correspondent\r\n\r\n{STORM}")
    done = reviewed(found, [passages("same_source", sample().matches[0])])
    assert done.matches[0].decision == "same_source"
    (outcome,) = done.review.outcomes
    assert outcome.status == "reanchored"
    assert "has changed, and the passage is still in it" in outcome.reason
    assert outcome.a.text == sample().matches[0].a.text


def test_a_pair_is_found_again_where_the_decision_quotes_passages():
    found = retexted(sample(), B, f"{RETOLD}\nThe council has met since.")
    decision = passages("reject", sample().matches[0], of_pair=True)
    done = reviewed(found, [decision])
    assert done.relations[0].decision == "reject"
    assert done.review.outcomes[0].status == "reanchored"


def test_a_document_that_was_renamed_is_known_by_its_digest():
    found = sample()
    named = replace(found.documents[0], document=replace(found.documents[0].document, id="new.txt"))
    relation = replace(found.relations[0], a="new.txt", earlier="new.txt")
    done = reviewed(
        replace(found, documents=(named, *found.documents[1:]), relations=(relation,)), [pair("reject")]
    )
    assert done.relations[0].decision == "reject"
    assert done.review.outcomes[0].reason == f"'{A}' is now called 'new.txt'"


def test_a_document_that_was_only_compared_with_is_held_to_its_digest():
    first, *rest = sample().documents
    found = replace(sample(), documents=tuple(rest), compared_with=(replace(first, origin="against"),))
    assert reviewed(found, [pair("reject")]).relations[0].decision == "reject"
    assert reviewed(found, [passages("reject", sample().matches[0])]).matches[0].decision == "reject"
    other = Decision("reject", Place(A, "0" * 64), Place(B), "R. Lindqvist", "2025-03-01")
    assert stale(found, other) == f"the text of '{A}' has changed, and the decision quotes none of it"
    fingerprints = replace(first, cleaned=replace(first.cleaned, source="", text="", removals=()), origin="index")
    bare = replace(found, compared_with=(fingerprints,))
    assert "no passage can be found" in stale(bare, passages("reject", sample().matches[0]))


# --- stale ------------------------------------------------------------------------------------------------


def stale(found, decision):
    done = reviewed(found, [decision])
    (outcome,) = done.review.outcomes
    assert outcome.status == "stale"
    assert (done.relations, done.matches, done.clusters) == (found.relations, found.matches, found.clusters)
    assert done.to_dict()["review"]["decisions"][0]["reason"] == outcome.reason
    return outcome.reason


def test_a_decision_without_a_place_is_listed_with_the_reason():
    changed = retexted(sample(), A, f"By our own correspondent\n\n{STORM}")
    first = sample().matches[0]
    assert stale(changed, pair("reject")) == f"the text of '{A}' has changed, and the decision quotes none of it"
    assert stale(sample(), pair("confirm", "gone.txt")) == "there is no document 'gone.txt' in this run"
    lone = replace(sample(), relations=sample().relations[1:], clusters=())
    assert stale(lone, pair("reject")) == f"nothing connects '{A}' and '{B}' in this run"
    gone = replace(first, a=replace(first.a, text="Words that stand nowhere."))
    assert stale(sample(), passages("reject", gone)) == f"the passage is no longer in '{A}'"
    assert "no match joins these passages" in stale(replace(sample(), matches=()), passages("reject", first))
    twice = document(A, f"{STORM}\n{STORM}")
    doubled = replace(sample(), documents=(twice, *sample().documents[1:]))
    nowhere = Place(A, None, first.a.text)
    reason = stale(doubled, replace(passages("reject", first), a=nowhere))
    assert reason == f"the passage stands 2 times in '{A}'"


@pytest.mark.parametrize(
    "words",
    [
        {"exact": "weeks", "prefix": "ZZZZ"},
        {
            "exact": "Nobody was hurt, the harbour master said",
            "prefix": "in the other town.\n\n",
            "suffix": " of it.",
        },
        {"exact": "Nobody was hurt, the harbour master said", "start": STORM.index("Nobody")},
    ],
)
def test_the_same_words_elsewhere_are_not_the_passage_decided_on(words):
    changed = retexted(sample(), A, f"By our own correspondent\n\n{STORM}")
    there = replace(passages("reject", sample().matches[0], of_pair=True), a=Place(A, SHA[A], **words))
    assert "what stands around these words does not show" in stale(changed, there)
    assert reviewed(sample(), [there]).review.outcomes[0].status == "applied"


def test_a_decision_without_digests_is_named(tmp_path, seeds):
    pair_of = {"a": {"doc": "002_b426e6508086df65.txt"}, "b": {"doc": "003_7f76c1e5c6cfafe7.txt"}}
    (tmp_path / "d").write_text(json.dumps(ROW | pair_of))
    outcome = run("audit", seeds, "--out", tmp_path / "out", "--review", tmp_path / "d")
    assert "applied without the digest of a document, so to whatever its text now is: decision 1" in outcome.stderr


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_audits(), st.data())
def test_no_decision_is_ever_dropped(found, data):
    ids = [row.document.id for row in found.documents] + ["elsewhere"]
    docs = st.sampled_from(ids)
    decisions = [
        Decision(
            data.draw(st.sampled_from(["confirm", "reject", "same_source", "note"])),
            Place(data.draw(docs), data.draw(st.sampled_from([None, "0" * 64]))),
            Place(data.draw(docs), exact=data.draw(st.sampled_from([None, "a", " "]))),
            "R",
            "2025-03-01",
            number=number,
        )
        for number in range(1, data.draw(st.integers(1, 5)))
    ]
    done = reviewed(found, decisions)
    assert [outcome.decision for outcome in done.review.outcomes] == decisions
    counts = done.review.counts()
    assert sum(counts[name] for name in ("applied", "reanchored", "superseded", "stale")) == len(decisions)
    done.to_dict()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_audits(), st.data())
def test_a_decision_on_a_match_is_applied_to_that_match(found, data):
    own = {row.document.id for row in found.documents}
    known = [row for row in found.matches if {row.a.doc, row.b.doc} <= own]
    if known:
        match = data.draw(st.sampled_from(known))
        sides = (Place(one.doc, exact=one.text, start=one.start) for one in (match.a, match.b))
        decision = Decision("reject", *sides, "R", "2025-03-01", of_pair=False)
        done = reviewed(found, [decision])
        hit = [new for old, new in zip(found.matches, done.matches, strict=True) if old is not new]
        assert len(hit) <= 1
        assert done.review.outcomes[0].status == "applied"


# --- the file ---------------------------------------------------------------------------------------------

ROW = {"decision": "reject", "a": {"doc": "a"}, "b": {"doc": "b"}, "reviewer": "R", "date": "2025-03-01"}


@pytest.mark.parametrize("form", ["lines", "array", "marked"])
def test_decisions_are_read_from_lines_and_from_an_array(tmp_path, form):
    rows = [
        ROW,
        {
            **ROW,
            "decision": "note",
            "note": "see there",
            "a": {"doc": "a", "exact": "x"},
            "b": {"doc": "b", "exact": "y"},
        },
    ]
    text = json.dumps(rows) if form == "array" else "\r\n".join(map(json.dumps, rows)) + "\n\n"
    (tmp_path / "d").write_bytes(("\ufeff" if form == "marked" else "").encode() + text.encode())
    one, two = read_decisions(tmp_path / "d")
    assert (one.kind, one.of_pair, one.a.doc, one.number) == ("reject", True, "a", 1)
    assert (two.kind, two.of_pair, two.b.exact, two.note, two.number) == ("note", False, "y", "see there", 2)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"decision": "maybe"}, "'decision' is one of confirm, reject, same_source, note"),
        ({"a": "a"}, "'a' is an object"),
        ({"a": {"doc": ""}}, "'doc' is missing"),
        ({"a": {"doc": "b"}}, "the same document"),
        ({"reviewer": " "}, "'reviewer' is missing"),
        ({"date": "yesterday"}, "'date' is not a date"),
        ({"decision": "note"}, "'note' is missing"),
        ({"scope": "passages"}, "'scope' is 'pair', or 'passages' where both sides have 'exact'"),
        ({"b": {"doc": "b", "start": -1}}, "'start' of 'b' is not a position"),
        ({"b": {"doc": "b", "exact": 5}}, "'exact' is missing or not a string"),
    ],
)
def test_a_decision_that_makes_no_sense_is_named(tmp_path, change, wrong):
    (tmp_path / "d").write_text(json.dumps(ROW) + "\n" + json.dumps({**ROW, **change}))
    with pytest.raises(InputError) as caught:
        read_decisions(tmp_path / "d")
    assert caught.value.source == f"{tmp_path / 'd'}:2"
    assert wrong in caught.value.error


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[1]", b"[" * 100_000, b"5"])
def test_a_file_that_holds_no_decisions_is_an_input_error(tmp_path, data):
    (tmp_path / "d").write_bytes(data)
    with pytest.raises(InputError):
        read_decisions(tmp_path / "d")
    with pytest.raises(InputError, match="No such file"):
        read_decisions(tmp_path / "none")


def test_matches_beside_it_do_not_take_a_decision():
    found = sample()
    (a, b, _), first = found.documents, found.matches[0]
    other = Match(side(a, "Nobody was hurt", "weeks."), side(b, "The council", "damage."), "edited", 0.5)
    done = reviewed(replace(found, matches=(other, first)), [passages("confirm", first)])
    assert [row.decision for row in done.matches] == [None, "confirm"]
    assert OTHER in done.documents[2].cleaned.source


def test_the_page_offers_a_decision_that_only_wants_a_name_and_a_date(tmp_path):
    found = sample()
    shown = view(found).derived[0]
    line = json.loads(shown.prefilled) | {"reviewer": "R. Lindqvist", "date": "2025-03-01"}
    assert line["decision"] == "reject"
    path = tmp_path / "decisions.jsonl"
    path.write_text(json.dumps(line), "utf-8")
    (outcome,) = reviewed(found, read_decisions(path)).review.outcomes
    assert outcome.status == "applied"
    assert not outcome.unsure
