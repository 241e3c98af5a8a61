"""Does disguise change a verdict, and do swapped paragraphs hide a passage or a rewriting?

    python benchmarks/robustness.py [FILE.jsonl[.gz] ...] [--pairs 100] [--seed 1]

Each line of a file is a text (`text`), or a pair of texts (`a` and `b`, or `original` and `rewrite`). Texts are
paired with themselves, with an excerpt of themselves and with the next text. Without files, the articles of
seeds/ are taken. One side of each pair is then disguised in several ways, and the verdict compared with that
on the plain pair.

For swapped paragraphs, one side's paragraphs are shuffled, and those are counted that the relation still leads
to their new place: spans that cover the same four fifths of them on both sides. Paragraphs of fewer words
than a passage has are counted apart, by half their characters. For swapped rewritings, the second text of each
pair called derived is cut at sentence ends into two or three blocks, and these are swapped: it should still be
called derived, and the passages found before should still be found, each by half its characters on both sides.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.compare import compare
from provenance.normalize import fold
from provenance.runs import LEAST
from provenance.segment import sentences

if TYPE_CHECKING:
    from provenance.model import Relation, Span

SEEDS = Path(__file__).parent.parent / "seeds"
LONG = 120  # code points; a shorter paragraph is no passage
RATE = 0.15  # share of the words that a disguise touches
OCR_RATE = 0.03  # share of the words that a poor scan garbles

Disguise = Callable[[str, random.Random], str]
Pair = tuple[str, str]

LOOK_ALIKES = str.maketrans("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ")
BOLD = {ord("a") + i: chr(0x1D41A + i) for i in range(26)} | {ord("A") + i: chr(0x1D400 + i) for i in range(26)}
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
WORD = re.compile(r"[^\W\d_]{3,}")
MISREAD = (("rn", "m"), ("m", "rn"), ("l", "1"), ("O", "0"), ("cl", "d"), ("e", "c"), ("h", "b"), ("i", "l"))


def words(text: str, draw: random.Random, change: Callable[[str], str], rate: float = RATE) -> str:
    """Give the text with a share of its words changed."""
    return WORD.sub(lambda word: change(word[0]) if draw.random() < rate else word[0], text)


def inside(mark: str) -> Disguise:
    """Put a character into the middle of words."""
    return lambda text, draw: words(
        text, draw, lambda word: word[: len(word) // 2] + mark + word[len(word) // 2 :]
    )


def scanned(text: str, draw: random.Random) -> str:
    """Misread letters and lose spaces, as a poor scan does."""

    def misread(word: str) -> str:
        fitting = [pair for pair in MISREAD if pair[0] in word]
        return word.replace(*draw.choice(fitting), 1) if fitting else word

    garbled = words(text, draw, misread, OCR_RATE)
    return re.sub(" ", lambda _: "" if draw.random() < OCR_RATE / 3 else " ", garbled)


# A disguise, and the flag by which it should be noticed.
DISGUISES: dict[str, tuple[Disguise, str | None]] = {
    "zero width": (inside("\u200b"), "zero_width"),
    "joiner": (inside("\u200d"), "zero_width"),
    "soft hyphen": (inside("\u00ad"), "soft_hyphen"),
    "bidi control": (lambda text, draw: words(text, draw, lambda word: f"\u202a{word}\u202c"), "bidi_control"),
    "homoglyph": (lambda text, draw: words(text, draw, lambda word: word.translate(LOOK_ALIKES)), "homoglyph"),
    "fullwidth": (lambda text, draw: words(text, draw, lambda word: word.translate(WIDE)), "compatibility"),
    "bold letters": (lambda text, draw: words(text, draw, lambda word: word.translate(BOLD)), "compatibility"),
    "accents": (lambda text, draw: words(text, draw, lambda word: word + "\u0301"), None),
    "poor scan": (scanned, None),
}


def pairs(paths: list[Path]) -> Iterator[Pair]:
    """Give the pairs of the files, or of the seeds."""
    before = ""
    for record in records(paths):
        for a, b in (("a", "b"), ("original", "rewrite")):
            if a in record and b in record:
                yield record[a], record[b]
        if text := record.get("text", ""):
            yield text, text
            yield text, excerpt(text)
            if before:
                yield before, text
            before = text


def records(paths: list[Path]) -> Iterator[dict[str, Any]]:
    """Give the JSON objects of the files, or the seeds as such."""
    if not paths:
        yield from ({"text": path.read_text("utf-8")} for path in sorted(SEEDS.glob("*.txt")))
    for path in paths:
        open_ = gzip.open if path.suffix == ".gz" else open
        with open_(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def excerpt(text: str) -> str:
    """The middle third of a text, from line to line where it has lines."""
    lines = text.splitlines(keepends=True)
    if len(lines) < 6:
        return text[len(text) // 3 : 2 * len(text) // 3]
    return "".join(lines[len(lines) // 3 : 2 * len(lines) // 3])


def verdicts(chosen: list[Pair], draw: random.Random) -> None:
    """Print for each disguise how many verdicts stay, and how often it is noticed."""
    plain = [compare(a, b) for a, b in chosen]
    derived = sum(relation.derived for relation in plain)
    print(f"{len(chosen)} pairs, {derived} derived")
    print(f"{'disguise':14} {'derived stays':>14} {'kind stays':>11} {'score moves':>12} {'flagged':>8}")
    total = same = 0
    for name, (disguise, flag) in DISGUISES.items():
        disguised = [(a, disguise(b, draw)) for a, b in chosen]
        after = [compare(a, b) for a, b in disguised]
        stays = sum(x.derived == y.derived for x, y in zip(plain, after, strict=True))
        exact = "near_duplicate" if disguise is scanned else "exact"  # what lost letters is no longer exact
        kind = sum((exact if x.kind == "exact" else x.kind) == y.kind for x, y in zip(plain, after, strict=True))
        moves = sum(abs(x.score - y.score) for x, y in zip(plain, after, strict=True)) / len(plain)
        noticed = sum(flag in fold(b).flags for _, b in disguised) / len(plain) if flag else None
        shown = "-" if noticed is None else f"{noticed:.3f}"
        print(f"{name:14} {stays / len(plain):14.3f} {kind / len(plain):11.3f} {moves:12.3f} {shown:>8}")
        total, same = total + len(plain), same + stays
    print(f"verdicts unchanged {same / total:.4f} of {total}")


def swapped(texts: list[str], draw: random.Random) -> None:
    """Print the share of paragraphs that are recovered at their new places."""
    long, short = Count(), Count()
    for text in texts:
        own = [part for part in re.split(r"\n\s*\n|\n", text) if part.strip()]
        if len(own) < 3:
            continue
        shuffled = draw.sample(own, len(own))
        a, b = "\n\n".join(own), "\n\n".join(shuffled)
        relation = compare(a, b)
        for part in own:
            if a.count(part) > 1:
                continue
            share = recovered(relation, (a.index(part), b.index(part)), len(part))
            if len(part) >= LONG and len(part.split()) >= LEAST:
                long.add(share >= 0.8)
            else:
                short.add(share >= 0.5)
    print(f"swapped paragraphs recovered {long}; shorter ones {short}")


class Count:
    """How many of how many."""

    def __init__(self) -> None:
        self.hits = self.total = 0

    def add(self, hit: bool) -> None:
        """Count one more."""
        self.hits, self.total = self.hits + hit, self.total + 1

    def __str__(self) -> str:
        return f"{self.hits / max(1, self.total):.4f} of {self.total}"


def recovered(relation: Relation, starts: tuple[int, int], size: int) -> float:
    """Give the share of a paragraph that is aligned with its own place on the other side, 0..1.

    A span counts for what it holds of the paragraph on both sides, so that one which leads from this paragraph
    to another, or reaches into its place from elsewhere, counts for nothing.
    """
    covered = bytearray(size)
    for pair in relation.spans:
        at_a = max(pair.a.start - starts[0], 0), min(pair.a.end - starts[0], size)
        at_b = max(pair.b.start - starts[1], 0), min(pair.b.end - starts[1], size)
        first, last = max(at_a[0], at_b[0]), min(at_a[1], at_b[1])
        if first < last:
            covered[first:last] = b"\1" * (last - first)
    return sum(covered) / size


def swapped_rewritings(chosen: list[Pair], draw: random.Random) -> None:
    """Print how many derived pairs, and which of their passages, withstand a swap of the second text's blocks."""
    same, kind, passages = Count(), Count(), Count()
    for a, b in chosen:
        plain = compare(a, b)
        moved = blocks(b, draw)
        if not plain.derived or not moved:
            continue
        after = compare(a, "\n".join(b[start:end] for start, end in moved))
        same.add(after.derived)
        kind.add(plain.kind in (after.kind, "exact"))  # what was exact cannot stay so
        for pair in plain.spans:
            places = list(carried(pair.b, moved))
            passages.add(found_again(after, pair.a, places))
    print(f"swapped rewritings: derived stays {same}; kind stays {kind}; passages recovered {passages}")


def blocks(text: str, draw: random.Random) -> list[tuple[int, int]]:
    """Give two or three blocks of whole sentences, [start, end) each, last first; none of too short a text."""
    ends = [span.start for span in sentences(text)][1:]
    if len(ends) < 3:
        return []
    cuts = [0, *sorted(draw.sample(ends, draw.choice((1, 2)))), len(text)]
    return list(zip(cuts[-2::-1], cuts[:0:-1], strict=True))


def carried(span: Span, moved: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Give where a span of the text lies, in one part or several, when its blocks are moved."""
    place = 0
    for start, end in moved:
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            yield place + first - start, place + last - start
        place += end - start + 1  # the line break between blocks


def found_again(relation: Relation, here: Span, there: list[tuple[int, int]]) -> bool:
    """Whether spans that touch a passage on both sides cover half of it on each."""
    covered: tuple[set[int], set[int]] = set(), set()
    for pair in relation.spans:
        ours = range(max(pair.a.start, here.start), min(pair.a.end, here.end))
        theirs = [range(max(pair.b.start, start), min(pair.b.end, end)) for start, end in there]
        if ours and any(theirs):
            covered[0].update(ours)
            covered[1].update(*theirs)
    size = sum(end - start for start, end in there)
    return 2 * len(covered[0]) >= here.end - here.start and 2 * len(covered[1]) >= size


def main() -> None:
    """Read the arguments and print the measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--pairs", type=int, default=100, help="how many pairs, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)  # noqa: S311 - reproducible, not secret
    everything = list(pairs(options.files))
    chosen = draw.sample(everything, min(options.pairs, len(everything)))
    verdicts(chosen, draw)
    swapped(sorted({a for a, _ in chosen}), draw)
    swapped_rewritings(chosen, draw)


if __name__ == "__main__":
    main()
