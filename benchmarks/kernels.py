"""Fingerprints a second and core, beside the packages that they are bit for bit those of.

    python benchmarks/kernels.py [--documents 1000] [--times 12]

Documents are of 550 words drawn by their frequency, about 3 kB, with the quotation marks and dashes of news. The
kernels take them as Arrow keeps them, the peers as strings, a twentieth of them. CPU seconds of one thread: all
ways take turns of .2 s or more, so that what else runs on the machine meets each, and of each the best run counts.
"""

from __future__ import annotations

import argparse
import random
import time
from functools import partial
from typing import TYPE_CHECKING

import datasketch
import numpy as np
import simhash
import wordfreq
from xxhash import xxh32_intdigest

from provenance.fingerprint import SHINGLE, fingerprint
from provenance.normalize import fold
from provenance.prints import Scratch, Wanted, prints
from provenance.tokens import pieces, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Batch = tuple["NDArray[np.uint8]", "NDArray[np.int64]"]
WORDS, BATCH, TURN = 550, 1000, 0.2
SCRATCH = Scratch()  # as the engine keeps one: its tables are filled once a process


def texts(count: int, draw: random.Random) -> list[str]:
    """Give documents, some words of which are quoted, capitalised or followed by a stop."""
    shares = dict(list(wordfreq.get_frequency_dict("en", "small").items())[:25_000])
    made = []
    for _ in range(count):
        words = draw.choices(list(shares), list(shares.values()), k=WORDS)
        for place in range(0, WORDS, 17):
            words[place] = draw.choice(
                (f"“{words[place]}”", f"{words[place]}. {words[place - 1].title()}", f"{words[place]} –")
            )
        for place in range(0, WORDS, 90):
            words[place] += ".\n\n"
        made.append(" ".join(words))
    return made


def read(text: str) -> list[str]:
    """Give the words of a text one by one, as this project does without the kernels."""
    folded = fold(text).text
    found = tokens(folded)
    return pieces(folded, found, 0, len(found.starts))


def one_by_one(documents: list[str]) -> None:
    """Fold, split, hash and fingerprint text by text."""
    for text in documents:
        words = read(text)
        fingerprint(words, np.array([xxh32_intdigest(word.encode()) for word in words], dtype=np.uint32))


def with_datasketch(documents: list[str]) -> None:
    """Split as its documentation does, and hash in bulk."""
    for text in documents:
        words = text.lower().split()
        grams = {" ".join(words[at : at + SHINGLE]).encode() for at in range(len(words) - SHINGLE + 1)}
        datasketch.MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=xxh32_intdigest).update_batch(
            list(grams)
        )


def with_simhash(documents: list[str]) -> None:
    """Give the package words and their counts."""
    for text in documents:
        words = text.lower().split()
        _ = simhash.Simhash({word: words.count(word) for word in set(words)}, f=64).value


KERNELS = {
    "fold, split, hash: no MinHash": Wanted(minhash=False),
    "MinHash of word 5-grams": Wanted(),
    "MinHash of word 5-grams, and SimHash": Wanted(simhash=True),
    "MinHash of character 5-grams": Wanted(shingle="character"),
    "anchors of passages": Wanted(least=20, minhash=False, window=16),
}
PEERS = {
    "one by one, without the kernels of a batch": one_by_one,
    "datasketch, split at spaces, xxh32, in bulk": with_datasketch,
    "simhash, split at spaces": with_simhash,
}


def batched(batches: list[Batch], wanted: Wanted) -> None:
    """Take the fingerprints of batches, as the engine does."""
    for data, offsets in batches:
        prints(data, offsets, wanted, SCRATCH)


def arrow(documents: list[str]) -> list[Batch]:
    """Give documents in batches: the bytes of each, and where its documents begin."""
    made = []
    for at in range(0, len(documents), BATCH):
        rows = [text.encode() for text in documents[at : at + BATCH]]
        made.append((np.frombuffer(b"".join(rows), np.uint8), np.cumsum([0, *map(len, rows)], dtype=np.int64)))
    return made


def best(ways: dict[str, Callable[[], None]], times: int) -> dict[str, float]:
    """Give the CPU seconds of each way's best run; its first compiles, or loads what was compiled."""
    for run in ways.values():
        run()
    took = dict.fromkeys(ways, float("inf"))
    for name, run in times * list(ways.items()):
        until = time.process_time() + TURN
        while (start := time.process_time()) < until:
            run()
            took[name] = min(took[name], time.process_time() - start)
    return took


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=12)
    options = parser.parse_args()
    documents = texts(options.documents, random.Random(1))  # noqa: S311
    few, batches = documents[: max(10, len(documents) // 20)], arrow(documents)
    print(f"{len(documents):,} documents of {sum(map(len, documents)) / len(documents):,.0f} characters")
    kernels = {name: partial(batched, batches, wanted) for name, wanted in KERNELS.items()}
    peers = {name: partial(run, few) for name, run in PEERS.items()}
    for name, took in best(kernels | peers, options.times).items():
        print(f"{name:44} {len(documents if name in kernels else few) / took:10,.0f} documents/s")


if __name__ == "__main__":
    main()
