"""Lines that are furniture by themselves or in the company they keep."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from provenance.rules.cohesion import is_subject
from provenance.rules.phrases import phrases
from provenance.rules.reading import Found, Lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
    known = phrases()
    found: dict[str, list[Found]] = defaultdict(list)
    prose = [number for number, is_prose in enumerate(lines.prose) if is_prose]
    first, last = (prose[0], prose[-1]) if prose else (0, len(lines) - 1)
    for number, key in enumerate(lines.keys):
        hit = known.alone.get(key)
        if hit:
            if not is_subject(lines, number):
                found[hit[0]].append(Found(number, number + 1, hit[1]))
        elif key in known.weak:
            if not is_subject(lines, number):
                sure = IN_COMPANY if _in_company(lines, number) else BY_ITSELF
                sure = sure if first <= number <= last else OUTSIDE
                found[known.weak[key]].append(Found(number, number + 1, sure))
        elif key[:2] in known.openings and lines.texts[number][0] not in _BULLETS:
            opening = known.opening(key)
            if opening:
                found[opening.rule].append(Found(number, number + 1, opening.confidence))
    end = min((one.last for rule in ENDERS for one in found[rule] if one.first > last), default=len(lines))
    if prose and end < len(lines):
        found["ending"].append(Found(end, len(lines), AFTER_THE_END))
    return found


def _in_company(lines: Lines, number: int) -> bool:
    known = phrases()
    near = (*lines.keys[max(0, number - 1) : number], *lines.keys[number + 1 : number + 2])
    return any(key in known.alone or key in known.weak for key in near)
