"""Threads of comments, told from interviews and fact checks by what only they have: times, marks, many names."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from provenance.rules.names import is_name
from provenance.rules.phrases import phrases
from provenance.rules.reading import MEMORY, Found, Lines
from provenance.rules.shape import is_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

THREAD, NAME = 3, 60  # comments that make a thread; code points of the line that says who speaks
SIGNS = 2  # under a heading; without one each comment must have its own
ARTICLE = 250  # code points of prose that stand before a thread
RESUMED = 1  # paragraphs after it: with more, the article goes on
LONGEST = 60  # code points of a line that is a time
MANY = 10  # marks: with as many, a thread needs no names, if they do not answer questions as in an interview
WORDS = 4  # of a speaker's name
THREADED = 0.8
# A key has every number as 0. A day alone may be a timeline's; a comment has the time, or how long ago.
_TIME = re.compile(
    r"\b0[:.h]0\b|^0 ?(?:s|m|min|mins|h|hrs?|d|w|seconds?|minutes?|hours?|days?|weeks?|months?|years?)(?: ago)?$|"
    r"^(?:vor|il y a|hace|há) 0 |^0 (?:\w+) (?:fa|geleden|назад)$|^منذ 0 |0(?:分钟|小时|天)前|0(?:分|時間|日)前"
)


def thread(lines: Lines) -> Iterator[Found]:
    """Find a thread that no cue opens, by what each comment repeats: "Ada says:" and a time, or "Reply".

    It stands after the article, and ends with its last comment. Speakers who take turns are an interview,
    and marks without names or times an exchange of letters.
    """
    says, marks = lines.where(_saying), lines.where(_marked)
    speakers = {_first_word(lines.texts[number]) for number in says}
    if len(speakers) >= THREAD and len(speakers) * 2 > len(says):
        last = _end(lines, says)
        signs = thread_signs(lines, says[0], last, headed=False)
        if signs >= THREAD and _is_after_the_article(lines, says[0], last):
            yield Found(says[0], last, THREADED)
    if len(marks) >= THREAD:
        first, last = marks[0], marks[-1] + 1
        named = sum(_is_time(lines, n) or is_name(lines.texts[n]) for n in range(max(0, first - SIGNS), last))
        asked = sum(lines.texts[number - 1][-1] in "?？؟" for number in marks if number)
        is_thread = named >= THREAD or (len(marks) >= MANY and asked * 2 < len(marks))
        if is_thread and _is_after_the_article(lines, first, last):
            yield Found(first, last, THREADED)


def _saying(lines: Lines) -> Sequence[int]:
    verbs = phrases().comment_says
    return [number for number, text in enumerate(lines.texts) if text[-1] in ":：" and _says(lines, number, verbs)]


def _marked(lines: Lines) -> Sequence[int]:
    marks = phrases().comment_marks
    return [number for number, key in enumerate(lines.keys) if key in marks]


def thread_signs(lines: Lines, first: int, last: int, *, headed: bool = True) -> int:
    """Count the lines that threads have: times, marks such as "Reply"; if `headed` days and "Ada says:" too."""
    known = phrases()
    return sum(
        lines.keys[number] in known.comment_marks
        or _is_time(lines, number)
        or (headed and (_says(lines, number, known.comment_says) or is_date(lines.keys[number])))
        for number in range(first, last)
    )


def signs_below(lines: Lines, number: int) -> int:
    """Count the lines below one that threads have under a heading; looked up, however often it is asked."""
    signs = lines.where(_signs)
    return len(signs) - bisect_right(signs, number)


def _signs(lines: Lines) -> Sequence[int]:
    return [number for number in range(len(lines)) if thread_signs(lines, number, number + 1)]


def _end(lines: Lines, says: Sequence[int]) -> int:
    """Give where the last comment ends: taken to be as long as the longest before it, in lines."""
    longest = max(after - number for number, after in pairwise(says))
    return min(len(lines), says[-1] + longest)


def _is_after_the_article(lines: Lines, first: int, last: int) -> bool:
    before = sum(len(lines.texts[number]) for number in range(first) if lines.prose[number])
    return before >= ARTICLE and sum(lines.prose[last:]) <= RESUMED


def _is_time(lines: Lines, number: int) -> bool:
    key = lines.keys[number]
    return "0" in key and len(key) <= LONGEST and not lines.prose[number] and _holds_time(key)


@lru_cache(maxsize=MEMORY)
def _holds_time(key: str) -> bool:
    return bool(_TIME.search(key))


def _says(lines: Lines, number: int, verbs: tuple[str, ...]) -> bool:
    """Say whether a line is a name and that its bearer speaks, perhaps with the time: "Ada said on 3 May:"."""
    text, key = lines.texts[number], lines.keys[number]
    if text[-1] not in ":：" or len(text) > NAME:
        return False
    return key.endswith(verbs) and len(key.split()) <= WORDS + 1 and not text[0].islower()


def _first_word(text: str) -> str:
    """What the headings of one frame have in common: "What the mayor says:", "What the council says:"."""
    return text.split(maxsplit=1)[0].casefold()
