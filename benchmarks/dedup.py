"""What deduplicating a corpus takes, Parquet to clusters, beside the tools it is done with elsewhere.

    python benchmarks/dedup.py [--documents 20000] [--corpus FOLDER] [--only NAME ...] [--times 1]

Every tool runs in a process of its own on the same corpus: word 5-grams, 128 permutations, a threshold of .7.
Wall and CPU seconds and peak memory are those of the process, imports included; with --times, tools take turns,
and of each the turn that took the least CPU counts: what else runs on a machine makes it more, never less. Recall
is of the planted pairs, by their true Jaccard similarity (word 5-grams as sets); a false merge is a pair of a
tool's own of less than .5.
FOLDER has corpus.parquet (id, text) and truth.jsonl (a, b, jaccard, kind); without one, documents are drawn from
words by their frequency: a tenth are exact copies, 14 % copies with 1 to 10 % of their words edited.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PERMUTATIONS, THRESHOLD, WIDTH = 128, 0.7, 5
EXACT, EDITED = 0.10, 0.14
WORDS = 550
Pairs = list[tuple[int, int]]


def make(folder: Path, count: int, draw: random.Random) -> None:
    """Write a corpus with planted copies, and the truth about them."""
    import wordfreq  # noqa: PLC0415 (not for the tools to load)

    shares = dict(list(wordfreq.get_frequency_dict("en", "small").items())[:25_000])
    names, weights = list(shares), list(shares.values())
    originals = int(count * (1 - EXACT - EDITED))
    texts = [
        " ".join(draw.choices(names, weights, k=draw.randint(WORDS // 2, 3 * WORDS // 2)))
        for _ in range(originals)
    ]
    truth = []
    for number in range(count - originals):
        source = draw.randrange(originals)
        words = texts[source].split(" ")
        rate = 0 if number < count * EXACT else draw.uniform(0.01, 0.10)
        words = [draw.choice(names) if draw.random() < rate else word for word in words]
        truth.append({"a": source, "b": len(texts), "kind": "edit" if rate else "exact"})
        texts.append(" ".join(words))
    for row in truth:
        row["jaccard"] = true_jaccard(texts[row["a"]], texts[row["b"]])
    table = pa.table({"id": [str(number) for number in range(count)], "text": texts})
    pq.write_table(table, folder / "corpus.parquet", row_group_size=5_000, compression="zstd")
    (folder / "truth.jsonl").write_text("".join(json.dumps(row) + "\n" for row in truth))


def shingled(text: str) -> set[str]:
    """Give the word 5-grams of a text, as the peers' users write it."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + WIDTH]) for at in range(max(1, len(words) - WIDTH + 1))}


def true_jaccard(one: str, other: str) -> float:
    """Give the Jaccard similarity of two texts' shingles."""
    a, b = shingled(one), shingled(other)
    return len(a & b) / len(a | b)


def texts_of(path: Path) -> Iterator[str]:
    """Give the texts of the corpus, batch by batch."""
    for batch in pq.ParquetFile(path).iter_batches(columns=["text"]):
        yield from batch["text"].to_pylist()


def provenance(path: Path) -> Pairs:
    """Run this project's plan, to its verified pairs and clusters."""
    from provenance.engine import plan  # noqa: PLC0415 (each tool imports its own, in its own process)
    from provenance.engine.folder import Folder  # noqa: PLC0415
    from provenance.engine.settings import DedupSettings  # noqa: PLC0415
    from provenance.engine.shards import Shard, shards  # noqa: PLC0415
    from provenance.engine.tasks import running  # noqa: PLC0415

    settings = DedupSettings((str(path),), threshold=THRESHOLD)
    parts = [one for one in shards(settings.sources, reference=False, start=0) if isinstance(one, Shard)]
    with tempfile.TemporaryDirectory() as folder, running(None):
        work = Folder(folder)
        edges, _ = plan.clusters(parts, settings, work)
        counts = [len(work.get(f"prints/{one.name}.arrow", ["row"])) for one in parts]
    starts = [sum(counts[:number]) for number in range(len(counts))]
    sides = [[starts[unit >> 32] + (unit & 0xFFFFFFFF) for unit in edges[name].to_pylist()] for name in ("a", "b")]
    return list(zip(*sides, strict=True))


def datasketch(path: Path) -> Pairs:
    """Run datasketch's MinHash and LSH in memory, with xxhash as its makers advise."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415
    from xxhash import xxh32_intdigest  # noqa: PLC0415

    index, pairs = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS), []
    first = MinHash(num_perm=PERMUTATIONS, hashfunc=xxh32_intdigest, scheme="affine32")
    for number, text in enumerate(texts_of(path)):
        made = MinHash(
            num_perm=PERMUTATIONS, hashfunc=xxh32_intdigest, permutations=first.permutations, scheme="affine32"
        )
        made.update_batch([one.encode() for one in shingled(text)])
        pairs += [(other, number) for other in index.query(made)]
        index.insert(number, made, check_duplication=False)
    return pairs


def rensa(path: Path) -> Pairs:
    """Run rensa's R-MinHash and LSH."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415

    index, pairs = (
        RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=25 if PERMUTATIONS % 25 == 0 else 32),
        [],
    )
    for number, text in enumerate(texts_of(path)):
        made = RMinHash(num_perm=PERMUTATIONS, seed=1)
        made.update(list(shingled(text)))
        pairs += [(other, number) for other in index.query(made)]
        index.insert(number, made)
    return pairs


def gaoya(path: Path) -> Pairs:
    """Run gaoya's MinHash index, with its own analyzer of words."""
    from gaoya.minhash import MinHashStringIndex  # noqa: PLC0415

    index = MinHashStringIndex(
        hash_size=32, jaccard_threshold=THRESHOLD, num_bands=32, band_size=4, num_hashes=PERMUTATIONS,
        analyzer="word", lowercase=True, ngram_range=(WIDTH, WIDTH),
    )  # fmt: skip
    pairs = []
    for number, text in enumerate(texts_of(path)):
        pairs += [(other, number) for other in index.query(text)]
        index.insert_document(number, text)
    return pairs


def text_dedup(path: Path) -> Pairs:
    """Run the algorithm of text-dedup's minhash.py: permutations by NumPy, bands in dicts, union-find."""
    import hashlib  # noqa: PLC0415
    from collections import defaultdict  # noqa: PLC0415

    import numpy as np  # noqa: PLC0415

    bands, rows = 25, 5
    prime, most = np.uint64((1 << 61) - 1), np.uint64((1 << 32) - 1)
    draw = np.random.default_rng(1)
    factors, terms = (draw.integers(low, prime, PERMUTATIONS, dtype=np.uint64) for low in (1, 0))
    tables: list[dict[bytes, list[int]]] = [defaultdict(list) for _ in range(bands)]
    for number, text in enumerate(texts_of(path)):
        raw = [int.from_bytes(hashlib.sha1(one.encode()).digest()[:4], "little") for one in shingled(text)]  # noqa: S324
        values = (np.outer(np.array(raw, dtype=np.uint64), factors) + terms) % prime & most
        least = values.min(axis=0)
        for band in range(bands):
            tables[band][least[band * rows : (band + 1) * rows].tobytes()].append(number)
    return sorted({(bucket[0], other) for table in tables for bucket in table.values() for other in bucket[1:]})


def daft(path: Path) -> Pairs:
    """Run Daft's own normalize and minhash, with bands grouped as its tutorial does."""
    import daft  # noqa: PLC0415
    from daft import DataType, Series, col  # noqa: PLC0415

    bands, rows = 25, 5
    most = PERMUTATIONS // rows * rows

    @daft.func.batch(return_dtype=DataType.list(DataType.list(DataType.uint32())))
    def banded(values: Series) -> pa.Array:
        flat = values.to_arrow().cast(pa.list_(pa.uint32(), PERMUTATIONS)).flatten().to_numpy()
        parts = flat.reshape(-1, PERMUTATIONS)[:, :most].reshape(-1)
        inner = pa.ListArray.from_arrays(pa.array(range(0, len(parts) + 1, rows), pa.int32()), parts)
        return pa.ListArray.from_arrays(pa.array(range(0, len(inner) + 1, bands), pa.int32()), inner)

    frame = daft.read_parquet(str(path)).with_column("id", col("id").cast(DataType.int64()))
    clean = col("text").normalize(remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
    frame = frame.select("id", clean.minhash(num_hashes=PERMUTATIONS, ngram_size=WIDTH, seed=1).alias("hashes"))
    frame = frame.select("id", banded(col("hashes")).alias("band")).with_column(
        "number", daft.lit(list(range(bands)))
    )
    frame = frame.explode("band", "number").groupby("number", "band").agg(col("id").list_agg().alias("ids"))
    found = frame.where(col("ids").length() > 1).select("ids").to_pydict()["ids"]
    return sorted({(min(ids), other) for ids in found for other in ids if other != min(ids)})


TOOLS: dict[str, Callable[[Path], Pairs]] = {
    one.__name__: one for one in (provenance, daft, gaoya, rensa, text_dedup, datasketch)
}


def measured(name: str, corpus: Path) -> dict[str, float | str]:
    """Run a tool in a process of its own; give what it took, and how well it found what was planted."""
    with tempfile.NamedTemporaryFile("r") as found:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, __file__, "--run", name, "--corpus", corpus, "--found", found.name]
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        if process.returncode:
            return {"tool": name, "error": process.returncode}
        pairs = [tuple(pair) for pair in json.load(found)]
    took = {"tool": name, "wall": wall, "cpu": used.ru_utime + used.ru_stime, "MB": used.ru_maxrss / 1024}
    return took | judged(pairs, corpus)


def judged(pairs: Pairs, corpus: Path) -> dict[str, float]:
    """Give the recall of planted pairs, by clusters, and how many of a tool's pairs are less than .5 alike."""
    parents: dict[int, int] = {}

    def root(member: int) -> int:
        while parents.setdefault(member, member) != member:
            member = parents[member]
        return member

    for a, b in pairs:
        parents[root(b)] = root(a)
    truth = [json.loads(line) for line in (corpus / "truth.jsonl").open()]
    found: dict[str, float] = {}
    for least in (0.7, 0.8):
        planted = [row for row in truth if row["jaccard"] >= least]
        joined = sum(root(int(row["a"])) == root(int(row["b"])) for row in planted)
        found[f"recall {least}"] = joined / max(1, len(planted))
    texts = list(texts_of(corpus / "corpus.parquet"))
    found["pairs"] = len(set(pairs))
    found["below .5"] = sum(true_jaccard(texts[a], texts[b]) < 0.5 for a, b in set(pairs))
    return found


def main() -> None:
    """Run the tools one after the other, and print a row each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--only", nargs="*", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--found", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        options.found.write_text(json.dumps(TOOLS[options.run](options.corpus / "corpus.parquet")))
        return
    with tempfile.TemporaryDirectory() as folder:
        corpus = options.corpus or Path(folder)
        if not options.corpus:
            make(corpus, options.documents, random.Random(7))  # noqa: S311
        turns = [{name: measured(name, corpus) for name in options.only} for _ in range(options.times)]
    print(f"{'':12} {'wall':>7} {'cpu':>7} {'MB':>6} {'J>=.7':>7} {'J>=.8':>7} {'pairs':>8} {'<.5':>6}")
    for name in options.only:
        row = min((turn[name] for turn in turns), key=lambda row: row.get("cpu", float("inf")))
        if "error" in row:
            print(f"{name:12} ended with {row['error']}")
            continue
        print(
            f"{name:12} {row['wall']:7.1f} {row['cpu']:7.1f} {row['MB']:6.0f} {row['recall 0.7']:7.4f} "
            f"{row['recall 0.8']:7.4f} {row['pairs']:8.0f} {row['below .5']:6.0f}"
        )


if __name__ == "__main__":
    main()
