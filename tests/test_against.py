"""Documents that a batch is only compared with: identified in every record as those of the batch are."""

import csv
import hashlib
import io
import json
import re

import pytest
from commands import ARTICLE, OTHER, run

from provenance.index import Index
from provenance.model import Document
from provenance.pipeline import audit
from provenance.report.decisions import read_decisions
from provenance.report.html import render
from provenance.report.markdown import summary
from provenance.report.review import reviewed
from provenance.report.table import pairs
from provenance.report.view import view
from provenance.report.write import write

LATER = f"{ARTICLE}\nThe ferries sailed again on Friday, and the schools opened their doors the day after.\n"
FACTS = {
    "title": "Harbour closed",
    "publisher": "Isle Gazette",
    "url": "https://isle.example/1",
    "published": "2025-03-01",
    "language": "en",
}
THEIRS = Document("theirs", LATER, source="archive.jsonl:7", **FACTS)
MINE = [Document("mine", ARTICLE, published="2025-03-02"), Document("grain", OTHER)]
STRANGER = Document("stranger", "A choir of two hundred voices sang in the old theatre on Sunday evening.\n" * 3)


def of_index(text=True):
    with Index.open("memory:", text=text) as index:
        for one in (THEIRS, STRANGER):
            index.add(one)
        return audit(MINE, index=index)


MADE = {
    "against": lambda: audit(MINE, against=[THEIRS, STRANGER]),
    "index": of_index,
    "fingerprints": lambda: of_index(text=False),
}


@pytest.fixture(scope="module", params=MADE)
def found(request):
    return request.param, MADE[request.param]()


def theirs(rows):
    return next(row for row in rows if row["id"] == "theirs")


def test_the_report_says_what_was_compared_with(found):
    kind, result = found
    report = result.to_dict()
    row = theirs(report["compared_with"])
    assert row["sha256"] == hashlib.sha256(LATER.encode()).hexdigest()
    assert {name: row[name] for name in FACTS} == FACTS
    assert row["origin"] == ("against" if kind == "against" else "index")
    assert (row["iscc"] is None, row["kept"] is None) == (
        (True, True) if kind == "fingerprints" else (False, False)
    )
    assert [one["id"] for one in report["documents"]] == ["mine", "grain"]
    # Each of the batch with the other, and with both that were there, whether read or ruled out unseen.
    assert report["pairs"] == 1 + 2 * 2
    assert len(report["compared_with"]) + result.unread == 2


def test_a_cluster_goes_by_the_dates_that_the_drawing_shows(found):
    _, result = found
    (cluster,) = result.clusters
    assert (cluster.earliest, cluster.reason) == ("theirs", "published first, 2025-03-01")
    (group,) = view(result).groups.rows
    assert [(node.name.title, node.date) for node in group.drawing.nodes] == [
        ("Harbour closed", "2025-03-01"),
        ("The harbour of the town was closed on Tuesday after a storm had torn two ferries from…", "2025-03-02"),
    ]


def test_the_page_shows_both_sides(found):
    kind, result = found
    shown = view(result)
    assert shown.scores.possible == 5
    sides = [item.of.id for pair in shown.derived for item in pair.coverage]
    assert sorted(sides) == ([] if kind == "fingerprints" else ["mine", "theirs"])
    page = render(result)
    assert hashlib.sha256(LATER.encode()).hexdigest() in page
    assert "Isle Gazette" in page


def test_the_records_identify_both_sides(found, tmp_path):
    kind, result = found
    digest = hashlib.sha256(LATER.encode()).hexdigest()
    (row,) = csv.DictReader(io.StringIO(pairs(result).decode("utf-8-sig"), newline=""))
    side = "a" if row["a"] == "theirs" else "b"
    assert (row[f"{side}_sha256"], row[f"{side}_title"]) == (digest, "Harbour closed")
    statements = json.loads((write(result, tmp_path) / "provenance.jsonld").read_bytes())["@graph"]
    (entity,) = [one for one in statements if one.get("dcterms:identifier") == [{"@value": "theirs"}]]
    assert entity["schema:sha256"] == [{"@value": digest}]
    assert entity["provenance:origin"] == [{"@value": "against" if kind == "against" else "index"}]
    used = [one["entity"] for one in statements if one["@type"] == "Usage"]
    assert entity["@id"] in used
    assert "theirs" in summary(result)


def test_a_decision_is_held_to_the_digest_of_a_document_compared_with(found, tmp_path):
    _, result = found
    sides = {"a": {"doc": "mine"}, "b": {"doc": "theirs", "sha256": "0" * 64}}
    rows = {"decision": "reject", **sides, "reviewer": "R", "date": "2025-04-01"}
    (tmp_path / "d").write_text(json.dumps(rows))
    (outcome,) = reviewed(result, read_decisions(tmp_path / "d")).review.outcomes
    assert (outcome.status, "has changed" in outcome.reason) == ("stale", True)


def test_what_went_in_adds_up_with_documents_to_compare_with(tmp_path):
    (tmp_path / "mine.txt").write_text(ARTICLE)
    (tmp_path / "theirs.jsonl").write_text(json.dumps({"id": "theirs", "text": LATER}) + "\n{}\n")
    outcome = run(
        "audit", tmp_path / "mine.txt", "--against", tmp_path / "theirs.jsonl", "--out", tmp_path / "out"
    )
    assert outcome.exit_code == 0
    page = (tmp_path / "out/report.html").read_text("utf-8")
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>(?:<a [^>]*>)?([\d,]+)", page))
    assert told["Documents in"] == "3"
    assert (told["Read"], told["Only compared with"], told["Rejected"]) == ("1", "1", "1")
    assert (told["Pairs"], told["Compared passage by passage"]) == ("1", "1")
