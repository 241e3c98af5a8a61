"""A Redis that lost its last writes, answers drop by drop, or breaks off: nothing is believed that is not so."""

import socket
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
import redis
from servers import serving
from stored import entry, removal

from provenance.errors import StoreError
from provenance.index import Index
from provenance.index.verify import verify
from provenance.model import Document
from provenance.stores import open_store
from provenance.stores.postings import Postings
from provenance.stores.redis_scripts import STAMP
from provenance.stores.segments import Segments
from provenance.stores.upkeep import Plan, carried_out, compact, tidy

pytestmark = pytest.mark.server
OWN, OTHER = np.array([1, 2, 3], np.uint64), np.array([4, 5], np.uint64)


@pytest.fixture
def forgetful(tmp_path):
    """Give a server that keeps what it was told to save, and a function that kills it and starts it again."""
    with serving(tmp_path, "--appendonly", "no") as server:

        def restarted():
            server.kill()
            server.start()

        yield server, restarted


def opened(server):
    store = open_store(server.url, "one")
    store.begin(b"a header")
    return store


def saved(server):
    with server.client() as client:
        client.save()


def test_a_reader_is_told_of_lost_writes_and_goes_on_with_what_is_there(forgetful):
    server, restarted = forgetful
    store = opened(server)
    segments = Segments(store)
    store.write([entry("a", OWN)])
    saved(server)
    store.write([entry("b", OWN), entry("c", OWN)])
    assert segments.find(OWN).counts.tolist() == [3, 3, 3]
    restarted()
    with pytest.raises(StoreError, match="lost what it had acknowledged"):
        segments.find(OWN)
    assert segments.find(OWN).counts.tolist() == [1, 1, 1]
    assert store.write([entry("d", OWN)]) == [("added", 2)]
    assert segments.find(OWN).numbers.tolist() == [1, 2] * 3


@pytest.mark.parametrize("written", [1, 2, 3])
def test_numbers_that_were_given_to_others_meanwhile_are_not_taken_for_the_old(forgetful, written):
    server, restarted = forgetful
    store = opened(server)
    segments = Segments(store)
    store.write([entry("a", OWN)])
    saved(server)
    store.write([entry("b", OWN)])
    store.write([entry("c", OWN)])
    segments.find(OWN)
    restarted()
    other = opened(server)
    other.write([entry(f"new {number}", OTHER) for number in range(written)])
    with pytest.raises(StoreError, match="lost what it had acknowledged"):
        segments.find(OWN)
    for reader in (segments, Segments(other)):
        assert reader.find(OTHER).counts.tolist() == [written] * 2
        assert reader.find(OWN).counts.tolist() == [1, 1, 1]


def test_lost_removals_are_found_out(forgetful):
    server, restarted = forgetful
    store = opened(server)
    segments = Segments(store)
    store.write([entry(name, OWN) for name in "abc"])
    saved(server)
    store.write([removal("a", 1, OWN)])
    assert segments.find(OWN).counts.tolist() == [2, 2, 2]
    restarted()
    other = opened(server)
    other.write([removal("b", 2, OWN)])
    with pytest.raises(StoreError, match="lost what it had acknowledged"):
        segments.find(OWN)
    assert segments.find(OWN).numbers.tolist() == [1, 3] * 3


def test_a_writer_is_told_before_anything_is_written(forgetful):
    server, restarted = forgetful
    store = opened(server)
    saved(server)
    store.write([entry("a", OWN)])
    restarted()
    with pytest.raises(StoreError, match="lost what it had acknowledged"):
        store.write([entry("b", OWN)])
    assert store.documents([b"a", b"b"]) == [None, None]
    assert store.write([entry("b", OWN)]) == [("added", 1)]


@pytest.mark.parametrize("rewritten", [False, True])
def test_upkeep_never_writes_what_the_server_does_not_have(forgetful, rewritten):
    server, restarted = forgetful
    store = opened(server)
    segments = Segments(store)
    store.write([entry("a", OWN)])
    saved(server)
    store.write([entry("b", OWN)])
    segments.find(OWN)
    if rewritten:
        tidy(segments, longest=1)
    restarted()
    other = opened(server)
    other.write([entry("c", OTHER)])
    if rewritten:
        tidy(Segments(other), longest=1)
    if rewritten:
        compact(segments)  # which begins with what is there: the runs that it knew are gone
    else:
        with pytest.raises(StoreError, match="lost what it had acknowledged"):
            compact(segments)
    for reader in (segments, Segments(opened(server))):
        assert reader.find(OTHER).numbers.tolist() == [2, 2]
        assert reader.find(OWN).numbers.tolist() == [1, 1, 1]


def test_a_swap_of_a_state_that_is_not_the_servers_is_refused(forgetful):
    server, restarted = forgetful
    store = opened(server)
    segments = Segments(store)
    saved(server)
    store.write([entry("a", OWN)])
    segments.find(OWN)
    restarted()
    opened(server).write([entry("c", OTHER)])

    state = segments.state
    plan = Plan(state, segments.manifest, (), 3, 1, state.next, ())
    assert not carried_out(store, plan, [Postings(OWN, np.ones(3, np.uint64))])
    assert Segments(opened(server)).find(OWN).counts.tolist() == [0, 0, 0]


def test_lists_of_before_there_were_stamps_are_read(own_server):
    store = opened(own_server)
    segments = Segments(store)
    store.write([entry("a", OWN), entry("b", OWN), removal("a", 1, OWN)])
    with own_server.client() as client:
        for name, count in (("tail", 2), ("dead", 1)):
            key = f"provenance:{{one}}:{name}"
            for place in range(count):
                client.lset(key, place, client.lindex(key, place)[STAMP:])
    assert segments.find(OWN).numbers.tolist() == [2, 2, 2]
    store.write([entry("c", OWN)])
    assert segments.find(OWN).numbers.tolist() == [2, 3] * 3
    compact(segments)
    assert segments.find(OWN).numbers.tolist() == [2, 3] * 3


def test_an_index_recovers_without_being_opened_anew(forgetful):
    server, restarted = forgetful
    texts = [
        f"The council of Lindow met {number} times on Monday to speak of the {number} cranes."
        for number in range(4)
    ]
    index = Index.open(server.url, "one")
    index.add(Document("a", texts[0]))
    saved(server)
    index.add(Document("b", texts[1]))
    assert index.check(Document("q", texts[1])).relations
    restarted()
    with Index.open(server.url, "one") as other:
        other.add(Document("c", texts[2]))
    with pytest.raises(StoreError, match="lost"):
        index.check(Document("q", texts[2]))
    assert [row.b for row in index.check(Document("q", texts[2])).relations if row.kind == "exact"] == ["c"]
    assert index.canonical(Document("q", texts[1])) is None
    index.compact()
    assert verify(index).faults == 0
    index.close()


def test_an_index_whose_header_is_gone_is_not_begun_over_its_documents(own_server):
    store = opened(own_server)
    store.write([entry("a", OWN)])
    with own_server.client() as client:
        client.delete("provenance:{one}:meta")
        before = sorted(client.keys())
        for header in (b"a header", b""):
            with pytest.raises(StoreError, match="header of the index is gone"):
                open_store(own_server.url, "one").begin(header)
        assert sorted(client.keys()) == before


# --- between client and server ----------------------------------------------------------------------------


class Between:
    """A proxy that passes on what `passing` makes of each answer: bytes, or None to break off."""

    def __init__(self, port):
        self.server, self.passing = port, lambda data: data
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.listening.getsockname()[1]}/0"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server))
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source, target, answer):
        try:
            while data := source.recv(1 << 16):
                if answer and (data := self.passing(data)) is None:
                    break
                if isinstance(data, bytes):
                    target.sendall(data)
                    continue
                for piece in data:
                    target.sendall(piece)
        except OSError:
            pass
        finally:
            for one in (source, target):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()


@pytest.fixture
def between(own_server):
    made = Between(own_server.port)
    yield made
    made.listening.close()


def test_what_was_done_when_the_connection_broke_is_said_to_be(between):
    store = open_store(between.url, "one")
    store.begin(b"a header")

    def breaking(_data):
        between.passing = lambda data: data

    between.passing = breaking
    assert store.write([entry("a", OWN), entry("b", OWN)]) == [("added", 1), ("added", 2)]
    between.passing = breaking
    assert store.write([removal("a", 1, OWN)]) == [("removed", 1)]
    assert store.write([removal("a", 1, OWN)]) == [("absent", 0)]
    assert store.documents([b"a", b"b"]) == [None, (2, b"the record of b")]


def test_an_answer_that_comes_drop_by_drop_is_given_up(between):
    store = open_store(between.url, "one")
    store.begin(b"a header")
    store.write([entry("a", OWN)])

    def dripping(data):
        for place in range(len(data)):
            time.sleep(0.4)
            yield data[place : place + 1]

    between.passing = dripping
    begin = time.monotonic()
    with pytest.raises(StoreError, match="did not answer"):
        store.documents([1])
    took = time.monotonic() - begin
    between.passing = lambda data: data
    assert took < 15, "of 0.4 s a byte it would take longer"
    assert store.documents([1]) == [(1, b"the record of a")]
    assert redis.__version__
