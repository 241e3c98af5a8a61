"""Long lists: what is listed of them may be removed, and the rest is found all the same."""

import json
import time

import numpy as np
import pytest
from indexes import KINDS
from newspaper import article, document
from stored import entry, removal

from provenance.index import Index
from provenance.index.verify import verify
from provenance.model import Document
from provenance.stores import open_store
from provenance.stores.frames import framed, opened
from provenance.stores.postings import MANY
from provenance.stores.segments import Segments
from provenance.stores.upkeep import compact, tidy

TEXT = article(1)
HOT = np.array([99], np.uint64)


def found(index, text=TEXT):
    return {row.b for row in index.check(Document("new", text)).relations}


def test_copies_are_found_when_those_that_are_listed_were_removed(index):
    list(index.add_many([Document(f"c{number:03}", TEXT) for number in range(100)], jobs=1))
    index.compact()
    assert index.canonical(Document("any", TEXT)) == "c000"
    index.remove([f"c{number:03}" for number in (*range(32), *range(68, 100))])
    for _ in ("as they went", "compacted"):
        assert index.canonical(Document("any", TEXT)) == "c032"
        assert found(index) <= {f"c{number:03}" for number in range(32, 68)}
        assert found(index)
        assert verify(index).faults == 0
        index.compact()
    index.remove([f"c{number:03}" for number in range(32, 67)])
    assert (index.canonical(Document("any", TEXT)), found(index)) == ("c067", {"c067"})


def test_what_is_printed_much_is_found_after_the_old_expired(place, monkeypatch):
    with Index.open(*place("memory")) as index:
        now = time.time()
        for count, age in ((80, 100), (20, 0)):
            monkeypatch.setattr("time.time", lambda age=age: now - age)
            rows = [Document(f"{age}/{n}", f"{TEXT}\nPrinted in {n}/{age}.\n") for n in range(count)]
            list(index.add_many(rows, jobs=1))
        index.compact()
        monkeypatch.setattr("time.time", lambda: now)
        assert len(index.expire(50)) == 80
        for _ in ("as they went", "compacted"):
            assert {name[:2] for name in found(index)} == {"0/"}
            index.compact()
        assert verify(index).faults == 0


@pytest.mark.server
def test_of_a_long_list_the_oldest_that_lives_is_found_whoever_goes(place):
    readers = []
    for kind in KINDS:
        store = open_store(*place(kind))
        store.begin(b"a header")
        readers.append(Segments(store))
    living = {number: f"{number}" for number in range(1, 401)}
    draw = np.random.default_rng(5)
    for reader in readers:
        for half in (range(1, 201), range(201, 401)):
            reader.store.write([entry(living[number], HOT) for number in half])
            tidy(reader, longest=200)
        assert sum(sum(run.more.values()) for run in reader.manifest.runs) == 400 - 2 * MANY
    for turn in range(9):
        first = [*living][: 5 * turn]
        gone = {*first, *draw.choice([*living], 15, replace=False).tolist()}
        left = sorted(living.keys() - gone)
        for reader in readers:
            reader.store.write([removal(living[number], number, HOT) for number in sorted(gone)])
            if turn == 4:
                compact(reader)
            seen = reader.find(HOT)
            assert seen.counts.tolist() == [len(left)]
            assert seen.numbers[0] == left[0]
            assert min(len(left), MANY // 4) <= len(seen.numbers) <= MANY
            assert {*seen.numbers.tolist()} <= {*left}
        living = {number: living[number] for number in left}


def test_a_document_of_which_only_the_number_is_known_is_not_counted_where_it_is_listed(place):
    store = open_store(*place("memory"))
    store.begin(b"a header")
    segments = Segments(store)
    store.write([entry(f"{number}", HOT) for number in range(1, 101)])
    tidy(segments, longest=1)
    store.write([removal("1", 1, HOT[:0])])
    assert segments.find(HOT).counts.tolist() == [99]
    store.write([removal("50", 50, HOT[:0])])
    assert segments.find(HOT).counts.tolist() == [99], (
        "it stands where nothing is listed: until the run is rewritten"
    )
    compact(segments)
    assert segments.find(HOT).counts.tolist() == [98]


def test_an_index_that_only_counts_long_lists_is_made_whole(place):
    with Index.open(*place("memory")) as index:
        rows = [Document(f"d{number}", TEXT, publisher="House") for number in range(100)]
        list(index.add_many(rows, jobs=1))
        index.compact()
        store = index.store
        told = json.loads(opened(b"M", store._manifest, "it"))
        (run,) = told["runs"]
        del run["whole"]
        store._manifest = framed(b"M", json.dumps(told).encode())
        store._runs[run["id"]] = {n: one for n, one in store._runs[run["id"]].items() if n < 1 << run["bits"]}
        store._generation += 1
    with Index(store, index.header, index.url, index.namespace) as old:
        assert old.check(Document("new", TEXT)).relations, "it is read as it is"
        assert [line.partition(" ")[0] for line in verify(old).told] == ["run"]
        old.add(document(500))
        old.compact()
        assert verify(old).faults == 0
        old.remove([f"d{number}" for number in range(99)])
        assert found(old) == {"d99"}
