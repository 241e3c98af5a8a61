"""What an index takes: writing, looking up and memory, beside datasketch's LSH in memory and in Redis.

    python benchmarks/index.py [--passages 1000000] [--sample 20000]

Documents are ten paragraphs of sixty words, drawn by how frequent words are. A few hundred are prepared as any
document is (cleaned, read, fingerprinted), which is timed by itself; for the rest their fingerprints are varied,
so that the stores see as many different keys as real documents have: a tenth of the anchors and one line are
shared. Store operations are on prepared documents. Redis is a server of this benchmark, with its append-only file
flushed once a second, as its makers ship it; SQLite flushes with every transaction.
"""

from __future__ import annotations

import argparse
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import redis
import wordfreq
from datasketch import MinHash, MinHashLSH

from provenance.clean import clean_document
from provenance.house import every_block
from provenance.index import Index
from provenance.index.look import Query, candidates, queries
from provenance.index.prepare import Prepared, prepared
from provenance.index.records import Stored, packed, unpacked
from provenance.model import Document
from provenance.stores.frames import framed
from provenance.stores.postings import pack
from provenance.words import Vocabulary, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PARAGRAPHS, WORDS = 10, 60
TEMPLATES = 300
BULK = 500
LOOKUPS = 2_000
CHECKS = 200
NOTHING = read("", Vocabulary())


def texts(count: int, draw: random.Random) -> list[str]:
    """Give documents of words drawn by their frequency."""
    shares = dict(list(wordfreq.get_frequency_dict("en", "small").items())[:25_000])
    words = draw.choices(list(shares), list(shares.values()), k=count * PARAGRAPHS * WORDS)
    made = []
    for number in range(count):
        paragraphs = []
        for paragraph in range(PARAGRAPHS):
            at = (number * PARAGRAPHS + paragraph) * WORDS
            own = words[at : at + WORDS]
            halves = " ".join(own[: WORDS // 2]).capitalize(), " ".join(own[WORDS // 2 :]).capitalize()
            paragraphs.append(". ".join(halves) + ".")
        made.append("\n\n".join(paragraphs))
    return made


def varied(templates: Sequence[Prepared], count: int, seed: int) -> Iterator[Prepared]:
    """Give prepared documents with fingerprints of their own."""
    draw = np.random.default_rng(seed)
    stored = [unpacked(one.record) for one in templates]
    common = draw.integers(1, 1 << 48, 50_000, dtype=np.uint64)
    for number in range(count):
        one = stored[number % len(stored)]
        mask = draw.integers(1, 1 << 48, dtype=np.uint64)
        anchors = one.sketch.anchors ^ mask
        anchors[::10] = draw.choice(common, len(anchors[::10]))
        lines = one.sketch.lines ^ mask
        lines[:1] = 7
        minhash = one.sketch.print.minhash ^ np.uint32(mask & np.uint64(0xFFFFFFFF))
        sketch = replace(
            one.sketch,
            bands=one.sketch.bands ^ mask,
            anchors=np.unique(anchors),
            lines=lines,
            print=replace(one.sketch.print, minhash=minhash),
            whole=int(mask),
        )
        made = replace(one, id=f"document-{seed}-{number}", sketch=sketch)
        name = made.id.encode()
        yield Prepared(name, name.ljust(32), packed(made), framed(b"T", pack(sketch.keys)), len(sketch.passages))


def batches(rows: Iterator[Prepared], size: int) -> Iterator[list[Prepared]]:
    """Give rows some at a time."""
    while some := [row for _, row in zip(range(size), rows, strict=False)]:
        yield some


def written(index: Index, rows: Sequence[Prepared], size: int) -> tuple[float, float, int]:
    """Write documents; give seconds by the clock and of this process, and the passages."""
    clock, cpu = time.perf_counter(), time.process_time()
    for some in batches(iter(rows), size):
        index.write(some, **({"tail": 32_768} if size > 1 else {}))
    return time.perf_counter() - clock, time.process_time() - cpu, sum(row.passages for row in rows)


def quantiles(times: Sequence[tuple[float, float]]) -> str:
    """Give the median and the 99th percentile in milliseconds, by the clock and of this process."""
    told = []
    for name, side in (("clock", 0), ("CPU", 1)):
        ranked = sorted(one[side] for one in times)
        half, most = ranked[len(ranked) // 2] * 1e3, ranked[int(len(ranked) * 0.99)] * 1e3
        told.append(f"{name}: p50 {half:6.2f} ms, p99 {most:6.2f} ms")
    return "   ".join(told)


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Give the seconds that a call takes by the clock, and of this process."""
    clock, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - clock, time.process_time() - cpu


def looked_up(index: Index, rows: Sequence[Prepared]) -> None:
    """Time lookups of one passage's keys, and of all that a document's check asks the store for."""
    sketches = [unpacked(row.record).sketch for row in rows]
    index.segments.refresh()
    passages = [np.unique(sketch.bands[0]) for sketch in sketches]
    row("look up a passage", quantiles([timed(partial(index.segments.find, keys)) for keys in passages]))
    asked = [
        Query(NOTHING, sketch, sketch.keys, np.where(np.isin(sketch.keys, sketch.anchors), 20.0, 100.0))
        for sketch in sketches
    ]
    row(
        "look up an article: candidates, their texts",
        quantiles([timed(partial(article, index, one)) for one in asked]),
    )


def article(index: Index, query: Query) -> list[Stored]:
    """Do what a check asks of the store."""
    found = candidates(query, index.segments.find(query.keys))
    return [unpacked(one[1]) for one in index.store.documents([*found.copies, *found.partners]) if one]


def row(what: str, figure: str) -> None:
    """Print a line of the table."""
    print(f"  {what:46} {figure}", flush=True)


def ours(url: str, templates: Sequence[Prepared], count: int, sample: int) -> None:
    """Time an index at `url` with `count` documents."""
    documents = max(1, sample // PARAGRAPHS)
    with Index.open(url) as index:
        single = list(varied(templates, documents, 1))
        clock, cpu, passages = written(index, single, 1)
        row(
            "add, one document a transaction",
            f"{passages / clock:10,.0f} passages/s ({passages / cpu:,.0f} per CPU s)",
        )
    with Index.open(url, "bulk") as index:
        clock = cpu = 0.0
        passages = 0
        before = index.store.figures()["bytes"]
        for some in batches(varied(templates, count, 2), 10_000):
            one, two, three = written(index, some, BULK)
            clock, cpu, passages = clock + one, cpu + two, passages + three
        row("add, many", f"{passages / clock:10,.0f} passages/s ({passages / cpu:,.0f} per CPU s)")
        figures = index.store.figures()
        row(f"held, {passages:,} passages", f"{(figures['bytes'] - before) / passages:10,.0f} bytes a passage")
        half = LOOKUPS // 2
        stored = [one for one, _ in zip(varied(templates, half, 2), range(half), strict=False)]
        strange = list(varied(templates, half, 3))
        draw = random.Random(4)  # noqa: S311
        asked = [*stored, *strange]
        draw.shuffle(asked)
        looked_up(index, asked)
        fresh = [Document(f"new {n}", text) for n, text in enumerate(texts(CHECKS, random.Random(6)))]  # noqa: S311
        for one in fresh[: CHECKS // 4]:
            index.check(one)
        times = [timed(partial(index.check, one)) for one in fresh[CHECKS // 4 :]]
        row("check an article: all of Index.check", quantiles(times))


def theirs(storage: dict[str, object] | None, count: int, name: str) -> None:
    """Time datasketch's LSH with as many bands, which holds no documents."""
    draw = np.random.default_rng(5)
    values = draw.integers(0, 1 << 32, (count, 128), dtype=np.uint64).astype(np.uint32)
    hashes = [MinHash(num_perm=128, seed=1, scheme="affine32", hashvalues=one) for one in values]
    lsh = MinHashLSH(num_perm=128, params=(16, 8), storage_config=storage)
    begin = time.perf_counter()
    if storage:
        with lsh.insertion_session() as session:
            for number, one in enumerate(hashes):
                session.insert(f"document-{number}", one)
    else:
        for number, one in enumerate(hashes):
            lsh.insert(f"document-{number}", one)
    row(f"{name}: add", f"{count / (time.perf_counter() - begin):10,.0f} passages/s")
    times = [timed(partial(lsh.query, one)) for one in hashes[:LOOKUPS]]
    row(f"{name}: look up a passage, of {count:,}", quantiles(times))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=1_000_000, help="in each index")
    parser.add_argument("--sample", type=int, default=20_000, help="passages added one document at a time")
    parser.add_argument("--stores", default="sqlite,redis,datasketch")
    options = parser.parse_args()
    draw = random.Random(0)  # noqa: S311
    own = [Document(f"t{n}", text, publisher=f"House {n % 20}") for n, text in enumerate(texts(TEMPLATES, draw))]
    prepared(own[:100], keep_text=True, seen=time.time())  # kernels are compiled by then
    begin = time.process_time()
    templates = prepared(own, keep_text=True, seen=time.time())
    spent = time.process_time() - begin
    passages = sum(one.passages for one in templates)
    row("prepare: clean, read, fingerprint, pack", f"{passages / spent:10,.0f} passages per CPU s")
    begin = time.process_time()
    results = [clean_document(one) for one in own]
    queries(results, [every_block(one) for one in results])
    row("prepare a check", f"{(time.process_time() - begin) / len(own) * 1e3:10.2f} CPU ms a document")
    with tempfile.TemporaryDirectory() as folder:
        if "sqlite" in options.stores:
            print("SQLite, synchronous=FULL")
            ours(f"sqlite:{folder}/index.db", templates, options.passages // PARAGRAPHS, options.sample)
        if "datasketch" in options.stores:
            print("datasketch, in memory (bands only: no documents, no texts)")
            theirs(None, options.sample, "MinHashLSH")
        if "redis" in options.stores:
            with server(Path(folder)) as port:
                print("Redis")
                ours(f"redis://127.0.0.1:{port}/0", templates, options.passages // PARAGRAPHS, options.sample)
                if "datasketch" in options.stores:
                    print("datasketch, Redis (bands only)")
                    before = redis.Redis(port=port).info("memory")["used_memory"]
                    where = {"type": "redis", "redis": {"host": "127.0.0.1", "port": port}}
                    theirs(where, options.sample // 4, "MinHashLSH")
                    after = redis.Redis(port=port).info("memory")["used_memory"]
                    row("MinHashLSH: held", f"{(after - before) / (options.sample // 4):10,.0f} bytes a passage")


class server:  # noqa: N801 (used as a function)
    """A Redis server for the time of a block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> int:
        if shutil.which("redis-server") is None:
            sys.exit("redis-server is missing: .ci/services installs it")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port: int = free.getsockname()[1]
        options = ["--port", str(port), "--dir", str(self._folder), "--save", "", "--appendonly", "yes"]
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 0.1).close()
                break
            except OSError:
                time.sleep(0.05)
        return port

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()


if __name__ == "__main__":
    main()
