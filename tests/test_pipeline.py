"""The audit of a batch: what goes in, what is rejected, and what does not depend on order."""

import itertools
from dataclasses import asdict, replace

import pytest
from test_compare import ARTICLE, OTHER, REWRITE, SAME_EVENT

import provenance
from provenance import Document, Rejected, SettingsError
from provenance.model import DocumentRelation, Match, Side
from provenance.report.audit import score_step
from provenance.report.table import pairs
from provenance.telling import still_sharing

BATCH = [
    {"id": "wire", "text": ARTICLE, "published": "2025-03-01", "publisher": "Harbour News"},
    {"id": "rewrite", "text": REWRITE, "published": "2025-03-02"},
    {"id": "event", "text": SAME_EVENT},
    {"id": "other", "text": OTHER},
]


def test_a_rewrite_is_found_and_dated() -> None:
    audit = provenance.audit(BATCH)
    (relation,) = [row for row in audit.relations if row.derived]
    assert {relation.a, relation.b} == {"wire", "rewrite"}
    assert (relation.kind, relation.earlier) == ("rewritten", "wire")
    assert relation.chance < 1e-6
    assert [(cluster.documents, cluster.earliest) for cluster in audit.clusters] == [(("rewrite", "wire"), "wire")]


def test_a_credit_gives_the_direction_where_dates_do_not() -> None:
    rows = [
        {"id": "source", "text": ARTICLE, "publisher": "Harbour News"},
        {"id": "later", "text": "Harbour News reported the story first. " + REWRITE, "publisher": "Coast Daily"},
    ]
    (relation,) = provenance.audit(rows).relations
    assert (relation.earlier, relation.reason) == ("source", "later credits Harbour News")


def test_the_order_of_documents_changes_nothing_but_order() -> None:
    def found(rows: list[dict]) -> tuple:
        audit = provenance.audit(rows)
        relations = sorted((asdict(row) for row in audit.relations), key=repr)
        return relations, sorted(audit.matches, key=repr), audit.clusters, pairs(audit)

    first = found(BATCH)
    assert all(found(list(rows)) == first for rows in itertools.permutations(BATCH))


def test_the_sides_of_a_pair_are_told_in_one_order(seeds) -> None:
    texts = [{"id": path.name, "text": path.read_text("utf-8")} for path in sorted(seeds.glob("*.txt"))]
    # Two that share rare names, and so are compared, and nothing else.
    bread = " In Lindowmere nobody at the Kestrel bakery had asked whether Plimpton or Zarkhovsky liked bread."
    names = " Zarkhovsky met Plimpton beside the Kestrel wharf in Lindowmere."
    texts += [{"id": "wharf", "text": ARTICLE + names}, {"id": "bakery", "text": OTHER + bread}]
    forth, back = (provenance.audit(rows) for rows in (texts, texts[::-1]))
    assert pairs(forth) == pairs(back)
    for audit in (forth, back):
        assert all(row.a == row.earlier if row.earlier else row.a < row.b for row in audit.relations)
        sides = {(row.a, row.b) for row in audit.relations}
        assert {(match.a.doc, match.b.doc) for match in audit.matches} <= sides
        compared = [*audit.relations, *audit.silent]
        assert len({frozenset((row.a, row.b)) for row in compared}) == len(compared) == sum(audit.scores)
        assert all(row.a < row.b for row in audit.silent)
        assert {score_step(row.score) for row in compared} == {n for n, count in enumerate(audit.scores) if count}
    assert [(row.a, row.b) for row in forth.silent] == [("bakery", "wharf")]
    # A document that is only compared with is the second, also where it is the earlier.
    held = provenance.audit([BATCH[1]], against=[BATCH[0]]).relations
    assert [(row.a, row.b, row.earlier) for row in held] == [("rewrite", "wire", "wire")]


def test_what_cannot_be_used_is_listed_and_the_rest_is_done() -> None:
    audit = provenance.audit(
        [
            Rejected("gone.txt", "no such file"),
            {"text": "no id"},
            {"id": "number", "text": 3},
            {"id": "date", "text": ARTICLE, "published": 2025},
            {"id": "one", "text": ARTICLE},
            {"id": "one", "text": REWRITE},
        ]
    )
    assert [document.document.id for document in audit.documents] == ["one"]
    assert [(row.source, row.error) for row in audit.rejected] == [
        ("gone.txt", "no such file"),
        ("document 2", "a document needs an 'id'"),
        ("document 3", "a document needs a string in 'text' or 'html'"),
        ("document 4", "'published' is not a string"),
        ("one", "the id 'one' was given before"),
    ]


@pytest.mark.parametrize("text", ["", "Word", "\ud800", "!!! ???", "\n\n"])
def test_texts_too_short_to_compare_are_flagged_and_never_duplicates(text: str) -> None:
    audit = provenance.audit([{"id": "a", "text": text}, {"id": "b", "text": text}, {"id": "c", "text": ARTICLE}])
    assert all("insufficient_text" in document.flags for document in audit.documents[:2])
    assert audit.relations == ()


def test_texts_without_a_long_passage_are_compared() -> None:
    text = "The tanker Calliope waited off Zeebrugge, and nobody in Guernsey knew why."
    (relation,) = provenance.audit([{"id": "a", "text": text}, {"id": "b", "text": text}]).relations
    assert relation.kind == "exact"


def test_against_is_compared_with_but_not_reported_on() -> None:
    audit = provenance.audit([Document("new", REWRITE)], against=[*BATCH[:1], {"id": "copy", "text": ARTICLE}])
    assert [document.document.id for document in audit.documents] == ["new"]
    assert {(row.a, row.b) for row in audit.relations if row.derived} == {("new", "wire"), ("new", "copy")}


def test_many_copies_are_one_cluster() -> None:
    audit = provenance.audit([{"id": f"{i:03}", "text": ARTICLE} for i in range(100)])
    (cluster,) = audit.clusters
    assert len(cluster.documents) == 100
    assert {row.kind for row in audit.relations} == {"exact"}
    assert len(audit.relations) == 99  # each copy is joined to the first


def test_a_passage_that_very_many_texts_hold_is_found_in_all() -> None:
    own = [
        f"Council {i} of district {i * 7} met about street {i * 13} on day {i}, and nothing was decided."
        for i in range(60)
    ]
    audit = provenance.audit([{"id": f"{i:02}", "text": f"{text}\n\n{ARTICLE}"} for i, text in enumerate(own)])
    matched = {side.doc for match in audit.matches for side in (match.a, match.b)}
    assert len(matched) == 60


def test_removed_text_is_not_matched() -> None:
    note = "\n\nMore from Author\n\nJane Doe\nJane Doe is a seasoned reporter who writes about shipping."
    audit = provenance.audit([{"id": "a", "text": ARTICLE + note}, {"id": "b", "text": OTHER + note}])
    assert all(document.cleaned.removals for document in audit.documents)
    assert audit.matches == ()


def test_evasion_is_flagged() -> None:
    (document,) = provenance.audit([{"id": "a", "text": ARTICLE.replace("a", "\u200ba")}]).documents
    assert "zero_width" in document.flags


def test_progress_is_told() -> None:
    told = []
    provenance.audit(BATCH, progress=lambda *step: told.append(step))
    assert {stage for stage, _, _ in told} == {"clean", "read", "fingerprint", "compare"}
    assert all(done <= total for _, done, total in told)


def test_what_this_version_has_not_is_refused() -> None:
    with pytest.raises(SettingsError, match="engine"):
        provenance.audit([], engine="ray")


def test_a_pair_that_shared_formulas_alone_is_told_of_as_one_without_passages() -> None:
    def relation(a: str, b: str, kind: str, cosine: float) -> DocumentRelation:
        return DocumentRelation(a, b, kind, 0.1, False, 0.1, None, "", {"cosine": cosine})

    rows = [relation("a", "b", "shares_passages", 0.3), relation("a", "c", "shares_passages", 0.3)]
    rows += [relation("b", "c", "shares_passages", 0.1), relation("c", "d", "same_event", 0.3)]
    rows += [replace(rows[0], a="e", derived=True)]
    left = Match(Side("a", 0, 1, "x"), Side("b", 0, 1, "x"), "copied", 1.0)
    told = {(row.a, row.b): row.kind for row in still_sharing(rows, [left])}
    assert told == {
        ("a", "b"): "shares_passages",
        ("a", "c"): "same_event",
        ("c", "d"): "same_event",
        ("e", "b"): "shares_passages",
    }
