"""Records that are damaged or lost: they are named, passed over, and can be taken out or replaced."""

import threading
import time

import pytest
from newspaper import article, document

from provenance import index as module
from provenance.errors import DamageWarning, StoreError
from provenance.index import Index
from provenance.index import writing as writings
from provenance.index.verify import verify
from provenance.model import Document


@pytest.fixture
def harmed(place, kind):
    """Give an index of four documents, of which the second is damaged and the third is lost."""
    with Index.open(*place(kind)) as index:
        for number in range(1, 5):
            index.add(document(number))
        harm(index, 2, b"damaged")
        harm(index, 3, None)
        yield index


def harm(index, number, record):
    """Put something in the place of a document's record, or nothing."""
    store = index.store
    if hasattr(store, "_records"):
        store._records.pop(number)
        store._records |= {} if record is None else {number: record}
    elif hasattr(store, "_db"):
        if record is None:
            store._db.execute("DELETE FROM document WHERE place = ?", (store._place(number),))
        else:
            store._db.execute("UPDATE document SET record = ? WHERE place = ?", (record, store._place(number)))
    elif record is None:
        store._redis.hdel(store._key("docs"), number)
    else:
        store._redis.hset(store._key("docs"), number, record)


def test_what_cannot_be_read_is_named(harmed):
    told = verify(harmed).told
    assert [line for line in told if "number 2: a document's record is" in line]
    assert [line for line in told if "number 3" in line and "'d3' is missing: its record is lost" in line]
    assert not [line for line in told if "number 1:" in line or "number 4:" in line]
    for name in ("d2", "d3"):
        with pytest.raises(StoreError, match="record"):
            harmed.get(name)


def test_a_check_passes_over_what_is_damaged_and_says_so(harmed):
    with pytest.warns(DamageWarning, match="document number 2"):
        assert not harmed.check(Document("new", article(2))).relations
    with pytest.warns(DamageWarning, match="document number 2"):
        assert harmed.canonical(Document("new", article(2))) is None
    assert not harmed.check(Document("new", article(3))).relations
    assert harmed.check(Document("new", article(4))).relations


def test_what_cannot_be_read_is_removed(harmed):
    assert harmed.remove(["d2", "d3"]) == ["d2", "d3"]
    assert (verify(harmed).faults, harmed.stats()["documents"]) == (0, 2)
    harmed.compact()
    assert verify(harmed).faults == 0


def test_what_cannot_be_read_is_replaced(harmed):
    assert [harmed.replace(document(number)).status for number in (2, 3)] == ["replaced", "added"]
    assert [harmed.replace(document(number)).status for number in (2, 3)] == ["known", "known"]
    assert harmed.get("d2").text == article(2)
    assert verify(harmed).faults == 0


def test_what_was_lost_is_added_anew(harmed):
    assert harmed.add(document(3)).status == "added"
    assert harmed.add(document(3)).status == "known"
    assert harmed.get("d3").text == article(3)
    assert harmed.check(Document("new", article(3))).relations


def test_what_cannot_be_read_expires_with_the_next_that_can(harmed, monkeypatch):
    now = time.time()
    assert harmed.expire(1_000) == []
    monkeypatch.setattr(module.time, "time", lambda: now + 2_000)
    assert harmed.expire(1_000) == ["d1", "d2", "d3", "d4"]
    assert (verify(harmed).faults, harmed.stats()["documents"]) == (0, 0)


def test_an_index_is_repaired_from_its_documents(harmed):
    store = harmed.store
    assert harmed.repair() == ["d2", "d3"]
    assert {line.split(":")[0] for line in verify(harmed).told} == {"document number 2", "document number 3"}
    assert harmed.repair(drop=True) == ["d2", "d3"]
    assert (verify(harmed).faults, harmed.stats()["documents"]) == (0, 2)
    assert harmed.check(Document("new", article(4))).relations
    assert store is harmed.store


def test_lost_and_damaged_postings_are_made_anew(place):
    with Index.open(*place("memory")) as index:
        list(index.add_many([document(number) for number in range(6)], jobs=1))
        index.compact()
        for number in range(6, 9):
            index.add(document(number))
        index.remove(["d1"])
        index.store._tail[1] = b"damaged"
        index.store._manifest = b"damaged"
        index.store._dead[0] = b"damaged"
        index.store._generation += 1
        with pytest.raises(StoreError):
            index.segments.find(index.get("d7").sketch.keys)
        assert verify(index).faults
        assert index.repair() == []
        assert verify(index).faults == 0
        assert len(index.store._runs) == 1
        assert index.check(Document("new", article(7))).relations


def test_runs_that_nobody_can_name_are_put_away(place, kind):
    with Index.open(*place(kind)) as index:
        store = index.store
        list(index.add_many([document(number) for number in range(6)], jobs=1))
        index.compact()
        (old,) = index.segments.manifest.runs
        if kind == "memory":
            store._manifest = b"damaged"
        elif kind == "sqlite":
            store._db.execute("UPDATE space SET manifest = x'00' WHERE id = ?", (store._space,))
        else:
            store._redis.hset(store._key("meta"), "manifest", "damaged")
    opened = Index(store, index.header, *place(kind)) if kind == "memory" else Index.open(*place(kind))
    with opened as again:
        with pytest.raises(StoreError, match="manifest"):
            again.check(Document("new", article(4)))
        assert again.repair() == []
        assert verify(again).faults == 0
        assert again.check(Document("new", article(4))).relations
        (new,) = again.segments.manifest.runs
        if kind == "sqlite":
            assert again.store._db.execute("SELECT run FROM shelf").fetchall() == [(new.id,)]
        elif kind == "redis":
            assert again.store._runs() == {new.id}
        assert new.id != old.id


def test_a_digest_that_is_of_another_text_is_found(place, kind):
    with Index.open(*place(kind)) as index:
        index.add(document(1))
        store = index.store
        if kind == "memory":
            store._ids[b"d1"] = 1, b"?" * 32
        elif kind == "sqlite":
            store._db.execute("UPDATE name SET digest = ?", (b"?" * 32,))
        else:
            store._redis.hset(store._key("ids"), "d1", b"1:" + b"?" * 32)
        assert ["digest" in line for line in verify(index).told] == [True]


# --- time, metadata, batches ------------------------------------------------------------------------------


def test_what_is_old_expires_in_whatever_order_it_came(index, monkeypatch):
    now = time.time()
    for number, age in enumerate((10, 100, 10, 50)):
        monkeypatch.setattr(module.time, "time", lambda age=age: now - age)
        index.add(document(number))
    monkeypatch.setattr(module.time, "time", lambda: now)
    assert index.expire(30) == ["d1", "d3"]
    assert index.expire(30) == []


def test_what_is_replaced_while_it_expires_stays(place, monkeypatch):
    with Index.open(*place("memory")) as index:
        index.add(document(1))
        aged = module.aged

        def meanwhile(store, before):
            found = aged(store, before)
            index.replace(Document("d1", article(2)))
            return found

        monkeypatch.setattr(module, "aged", meanwhile)
        assert index.expire(-1_000) == []
        assert index.get("d1").text == article(2)


def test_metadata_are_replaced_with_the_same_text(index):
    index.add(Document("1", article(1)))
    corrected = Document("1", article(1), publisher="Lindow Post", published="2020-01-01")
    assert index.add(corrected).status == "known"
    assert index.get("1").fields["publisher"] is None
    assert index.replace(corrected).status == "replaced"
    assert index.replace(corrected).status == "known"
    fields = index.get("1").fields
    assert (fields["publisher"], fields["published"]) == ("Lindow Post", "2020-01-01")
    assert verify(index).faults == 0


def test_of_many_of_one_id_the_last_is_written(index):
    rows = [Document("1", f"{article(1)} Edition {number}.") for number in range(15)]
    given = list(index.add_many([*rows, document(2)], replace=True, jobs=1))
    assert [row.status for row in given] == [*["superseded"] * 14, "added", "added"]
    assert {row.number for row in given[:15]} == {index.store.documents([b"1"])[0][0]}
    assert index.get("1").text.rstrip().endswith("Edition 14.")
    assert [row.status for row in index.add_many(rows[:3], replace=True, jobs=1)][-1] == "replaced"


def test_a_document_that_others_change_all_the_time_is_not_said_to_be_written(place, monkeypatch):
    with Index.open(*place("memory")) as index:
        index.add(document(1))
        monkeypatch.setattr(writings, "_obituaries", lambda _store, ids: [(77, b"never its number") for _ in ids])
        with pytest.raises(StoreError, match="changed by others"):
            index.replace(Document("d1", article(2)))


def test_one_that_was_removed_while_it_was_to_be_replaced_is_added(place, monkeypatch):
    with Index.open(*place("memory")) as index:
        index.add(document(1))
        read = writings._obituaries

        def meanwhile(store, ids):
            given = read(store, ids)
            monkeypatch.undo()
            index.remove(["d1"])
            return given

        monkeypatch.setattr(writings, "_obituaries", meanwhile)
        assert index.replace(Document("d1", article(2))).number
        assert index.get("d1").text == article(2)


def test_an_index_in_use_has_no_faults(place, kind):
    stop, wrong = threading.Event(), []
    url, name = place(kind)

    def write():
        with Index.open(url, name) as own:
            number = 0
            while not stop.is_set():
                number += 1
                own.add(document(100 + number))
                own.remove([f"d{99 + number}"])

    with Index.open(url, name) as index:
        list(index.add_many([document(number) for number in range(20)], jobs=1))
        writer = threading.Thread(target=write)
        writer.start()
        try:
            wrong = [line for _ in range(3) for line in verify(index).told]
        finally:
            stop.set()
            writer.join()
        assert not wrong
        assert verify(index).faults == 0


def test_what_a_slow_source_gave_is_written_before_it_ends(place, monkeypatch):
    from provenance.index import prepare

    monkeypatch.setattr(prepare, "PATIENCE", 0.0)
    with Index.open(*place("memory")) as index:
        given = []

        def source():
            for number in range(4):
                assert len(given) == number
                yield document(number)

        for row in index.add_many(source(), jobs=1):
            given.append(row)  # noqa: PERF402 (the source looks at it meanwhile)
        assert [row.status for row in given] == ["added"] * 4


def test_a_transaction_ends_where_it_weighs_enough(place, monkeypatch):
    from provenance.index import prepare

    sizes = []
    with Index.open(*place("memory")) as index:
        (one,) = index.prepare([document(1)])
        monkeypatch.setattr(prepare, "WEIGHT", 3 * (len(one.record) + len(one.keys)) - 100)
        write = index.store.write
        monkeypatch.setattr(index.store, "write", lambda entries: sizes.append(len(entries)) or write(entries))
        list(index.add_many([document(number) for number in range(12)], jobs=1))
    assert sum(sizes) == 12
    assert 2 <= max(sizes) <= 4
