"""Blocks that a cue line opens: comments, related stories, newsletter forms, the author's biography."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING

from provenance.rules.cohesion import announces, is_subject
from provenance.rules.phrases import phrases
from provenance.rules.reading import Found, Lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

BEFORE = 0.3  # share of the prose that stands before a section that runs to the end
ENOUGH, THREADED = 400, 0.15  # code points and share of prose: comments may be longer than their article
INSET = 8  # lines: what the article's midst may hold of other stories; more is a list of its own
THREAD, NAME = 3, 60  # comments that make a thread; code points of the line that says who speaks
OFTEN = 2  # times: a cue met more often is a control under each item of a list
RESUMED = 2  # paragraphs in a row: one may be a teaser, with two the article goes on


def closing(lines: Lines) -> Mapping[str, Iterable[Found]]:
    """Give, by rule, the sections of other matter, each from its cue line on.

    A section near the end runs to the end unless the article goes on: comments always do, because their
    paragraphs look like the article's. In the article's midst it takes the short lines below the cue.
    """
    known = phrases().sections
    opening = phrases().comment_openings
    found: dict[str, list[Found]] = defaultdict(list)
    cues = [
        number
        for number, key in enumerate(lines.keys)
        if key in known or (key.startswith(opening) and not lines.prose[number])
    ]
    met = Counter(lines.keys[number] for number in cues)
    before = prose_before(lines)
    goes_on = last_resumption(lines)
    done = 0
    for number in cues:
        rule, to_end = known.get(lines.keys[number], ("comments_section", True))
        if number < done or number + 1 == len(lines) or met[lines.keys[number]] > OFTEN:
            continue
        if is_subject(lines, number) or (lines.prose[number + 1] and not to_end):
            continue  # a heading, or an inset between paragraphs: that line itself is for other rules
        enough = max(ENOUGH, THREADED * before[-1]) if to_end else BEFORE * before[-1]
        if before[number] >= enough > 0 and (to_end or number >= goes_on):
            found[rule].append(Found(number, len(lines), 0.95))
            break
        last = _short_lines_below(lines, number + 1)
        if not to_end and before[number] > 0 and number + 1 < last < len(lines):
            found[rule].append(Found(number, last, 0.8))
            done = last
    return found


def _short_lines_below(lines: Lines, start: int) -> int:
    """Give where the short lines from `start` on end, without a heading that announces what comes next."""
    last = start
    while last < len(lines) and not lines.prose[last] and lines.texts[last][-1] not in ":：":
        last += 1
        if last - start > INSET:
            return start
    return last - 1 if last > start and last < len(lines) and announces(lines, last - 1) else last


def prose_before(lines: Lines) -> Sequence[int]:
    """Give the code points of prose before each line, and at last of all."""
    sizes = (len(text) if prose else 0 for text, prose in zip(lines.texts, lines.prose, strict=True))
    return list(accumulate(sizes, initial=0))


def last_resumption(lines: Lines) -> int:
    """Give the number of the last line where the article goes on: `RESUMED` lines of prose in a row; or -1."""
    row = 0
    for number in range(len(lines) - 1, -1, -1):
        row = row + 1 if lines.prose[number] else 0
        if row == RESUMED:
            return number
    return -1


def thread(lines: Lines) -> Iterator[Found]:
    """Find a thread of comments that no cue opens, by what each of them repeats: "Ada says:", "Reply"."""
    known = phrases()
    says = [number for number, text in enumerate(lines.texts) if _says(lines, number, text, known.comment_says)]
    marks = [number for number, key in enumerate(lines.keys) if key in known.comment_marks]
    if len(says) >= THREAD:
        yield Found(says[0], len(lines), 0.9)
    if len(marks) >= THREAD:
        yield Found(marks[0], marks[-1] + 1, 0.85)


def _says(lines: Lines, number: int, text: str, verbs: tuple[str, ...]) -> bool:
    return text[-1] in ":：" and len(text) <= NAME and lines.keys[number].endswith(verbs)
