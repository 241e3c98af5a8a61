"""What is new since an earlier report."""

import json
from dataclasses import replace

import pytest
from any_audits import any_audits
from audits import OTHER, STORM, document, sample, side
from commands import run
from hypothesis import HealthCheck, given, settings

from provenance.errors import InputError
from provenance.model import Match, Removal
from provenance.report.baseline import compared, read_report, since
from provenance.report.sarif import sarif
from provenance.report.write import write

A, B, C = (row.document.id for row in sample().documents)
NOTHING = {"new": [], "gone": []}


def changes(old, new):
    return compared(old.to_dict(), new.to_dict())


def renamed(found, old, new):
    """Give the audit with another id for one of its documents."""

    def side_of(one):
        return replace(one, doc=new if one.doc == old else one.doc)

    def name(one):
        return new if one == old else one

    return replace(
        found,
        documents=tuple(
            replace(row, document=replace(row.document, id=name(row.document.id))) for row in found.documents
        ),
        relations=tuple(
            replace(row, a=name(row.a), b=name(row.b), earlier=name(row.earlier)) for row in found.relations
        ),
        matches=tuple(replace(row, a=side_of(row.a), b=side_of(row.b)) for row in found.matches),
    )


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_audits())
def test_an_audit_has_nothing_new_against_itself(found):
    found = since(found, found.to_dict())
    assert found.changes["documents"] == {"new": [], "gone": [], "changed": [], "renamed": []}
    assert found.changes["relations"] == {"new": [], "gone": [], "changed": []}
    assert found.changes["matches"] == found.changes["removals"] == NOTHING
    assert {row["baselineState"] for row in sarif(found)["runs"][0]["results"]} <= {"unchanged"}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_audits(), any_audits())
def test_what_is_new_one_way_is_gone_the_other_way(one, other):
    forth, back = changes(one, other), changes(other, one)
    for part in ("relations", "matches", "removals"):
        assert len(forth[part]["new"]) == len(back[part]["gone"])
        assert len(forth[part]["gone"]) == len(back[part]["new"])
    since(other, one.to_dict()).to_dict()


def test_documents_that_came_went_changed_and_are_called_otherwise():
    old = sample()
    (a, b, _), more = old.documents, document("new.txt", "Ice closed the canal.\n")
    other = replace(a, document=replace(a.document, id="wire/moved.txt"))
    edited = document(B, b.cleaned.source + "More.")
    new = replace(old, documents=(other, edited, more), relations=(), matches=())
    assert changes(old, new)["documents"] == {
        "new": ["new.txt"],
        "gone": [C],
        "changed": [B],
        "renamed": [{"from": A, "to": "wire/moved.txt"}],
    }


def test_a_document_that_is_called_otherwise_makes_nothing_else_new():
    found = changes(sample(), renamed(sample(), A, "wire/moved.txt"))
    assert found["relations"] == {"new": [], "gone": [], "changed": []}
    assert found["matches"] == found["removals"] == NOTHING


def test_relations_that_came_went_and_changed():
    old = sample()
    first, second, third = old.relations
    turned = replace(first, derived=False, kind="same_event", score=0.1)
    found = changes(replace(old, relations=(first, third)), replace(old, relations=(turned, second)))["relations"]
    assert [(row["a"], row["b"]) for row in found["new"]] == [(A, C)]
    assert [(row["a"], row["b"]) for row in found["gone"]] == [(B, C)]
    (change,) = found["changed"]
    assert (change["before"]["derived"], change["after"]["derived"]) == (True, False)
    assert (change["before"]["kind"], change["after"]["kind"]) == ("rewritten", "same_event")


def test_a_score_that_moves_a_little_is_no_change():
    old = sample()
    new = replace(old, relations=(replace(old.relations[0], score=0.8, chance=0.001), *old.relations[1:]))
    assert changes(old, new)["relations"]["changed"] == []


def test_passages_that_only_moved_are_not_new():
    old = sample()
    first, match = old.documents[0], old.matches[0]
    shifted = document(
        A, f"By our correspondent\n\n{STORM}", [("Sign up for our morning letter\n\n", "newsletter")]
    )
    words = match.a.text
    new = replace(
        old,
        documents=(shifted, *old.documents[1:]),
        matches=(replace(match, a=side(shifted, words, words)),),
    )
    found = changes(old, new)
    assert found["matches"] == found["removals"] == NOTHING
    assert found["documents"]["changed"] == [first.document.id]


def test_what_stands_twice_is_new_once():
    old = sample()
    row = old.documents[2]
    removal = Removal(0, 5, OTHER[:5], "share", "a_rule", 0.9)
    one = replace(row, cleaned=replace(row.cleaned, removals=(removal,)))
    again = replace(removal, start=5, end=10)
    two = replace(row, cleaned=replace(row.cleaned, removals=(removal, again)))
    before, after = (replace(old, documents=(*old.documents[:2], last)) for last in (one, two))
    found = changes(before, after)["removals"]
    assert [(len(found["new"]), len(found["gone"]))] == [(1, 0)]
    log = sarif(since(after, before.to_dict()))["runs"][0]["results"]
    assert [row["baselineState"] for row in log].count("new") == 1


def test_a_new_match_is_new_in_the_log_too():
    old = sample()
    (a, b, _), match = old.documents, old.matches[0]
    other = Match(side(a, "Nobody was hurt", "weeks."), side(b, "The council", "damage."), "edited", 0.5)
    found = since(replace(old, matches=(match, other)), old.to_dict())
    states = {row["ruleId"]: row["baselineState"] for row in sarif(found)["runs"][0]["results"]}
    assert states == {"rewritten": "unchanged", "edited": "new", "removed": "unchanged"}


# --- the file ---------------------------------------------------------------------------------------------


def test_a_written_report_is_a_baseline(tmp_path):
    write(sample(), tmp_path)
    old = read_report(tmp_path / "report.json")
    baseline = since(sample(), old).to_dict()["changes"]["baseline"]
    assert baseline == {"version": "0.1.0", "sha256": old["sha256"]}


def test_a_report_of_an_earlier_version_is_a_baseline():
    old = json.loads(json.dumps(sample().to_dict()))
    for row in (*old["relations"], *old["matches"]):
        del row["decision"]
    for row in old["documents"]:
        del row["iscc"], row["manifests"]
        for removal in row["removals"]:
            del removal["documents"]
    del old["review"], old["changes"]
    assert since(sample(), old).changes["relations"]["changed"] == []
    bare = replace(sample(), matches=(), documents=(sample().documents[2],))
    gone = since(bare, old).to_dict()["changes"]
    assert [row["decision"] for row in gone["matches"]["gone"]] == [None]
    assert [row["documents"] for row in gone["removals"]["gone"]] == [None, None]


def test_a_report_with_changes_keeps_to_its_schema(tmp_path, seeds):
    (tmp_path / "in").mkdir()
    for path in seeds.glob("*.txt"):
        text = path.read_text("utf-8")
        (tmp_path / "in" / path.name).write_text(
            f"Share this on Facebook\n\n{text}" if "002" in path.name else text
        )
    assert run("audit", seeds, "--out", tmp_path / "old").exit_code == 0
    old = tmp_path / "old/report.json"
    assert run("audit", tmp_path / "in", "--out", tmp_path / "new", "--baseline", old).exit_code == 0
    report = json.loads((tmp_path / "new/report.json").read_bytes())
    (new,) = report["changes"]["removals"]["new"]
    assert new["text"].startswith("Share this on Facebook")
    back = tmp_path / "new/report.json"
    assert run("audit", seeds, "--out", tmp_path / "old", "--baseline", back).exit_code == 0
    (gone,) = json.loads(old.read_bytes())["changes"]["removals"]["gone"]
    assert gone == new


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[]", b"{}", b'{"documents": 1}', b"[" * 100_000])
def test_what_is_no_report_is_an_input_error(tmp_path, data):
    (tmp_path / "r").write_bytes(data)
    with pytest.raises(InputError, match=r"not a report\.json"):
        read_report(tmp_path / "r")
    with pytest.raises(InputError, match="No such file"):
        read_report(tmp_path / "none")


def test_a_report_that_lacks_fields_is_an_input_error():
    with pytest.raises(InputError, match="not a report"):
        since(sample(), {"documents": [{}], "relations": [], "matches": []})
