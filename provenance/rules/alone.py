"""Lines that are furniture by themselves or in the company they keep."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from provenance.rules.cohesion import is_subject
from provenance.rules.phrases import HEADS, phrases
from provenance.rules.reading import MEMORY, Found, Lines, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Inside the article's text a word such as "Menu" may be a heading or a cell of a table; before the first
# paragraph, after the last, or next to other furniture it hardly is.
OUTSIDE, IN_COMPANY, BY_ITSELF = 0.85, 0.8, 0.4
AFTER_THE_END = 0.8
# What stands below these, when no paragraph follows, is the page's and not the article's: an article may
# well end in a list, but not with the page's controls before it. (Advertisements stand anywhere.)
ENDERS = (
    *("page_control", "share_control", "newsletter_form", "comment_form", "read_more", "legal_link"),
    *("newsletter_call", "share_call", "copyright_line", "share_word", "newsletter_word", "navigation_word"),
)
_BULLETS = "•-–*·◦‣"


def furniture(lines: Lines) -> Mapping[str, Iterable[Found]]:
    """Give, by rule, the lines that are one furniture phrase, open like one, or are a word in company.

    One walk serves some twenty rules: they differ in their phrases, not in how they look.
    """
    found: dict[str, list[Found]] = defaultdict(list)
    prose = lines.where(paragraphs)
    first, last = (prose[0], prose[-1]) if prose else (0, len(lines) - 1)
    for number in lines.where(_telling):
        hit = _known(lines.keys[number])
        if hit is None:
            continue
        rule, confidence, opens = hit
        if opens:
            if lines.texts[number][0] not in _BULLETS:
                found[rule].append(Found(number, number + 1, confidence))
        elif not is_subject(lines, number):
            if not confidence:
                confidence = IN_COMPANY if _in_company(lines, number) else BY_ITSELF
                confidence = confidence if first <= number <= last else OUTSIDE
            found[rule].append(Found(number, number + 1, confidence))
    end = min((one.last for rule in ENDERS for one in found[rule] if one.first > last), default=len(lines))
    if prose and end < len(lines):
        found["ending"].append(Found(end, len(lines), AFTER_THE_END))
    return found


def _telling(lines: Lines) -> Sequence[int]:
    known = phrases()
    alone, weak, heads = known.alone, known.weak, known.heads
    return [n for n, key in enumerate(lines.keys) if key in alone or key in weak or key[: HEADS[-1]] in heads]


@lru_cache(maxsize=MEMORY)
def _known(key: str) -> tuple[str, float, bool] | None:
    """Give rule, confidence (0 where company decides), and whether the line only opens so; None for most."""
    known = phrases()
    hit = known.alone.get(key)
    if hit:
        return (*hit, False)
    if key in known.weak:
        return known.weak[key], 0.0, False
    opening = known.opening(key)
    return (opening.rule, opening.confidence, True) if opening else None


def _in_company(lines: Lines, number: int) -> bool:
    known = phrases()
    near = (*lines.keys[max(0, number - 1) : number], *lines.keys[number + 1 : number + 2])
    return any(key in known.alone or key in known.weak for key in near)
