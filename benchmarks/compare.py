"""How many pairs of articles are compared in a second of processor time, and where the time goes.

    python benchmarks/compare.py [FILE.jsonl[.gz] ...] [--pairs 600] [--seed 1]

Each line of a file is a pair of texts (`a` and `b`, or `original` and `rewrite`). Without files, pairs are made of
the sentences of seeds/: two texts of some twenty sentences that share about a third, with words dropped and
swapped. The first pair is timed apart, for it pays for what is loaded once, and so is the first hundred, in
which the inner loops come to be compiled.

Peers, on the same pairs in the same process: `difflib` of the standard library and `rapidfuzz` (Levenshtein, in
C++) align the words, and find copies; neither looks for rewriting, and both get no more than the words.
"""

from __future__ import annotations

import argparse
import difflib
import gzip
import json
import random
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz.distance import Levenshtein

from provenance import runs
from provenance.align import LENIENT, STRICT, chain, seed, table
from provenance.compare import EVIDENCE_BITS, compare, relate
from provenance.segment import sentences
from provenance.words import Vocabulary, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SEEDS = Path(__file__).parent.parent / "seeds"
SENTENCES, SHARED, EDITED = 20, 7, 0.15  # of a text; of them in both texts; share of their words that differ
FIRST = 100  # pairs after which everything is loaded and compiled

Pair = tuple[str, str]


def given(files: Sequence[Path]) -> Iterator[Pair]:
    """Give the pairs of texts in the files."""
    for path in files:
        with gzip.open(path, "rt", "utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                yield (row["original"], row["rewrite"]) if "original" in row else (row["a"], row["b"])


def made(count: int, draw: random.Random) -> Iterator[Pair]:
    """Make pairs of texts from the sentences of the seed articles."""
    texts = [path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    pool = [text[span.start : span.end] for text in texts for span in sentences(text)]
    for _ in range(count):
        drawn = draw.sample(pool, 2 * SENTENCES - SHARED)
        own, other, shared = drawn[SHARED:SENTENCES], drawn[SENTENCES:], drawn[:SHARED]
        place = draw.randrange(len(own))
        yield (
            " ".join(own[:place] + shared + own[place:]),
            " ".join(other[:place] + [edited(one, draw) for one in shared] + other[place:]),
        )


def edited(sentence: str, draw: random.Random) -> str:
    """Give a sentence with some words dropped and some exchanged with the next."""
    words = sentence.split()
    for place in range(len(words) - 1):
        if draw.random() < EDITED:
            words[place], words[place + 1] = words[place + 1], words[place] if draw.random() < 0.5 else ""
    return " ".join(filter(None, words))


def taken(work: Callable[[], object]) -> float:
    """Give the seconds of processor time that some work takes."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def split(pairs: Sequence[Pair]) -> dict[str, float]:
    """Give the processor time of each step over all pairs, in seconds; the last is what remains of comparing."""
    spent = dict.fromkeys(("read", "seeds and chains", "copied runs", "evidence and passages"), 0.0)
    for a, b in pairs:
        vocabulary = Vocabulary()
        found: list[Any] = []
        spent["read"] += taken(lambda a=a, b=b, v=vocabulary, to=found: to.extend((read(a, v), read(b, v))))
        first, second, chances = *found, vocabulary.chances

        def chains(first: Any = first, second: Any = second, chances: Any = chances) -> None:
            weighed = table(first, second, chances)
            chain(seed(weighed, STRICT), EVIDENCE_BITS)
            chain(seed(weighed, LENIENT), EVIDENCE_BITS)

        steps = taken(chains), taken(lambda first=first, second=second: runs.find(first, second))
        whole = taken(lambda first=first, second=second, chances=chances: relate(first, second, chances))
        spent["seeds and chains"] += steps[0]
        spent["copied runs"] += steps[1]
        spent["evidence and passages"] += max(0.0, whole - sum(steps))
    return spent


def by_difflib(a: Sequence[str], b: Sequence[str]) -> object:
    """Align the words of two texts by the standard library."""
    return difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()


def main() -> None:
    """Read the arguments and print the measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--pairs", type=int, default=600, help="how many pairs")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)  # noqa: S311 - reproducible, not secret
    pairs = list(given(options.files))[: options.pairs] if options.files else list(made(options.pairs, draw))
    size = sum(len(a) + len(b) for a, b in pairs) / 2 / len(pairs)
    print(f"{len(pairs)} pairs of texts of {size:.0f} characters, in comparisons per second of processor time")
    print(f"first pair {taken(lambda: compare(*pairs[0])):.2f} s")
    head, rest = pairs[1:FIRST], pairs[FIRST:] or pairs
    print(f"next {len(head)} pairs {taken(lambda: [compare(*pair) for pair in head]):.2f} s")
    print(f"provenance {len(rest) / taken(lambda: [compare(*pair) for pair in rest]):8.0f}")
    words = [(re.findall(r"\w+", a.lower()), re.findall(r"\w+", b.lower())) for a, b in rest]
    print(f"difflib    {len(rest) / taken(lambda: [by_difflib(*pair) for pair in words]):8.0f}")
    print(f"rapidfuzz  {len(rest) / taken(lambda: [Levenshtein.opcodes(*pair) for pair in words]):8.0f}")
    spent = split(rest)
    print("where the time goes:", *(f"{name} {part / sum(spent.values()):.0%}" for name, part in spent.items()))


if __name__ == "__main__":
    main()
