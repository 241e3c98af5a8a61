"""How long a check takes over HTTP: an article of 3 kB, against an index of many.

    python benchmarks/service.py [--documents 100000] [--requests 800] [--connections 16] [--rate 10]

The index is filled as in benchmarks/index.py: fingerprints as different as those of real documents are. Articles
are of words drawn by their frequency, no two alike, so that a check looks up all keys and finds little to compare;
every fourth is a stored article with some words changed, which is found and compared. `provenance serve` runs as
it is shipped, with two web processes, and with SQLite and Redis in turn. Three loads: one client, one request
after another; so many connections that each ask at once again (then the time is that of the queue: connections by
throughput); the same number, asking at moments drawn at random, so many a second together, as a newsroom does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from index import BULK, TEMPLATES, batches, server, texts, varied

from provenance.index import Index
from provenance.index.prepare import prepared
from provenance.model import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZE = 3_000  # characters of an article


def filled(url: str, documents: int) -> list[str]:
    """Fill an index; give texts to ask for, every fourth of which is like a stored one."""
    draw = random.Random(3)  # noqa: S311 (words, not secrets)
    made = [text[:SIZE] for text in texts(TEMPLATES, draw)]
    rows = prepared(
        [Document(f"known-{number}", text) for number, text in enumerate(made)], keep_text=True, seen=0.0
    )
    with Index.open(url) as index:
        index.write(rows)
        for some in batches(varied(rows, documents, 1), BULK):
            index.write(some, tail=32_768)
    asked = [text[:SIZE] for text in texts(3 * TEMPLATES, draw)]
    for number in range(0, len(asked), 4):
        words = made[number % TEMPLATES].split(" ")
        for place in range(0, len(words), 9):
            words[place] = draw.choice(words)
        asked[number] = " ".join(words)
    return asked


class Served:
    """`provenance serve` on an index."""

    def __init__(self, folder: Path, url: str) -> None:
        command = [
            sys.executable,
            "-m",
            "provenance",
            "serve",
            "--port",
            "0",
            "--data",
            str(folder),
            "--index",
            url,
        ]
        command += ["--workers", "2", "--batch-workers", "0", "--rate", "100000000"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        told = self.process.stderr or sys.stdin
        self.port = int(told.readline().split(",")[0].rpartition(":")[2])
        threading.Thread(target=told.read, daemon=True).start()

    def ask(self, text: str) -> float:
        """Check a text; give the seconds until the answer is whole."""
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("POST", "/v1/check", json.dumps({"text": text}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"status {answer.status}")
        return time.perf_counter() - began

    def spent(self) -> float:
        """Give the seconds of a processor that it has used, with all its processes."""
        pending, seconds = [self.process.pid], 0.0
        while pending:
            pid = pending.pop()
            pending += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return seconds

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def loaded(asked: Sequence[str], connections: int, ask: Callable[[str], float], rate: float | None) -> list[float]:
    """Ask by so many connections, at once again or at moments drawn at random; give the seconds of each."""
    numbers, times = count(), []

    def client(own: int) -> None:
        draw = random.Random(own)  # noqa: S311 (moments, not secrets)
        while (number := next(numbers)) < len(asked):
            if rate is not None:
                time.sleep(draw.expovariate(rate / connections))
            times.append(ask(asked[number]))

    threads = [threading.Thread(target=client, args=(own,)) for own in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def told(name: str, times: Sequence[float], seconds: float, spent: float) -> None:
    """Print what a load gave: by the clock, which heeds all that runs on the machine, and of a processor."""
    ranked = sorted(times)
    half, most = ranked[len(ranked) // 2] * 1e3, ranked[int(len(ranked) * 0.99)] * 1e3
    each, cost = len(times) / seconds, spent / len(times) * 1e3
    print(f"{name:28} p50 {half:7.1f} ms   p99 {most:7.1f} ms   {each:6.1f} a second   CPU {cost:6.1f} ms each")


def measured(name: str, url: str, chosen: argparse.Namespace) -> None:
    """Fill an index, serve it and ask."""
    began = time.perf_counter()
    asked = (filled(url, chosen.documents) * (1 + chosen.requests // TEMPLATES))[: chosen.requests]
    print(f"{name}: {chosen.documents:,} documents in {time.perf_counter() - began:.0f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder) / "data", url)
        try:
            loaded(asked[:40], 4, served.ask, None)  # indexes are opened by now
            loads = (("one client", 1, None), (f"{chosen.connections} connections", chosen.connections, None))
            for load, connections, rate in (*loads, (f"{chosen.rate}/s", chosen.connections, chosen.rate)):
                began, before = time.perf_counter(), served.spent()
                times = loaded(asked, connections, served.ask, rate)
                told(f"{name}, {load}", times, time.perf_counter() - began, served.spent() - before)
        finally:
            served.stop()


def main() -> None:
    """Measure both stores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=800)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rate", type=float, default=10.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured("SQLite", f"sqlite:{folder}/index.db", chosen)
        with server(Path(folder)) as port:
            measured("Redis", f"redis://127.0.0.1:{port}/0", chosen)


if __name__ == "__main__":
    main()
