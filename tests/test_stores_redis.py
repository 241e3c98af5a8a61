"""Redis as it fails: gone, slow, read-only, out of memory, come back empty, poisoned. Nothing is lost or run."""

import pickle
import time
from pathlib import Path

import numpy as np
import pytest
import redis
from servers import serving
from stored import entry, removal

from provenance.errors import SettingsError, StoreError
from provenance.stores import open_store
from provenance.stores.segments import Segments
from provenance.stores.upkeep import compact, tidy

pytestmark = pytest.mark.server
OWN = np.array([1, 2, 3], np.uint64)


@pytest.fixture
def store(own_server):
    made = open_store(own_server.url, "one")
    made.begin(b"a header")
    yield made
    made.close()


def refused(call, message):
    """Check that a call fails with an error of ours that says why; give the seconds that it took."""
    begin = time.monotonic()
    with pytest.raises(StoreError, match=message):
        call()
    return time.monotonic() - begin


def poisoned(server, key, *command):
    with server.client() as client:
        client.execute_command(*command[:1], f"provenance:{{one}}:{key}", *command[1:])


def test_every_key_of_a_namespace_has_its_tag(own_server, store):
    store.write([entry("a", OWN)])
    tidy(Segments(store), longest=1)
    store.write([entry("b", OWN), removal("a", 1, OWN)])
    with own_server.client() as client:
        names = client.keys()
    assert len(names) >= 5
    assert all(name.startswith(b"provenance:{one}:") for name in names)


def test_a_server_that_is_gone_is_said_to_be_and_is_found_again(own_server, store):
    store.write([entry("a", OWN)])
    own_server.kill()
    for call in (lambda: store.write([entry("b", OWN)]), lambda: Segments(store).find(OWN)):
        refused(call, "cannot be reached")
    own_server.start()
    assert store.write([entry("b", OWN)]) == [("added", 2)]
    assert Segments(store).find(OWN).counts.tolist() == [2, 2, 2]


def test_no_server_at_all(own_server):
    own_server.kill()
    store = open_store(own_server.url, "one")
    refused(lambda: store.begin(b"a header"), "cannot be reached")


def test_a_server_that_does_not_answer_is_given_up(own_server, store):
    with own_server.client() as client:
        client.client_pause(2_500)
        refused(lambda: store.write([entry("a", OWN)]), "did not answer")
        client.ping()  # which waits until the server goes on
    assert store.write([entry("b", OWN)])[0][0] == "added"


def test_a_server_that_only_reads(own_server, store):
    store.write([entry("a", OWN)])
    with own_server.client() as client:
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        refused(lambda: store.write([entry("b", OWN)]), "only reads")
        assert store.documents([b"a"])[0] is not None
        client.execute_command("REPLICAOF", "NO", "ONE")
    assert store.write([entry("b", OWN)]) == [("added", 2)]


def test_a_server_out_of_memory(own_server, store):
    store.write([entry("a", OWN)])
    with own_server.client() as client:
        client.config_set("maxmemory", "1")
        refused(lambda: store.write([entry("b", OWN)]), "out of memory")
        assert Segments(store).find(OWN).counts.tolist() == [1, 1, 1]
        client.config_set("maxmemory", "0")
    assert store.documents([b"b"]) == [None]
    assert store.write([entry("b", OWN)]) == [("added", 2)]


def test_a_server_that_drops_what_it_likes_is_refused(own_server):
    store = open_store(own_server.url, "one")
    store.begin(b"a header")
    store.write([entry("a", OWN)])
    with own_server.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    with pytest.raises(SettingsError, match="drops keys"):
        open_store(own_server.url, "one").begin(b"a header")
    with pytest.raises(SettingsError, match="drops keys"):
        tidy(Segments(store), longest=1)  # which looks again


def test_a_server_out_of_memory_lets_documents_go(own_server, store):
    store.write([entry("a", OWN), entry("b", OWN)])
    with own_server.client() as client:
        client.config_set("maxmemory", "1")
        assert store.write([removal("a", 1, OWN)]) == [("removed", 1)]
        assert Segments(store).find(OWN).counts.tolist() == [1, 1, 1]


def test_a_server_that_came_back_empty_is_not_written_to(own_server, store):
    segments = Segments(store)
    store.write([entry("a", OWN)])
    segments.find(OWN)
    with own_server.client() as client:
        client.flushall()
    for call in (lambda: store.write([entry("b", OWN)]), lambda: segments.find(OWN)):
        refused(call, "the index is gone")
    with own_server.client() as client:
        assert client.keys() == []


def test_an_index_begun_anew_is_said_to_be_once_and_read_from_its_beginning(own_server, store):
    segments = Segments(store)
    store.write([entry("a", OWN), entry("b", OWN)])
    assert segments.find(OWN).counts.tolist() == [2, 2, 2]
    other = open_store(own_server.url, "one")
    for call in (
        lambda: segments.find(OWN),
        lambda: store.write([entry("d", OWN)]),
        lambda: store.documents([b"a"]),
        lambda: store.documents([1]),
    ):
        with own_server.client() as client:
            client.flushall()
        other.begin(b"a header")
        other.write([entry("c", OWN)])
        refused(call, "begun anew")
    assert segments.find(OWN).counts.tolist() == [1, 1, 1]
    assert store.documents([b"a", b"c"]) == [None, (1, b"the record of c")]
    assert store.write([entry("d", OWN)]) == [("added", 2)]
    with own_server.client() as client:
        client.flushall()
    refused(lambda: store.documents([b"c"]), "the index is gone")
    other.begin(b"another header")
    refused(lambda: store.write([entry("e", OWN)]), "another index")


def test_what_was_acknowledged_is_there_after_the_server_was_killed(own_server, store):
    segments = Segments(store)
    store.write([entry(str(number), OWN) for number in range(50)])
    tidy(segments, longest=10)
    store.write([entry("last", OWN), removal("3", 4, OWN)])
    own_server.kill()
    own_server.start()
    assert segments.find(OWN).counts.tolist() == [50, 50, 50]
    assert store.documents([b"3", b"last"])[0] is None


def test_blocks_of_a_rewriting_that_came_to_no_end_are_dropped_by_the_next(own_server, store):
    store.write([entry("a", OWN)])
    orphan = "provenance:{one}:run:1:abandoned"
    store._put(orphan, iter([(0, b"block")]))
    with own_server.client() as client:
        client.hset("provenance:{one}:meta", "making", orphan)
        tidy(Segments(store), longest=1)
        assert not client.exists(orphan)
        assert client.hget("provenance:{one}:meta", "making") is None
        assert {client.ttl(name) for name in client.scan_iter()} == {-1}, "nothing is the server's to drop"


def test_blocks_that_the_server_dropped_are_missed_before_they_are_believed(own_server, store, monkeypatch):
    store.write([entry("a", OWN), entry("b", OWN)])
    put = store._put

    def forgetting(key, blocks):
        count = put(key, blocks)
        with own_server.client() as client:
            client.delete(key)
        return count

    monkeypatch.setattr(store, "_put", forgetting)
    refused(lambda: tidy(Segments(store), longest=1), "dropped blocks")
    monkeypatch.undo()
    segments = Segments(store)
    assert segments.find(OWN).counts.tolist() == [2, 2, 2]
    tidy(segments, longest=1)
    assert segments.find(OWN).counts.tolist() == [2, 2, 2]


def test_while_one_rewrites_another_does_not(own_server, store):
    store.write([entry("a", OWN)])
    segments = Segments(store)
    with own_server.client() as client:
        client.set("provenance:{one}:lock", "another", px=60_000)
        tidy(segments, longest=1)
        assert not segments.manifest.runs
        client.delete("provenance:{one}:lock")
    tidy(segments, longest=1)
    assert len(segments.manifest.runs) == 1


# --- poison -----------------------------------------------------------------------------------------------


class Bomb:
    """What would run if anything unpickled it."""

    def __reduce__(self):
        return (pytest.fail, ("a value was executed",))


POISON = [b"", b"x", pickle.dumps(Bomb()), b"\x01B\xff\xff\xff\xff", b"\x01D" + b"\0" * 200, "ключ".encode()]


@pytest.mark.parametrize("value", POISON)
def test_a_poisoned_value_is_refused_wherever_it_stands(own_server, store, value):
    def fresh():
        segments = Segments(store)
        segments.find(OWN)
        return segments

    store.write([entry("a", OWN), entry("b", OWN)])
    poisoned(own_server, "tail", "LSET", 0, value)
    refused(fresh, "document 1")
    poisoned(own_server, "tail", "LSET", 0, entry("a", OWN).keys)
    segments = Segments(store)
    tidy(segments, longest=1)
    if value:  # an absent block and an empty one are the same
        run = segments.manifest.runs[0].id
        poisoned(own_server, f"run:{run}", "HSET", "0", value)
        refused(fresh, f"block 0 of run {run}")
    poisoned(own_server, "meta", "HSET", "manifest", value or b"?")
    refused(fresh, "manifest")


@pytest.mark.parametrize("key", ["ids", "docs", "tail", "dead", "said"])
def test_a_key_of_a_foreign_type_is_refused_and_nothing_half_written(own_server, store, key):
    store.write([entry("a", OWN)])
    with own_server.client() as client:
        client.delete(f"provenance:{{one}}:{key}")
        client.set(f"provenance:{{one}}:{key}", pickle.dumps(Bomb()))
        refused(lambda: store.write([entry("b", OWN)]), "foreign")
        client.delete(f"provenance:{{one}}:{key}")
        assert client.hget("provenance:{one}:meta", "next") == b"2"
    assert store.documents([b"b"]) == [None]


@pytest.mark.parametrize("value", [b"", b"x", b"-1:", pickle.dumps(Bomb())])
def test_a_number_that_is_none_is_refused(own_server, store, value):
    store.write([entry("a", OWN)])
    poisoned(own_server, "ids", "HSET", "b", value)
    if value:
        refused(lambda: store.write([entry("c", OWN), entry("b", OWN)]), "foreign")
    assert store.documents([b"c"]) == [None]
    poisoned(own_server, "meta", "HSET", "next", value)
    refused(lambda: store.write([entry("c", OWN)]), "foreign")
    refused(lambda: Segments(store).find(OWN), "foreign")


# --- what the docs promise --------------------------------------------------------------------------------


def named_commands():
    """Give the commands that a user needs, as docs/index.md names them."""
    text = (Path(__file__).parent.parent / "docs" / "index.md").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("+hget ")]
    return line


# --- addresses --------------------------------------------------------------------------------------------


def test_a_user_of_the_servers_list_may_be_bound_to_one_namespace(own_server):
    with own_server.client() as client:
        client.execute_command(
            *f"ACL SETUSER ann on >secret ~provenance:{{one}}:* {named_commands()}".split(),
        )
    url = own_server.url.replace("//", "//ann:secret@")
    store = open_store(url, "one")
    store.begin(b"a header")
    assert store.write([entry("a", OWN)]) == [("added", 1)]
    segments = Segments(store)
    tidy(segments, longest=1)
    assert store.write([entry("b", OWN), removal("a", 1, OWN)]) == [("added", 2), ("removed", 1)]
    compact(segments)
    store.compact()
    assert segments.find(OWN).counts.tolist() == [1, 1, 1]
    assert store.documents([b"b", 2]) == [(2, b"the record of b")] * 2
    assert [row[:2] for row in store.names()] == [(b"b", 2)]
    assert store.figures() == {"documents": 1}, "how large it is this user may not know"
    other = open_store(url, "two")
    with pytest.raises(StoreError) as error:
        other.begin(b"a header")
    assert "secret" not in str(error.value)
    with pytest.raises(StoreError, match="does not know") as error:
        open_store(url.replace("secret", "guess"), "one").begin(b"a header")
    assert "guess" not in str(error.value)


def test_what_is_no_address_is_said_to_be_none(own_server):
    for wrong in (f"{own_server.url}?nonsense=1", own_server.url.replace("/0", "/abc"), "redis://h:port/0"):
        with pytest.raises(SettingsError, match="no address"):
            open_store(wrong, "one")


def test_a_namespace_cannot_leave_its_tag(own_server):
    for name in ("", "a}b", "{a", "a b", "a\n"):
        with pytest.raises(SettingsError):
            open_store(own_server.url, name)


def test_an_encrypted_connection(tmp_path):
    import subprocess

    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    with serving(tmp_path) as server, server.client() as client:
        client.config_set(
            "tls-cert-file", str(certificate), "tls-key-file", str(key), "tls-ca-cert-file", str(certificate)
        )
        client.config_set("tls-auth-clients", "no")
        port = server.port + 1
        client.config_set("tls-port", port)
        url = f"rediss://127.0.0.1:{port}/0"
        store = open_store(f"{url}?ssl_ca_certs={certificate}", "one")
        store.begin(b"a header")
        assert store.write([entry("a", OWN)]) == [("added", 1)]
        store.close()
        with pytest.raises(StoreError, match="cannot be reached"):
            open_store(url, "one").begin(b"a header")  # nobody vouches for the server
        assert redis.__version__
