"""kill -9 at random moments: what was acknowledged is there and is found, and nothing is half there."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from servers import serving

from provenance.stores import open_store
from provenance.stores.segments import Segments

WRITER = """
import sys
import numpy as np
from provenance.stores import open_store
from provenance.stores.segments import Segments
from provenance.stores.upkeep import tidy
sys.path.insert(0, sys.argv[3])
from stored import entry, removal

def own(number):
    return np.unique(np.random.default_rng(number).integers(1, 1 << 48, 30, dtype=np.uint64))

store = open_store(sys.argv[1], "one")
store.begin(b"a header")
segments = Segments(store)
start = int(sys.argv[2])
print("ready", flush=True)
for number in range(start, start + 100_000):
    ((status, given),) = store.write([entry(str(number), own(number))])
    print(status, number, given, flush=True)
    if number % 7 == 0:
        store.write([removal(str(number), given, own(number))])
        print("removed", number, given, flush=True)
    if number % 10 == 0:
        tidy(segments, longest=8)
"""


def own(number):
    import numpy as np

    return np.unique(np.random.default_rng(number).integers(1, 1 << 48, 30, dtype=np.uint64))


def acknowledged(lines):
    """Give what a writer said was written and was not said to be removed; and what was in the balance."""
    there, removed = {}, set()
    for line in lines:
        status, number, given = line.split()
        if status == "removed":
            removed.add(int(number))
        else:
            there[int(number)] = int(given)
    doubtful = {number for number in there if number % 7 == 0 and number not in removed}
    return {n: given for n, given in there.items() if n not in removed and n not in doubtful}, removed


def consistent(url, there, removed, trusted=frozenset()):
    """Check that documents and postings say the same, and all that was acknowledged.

    All documents are read; those that are `trusted`, by the writer's number, are not looked up.
    """
    store = open_store(url, "one")
    store.begin(b"a header")
    segments = Segments(store)
    segments.refresh()
    living = {}
    for number, row in enumerate(store.documents(list(range(1, segments.state.next))), 1):
        if row is not None:
            living[int(row[1].decode().rpartition(" ")[2])] = number
    for number, given in there.items():
        assert living.get(number) == given, f"document {number} was acknowledged and is lost"
    assert not removed & living.keys(), "what was removed is back"
    for number, given in living.items():
        if number in trusted:
            continue
        found = segments.find(own(number))
        assert found.numbers.tolist() == [given] * 30, f"document {number} is half there"
    for number in removed - trusted:
        assert not len(segments.find(own(number)).numbers), f"document {number} is half gone"
    store.close()
    return living


def writing(url, start):
    command = [sys.executable, "-c", WRITER, url, str(start), str(Path(__file__).parent)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process):
    """Give the whole lines that a killed writer had written."""
    process.kill()
    out, _ = process.communicate()
    return [line for line in out.split("\n")[:-1] if line]


def kills(url, rounds, draw, *, during=None):
    """Kill a writer in so many random moments, and look each time at what is there."""
    there, removed = {}, set()
    for turn in range(rounds):
        process = writing(url, turn * 100_000)
        time.sleep(draw.uniform(0.0, 0.25))
        if during:
            during()
        lines = ended(process)
        before = sorted({*there, *removed})
        more, gone = acknowledged(lines)
        there |= more
        removed |= gone
        consistent(url, there, removed, {*before} - {*draw.sample(before, min(len(before), 50))})
    living = consistent(url, there, removed)
    assert len(there) >= rounds, "the writers did get to write"
    assert len(living) >= len(there)


def test_a_killed_writer_loses_nothing_in_sqlite(tmp_path):
    kills(f"sqlite:{tmp_path / 'index.db'}", 4, random.Random(1))


@pytest.mark.server
def test_a_killed_writer_loses_nothing_in_redis(own_server):
    kills(own_server.url, 4, random.Random(2))


@pytest.mark.server
def test_a_killed_server_loses_nothing(tmp_path):
    with serving(tmp_path) as server:

        def restarted():
            server.kill()
            server.start()

        kills(server.url, 4, random.Random(3), during=restarted)


@pytest.mark.soak
def test_two_hundred_kills_in_sqlite(tmp_path):
    kills(f"sqlite:{tmp_path / 'index.db'}", 200, random.Random(os.urandom(8)))


@pytest.mark.soak
def test_two_hundred_kills_in_redis(own_server):
    kills(own_server.url, 200, random.Random(os.urandom(8)))


@pytest.mark.soak
def test_two_hundred_kills_of_the_server(tmp_path):
    with serving(tmp_path) as server:

        def restarted():
            server.kill()
            server.start()

        kills(server.url, 200, random.Random(os.urandom(8)), during=restarted)
