"""Text to sentences, by Unicode rules, as spans of the source.

A sentence ends at a terminator (`.`, `!`, `?`, `…` and those of other scripts) that is followed by
space, by the end, or by a capital where extraction lost the space (`Cup.Goal`); not after an initial
(`N. N.`, `U.S.`) or a known abbreviation (`Sgt.`). A blank line always ends one; a single line break
does unless the next line goes on in lower case (hard-wrapped text).
"""

from __future__ import annotations

import re

from provenance.model import Span

_ABBREVIATIONS = frozenset(
    (
        "mr mrs ms messrs mme dr prof "  # titles and ranks
        "sgt cpl pvt lt col gen maj capt cmdr adm rev hon sen rep gov pres supt insp "
        "st mt ft jr sr inc ltd co corp bros dept univ assn "  # names, companies, places
        "no nos vs etc al cf fig vol pp ed eds approx est "  # reference and measure
        "jan feb mar apr jun jul aug sept sep oct nov dec "  # months
        "hr fr hrn bzw usw ca nr str z.b d.h u.a sra srta dña ud uds mlle sig dott avv ing "  # other languages'
        "г гг ул им тыс млн млрд"
    ).split()
)
# After an initial or an acronym these words open a sentence more often than they go on with a name.
_OPENERS = frozenset(
    (
        "the a an in on at it he she they we i but and this that these those his her their its as after while for "
        "if when however meanwhile according der die das ein eine es er sie le la les un une il elle el los las en"
    ).split()
)
# All begin with one set of characters, which is what a search is fastest for. A run of terminators is looked at
# once, from its first, and possessively: a million dots take no longer than a million letters.
_BREAK = re.compile(
    r"""
    [.!?…؟۔।。！？｡\n]
    (?: (?<=[.!?…؟۔।]) (?<![.!?…؟۔।]{2})
        (?P<more>[.!?…؟۔।]*+)           # terminators that may also stand inside a sentence
        ["'”’»)\]]*+                   # closing quotes and brackets belong to the sentence
        (?:(?P<space>\s++)|(?=[^\W\d_])|$)
    |   (?<=[。！？｡]) [。！？｡]*+[」』”’）]*+\s*+  # full-width terminators always end one
    |   (?<=\n) \s*+                    # a line break, or a blank line
    )
    """,
    re.VERBOSE,
)
_BEFORE_LAST_WORD = re.compile(r"(?:.*[\s\"'“”‘’«»()\[\]])?", re.DOTALL)
_NEXT_WORD = re.compile(r"[\"'“‘«(\[]*([^\W\d_]+)")


def sentences(text: str) -> list[Span]:
    """Give the sentences of `text` in order, without the space around them; they hold all that is not space."""
    found: list[Span] = []
    start = 0
    for match in _BREAK.finditer(text):
        if match["more"] is not None:
            if not _ends_sentence(text, start, match):
                continue
        elif text[match.start()] == "\n" and text.count("\n", *match.span()) == 1 and _goes_on(text, match):
            continue
        start = _append(found, text, start, match.end())
    _append(found, text, start, len(text))
    return found


def _append(found: list[Span], text: str, start: int, end: int) -> int:
    """Add text[start:end] stripped, if anything is left of it; give `end`, where the next one starts."""
    piece = text[start:end]
    begin = start + len(piece) - len(piece.lstrip())
    stop = start + len(piece.rstrip())
    if begin < stop:
        found.append(Span(begin, stop))
    return end


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    """Decide whether the terminator that `match` found ends the sentence that began at `start`."""
    space, after = match["space"], text[match.end() : match.end() + 40]
    stop = text[match.start()] + match["more"]
    if space is None and after:  # no space: only `word.Word`, as where extraction lost it
        before = text[match.start() - 1 : match.start()]
        return after[0].isupper() and before.islower() and after[1:2].islower() and stop[0] != "…"
    if space is not None and space.count("\n") > 1:
        return True
    if stop != ".":
        return not after[:1].islower() or "\n" in (space or "")
    ahead = _BEFORE_LAST_WORD.match(text, max(start, match.start() - 24), match.start())
    last = text[ahead.end() if ahead else start : match.start()]
    if last.lower() in _ABBREVIATIONS:
        return False
    if len(last) == 1 or (len(last) > 1 and last[-2] == "." and last[-1].isalpha()):  # an initial, an acronym
        following = _NEXT_WORD.match(after)
        opener = following is not None and following[1].lower() in _OPENERS and following[1][0].isupper()
        return last.isdigit() or opener or not after
    letter = after[:1]
    if not letter.isalpha() and (following := _NEXT_WORD.match(after)):  # behind an opening quote
        letter = following[1][0]
    return not letter.islower()


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """Tell whether the line after a single line break continues the sentence before it."""
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    return after.islower() and (before.isalnum() or before in {",", "-", "–", "—", ";", '"', "”", ")"})
