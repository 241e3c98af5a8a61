"""Lines that are furniture by themselves or in the company they keep."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from provenance.rules.cohesion import is_subject
from provenance.rules.phrases import HEADS, phrases
from provenance.rules.reading import MEMORY, Found, Lines, ends_in_stop, is_long, is_sentence, paragraphs
from provenance.rules.told import TOLD, tells

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Inside the article's text a word such as "Menu" may be a heading or a cell of a table; before the first
# paragraph, after the last, or next to other furniture it hardly is.
OUTSIDE, IN_COMPANY, BY_ITSELF = 0.85, 0.8, 0.4
ANSWER = 0.7  # of a call that answers a question: less than a balanced cleaning asks for
DOUBTFUL = 0.9  # of what the lines beside it speak against: less than a safe cleaning asks for
AFTER_THE_END = 0.8
# What stands below these, when no paragraph follows, is the page's and not the article's: an article may
# well end in a list, but not with the page's controls before it. (Advertisements stand anywhere.)
ENDERS = (
    *("page_control", "share_control", "newsletter_form", "comment_form", "read_more", "legal_link"),
    *("newsletter_call", "share_call", "copyright_line", "share_word", "newsletter_word", "navigation_word"),
)
_GOING_ON = (",", ";", "，", "、", "؛", "،")
_ASKING = "?？؟"
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
        if confidence > DOUBTFUL and _is_doubtful(lines, number, rule):
            confidence = DOUBTFUL
        if opens:
            if lines.texts[number][0] not in _BULLETS:
                found[rule].append(Found(number, number + 1, min(confidence, _opening(lines, number, rule))))
        elif not is_subject(lines, number):
            if not confidence:
                confidence = IN_COMPANY if _in_company(lines, number) else BY_ITSELF
                confidence = confidence if first <= number <= last else OUTSIDE
            found[rule].append(Found(number, number + 1, confidence))
    end = min((one.last for rule in ENDERS for one in found[rule] if one.first > last), default=len(lines))
    if prose and end < len(lines) and not _goes_on(lines, end):
        found["ending"].append(Found(end, len(lines), AFTER_THE_END))
    return found


def _telling(lines: Lines) -> Sequence[int]:
    known = phrases()
    whole, heads, size = known.whole, known.heads, HEADS[-1]
    return [n for n, key in enumerate(lines.keys) if key[:size] in heads or key in whole]


def _is_doubtful(lines: Lines, number: int, rule: str) -> bool:
    """Say whether the lines beside a phrase speak against its being furniture.

    A sentence or a verse runs through it, it answers a question, the paragraph above uses its very word, or
    it heads the paragraph right below it where paragraphs have blank lines between them.
    """
    text = lines.texts[number]
    before = lines.texts[number - 1] if number else ""
    after = lines.texts[number + 1] if number + 1 < len(lines) else ""
    if after[:1].islower() or before.endswith(_GOING_ON) or (before[-1:] in _ASKING and before):
        return True
    if rule == "advertisement_marker":
        return f" {text} " in before and ends_in_stop(before)
    return bool(before) and _gap(lines, number - 1) > 1 >= _gap(lines, number) and is_sentence(after)


def _gap(lines: Lines, number: int) -> int:
    """Give the code points of white space around a line: more than one where a blank line follows."""
    return lines.ends[number] - lines.starts[number] - len(lines.texts[number])


def _opening(lines: Lines, number: int, rule: str) -> float:
    """Give how sure a line that opens as furniture can be: less where it tells something, or answers."""
    if tells(lines.texts[number], rule):
        return TOLD
    asked = number and lines.texts[number - 1][-1] in _ASKING and is_sentence(lines.texts[number])
    return ANSWER if asked else 1.0


def _goes_on(lines: Lines, end: int) -> bool:
    """Say whether the article goes on below its last long paragraph, in sentences that follow one another."""
    numbers, sentences = range(end - 1, len(lines)), lines.each(is_sentence)
    told = [sentences[number] and not _known(lines.keys[number]) for number in numbers]
    return any(
        one and is_long(lines.texts[number]) and (before or after)
        for number, before, one, after in zip(numbers[1:], told, told[1:], [*told[2:], True], strict=False)
    )


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
    return any(key in known.whole for key in near)
