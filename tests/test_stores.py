"""One contract for every store; what each answers is held against a plain dictionary and against the others."""

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import EACH, KINDS
from stored import entry, keys, removal

from provenance.errors import SettingsError, StoreError
from provenance.stores import Change, State, open_store, shown
from provenance.stores.frames import framed, opened
from provenance.stores.postings import (
    KEY,
    MANY,
    Manifest,
    Postings,
    Run,
    decoded,
    encoded,
    manifest_of,
    merged,
    pack,
    unpack,
)
from provenance.stores.segments import Segments
from provenance.stores.upkeep import compact, tidy


@pytest.fixture
def places(tmp_path, request):
    """Give a function from the kind of a store to an address that is this test's own."""

    def place(kind):
        if kind == "redis":
            server = request.getfixturevalue("redis_server")
            return server.url
        return f"sqlite:{tmp_path / 'index.db'}" if kind == "sqlite" else f"memory:{tmp_path}"

    return place


@pytest.fixture
def opens(places, request):
    """Give a function that opens a store of a kind, in a namespace of this test's own."""
    made = []

    def opening(kind, namespace="one"):
        store = open_store(
            places(kind), f"{request.node.name[:60].translate(str.maketrans('[]', '__'))}.{namespace}"
        )
        store.begin(b"a header")
        made.append(store)
        return store

    yield opening
    for store in made:
        store.close()


@pytest.fixture(params=EACH)
def kind(request):
    return request.param


@pytest.fixture
def store(opens, kind):
    return opens(kind)


def test_a_namespace_keeps_its_first_header(store):
    assert store.begin(b"another header") == b"a header"
    assert store.begin(b"") == b"a header"


def test_a_namespace_does_not_begin_by_being_asked_for(places, kind, request):
    store = open_store(places(kind), f"absent.{request.node.name[:20]}")
    assert store.begin(b"") == b""
    store.close()


def test_what_became_of_a_document_is_said(store):
    own = np.array([1, 2], np.uint64)
    assert store.write([entry("a", own), entry("b", own)]) == [("added", 1), ("added", 2)]
    assert store.write([entry("a", own)]) == [("known", 1)]
    assert store.write([entry("a", own, digest=b"another text")]) == [("conflict", 1)]
    assert store.write([entry("a", own, digest=b"another text", old=2, gone=own)]) == [("changed", 1)]
    assert store.write([entry("a", own, digest=b"another text", old=1, gone=own)]) == [("replaced", 3)]
    assert store.write([removal("a", 1, own), removal("c", 4, own)]) == [("changed", 3), ("absent", 0)]
    assert store.write([removal("a", 3, own)]) == [("removed", 3)]
    assert store.write([entry("a", own)]) == [("added", 4)]
    assert store.documents([b"a", b"b", b"c", 1, 2, 4]) == [
        (4, b"the record of a"),
        (2, b"the record of b"),
        None,
        None,
        (2, b"the record of b"),
        (4, b"the record of a"),
    ]


def test_an_id_met_twice_in_one_transaction_is_one_document(store):
    own = np.array([1], np.uint64)
    given = store.write([entry("a", own), entry("a", own), entry("a", own, digest=b"another")])
    assert given == [("added", 1), ("known", 1), ("conflict", 1)]
    assert store.documents([1, 2]) == [(1, b"the record of a"), None]


def test_ids_are_any_bytes(store):
    own = np.array([1], np.uint64)
    names = ["", "1:2", "\0\r\n", "ß" * 100, "\ufffd"]
    store.write([entry(name, own) for name in names])
    assert [row[0] for row in store.documents([name.encode() for name in names])] == [1, 2, 3, 4, 5]


def test_a_reader_is_told_what_is_new(store):
    a, b = np.array([1], np.uint64), np.array([2], np.uint64)
    store.write([entry("a", a)])
    first = store.read(State(), {})
    state = State(first.generation, 1, 0)
    assert store.read(state, {}).tail == [framed(b"T", pack(a))]
    store.write([entry("b", b), removal("a", 1, a)])
    later = store.read(State(first.generation, 2, 0), {})
    assert (later.next, list(later.tail), len(later.dead)) == (3, [framed(b"T", pack(b))], 1)
    assert not store.read(State(first.generation, 3, 1), {}).dead


def test_runs_are_put_in_place_of_others_once(store):
    store.write([entry("a", np.array([1], np.uint64))])
    state = State(store.read(State(), {}).generation, 2, 0)
    change = Change(state, lambda: b"a manifest", 1, [(0, b"zero"), (5, b"five")], (), 2, ())
    assert store.swap(change)
    assert not store.swap(change), "the generation is another by now"
    now = store.read(State(), {})
    assert (now.manifest, now.next) == (b"a manifest", 2)
    state = State(now.generation, 2, 0)
    assert list(store.read(state, {1: [5, 0, 3]}).blocks) == [b"five", b"zero", b""]
    assert store.swap(Change(state, lambda: b"later", 2, [(7, b"seven")], [1], 2, ()))
    state = State(store.read(State(), {}).generation, 2, 0)
    assert list(store.read(state, {2: [7]}).blocks) == [b"seven"]


def test_what_is_removed_while_runs_are_made_stays_removed(store):
    a = np.array([1], np.uint64)
    store.write([entry(name, a) for name in "abc"])
    store.write([removal("a", 1, a)])
    state = State(store.read(State(), {}).generation, 4, 1)
    store.write([removal("b", 2, a)])
    assert store.swap(Change(state, lambda: b"m", 1, [(0, b"x")], (), 4, ()))
    now = store.read(State(), {})
    assert len(store.read(State(now.generation, 4, 0), {}).dead) == 1


def test_namespaces_see_nothing_of_one_another(opens, kind):
    one, two = opens(kind, "one"), opens(kind, "two")
    own = np.array([1], np.uint64)
    one.write([entry("a", own)])
    assert two.documents([b"a", 1]) == [None, None]
    assert two.write([entry("a", own, digest=b"another")]) == [("added", 1)]
    tidy(Segments(one), longest=1)
    assert Segments(two).find(own).counts.tolist() == [1]
    two.write([removal("a", 1, own)])
    assert Segments(one).find(own).counts.tolist() == [1]
    assert one.documents([b"a"]) == [(1, b"the record of a")]


def test_fifty_writers_of_one_document_write_one(opens, kind):
    own = np.array([1, 2, 3], np.uint64)
    given = []
    shared = opens(kind)

    def write():
        store = shared if kind == "memory" else opens(kind)
        given.extend(store.write([entry("a", own)]))

    threads = [threading.Thread(target=write) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [("added", 1)] + [("known", 1)] * 49
    assert Segments(shared).find(own).counts.tolist() == [1, 1, 1]


# --- postings, over every store ---------------------------------------------------------------------------


def expected(documents, asked):
    """Give what a lookup finds, from a dictionary of number to keys."""
    lists = [sorted(number for number, own in documents.items() if key in own) for key in asked.tolist()]
    return [len(one) for one in lists], [one[:MANY] for one in lists]


def answered(segments, asked):
    found = segments.find(asked)
    lists = [found.numbers[found.which == slot].tolist() for slot in range(len(asked))]
    return found.counts.tolist(), lists


def story(stores, steps, *, size, longest):
    """Write, remove and tidy by chance, the same in all stores; give the documents and the stores' readers."""
    draw = np.random.default_rng(7)
    readers = [Segments(store) for store in stores]
    documents, names = {}, {}
    hot = np.array([99], np.uint64)
    for step in range(steps):
        rows = []
        for number in range(size):
            own = keys(draw)
            if draw.random() < 0.5:
                own = np.union1d(own, hot)
            rows.append((f"{step}/{number}", own))
        entries = [entry(name, own) for name, own in rows]
        gone = draw.choice(sorted(names), min(len(names), size // 8), replace=False).tolist() if names else []
        entries += [removal(name, names[name], documents[names[name]]) for name in gone]
        given = [store.write(entries) for store in stores]
        assert all(one == given[0] for one in given)
        for name in gone:
            del documents[names.pop(name)]
        for (name, own), (_, number) in zip(rows, given[0], strict=False):
            names[name], documents[number] = number, own
        for reader in readers if step % 3 == 0 else ():
            tidy(reader, longest=longest)
    return documents, readers, draw


def ask(documents, draw, count):
    """Give keys of some documents, of none, and the hot one."""
    some = draw.choice(sorted(documents), min(count, len(documents)), replace=False).tolist()
    return np.unique(np.concatenate([*(documents[one] for one in some), keys(draw), np.array([99], np.uint64)]))


@pytest.mark.server
def test_every_store_answers_as_a_dictionary_does(opens, monkeypatch):
    monkeypatch.setattr("provenance.stores.upkeep.TAIL", 16)
    monkeypatch.setattr("provenance.stores.upkeep.PART", 2_000)
    monkeypatch.setattr("provenance.stores.upkeep.RUNS", 4)
    documents, readers, draw = story([opens(kind) for kind in KINDS], 48, size=16, longest=16)
    assert len(readers[0].manifest.runs) > 1
    assert any(run.more for run in readers[0].manifest.runs), "the hot list is capped"
    for stage in ("as it grew", "compacted"):
        asked = ask(documents, draw, 12)
        numbers = {number: set(own.tolist()) for number, own in documents.items()}
        counts, lists = expected(numbers, asked)
        for reader in readers:
            told, found = answered(reader, asked)
            assert told == counts, stage
            hot = asked.tolist().index(99)
            assert [one for slot, one in enumerate(found) if slot != hot] == [
                one for slot, one in enumerate(lists) if slot != hot
            ]
            assert len(found[hot]) <= MANY
        for reader in readers:
            compact(reader)
            assert len(reader.manifest.runs) == 1
            assert not len(reader.dead)


def test_a_long_list_keeps_its_oldest_and_its_newest():
    store = open_store("memory:", "ends")
    segments, hot = Segments(store), np.array([99], np.uint64)
    store.begin(b"{}")
    for first in range(1, 301, 100):
        store.write([entry(f"{number}", hot) for number in range(first, first + 100)])
        tidy(segments, longest=1)
    for _ in ("as it grew", "compacted"):
        found = segments.find(hot)
        assert found.counts.tolist() == [300]
        assert found.numbers.tolist() == [*range(1, 33), *range(269, 301)]
        compact(segments)


@pytest.mark.soak
@pytest.mark.server
def test_equal_answers_on_ten_thousand_documents(opens):
    documents, readers, draw = story([opens(kind) for kind in KINDS], 100, size=100, longest=512)
    for _ in range(50):
        asked = ask(documents, draw, 20)
        first = answered(readers[0], asked)
        assert first[0] == expected({n: set(own.tolist()) for n, own in documents.items()}, asked)[0]
        assert all(answered(reader, asked) == first for reader in readers[1:])


def test_a_reader_follows_upkeep_by_another(opens, kind):
    writer = Segments(opens(kind))
    reader = Segments(writer.store if kind == "memory" else opens(kind))
    own = np.array([3, 5], np.uint64)
    writer.store.write([entry("a", own)])
    assert reader.find(own).counts.tolist() == [1, 1]
    tidy(writer, longest=1)
    writer.store.write([entry("b", own)])
    assert reader.find(own).counts.tolist() == [2, 2]
    writer.store.write([removal("a", 1, own)])
    compact(writer)
    assert reader.find(own).numbers.tolist() == [2, 2]


# --- bytes ------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, (1 << KEY) - 1)))
def test_keys_are_packed_and_unpacked(values):
    own = np.array(values, dtype=np.uint64)
    assert unpack(pack(own)).tolist() == values


@given(
    st.lists(st.tuples(st.integers(0, (1 << KEY) - 1), st.integers(10, 900)), unique=True),
    st.integers(0, 9),
)
def test_postings_survive_their_blocks(rows, bits):
    pairs = np.array(sorted(rows), dtype=np.uint64).reshape(-1, 2)
    found = merged([Postings(pairs[:, 0], pairs[:, 1])])
    run = Run(1, bits, 10, 901, len(rows))
    blocks = dict(encoded(run, found))
    assert all(number < 1 << bits for number in blocks)
    again = decoded(run, sorted(blocks), [blocks[number] for number in sorted(blocks)])
    assert (again.keys.tolist(), again.numbers.tolist()) == (found.keys.tolist(), found.numbers.tolist())


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_what_is_not_ours_is_refused(value):
    with pytest.raises(StoreError):
        opened(b"D", value, "it")


@given(st.binary(max_size=60), st.integers(0, 600), st.integers(1, 255))
def test_a_changed_byte_is_seen(payload, place, change):
    value = bytearray(framed(b"D", payload))
    assert opened(b"D", bytes(value), "it") == payload
    value[place % len(value)] ^= change
    with pytest.raises(StoreError):
        opened(b"D", bytes(value), "it")


def test_a_manifest_says_what_it_was_made_of():
    manifest = Manifest((Run(3, 4, 1, 50, 700, {12: 9}), Run(7, 0, 50, 60, 10)), 60)
    assert manifest_of(manifest.packed()) == manifest
    assert manifest_of(b"") == Manifest()
    with pytest.raises(StoreError, match="manifest"):
        manifest_of(framed(b"M", b'{"runs": [{"id": 1}]}'))


# --- addresses --------------------------------------------------------------------------------------------


def test_an_address_of_no_store_is_refused():
    for url in ("postgres://here", "index.db", "sqlite", "sqlite:", ""):
        with pytest.raises(SettingsError):
            open_store(url, "default")


def test_a_password_is_never_shown():
    assert shown("rediss://ann:secret@host:1/0") == "rediss://ann:***@host:1/0"
    assert shown("redis://:secret@host") == "redis://:***@host"
    for url in (
        "redis://:se/cret@host",
        "redis://u:p@secret@host/1",
        "redis://host/0?password=secret",
        "rediss://host/0?db=1&ssl_password=secret&x=1",
        "redis://u:se:cr@et?#secret@host",
    ):
        assert not {"secret", "se/cret", "cret", "et"} & {
            *shown(url).replace("=", "@").replace(":", "@").split("@")
        }
        assert "host" in shown(url)
    with pytest.raises(SettingsError) as error:
        open_store("amqp://ann:secret@host", "default")
    assert "secret" not in str(error.value)


def test_memory_by_a_name_is_shared_and_without_one_is_not(tmp_path):
    named = f"memory:{tmp_path}"
    assert open_store(named, "a") is open_store(named, "a")
    assert open_store(named, "a") is not open_store(named, "b")
    assert open_store("memory:", "a") is not open_store("memory:", "a")
    assert Path(tmp_path).exists()
