"""Fingerprints a second and core, beside the packages that they are bit for bit those of.

    python benchmarks/kernels.py [--documents 5000]

Documents are of 550 words drawn by their frequency, about 3 kB, with the quotation marks and dashes of news. CPU
seconds of one thread, the best of three; all are measured in one run, for machines differ, and so do their hours.
"""

from __future__ import annotations

import argparse
import random
import time
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

WORDS, BATCH = 550, 1000
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


def batched(documents: list[str], wanted: Wanted) -> None:
    """Take the fingerprints of batches, as the engine does."""
    for at in range(0, len(documents), BATCH):
        rows = [text.encode() for text in documents[at : at + BATCH]]
        prints(
            np.frombuffer(b"".join(rows), np.uint8),
            np.cumsum([0, *map(len, rows)], dtype=np.int64),
            wanted,
            SCRATCH,
        )


def timed(name: str, run: Callable[[list[str]], None], documents: list[str]) -> None:
    """Print how many documents are done in a second of CPU time."""
    run(documents[:10])  # compiles, or loads what was compiled
    took = []
    for _ in range(3):
        start = time.process_time()
        run(documents)
        took.append(time.process_time() - start)
    print(f"{name:44} {len(documents) / min(took):10,.0f} documents/s")


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5_000)
    documents = texts(parser.parse_args().documents, random.Random(1))  # noqa: S311
    few = documents[: max(10, len(documents) // 20)]
    print(f"{len(documents):,} documents of {sum(map(len, documents)) / len(documents):,.0f} characters")
    for name, wanted in (
        ("fold, split, hash: no MinHash", Wanted(minhash=False)),
        ("MinHash of word 5-grams", Wanted()),
        ("MinHash of word 5-grams, and SimHash", Wanted(simhash=True)),
        ("MinHash of character 5-grams", Wanted(shingle="character")),
        ("anchors of passages", Wanted(least=20, minhash=False, window=16)),
    ):
        timed(name, lambda given, wanted=wanted: batched(given, wanted), documents)
    timed("one by one, without the kernels of a batch", one_by_one, few)
    timed("datasketch, split at spaces, xxh32, in bulk", with_datasketch, few)
    timed("simhash, split at spaces", with_simhash, few)


if __name__ == "__main__":
    main()
