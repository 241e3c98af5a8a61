"""Clean articles in a news site's furniture: what cleaning takes of the article, and what of the furniture.

    python benchmarks/furniture.py ARTICLES [--limit N] [--seed 1]

ARTICLES is a folder of text files, the title in the first line, or a file of JSON Lines (packed or not) with
`text` and `title`. Furniture of our own writing is put around each article in four steps: none; a byline and a
tail; lines between the paragraphs too; a menu too. For each step and strictness are printed the share of the
article's code points that was lost, the articles whose title or lede went, those that lost any line, and the share
of the furniture that was removed. Articles should be clean: a stray "Read more" in one counts as its own line.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from provenance.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.model import Strictness

MENU = """Front page|Your area|Courts|Football|What's on|Obituaries|Letters|Podcasts|Puzzles|Subscribe|Sign in"""
BYLINE = """By Tessa Marlowe|Tessa Marlowe, Education Correspondent|Published 7 March 2023, 06:40|3 minute read
Share|Save this article|Comments (14)|Listen to this story|Updated 2 hours ago|Tessa Marlowe and Idris Vane"""
INSETS = """Advertisement|Article continues below advertisement|Read more: Lifeboat crew thanked by rescued sailors
Lifeboat crew thanked by rescued sailors|Related: The village that would not move|(Image: Courier archive)
Crowds on the quay at dawn. Photograph: Idris Vane/Alamy|Sign up for the Courier's weekly letter
Enter your email address and we will send you the best of the week. You can unsubscribe at any time.
Why not follow us on WhatsApp for the news?|Watch: drone film of the quay|Skip past newsletter promotion"""
TAIL = """Do you know more about this story? Write to our news desk in confidence.
Additional reporting by Idris Vane
Tessa Marlowe covers schools for the Courier. She joined the paper in 2019 after five years with a magazine.
More on this story|Lifeboat crew thanked by rescued sailors|The village that would not move
Most read in News|Shoplifter left behind his dentures|Ten gardens to see before the frost|Buses to stop at nine
Our reporting is paid for by those who read it. If you can, please support us with as little as two pounds.
2 comments|Grumpy of Quay Street|5 hours ago|They said the same about the pier and look at it now!|Reply
Sign in to join the conversation|About the Courier|Work for us|Privacy notice|© 2023 Courier Holdings Ltd"""
STRICTNESSES: tuple[Strictness, ...] = ("safe", "balanced", "strict")
STEPS = ("none", "byline and tail", "and insets", "and menu")
EVERY = 3  # paragraphs between two insets


class Line(NamedTuple):
    """A line, and what it is: title, lede, body or furniture."""

    text: str
    kind: str


def articles(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Give each article's title and paragraphs; those of fewer than two paragraphs are left out."""
    if path.is_dir():
        given = (file.read_text("utf-8").split("\n", 1) for file in sorted(path.glob("*.txt")))
    else:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as rows:
            given = iter([[row.get("title") or "", row["text"]] for row in map(json.loads, rows)])
    for title, text in ((one[0], one[-1]) for one in given):
        paragraphs = [line.strip() for line in text.splitlines() if line.strip()]
        if len(paragraphs) > 1:
            yield title.strip(), paragraphs


def split(block: str) -> list[str]:
    """Give the lines of a block of furniture."""
    return block.replace("\n", "|").split("|")


def furnished(title: str, paragraphs: Sequence[str], step: int, draw: random.Random) -> list[Line]:
    """Give an article's lines in the furniture of a step."""
    furniture = [Line(text, "furniture") for text in split(MENU)] if step >= STEPS.index("and menu") else []
    placed = [*furniture, Line(title, "title")] if title else furniture
    if step:
        placed += [Line(text, "furniture") for text in draw.sample(split(BYLINE), 3)]
    for number, text in enumerate(paragraphs):
        placed.append(Line(text, "body" if number else "lede"))
        if step >= STEPS.index("and insets") and number % EVERY == 1:
            placed.append(Line(draw.choice(split(INSETS)), "furniture"))
    return placed + ([Line(text, "furniture") for text in split(TAIL)] if step else [])


def count(lines: Sequence[Line], strictness: Strictness) -> Counter[str]:
    """Clean a text of these lines, and count code points and articles by what became of them."""
    removals = clean("\n\n".join(line.text for line in lines), strictness=strictness).removals
    gone = [(one.start, one.end) for one in removals]
    sizes, start = Counter[str](articles=1), 0
    for line in lines:
        end = start + len(line.text)
        lost = any(first <= start and end <= last for first, last in gone)
        side = "furniture" if line.kind == "furniture" else "own"
        sizes[side] += len(line.text)
        sizes[f"{side} gone"] += len(line.text) * lost
        if lost and side == "own":
            sizes.update({f"{line.kind} lost": 1})
            sizes["hit"] = 1
        start = end + 2
    return sizes


def main() -> None:
    """Print the losses, step by step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, nargs="?", help="without any, nothing is measured")
    parser.add_argument("--limit", type=int, default=200, help="articles, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.articles is None:
        print("name a folder or file of clean articles; --help says what is in it")
        return
    given = list(articles(options.articles))
    random.Random(options.seed).shuffle(given)  # noqa: S311 (which articles)
    print(
        f"{'furniture':18}{'strictness':12}{'lost':>8}{'titles':>8}{'ledes':>7}{'hit':>5}{'of':>6}{'removed':>9}"
    )
    for step, name in enumerate(STEPS):
        draw = random.Random(options.seed)  # noqa: S311 (which furniture)
        made = [furnished(*one, step, draw) for one in given[: options.limit]]
        for strictness in STRICTNESSES:
            sums: Counter[str] = sum((count(lines, strictness) for lines in made), Counter())
            lost, removed = (sums[f"{side} gone"] / max(1, sums[side]) for side in ("own", "furniture"))
            print(
                f"{name:18}{strictness:12}{lost:8.4f}{sums['title lost']:8}{sums['lede lost']:7}{sums['hit']:5}"
                f"{sums['articles']:6}{removed:9.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
