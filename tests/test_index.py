"""The index: what was added is found again, by every store alike; what is refused says why."""

import threading
import time
from dataclasses import replace

import pytest
from indexes import KINDS
from newspaper import NOTICE, article, document

import provenance
from provenance import index as module
from provenance import pipeline
from provenance.clean import clean_batch
from provenance.errors import SettingsError
from provenance.frames import _memories
from provenance.index import Index
from provenance.index.house import Residents
from provenance.index.look import Look
from provenance.index.records import packed, unpacked
from provenance.index.verify import verify
from provenance.model import Document
from provenance.words import read


def relations(audit):
    return {row.b: (row.kind, row.derived) for row in audit.relations}


def test_what_was_added_is_found_again(index):
    for number in range(20):
        assert index.add(document(number)).status == "added"
    found = index.check(Document("new", article(7)))
    assert relations(found)["d7"] == ("exact", True)
    assert {(match.b.doc, match.kind) for match in found.matches if match.b.doc == "d7"} == {("d7", "copied")}
    assert [match.a.text == match.b.text for match in found.matches if match.b.doc == "d7"]
    told_again = index.check(Document("new", article(7, told=1)))
    assert relations(told_again)["d7"][1], "a rewrite is found, and its source"
    assert not any(derived for name, (_, derived) in relations(told_again).items() if name != "d7")
    assert not index.check(Document("new", "A choir of two hundred voices sang in the old theatre.")).relations


def test_a_check_finds_what_an_audit_of_all_would(index):
    documents = [document(number) for number in range(30)]
    for one in documents:
        index.add(one)
    for number in (3, 11, 29):
        new = Document("new", article(number, told=1) + "\n" + article(number + 100))
        whole = provenance.audit([new], against=documents)
        by_index = index.check(new)
        derived = {row.b for row in whole.relations if row.derived}
        assert derived == {row.b for row in by_index.relations if row.derived} == {f"d{number}"}


def test_a_check_by_shortcuts_says_what_the_slow_way_says(index, monkeypatch):
    for number in range(40):
        index.add(Document(f"d{number}", article(number, notice=True), publisher=f"House {number % 2}"))
    asked = [
        Document(
            "new", f"{article(number, told=number % 2)}\n{article(number + 100)}\n{NOTICE}", publisher=publisher
        )
        for number, publisher in ((3, "House 1"), (4, "House 1"), (7, None), (200, "House 0"))
    ]
    quick = [index.check(one) for one in asked]
    monkeypatch.setattr(pipeline, "read_all", lambda sources, known: [read(source, known) for source in sources])
    monkeypatch.setattr(Look, "text", lambda *_: None)
    monkeypatch.setattr(Look, "sketch", lambda *_: None)
    index.residents = Residents()
    _memories.cache_clear()
    assert [index.check(one) for one in asked] == quick
    assert any(one.relations for one in quick)
    removed = [one.rule for row in quick for one in row.documents[0].cleaned.removals]
    assert removed.count("house_boilerplate") + removed.count("common_boilerplate") >= 3


def test_an_earlier_publication_is_said_to_be(index):
    index.add(document(1))
    (row,) = index.check(Document("new", article(1), published="2024-05-01")).relations
    assert (row.earlier, row.reason) == ("d1", "published 2024-03-04, the other 2024-05-01")


def test_an_id_stands_for_one_text(index):
    assert index.add(document(1)).status == "added"
    assert index.add(document(1)).status == "known"
    with pytest.raises(SettingsError, match="another text"):
        index.add(Document("d1", article(2)))
    assert index.get("d1").text == article(1)
    assert index.add(Document("d1", article(2)), replace=True).status == "replaced"
    assert index.replace(Document("d1", article(2))).status == "known"
    assert index.get("d1").text == article(2)
    assert not index.check(Document("new", article(1))).relations
    assert relations(index.check(Document("new", article(2))))["d1"] == ("exact", True)


def test_a_copy_under_the_id_of_its_source_is_found_and_told_apart(index):
    index.add(Document("article.txt", article(1)))
    index.add(Document("index:article.txt", article(1)))
    again = index.check(Document("article.txt", article(1)))
    assert [row.b for row in again.relations] == ["index:article.txt"], "a document is no answer to itself"
    for names, told in (
        (["article.txt"], {"index:article.txt", "index:index:article.txt"}),
        (["article.txt", "index:article.txt"], {"index:index:article.txt", "index:index:index:article.txt"}),
    ):
        texts = [article(1) + "\nOne line more.", article(9)]
        report = pipeline.audit([Document(*row) for row in zip(names, texts, strict=False)], index=index)
        assert {row.b for row in report.relations if row.a == "article.txt" and row.derived} == told
        assert {row.document.id for row in report.compared_with} >= told


def test_what_is_said_of_a_text_is_corrected_in_one_step(index, monkeypatch):
    index.add(Document("d1", article(1), title="Cranes"))
    named = Document("d1", article(1), title="Cranes torn off", publisher="House 1", published="2024-03-09")
    assert index.add(named).status == "known"
    write, titles = index.store.write, []

    def watched(entries):
        given = write(entries)
        titles.append(index.get("d1").fields["title"])  # a reader sees it after whatever transaction
        return given

    monkeypatch.setattr(index.store, "write", watched)
    assert index.replace(named).status == "replaced"
    assert titles == ["Cranes", "Cranes torn off"]
    assert index.get("d1").fields["published"] == "2024-03-09"
    assert index.replace(named).status == "known"
    (row,) = index.check(Document("new", article(1))).relations
    assert (row.b, row.kind) == ("d1", "exact")
    assert verify(index).faults == 0


def test_a_document_that_is_replaced_while_one_looks_is_found(index, monkeypatch):
    index.add(Document("d1", article(1), title="Cranes"))
    documents, due = index.store.documents, [True]

    def overtaken(wanted):
        if due.pop() if due else False:
            index.replace(Document("d1", article(1), title="Cranes torn off"))
        return documents(wanted)

    monkeypatch.setattr(index.store, "documents", overtaken)
    assert relations(index.check(Document("new", article(1)))) == {"d1": ("exact", True)}
    assert not due


def test_an_id_that_is_no_unicode_names_its_document(index):
    odd = Document("half \ud800 a pair", article(1))
    assert index.add(odd).id == odd.id
    assert index.add(odd).status == "known"
    assert index.get(odd.id).id == index.canonical(odd) == odd.id
    assert [one.id for _, one in index.scan()] == [odd.id]
    assert verify(index).faults == 0
    found = index.check(Document("new", article(1, told=1)))
    assert [(one.b, one.derived) for one in found.relations] == [(odd.id, True)]
    assert index.remove([odd.id]) == [odd.id]
    assert index.get(odd.id) is None


def test_what_was_removed_is_found_no_more(index):
    for number in range(6):
        index.add(document(number))
    assert index.remove(["d3", "d4", "none"]) == ["d3", "d4"]
    assert index.get("d3") is None
    assert not index.check(Document("new", article(3))).relations
    assert index.add(document(3)).status == "added"
    assert relations(index.check(Document("new", article(3))))["d3"] == ("exact", True)
    assert verify(index).faults == 0


def test_what_is_old_expires(index, monkeypatch):
    now = time.time()
    for number, age in enumerate((100, 50, 10)):
        monkeypatch.setattr(module.time, "time", lambda age=age: now - age)
        index.add(document(number))
    monkeypatch.setattr(module.time, "time", lambda: now)
    assert index.expire(30) == ["d0", "d1"]
    assert index.expire(30) == []
    assert index.stats()["documents"] == 1


def test_a_stored_document_keeps_what_is_known_of_it(index):
    text = "The mayor resigned, Harbour News reported.\n\n- Advertisement -\n\nThe river rose by a metre.\n"
    index.add(
        Document("a", text, title="Rain", publisher="Lindow Post", url="https://x.example/1", source="a.txt")
    )
    stored = index.get("a")
    assert stored.fields["publisher"] == "Lindow Post"
    assert (stored.fields["title"], stored.fields["url"], stored.fields["source"]) == (
        "Rain",
        "https://x.example/1",
        "a.txt",
    )
    assert len(stored.text) == len(text)
    assert "Advertisement" not in stored.text
    assert [text[one.start : one.end] for one in stored.credits] == ["Harbour News"]
    assert unpacked(packed(stored)).sketch.keys.tolist() == stored.sketch.keys.tolist()


def test_many_are_added_at_once(place, kind):
    documents = [document(number) for number in range(40)]
    with Index.open(*place(kind, "many")) as many, Index.open(*place(kind, "single")) as single:
        assert {row.status for row in many.add_many([*documents, documents[0]], jobs=2)} == {"added", "known"}
        for one in documents:
            single.add(one)
        assert verify(many).faults == 0
        assert verify(many).postings == verify(single).postings
        new = Document("new", article(5, told=1))
        assert many.check(new).relations == single.check(new).relations
        assert many.compact()["documents"] == 40
        assert verify(many).faults == 0
        assert many.check(new).relations == single.check(new).relations
        rows = list(many.add_many([Document("d1", article(99)), document(2)], jobs=1))
        assert [row.status for row in rows] == ["conflict", "known"]
        assert [row.status for row in many.add_many([Document("d1", article(99))], replace=True)] == ["replaced"]


@pytest.mark.server
def test_stores_give_equal_answers(place):
    opened = [Index.open(*place(kind)) for kind in KINDS]
    for one in opened:
        list(one.add_many([document(number) for number in range(60)], jobs=1))
        one.remove(["d5", "d6"])
    for number in range(0, 70, 7):
        new = Document("new", article(number, told=number % 2))
        audits = [one.check(new).to_dict() for one in opened]
        for audit in audits:
            del audit["parameters"]
        assert audits[0] == audits[1] == audits[2]
    for one in opened:
        one.close()


def test_namespaces_are_strangers(place, kind):
    with Index.open(*place(kind, "one")) as one, Index.open(*place(kind, "two")) as two:
        one.add(document(1))
        assert two.get("d1") is None
        assert not two.check(Document("new", article(1))).relations
        two.add(Document("d1", article(2)))
        one.remove(["d1"])
        assert two.stats()["documents"] == 1


def test_fifty_writers_of_one_text_have_one_canonical_document(place, kind):
    url, name = place(kind)
    Index.open(url, name).close()
    prepared = dict.fromkeys(range(50))
    with Index.open(url, name) as first:
        for number in prepared:
            (prepared[number],) = first.prepare([Document(f"w{number}", article(1))])
        given = []

        def write(number):
            with Index.open(url, name) as own:
                given.extend(own.write([prepared[number]]))

        threads = [threading.Thread(target=write, args=(number,)) for number in prepared]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {row.status for row in given} == {"added"}
        canonical = {first.canonical(Document("any", article(1))) for _ in range(3)}
        assert canonical == {min(given, key=lambda row: row.number).id}
        assert first.canonical(Document("any", article(2))) is None


# --- what was seen before ---------------------------------------------------------------------------------


def test_boilerplate_of_earlier_articles_is_taken_out(index):
    for number in range(0, 18, 3):
        index.add(document(number, notice=True))
    new = Document("new", article(50, notice=True), publisher="House 0")
    (row,) = provenance.audit([new], index=index).documents
    assert [(one.text.strip(), one.reason) for one in row.cleaned.removals] == [(NOTICE, "repeated_block")]
    assert clean_batch([new], seen=index.seen()) == [row.cleaned]
    other = Document("new", article(50, notice=True), publisher="Another")
    (row,) = provenance.audit([other], index=index).documents
    assert not row.cleaned.removals


SLOTS = "{0} has written about {1} for the House since {2} and lives near the river with two dogs."
FILLED = (
    ("Mara Iversen", "schools"),
    ("Noor Said", "the courts"),
    ("Ilse Brandt", "health"),
    ("Tobin Weiss", "farming"),
)


def templated(number):
    name, beat = FILLED[number % len(FILLED)]
    line = SLOTS.format(f"{name} {'ABCDEFGHIJKL'[number % 12]}. {number}", beat, 1990 + number)
    return Document(f"t{number}", f"{article(number)}\n{line}\n", publisher="The House")


def test_a_line_with_slots_is_taken_out_as_from_a_batch(index):
    stored, new = [templated(number) for number in range(9)], templated(40)
    list(index.add_many(stored, jobs=1))
    (found,) = clean_batch([new], seen=index.seen())
    assert found == clean_batch([*stored, new])[-1]
    assert [(one.reason, one.documents) for one in found.removals] == [("repeated_block", 10)]
    assert clean_batch([stored[0]], seen=index.seen([stored[0].id])) == [clean_batch(stored)[0]]


def test_of_a_large_house_the_newest_tell_its_template_and_all_count_a_line(index, monkeypatch):
    monkeypatch.setattr("provenance.index.house.SAMPLE", 6)
    for number in range(20):
        one = templated(number)
        index.add(replace(one, text=f"{one.text}\n{NOTICE}\n"))
    new = replace(templated(40), text=f"{templated(40).text}\n{NOTICE}\n")
    (found,) = clean_batch([new], seen=index.seen())
    assert [one.reason for one in found.removals] == ["repeated_block"] * 2
    assert [one.documents for one in found.removals] == [7, 21], "a line is counted, a template among those read"
    unread = clean_batch([replace(new, publisher="Another House")], seen=index.seen())
    assert not unread[0].removals


def test_a_house_is_judged_by_its_newest_template_however_many_documents_it_has(index):
    for number in range(150):
        one = templated(number)
        index.add(one if number >= 110 else replace(one, text=article(number, notice=True)))
    before = clean_batch([templated(300)], seen=index.seen())
    index.compact()
    (found,) = clean_batch([templated(300)], seen=index.seen())
    assert [one.reason for one in found.removals] == ["repeated_block"]
    assert before == [found]


def test_what_a_rule_took_out_of_stored_articles_counts_as_in_a_batch(index):
    rows = [templated(number) for number in range(6)]
    rows = [replace(one, text=f"Advertisement\n\n{one.text}") for one in rows]
    list(index.add_many(rows[:-1], jobs=1))
    assert index.get("t0").removed
    assert index.get("t0").whole.source == rows[0].text
    assert clean_batch(rows[-1:], seen=index.seen()) == clean_batch(rows)[-1:]


def test_threads_share_an_index(index):
    stored = [document(number) for number in range(12)]
    list(index.add_many(stored[:6], jobs=1))
    wrong, start = [], threading.Barrier(4)

    def ask(number):
        start.wait()
        for turn in range(6):
            if number == 0:
                index.add(stored[6 + turn])
            found = index.check(Document("new", article(turn)))
            if relations(found).get(f"d{turn}") != ("exact", True):
                wrong.append((number, turn))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert sum(len(chunk.packed) for chunk in index.segments.chunks) == verify(index).postings


def test_revisions_of_one_article_are_one(index):
    for number in range(4):
        index.add(Document(f"r{number}", article(1, notice=True) + f"\nUpdated {number}\n", publisher="House"))
    new = Document("new", article(50, notice=True), publisher="House")
    (row,) = provenance.audit([new], index=index).documents
    assert not row.cleaned.removals, "two articles have it: the revised one and this"


def test_an_audit_is_held_against_the_index(index):
    for number in range(5):
        index.add(document(number))
    batch = [Document("a", article(1, told=1)), Document("b", article(30)), Document("d4", article(4))]
    found = provenance.audit(batch, index=index)
    assert {(row.a, row.b) for row in found.relations if row.derived} == {("a", "d1")}
    assert [row.document.id for row in found.documents] == ["a", "b", "d4"], "stored ones are not reported on"


# --- without texts ----------------------------------------------------------------------------------------


def test_without_texts_copies_are_found_with_their_places(place, kind):
    url, name = place(kind)
    with Index.open(url, name, text=False) as index:
        for number in range(10):
            index.add(document(number))
        assert index.get("d3").text is None
        found = index.check(Document("new", article(3), published="2024-01-01"))
        assert relations(found) == {"d3": ("exact", True)}
        assert found.relations[0].earlier == "new"
        assert len(found.matches) == 2
        assert all(match.a.text and not match.b.text and match.kind == "copied" for match in found.matches)
        spans = [(match.b.start, match.b.end) for match in found.matches]
        assert [article(3)[start:end] for start, end in spans] == [match.a.text for match in found.matches]
        part = article(60) + "\n" + article(4).split("\n\n")[0]
        assert relations(index.check(Document("new", part))) == {"d4": ("shares_passages", False)}
        assert not index.check(Document("new", article(3, told=1))).relations, "rewrites are not guessed"
        assert verify(index).faults == 0
    with pytest.raises(SettingsError, match="begun without texts"):
        Index.open(url, name, text=True)
    Index.open(url, name).close()
