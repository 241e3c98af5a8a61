"""Blocks that a cue line opens: comments, related stories, newsletter forms, the author's biography."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from provenance.rules.cohesion import announces, distinct_stems, is_subject
from provenance.rules.comments import SIGNS, signs_below
from provenance.rules.phrases import HEADS, is_furniture, phrases
from provenance.rules.reading import Found, Lines, is_long, is_sentence, is_wide

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BEFORE = 0.3  # share of the prose that stands before a section that runs to the end
ENOUGH, THREADED = 400, 0.15  # code points and share of prose: comments may be longer than their article
BRIEF = 150  # code points of prose: as much is an article where a thread's signs are below
CUE = 6  # words of a cue that only opens as one: "Most read in Sport"
INSET = 8  # lines: what the article's midst may hold of other stories; more is a list of its own
AFTER = 0.15  # share of prose: less under a bare "Comments" may be a comment; more may be the article
CERTAIN, LIKELY = 0.95, 0.8  # of comments with a thread's signs under their heading, and without
OFTEN = 2  # times: a cue met more often is a control under each item of a list
RESUMED = 2  # paragraphs in a row: one may be a teaser, with two the article goes on
SHARED = 2  # stems that a line has in common with the article above, to be its continuation
TEASED, EACH = 0.8, 0.1  # of a section with sentences in it, and less for each that follows another


def closing(lines: Lines) -> Mapping[str, Iterable[Found]]:
    """Give, by rule, the sections of other matter, each from its cue line on.

    A section near the end runs to the end unless the article goes on: comments always do, because their
    paragraphs look like the article's. In the article's midst it takes the short lines below the cue.
    """
    found: dict[str, list[Found]] = defaultdict(list)
    cues = lines.where(_cues)
    if not cues:
        return {}
    met = Counter(lines.keys[number] for number in cues)
    before = prose_before(lines)
    goes_on = last_resumption(lines)
    below = _Below(lines)
    done = 0
    for number in cues:
        rule, to_end = _section(lines.keys[number])
        if number < done or number + 1 == len(lines) or met[lines.keys[number]] > OFTEN:
            continue
        if is_subject(lines, number) or (_is_told(lines, number + 1) and not to_end):
            continue  # a heading, or an inset between paragraphs: that line itself is for other rules
        enough = _enough(lines, number, before) if to_end else BEFORE * before[-1]
        sure = _comments_are_below(lines, number, before) if to_end else below.sure(number)
        ends = to_end or (number >= goes_on and not below.resumes(number, rule))
        if sure and before[number] >= enough > 0 and ends:
            found[rule].append(Found(number, len(lines), sure))
            if sure >= LIKELY:
                break
        last = _short_lines_below(lines, number + 1)
        if not to_end and before[number] > 0 and number + 1 < last < len(lines):
            found[rule].append(Found(number, last, LIKELY))
            done = last
    return found


def _cues(lines: Lines) -> Sequence[int]:
    known = phrases().sections
    comments, related, heads = phrases().comment_openings, phrases().related_openings, phrases().cue_heads
    return [
        number
        for number, key in enumerate(lines.keys)
        if key in known
        or (
            key[: HEADS[-1]] in heads
            and (
                (key.startswith(comments) and not lines.prose[number])
                or (key.startswith(related) and len(key.split()) <= CUE and not is_sentence(lines.texts[number]))
            )
        )
    ]


def _section(key: str) -> tuple[str, bool]:
    """Give the rule of a cue, and whether what it opens runs to the end."""
    known = phrases()
    opened = ("related_section", False) if key.startswith(known.related_openings) else ("comments_section", True)
    return known.sections.get(key, opened)


def _is_told(lines: Lines, number: int) -> bool:
    """Say whether a line is the article's and no headline: running text, or a short sentence without spaces.

    What writes a word in one or two characters says in twenty what English says in eighty.
    """
    text = lines.texts[number]
    return lines.prose[number] or (is_wide(text) and is_sentence(text) and is_long(text))


def _enough(lines: Lines, number: int, before: Sequence[int]) -> float:
    """Give how much of the article must stand above its comments: less where signs of a thread are below."""
    threaded = signs_below(lines, number) > SIGNS
    return max(BRIEF if threaded else ENOUGH, THREADED * before[-1])


class _Below:
    """What stands below the cues of a text: headlines, or sentences with which the article goes on.

    Cues are asked about in ascending order, so that what stands above them is read once.
    """

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.told = lines.each(is_sentence)
        pairs = [number > 0 and told and self.told[number - 1] for number, told in enumerate(self.told)]
        self.sentences = list(accumulate(self.told, initial=0))
        self.pairs = list(accumulate(pairs, initial=0))
        self.above: set[str] = set()
        self.read = 0

    def sure(self, number: int) -> float:
        """Say how sure it is that all below a cue is its section: less with each sentence that follows another."""
        if self.sentences[-1] == self.sentences[number + 1]:
            return CERTAIN
        return round(max(0.0, TEASED - EACH * (self.pairs[-1] - self.pairs[min(number + 2, len(self.lines))])), 2)

    def resumes(self, number: int, rule: str) -> bool:
        """Say whether the article goes on somewhere below a cue.

        It does where sentences follow one another, or one stands last, that speak of what stands above the
        cue; or that follow headlines which do not announce them.
        """
        for at in self.long:
            if at <= number:
                continue
            listed = rule == "related_section" and at > number + 1 and not self.told[at - 1]
            if (listed and not announces(self.lines, at - 1)) or self._speaks_of_it(number, at):
                return True
        return False

    @cached_property
    def long(self) -> Sequence[int]:
        """The long sentences that have another below them, or nothing but furniture."""
        found, last = [], True
        for at in range(len(self.lines) - 1, -1, -1):
            furniture = is_furniture(self.lines.keys[at])
            goes_on = last or (self.told[at + 1] and not is_furniture(self.lines.keys[at + 1]))
            if self.told[at] and not furniture and goes_on and is_long(self.lines.texts[at]):
                found.append(at)
            last = last and furniture
        return found[::-1]

    @cached_property
    def stems(self) -> Sequence[frozenset[str]]:
        """The stems of each line."""
        return self.lines.each(distinct_stems)

    def _speaks_of_it(self, number: int, at: int) -> bool:
        for line in range(self.read, number):
            self.above.update(self.stems[line])
        self.read = max(self.read, number)
        return len(self.above & self.stems[at]) >= SHARED


def _comments_are_below(lines: Lines, number: int, before: Sequence[int]) -> float:
    """Say how sure it is that what stands below a cue is comments; 0 where it may be the article.

    A count or a form ("2 comments", "Leave a reply") heads nothing else. A bare word may head a section of
    the article, unless the signs of a thread are below it or hardly anything is.
    """
    known = phrases()
    if lines.keys[number] in known.sections and lines.keys[number] not in known.bare_comments:
        return CERTAIN
    if lines.keys[number].startswith(("0 ", "0条", "0件")):
        return CERTAIN
    if signs_below(lines, number) >= SIGNS:
        return CERTAIN
    return LIKELY if before[-1] - before[number] <= AFTER * before[-1] else 0


def _short_lines_below(lines: Lines, start: int) -> int:
    """Give where the short lines from `start` on end, without a heading that announces what comes next."""
    last = start
    while last < len(lines) and not is_sentence(lines.texts[last]) and lines.texts[last][-1] not in ":：":
        last += 1
        if last - start > INSET:
            return start
    return last - 1 if last > start and last < len(lines) and announces(lines, last - 1) else last


def prose_before(lines: Lines) -> Sequence[int]:
    """Give the code points of prose before each line, and at last of all."""
    sizes = [len(text) if prose else 0 for text, prose in zip(lines.texts, lines.prose, strict=True)]
    return list(accumulate(sizes, initial=0))


def last_resumption(lines: Lines) -> int:
    """Give the number of the last line where the article goes on: `RESUMED` lines of prose in a row; or -1."""
    row = 0
    for number in range(len(lines) - 1, -1, -1):
        row = row + 1 if lines.prose[number] else 0
        if row == RESUMED:
            return number
    return -1
