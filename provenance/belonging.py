"""What recurs in a publisher's articles and is theirs all the same: quotes, refrains, headings, figures.

Follow-up reports repeat what was said, court reports end in "The trial continues", market reports and results are
one form filled with figures. Such lines are about what their articles are about, so their words are met elsewhere
in those articles and seldom in the publisher's others; a house's own lines stand in any of them alike.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import chain, compress
from operator import not_
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from provenance.frames import NUMBER, words_of
from provenance.rules.reading import ends_in_stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from provenance.frames import Array, Texts

# A word's gain is how much likelier it is met elsewhere in an article for having the line.
GAIN, SURPRISE = 0.3, 3.5  # of a word that tells the subject: and in standard deviations of chance
COHESIVE = 0.3  # mean gain of a line's words where one alone tells the subject
EVERYDAY = 0.5  # share of the other articles that have a word: more, and it is no sign of a subject
CONTRAST = 0.25  # share of a publisher's articles that lack a line: with fewer, nothing can be told from them
MOSTLY = 0.5  # share of a publisher's articles: a quote or refrain in more is the house's motto
REFRAIN = 2  # times that a document has a line
LISTED = 3  # lines of a document with one edge: more are a list of the article's
SPOKEN = 0.4  # share of a line inside quotation marks
COUNTED = 6  # words: a longer line with a number says something of it
SURELY = 7  # articles: with fewer, a form filled with figures is no template
FIGURES = 0.25  # share of a line's words that are numbers: more, and the line is there for them
HEADING_WORDS, HEADING_SIGNS = 5, 12  # the longest heading; signs where a sign is a word
HEADS = 0.9  # share of the places where a line stands as a heading does
TELLING = 0.5  # share of a publisher's articles: a word that more have is no sign of a subject
AT_HOME = 0.12  # gain of a slot's telling words: with more, what fills the slot is the article's own
DIFFERENT = 3  # ways to fill a frame's slots: two may be one, corrected
EXAMPLES = 50  # instances of a frame that are looked at for its words and figures

_SPOKEN = re.compile(r"[“„«][^“”„»]{12,}[”“»]|\"[^\"]{12,}\"|「[^」]{6,}」|『[^』]{6,}』")
_FIGURE = re.compile(r"\d[\d.,:/%\-]*")
_AMOUNT = re.compile(r"[$€£¥₹%٪]\s?\d|\d\s?[$€£¥₹%٪]|\d\.\d|\d,\d{1,2}\b(?!,)")
_DIVIDED = re.compile(r"[|•·]")
_MARK = re.compile(r"[|:;»›•@©→#]")


class Instance(NamedTuple):
    """A line that a frame was met in: its document's place in the house, its number, whether it heads prose."""

    document: int
    text: int
    heading: bool


@dataclass(frozen=True, slots=True)
class House:
    """One publisher's documents: the lines of each by number; whether a line heads prose, and was removed before.

    `forms` says of each document whether it is a form filled in, such as reports of earthquakes that a
    program writes; `articles` has the number of the first revision of each.
    """

    lines: Sequence[Sequence[int]]
    headings: Sequence[Sequence[bool]]
    removed: Sequence[Sequence[bool]]
    forms: Sequence[bool]
    articles: Sequence[int]


class Subjects:
    """In how many of its lines each document of a house has a word, and how many documents have it at all.

    holders, words  int64 (n,), a document and a word for each line of the document that has it
    """

    def __init__(self, size: int, holders: Array, words: Array) -> None:
        self.size = size  # documents of the house
        pairs, counts = np.unique(holders << 32 | words, return_counts=True)
        self._lines: dict[int, int] = dict(zip(pairs.tolist(), counts.tolist(), strict=True))
        known, counts = np.unique(pairs & 0xFFFFFFFF, return_counts=True)
        self._documents: dict[int, int] = dict(zip(known.tolist(), counts.tolist(), strict=True))

    def lines(self, document: int, word: int) -> int:
        """Give in how many of its lines a document has a word."""
        return self._lines.get(document << 32 | word, 0)

    def documents(self, word: int) -> int:
        """Give how many documents have a word."""
        return self._documents.get(word, 0)


def belongs(
    instances: Sequence[Instance],
    keys: Sequence[str],
    texts: Texts,
    house: House,
    subjects: tuple[Subjects, Subjects],
) -> bool:
    """Say whether the lines of a frame, `keys` by number, belong to the articles they stand in.

    `subjects` are those of all lines, and of the lines without a frame.
    """
    examples = list(dict.fromkeys(one.text for one in instances))[:EXAMPLES]
    lines = [keys[text] for text in examples]
    documents = {one.document for one in instances}
    refrain = len(instances) >= REFRAIN * len(documents)
    if _heads(instances, lines) or (len(documents) < MOSTLY * len(house.lines) and (refrain or _spoken(lines))):
        return True
    if differ(texts, examples) and sum(house.forms[one] for one in documents) > MOSTLY * len(documents):
        return True
    form = _form(lines)
    articles = len({house.articles[one] for one in documents})
    if form == "figures" or (form == "figure" and articles < SURELY):
        return True
    every, own = subjects
    fixed = form == "fixed"
    return _cohesive(instances, common_words(texts, examples), own if fixed else every, same=not fixed)


def differ(texts: Texts, lines: Iterable[int]) -> bool:
    """Say whether instances of a frame differ in more than numbers and dates."""
    return len({texts.words_of(text).tobytes() for text in lines}) >= DIFFERENT


def common_words(texts: Texts, examples: Sequence[int]) -> set[int]:
    """Give the plain words that most of some lines have."""
    met = Counter(word for text in examples for word in set(texts.words_of(text).tolist()))
    return {word for word, count in met.items() if 2 * count > len(examples) and texts.plain[word]}


def subjects_of(
    house: House, texts: Texts, watched: Iterable[int], framed: AbstractSet[int]
) -> tuple[Subjects, Subjects]:
    """Count the watched words in the lines of each document: in all, and in those without a frame (`framed`)."""
    wanted = np.zeros(len(texts.plain), dtype=bool)
    wanted[list(watched)] = True
    wanted[0] = False  # the edges
    held = [
        list(compress(*one)) for one in zip(house.lines, (map(not_, own) for own in house.removed), strict=True)
    ]
    lines = np.fromiter(chain.from_iterable(held), np.int64)
    holders = np.repeat(np.arange(len(held)), list(map(len, held)))
    known = texts.of(lines)
    places = np.flatnonzero(wanted[known.words])
    met = np.unique((np.searchsorted(known.begins, places, side="right") - 1) << 32 | known.words[places])
    which, words = met >> 32, met & 0xFFFFFFFF
    outside = ~np.isin(lines[which], list(framed))
    size = len(held)
    return Subjects(size, holders[which], words), Subjects(size, holders[which[outside]], words[outside])


def foreign(instances: Sequence[Instance], keys: Sequence[str], texts: Texts, subjects: Subjects) -> bool:
    """Say whether what fills a frame's slots is of no concern to the articles that it stands in.

    So it is with the titles of other articles and with who edited this one. `subjects` are those of the lines
    without a frame. Words that many of the publisher's articles have say nothing.
    """
    examples = list(dict.fromkeys(one.text for one in instances))
    shared = common_words(texts, examples)
    listed = len(instances) > LISTED * len({one.document for one in instances})
    if listed or _form([keys[text] for text in examples[:EXAMPLES]]) == "figures":
        return False
    documents = subjects.size
    gains = []
    for one in instances:
        words = set(texts.words_of(one.text).tolist()) - shared
        chances = {word: subjects.documents(word) / documents for word in words if texts.plain[word]}
        telling = [
            (subjects.lines(one.document, word) > 0) - chance
            for word, chance in chances.items()
            if chance <= TELLING
        ]
        if telling:
            gains.append(sum(telling) / len(telling))
    return len(gains) >= MOSTLY * len(instances) and sum(gains) <= AT_HOME * len(gains)


def _cohesive(instances: Sequence[Instance], words: set[int], subjects: Subjects, *, same: bool) -> bool:
    """Say whether a frame's words are met elsewhere in the documents that have it, more than in the others.

    With `same`, the subjects are those of all lines, the frame's own among them.
    """
    lines = Counter(one.document for one in instances)
    others = subjects.size - len(lines)
    if others < CONTRAST * subjects.size:
        return False
    gains = []
    strong = 0
    for word in words:
        counts = [(subjects.lines(document, word), own) for document, own in lines.items()]
        inside = sum(count > same * own for count, own in counts)
        outside = subjects.documents(word) - sum(count > 0 for count, _ in counts)
        chance = (outside + 0.5) / (others + 1)
        if chance <= EVERYDAY:
            gain = inside / len(lines) - chance
            gains.append(max(0.0, gain))
            strong += gain >= GAIN and gain >= SURPRISE * math.sqrt(chance * (1 - chance) / len(lines))
    return strong >= 2 or (strong > 0 and math.fsum(gains) >= COHESIVE * len(gains))


def _heads(instances: Sequence[Instance], lines: Sequence[str]) -> bool:
    """Say whether lines are headings, which a house may use again: short, and nearly always before prose."""
    short = all(len(line.split()) <= HEADING_WORDS and len(words_of(line)) <= HEADING_SIGNS for line in lines)
    plain = not any(_MARK.search(line) or line.endswith((".", "。", "।")) for line in lines)
    return short and plain and sum(one.heading for one in instances) >= HEADS * len(instances)


def _spoken(lines: Sequence[str]) -> bool:
    spoken = sum(len(found.group()) for line in lines for found in _SPOKEN.finditer(line))
    return spoken >= SPOKEN * sum(map(len, lines))


def _form(lines: Sequence[str]) -> str:
    """Say what differs in the numbers of most of a frame's lines: "figures", one "figure" at least, or "fixed".

    Short lines that count one thing, and dates, are what a house fills in ("10 min read", "Page 3").
    """
    if len({tuple(_FIGURE.findall(line)) for line in lines}) == 1:
        return "fixed"
    forms = Counter(_figures(line) for line in lines)
    if 2 * forms["figures"] > len(lines):
        return "figures"
    return "fixed" if 2 * forms["fixed"] >= len(lines) else "figure"


def _figures(line: str) -> str:
    words = words_of(line)
    numbers = words.count(NUMBER)
    if not numbers or all(_counts(part) for part in _DIVIDED.split(line)):
        return "fixed"
    return "figures" if _AMOUNT.search(line) or numbers > max(1, FIGURES * len(words)) else "figure"


def _counts(part: str) -> bool:
    """Say whether a line, or its part between marks, counts one thing at most: "5 min read • 20 comments"."""
    words = words_of(part)
    numbers = words.count(NUMBER)
    return not numbers or (
        numbers == 1 and len(words) <= COUNTED and not ends_in_stop(part) and not _AMOUNT.search(part)
    )


def watched_words(texts: Texts, instances: Mapping[int, Sequence[Instance]]) -> Iterator[int]:
    """Give the words of all frames of a house."""
    for found in instances.values():
        yield from common_words(texts, list(dict.fromkeys(one.text for one in found))[:EXAMPLES])
