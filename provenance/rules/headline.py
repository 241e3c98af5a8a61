"""Headlines of other stories inside an article, told from section headings by cohesion.

A heading announces its section: its words recur in the paragraphs below it. The headline of another story
is long, says a whole thing, and its particular words occur nowhere in this article.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from provenance.rules.cohesion import CONTENT, RECURRING, announced, distinct_stems
from provenance.rules.reading import MEMORY, Found, Lines, ends_in_stop, key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHORTEST, LONGEST = 45, 170  # code points
LONGEST_TITLE = 300  # code points of a title that is looked for
FEWEST_WORDS = 9
FOREIGN = 0.5  # share of a headline's content words found nowhere else in the article
GRAMMAR = 0.35  # share of words of up to three letters: headlines leave out what sentences need
TITLED = 0.85  # share of a title's words that begin with a capital; German sentences have up to two thirds
NAMES = 2  # names and numbers after the first word: news is about someone
ODD, HARDLY = 0.3, 0.2  # the same, and the share in the paragraphs below: fewer strange words, less echo
MANY = 0.25  # of the lines: an article with so many odd lines is a list of titles
# A headline neither speaks to its reader nor of its writer; lists and titles have many commas or brackets.
_NOT_NEWS = re.compile(
    r"\b(?:I|I'm|you|your|my|our|we|this|here)\b|[()\[\]|•]|,[^,]*,[^,]*,|^\W*(?:\w+ )?\d+[.:)]|^\w+:| - ",
    re.IGNORECASE,
)
# A sentence ends inside the line, or an agency signs it: "said. REUTER", "in 1986. dpa", "Sunday — Reuters".
# A word of one letter before the stop is an abbreviation: "U.S. strikes".
_INNER_END = re.compile(r"(?:[^\W_]{2}|[^\w\s])[.!?…][\"'”’»)\]]*\s+\S|\s[-–—]+\s*\w+$")
# Headlines tell the past in the present; a sentence whose stop was lost does not.
_NARRATES = re.compile(r"\b(?:was|were|had|told|he|she|they)\b")
_PUBLISHER = re.compile(r"\s[-–—|·•:»]\s|\s?[|｜_]\s?")
_NAME = re.compile(r"(?<=\s)\W?(?:[^\W\d_a-z]\w|\d)")


def titled(lines: Lines, title: str) -> int:
    """Give the number of the first line that is the article's title, as it was given elsewhere; -1 for none.

    A page's title often goes on with the publisher's name behind a mark, on either side: "Rain - Lindow Post".
    """
    whole = key(title[:LONGEST_TITLE])
    if whole in lines.keys:
        return lines.keys.index(whole) if whole else -1
    parts = [key(part) for part in _PUBLISHER.split(title[:LONGEST_TITLE])]
    wanted = {part for part in parts if len(part) > len(whole) / 2}
    return next((number for number, line in enumerate(lines.keys) if line in wanted), -1)


def related(lines: Lines) -> Iterator[Found]:
    """Find headlines of other stories between the article's paragraphs or after the last one."""
    candidates = [number for number in lines.where(_short) if number >= 2 and _is_headline(lines, number)]
    if not candidates or len(candidates) > MANY * len(lines):
        return
    echo = {number: announced(lines, number) for number in candidates}
    strangers = [number for number in candidates if echo[number] < RECURRING]
    if not strangers:
        return
    held = lines.each(distinct_stems)
    seen = Counter(chain.from_iterable(held))
    for number in strangers:
        words, below = held[number], echo[number]
        foreign = sum(seen[word] == 1 for word in words)
        strange = foreign >= FOREIGN * len(words)
        if len(words) >= 5 and (strange or (foreign >= ODD * len(words) and below <= HARDLY)):
            yield Found(number, number + 1, 0.8)


def _short(lines: Lines) -> Sequence[int]:
    return [
        number
        for number, text in enumerate(lines.texts)
        if SHORTEST <= len(text) <= LONGEST and not ends_in_stop(text) and text[-1] not in ":;,"
    ]


def _is_headline(lines: Lines, number: int) -> bool:
    """Say whether a line of a headline's length reads as one and stands alone among paragraphs."""
    if not lines.prose[number - 1]:
        return False
    below = number + 1
    # A last line without a stop may be a sentence cut short: only capitals tell a headline from it.
    alone = lines.prose[below] if below < len(lines) else _in_title_case(lines.texts[number])
    return alone and _reads_as_headline(lines.texts[number])


@lru_cache(maxsize=MEMORY)
def _reads_as_headline(text: str) -> bool:
    words = text.split()
    if not (text[0].isupper() or text[0] in "‘“'\"") or len(words) < FEWEST_WORDS:
        return False
    if sum(len(word) < CONTENT for word in words) > GRAMMAR * len(words):
        return False
    return not _is_sentence(text, _in_title_case(text)) and len(_NAME.findall(text)) >= NAMES


def _is_sentence(text: str, titled: bool) -> bool:
    """Say whether a line is running text, or speaks as headlines do not."""
    if _NOT_NEWS.search(text) or _INNER_END.search(text) or text.count('"') % 2:
        return True
    return not titled and bool(_NARRATES.search(text))


def _in_title_case(text: str) -> bool:
    words = [word for word in text.split() if len(word) >= CONTENT]
    return sum(word[0].isupper() for word in words) >= TITLED * len(words)
