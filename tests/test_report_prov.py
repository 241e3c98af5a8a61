"""provenance.jsonld: it comes back as it was, is JSON-LD without a network, and says what it should."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from any_audits import any_audits
from audits import OTHER, STORM, document, sample, side
from hypothesis import HealthCheck, given, settings
from prov.model import ProvDocument
from pyld import jsonld

from provenance.model import Manifest, Match
from provenance.pipeline import audit
from provenance.readers import read
from provenance.report.audit import Audit
from provenance.report.baseline import since
from provenance.report.decisions import Decision, Place
from provenance.report.prov import linked, record
from provenance.report.review import reviewed
from provenance.report.selectors import Quote, places
from provenance.report.write import encode

MADE = datetime(2025, 3, 1, 12, tzinfo=UTC)


def values(found):
    return json.loads(encode(linked(record(found, MADE))))


def statements(found, kind=None):
    rows = values(found)["@graph"]
    return [row for row in rows if kind is None or kind in (row["@type"], *row.get("type", ()))]


def value(row, key):
    (one,) = row[key]
    return one["@value"]


def refuse(url, _options):
    raise AssertionError(f"the network was asked for {url}")


@pytest.fixture(scope="module")
def of_seeds(seeds):
    return audit(read([str(seeds)]))


# --- the library, and other readers -----------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_audits())
def test_every_record_survives_the_library(found):
    original = record(found, MADE)
    content = encode(linked(original)).decode("utf-8")
    assert ProvDocument.deserialize(content=content, format="jsonld") == original
    assert ProvDocument.deserialize(content=original.serialize(format="json"), format="json") == original


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_audits())
def test_every_statement_is_linked_data_by_the_context_in_the_file(found):
    written = values(found)
    expanded = jsonld.expand(written, {"documentLoader": refuse})
    # Nothing is dropped: each statement is a node, and each of its keys an address.
    assert len(expanded) == len(written["@graph"])
    for row, node in zip(written["@graph"], expanded, strict=True):
        reversed_terms = len(node.get("@reverse", ()))
        assert len(node.keys() - {"@reverse"}) + reversed_terms == len(row)
        assert all(key.startswith("@") or ":" in key for key in node)


def test_the_record_of_the_seeds_is_linked_data_and_survives(of_seeds):
    original = record(of_seeds, MADE)
    assert ProvDocument.deserialize(content=json.dumps(linked(original)), format="jsonld") == original
    triples = jsonld.to_rdf(values(of_seeds), {"documentLoader": refuse})["@default"]
    links = {row["predicate"]["value"] for row in triples if row["object"]["type"] == "IRI"}
    assert {"http://www.w3.org/ns/oa#hasSelector", "http://www.w3.org/ns/oa#hasSource"} <= links


# --- passages ---------------------------------------------------------------------------------------------


def assert_selectors_resolve(found):
    rows = {row["@id"]: row for row in values(found)["@graph"] if "@id" in row}
    texts = {row.document.id: row.cleaned.source for row in found.documents}
    resolved = 0
    for row in rows.values():
        if "oa:SpecificResource" not in row.get("type", ()):
            continue
        source = value(rows[row["oa:hasSource"][0]["@id"]], "dcterms:identifier")
        selectors = {rows[one["@id"]]["type"][0]: rows[one["@id"]] for one in row["oa:hasSelector"]}
        position, quotation = selectors["oa:TextPositionSelector"], selectors["oa:TextQuoteSelector"]
        start, end = int(value(position, "oa:start")), int(value(position, "oa:end"))
        exact = value(quotation, "oa:exact")
        if source in texts:
            assert texts[source][start:end] == exact
            words = Quote(exact, value(quotation, "oa:prefix"), value(quotation, "oa:suffix"))
            assert [(one.start, one.end) for one in places(texts[source], words, start)] == [(start, end)]
        resolved += 1
    return resolved


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_audits())
def test_every_selector_resolves_to_the_exact_text(found):
    passages = {(one.doc, one.start, one.end) for match in found.matches for one in (match.a, match.b)}
    assert assert_selectors_resolve(found) == len(passages)


def test_every_selector_of_the_seeds_resolves(of_seeds):
    assert assert_selectors_resolve(of_seeds) > 20


def test_positions_count_code_points_of_the_text_as_it_is():
    text = "\U0001f600 e\u0301\r\nThe river rose by a metre.\r\n"
    one, two = document("a", text), document("b", f"Rain.\r\n{text}")
    match = Match(side(one, "The river", "metre."), side(two, "The river", "metre."), "copied", 1.0)
    found = Audit("0.1.0", {}, (one, two), matches=(match,))
    assert assert_selectors_resolve(found) == 2
    starts = sorted(int(value(row, "oa:start")) for row in statements(found, "oa:TextPositionSelector"))
    assert starts == [6, 13]
    assert "as read" in value(statements(found, "Activity")[0], "provenance:normalisation")


# --- what it says -----------------------------------------------------------------------------------------


def test_documents_are_news_articles_with_what_is_known_of_them():
    first, _, last = statements(sample(), "schema:NewsArticle")
    assert value(first, "dcterms:identifier") == "wire/storm.txt"
    assert value(first, "schema:headline") == "Storm closes the harbour"
    assert value(first, "schema:datePublished") == "2024-03-04"
    assert value(first, "schema:sha256") == sample().documents[0].sha256
    (publisher,) = statements(sample(), "schema:Organization")
    assert first["schema:publisher"] == [{"@id": publisher["@id"]}]
    assert "schema:headline" not in last


def test_that_nothing_was_found_is_said():
    findings = [value(row, "provenance:finding") for row in statements(sample(), "schema:NewsArticle")]
    assert findings == [
        "no derivation found; others appear to be derived from this document",
        "derivation found",
        "no derivation found among the documents compared",
    ]
    short = Audit("0.1.0", {}, (replace(document("a", "Rain."), flags=("insufficient_text",)),))
    (row,) = statements(short, "schema:NewsArticle")
    assert value(row, "provenance:finding") == "no derivation found: too little text to compare"


@pytest.mark.parametrize(
    ("kind", "types"), [("copied", ["prov:Quotation"]), ("edited", ["prov:Revision"]), ("rewritten", [])]
)
def test_passages_are_derived_from_those_of_the_earlier_document(kind, types):
    found = sample()
    found = replace(found, matches=(replace(found.matches[0], kind=kind),))
    (row,) = [row for row in statements(found, "Derivation") if "match" in row["@id"]]
    assert row.get("type", []) == types
    rows = {one["@id"]: one for one in values(found)["@graph"] if "@id" in one}
    ids = []
    for end in ("usedEntity", "generatedEntity"):
        (source,) = rows[row[end]]["oa:hasSource"]
        ids.append(value(rows[source["@id"]], "dcterms:identifier"))
    assert ids == ["wire/storm.txt", "copy/cranes.txt"]
    assert value(row, "provenance:kind") == kind
    assert value(row, "provenance:score") == "0.72"
    assert float(value(row, "provenance:chance")) == 0.0004
    assert row["provenance:assertedBy"] == [{"@id": "run:run"}]


def test_where_the_direction_is_undecided_no_derivation_is_claimed():
    found = sample()
    undecided = replace(found.relations[0], earlier=None)
    found = replace(found, relations=(undecided, *found.relations[1:]))
    assert statements(found, "Derivation") == []
    assert len(statements(found, "Alternate")) == 2  # the documents, and their passages
    finding = value(statements(found, "schema:NewsArticle")[0], "provenance:finding")
    assert finding == "derivation found, direction undecided"


@pytest.mark.parametrize("denied", ["quote", "reject", "same_source", "underived"])
def test_what_is_not_derived_is_a_finding_and_nothing_else(denied):
    found = sample()
    match, relation = found.matches[0], found.relations[0]
    if denied == "underived":
        relation = replace(relation, derived=False)
    elif denied == "quote":
        match = replace(match, kind="quote")
    else:
        match = replace(match, decision=denied)
    found = replace(found, matches=(match,), relations=(relation,))
    joined = [row for row in statements(found) if "match" in row.get("@id", "")]
    assert [row["@type"] for row in joined] == ["Entity"]
    # What a person denies the run has found all the same.
    assert value(joined[0], "provenance:derived") == ("true" if match.decision else "false")
    assert statements(found, "Alternate") == []


def decided(kind, a=0, b=1, found=None):
    found = found or sample()
    ids = [row.document.id for row in found.documents]
    return reviewed(found, [Decision(kind, Place(ids[a]), Place(ids[b]), "R. Lindqvist", "2025-03-01")])


def test_what_the_run_found_and_what_a_person_decided_are_said_apart():
    for kind in ("reject", "same_source"):
        found = decided(kind)
        (decision,) = statements(found, "provenance:Decision")
        assert value(decision, "provenance:derived") == "false"
        assert statements(found, "Derivation") == statements(found, "Alternate") == []
        (row,) = [
            one for one in statements(found, "provenance:Finding") if value(one, "provenance:score") == "0.81"
        ]
        assert row["provenance:assertedBy"] == [{"@id": "run:run"}]
        assert value(row, "provenance:derived") == "true"
        assert row["provenance:decidedBy"] == [{"@id": decision["@id"]}]
    told = [value(row, "provenance:finding") for row in statements(found, "schema:NewsArticle")]
    assert told[:2] == ["derivation found, traced to a common source by review"] * 2
    (one, _, _) = statements(decided("reject"), "schema:NewsArticle")
    assert value(one, "provenance:finding") == "derivation found, rejected by review"


def test_a_derivation_that_only_a_person_states_is_asserted_by_the_decision():
    found = decided("confirm", 1, 2)
    (decision,) = statements(found, "provenance:Decision")
    (stated,) = statements(found, "Alternate")
    by_run = [row for row in statements(found, "provenance:Finding") if "provenance:decidedBy" in row]
    assert [(value(row, "provenance:kind"), value(row, "provenance:derived")) for row in by_run] == [
        ("same_event", "false")
    ]
    (row,) = [row for row in statements(found, "provenance:Finding") if "stated-relation" in row["@id"]]
    assert row["provenance:assertedBy"] == [{"@id": decision["@id"]}]
    assert value(row, "provenance:derived") == "true"
    last = statements(found, "schema:NewsArticle")[2]
    assert value(last, "provenance:finding").endswith("; derivation stated by review")
    assert stated


def test_runs_that_say_other_things_have_other_names():
    found = sample()
    old = since(found, found.to_dict())
    alone = replace(found, documents=found.documents[:2], relations=found.relations[:1])
    third = replace(found.documents[2], origin="against")
    dated = replace(found.documents[1], document=replace(found.documents[1].document, published="1999-01-01"))
    variants = [
        found,
        old,
        decided("reject"),
        decided("confirm"),
        alone,
        replace(alone, compared_with=(third,)),
        replace(alone, unread=5),
        replace(found, documents=(found.documents[0], dated, found.documents[2])),
    ]
    names = {values(one)["@context"][0]["run"] for one in variants}
    assert len(names) == len(variants)


def test_credits_are_claims_apart_from_derivations():
    (credit,) = statements(sample(), "provenance:Credit")
    assert value(credit, "provenance:outlet") == "Radio Meridian"
    ends = [row[end] for row in statements(sample(), "Derivation") for end in ("usedEntity", "generatedEntity")]
    assert credit["@id"] not in ends


def test_the_run_is_an_activity_of_the_software():
    (run,), (software,) = statements(sample(), "Activity"), statements(sample(), "Agent")[:1]
    assert run["endTime"] == "2025-03-01T12:00:00+00:00"
    assert software["type"] == ["prov:SoftwareAgent", "schema:SoftwareApplication"]
    assert value(software, "schema:softwareVersion") == "0.1.0"
    (associated,) = statements(sample(), "Association")
    assert (associated["activity"], associated["agent"]) == (run["@id"], software["@id"])
    assert len(statements(sample(), "Usage")) == 3


def test_a_manifest_of_content_credentials_is_recorded_as_not_validated():
    row = replace(document("a", STORM), manifests=(Manifest(0, 5, 1, 3, "f" * 64, complete=True),))
    (manifest,) = statements(Audit("0.1.0", {}, (row, document("b", OTHER))), "provenance:C2PAManifest")
    assert value(manifest, "schema:sha256") == "f" * 64
    assert value(manifest, "provenance:validated") == "false"


def test_the_order_of_the_input_changes_no_name():
    found = sample()
    turned = replace(
        found,
        documents=found.documents[::-1],
        relations=tuple(replace(row, a=row.b, b=row.a) for row in found.relations[::-1]),
        matches=tuple(replace(row, a=row.b, b=row.a) for row in found.matches),
    )
    assert sorted(map(json.dumps, statements(turned))) == sorted(map(json.dumps, statements(found)))


@pytest.mark.parametrize(
    "text", ["oa:exact", "http://www.w3.org/ns/oa#exact", "run:run", "2025-03-01", "true", "_:b", "@id"]
)
def test_text_that_looks_like_a_name_or_a_date_stays_text(text):
    row = document(text, f"{text} fell.", title=text, publisher=text)
    (entity,) = statements(Audit("0.1.0", {}, (row,)), "schema:NewsArticle")
    assert entity["dcterms:identifier"] == entity["schema:headline"] == [{"@value": text}]
    (publisher,) = statements(Audit("0.1.0", {}, (row,)), "schema:Organization")
    assert publisher["schema:name"] == [{"@value": text}]
