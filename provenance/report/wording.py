"""Figures in words: what the report calls kinds, reasons, scores and counts."""

from __future__ import annotations

import math

REASONS = {
    "advertisement": "Advertisement",
    "author_bio": "Author biography",
    "related_headline": "Headline of another story",
    "newsletter": "Newsletter sign-up",
    "share": "Sharing prompt",
    "cookie_notice": "Cookie notice",
    "navigation": "Navigation",
    "caption": "Caption or picture credit",
    "comments": "Reader comments",
    "page_furniture": "Page furniture",
    "copyright": "Copyright notice",
    "repeated_block": "Block repeated across articles",
}
RELATIONS = {
    "exact": "Same text",
    "near_duplicate": "Nearly the same text",
    "rewritten": "Rewritten",
    "shares_passages": "Shares passages",
    "same_event": "Same event only",
    "unrelated": "Unrelated",
    "insufficient_text": "Too little text",
}
MEANINGS = {
    "exact": "The two texts are the same but for spacing and letter case.",
    "near_duplicate": "The two texts are the same but for small edits.",
    "rewritten": "One text tells passages of the other, or of a common source, in other words.",
    "shares_passages": "Some passages are common to both; the rest of each text is its own.",
    "same_event": "Both report the same thing, with no sign that one text was made from the other.",
    "unrelated": "Nothing was found that connects the two texts.",
    "insufficient_text": "At least one text is too short to be compared.",
}
# Near duplicates that are not so from end to end.
CONTAINED = (
    "One text within the other",
    "Nearly all of one text stands in the other, which has more besides.",
)
PARTLY = ("Largely the same text", "At least half of each text is the same; the rest is its own.")
MATCHES = {
    "copied": "Copied",
    "edited": "Lightly edited",
    "rewritten": "Rewritten",
    "quote": "Same quotation",
}
DECISIONS = {
    "confirm": "Confirmed",
    "reject": "Rejected",
    "same_source": "Same source",
    "note": "Note",
}
STATUSES = {
    "applied": "Applied",
    "reanchored": "Found again in a text that changed",
    "superseded": "Superseded by a later decision",
    "stale": "Without a place in this run",
}
FLAGS = {
    "insufficient_text": "too little text to compare",
    "zero_width": "holds zero-width characters",
    "bidi_control": "holds characters that reverse the reading direction",
    "soft_hyphen": "holds soft hyphens",
    "homoglyph": "holds letters of another alphabet that look alike",
    "compatibility": "holds compatibility characters",
    "c2pa_manifest": "carries content credentials (C2PA)",
}
_CARDINALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_STRENGTHS = ((0.9, "very strong"), (0.7, "strong"), (0.5, "moderate"), (0.3, "weak"))


def words(name: str) -> str:
    """Give a name of the code as words: `page_furniture` as "Page furniture"."""
    return name.replace("_", " ").strip().capitalize()


def number(value: float) -> str:
    """Give a count with its thousands set apart: 20,755."""
    return f"{value:,}"


def cardinal(value: int) -> str:
    """Give a small number as a word, a larger one in digits."""
    return _CARDINALS[value] if value < len(_CARDINALS) else number(value)


def count(value: int, noun: str) -> str:
    """Give "1 document", "2 documents"; a noun that ends in s takes es, in consonant and y takes ies.

    >>> count(1, "document"), count(1200, "match"), count(0, "copy")
    ('1 document', '1,200 matches', '0 copies')
    """
    return f"{number(value)} {noun if value == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Give the plural of a regular English noun."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def percent(part: float, whole: float) -> str:
    """Give a share in percent, with a decimal below ten; "0 %" of nothing.

    A share that is not nothing is never shown as 0 %, nor one that is not everything as 100 %.

    >>> percent(1, 3), percent(1, 30), percent(1, 100_000), percent(99_999, 100_000), percent(0, 0)
    ('33 %', '3.3 %', 'under 0.1 %', 'over 99 %', '0 %')
    """
    share = 100 * part / whole if whole else 0.0
    if 0 < share < 0.1:
        return "under 0.1 %"
    if 99 < share < 100:
        return "over 99 %"
    return f"{share:.1f} %" if 0 < share < 9.95 else f"{share:.0f} %"


def score(value: float, bar: float | None = None) -> str:
    """Give a score with two decimals, and with more where those would put it on the other side of the threshold.

    What is not nothing is never shown as 0.00, nor what is not everything as 1.00.

    >>> score(0.786, 0.258), score(0.256, 0.258), score(0.2575, 0.258), score(0.9999)
    ('0.79', '0.256', '0.2575', 'over 0.99')
    """
    if 0 < value < 0.005:
        return "under 0.01"
    if 0.995 <= value < 1:
        return "over 0.99"
    for decimals in (2, 3):
        shown = round(value, decimals)
        if bar is None or (shown >= bar) == (value >= bar):
            return f"{shown:.{decimals}f}"
    return f"{value:.4f}"


def strength(score: float) -> str:
    """Give the strength of the evidence that a score shows, as it is read: rounded to two decimals."""
    shown = round(score, 2)
    return next((word for least, word in _STRENGTHS if shown >= least), "very weak") + " evidence"


def odds(chance: float) -> str:
    """Give in a sentence how many matches as strong a batch of unrelated texts would give.

    >>> odds(0.0004)
    'One in 2,500 batches like this one would give such a match by chance.'
    """
    if chance <= 0:  # no estimate gives exactly nothing
        return "How often unrelated texts would match as strongly was not estimated."
    if chance >= 0.5:
        found = _rounded(chance)
        matches = "one such match" if found == 1 else f"{number(found)} such matches"
        return f"In a batch of this size, unrelated texts would give about {matches}: this may be coincidence."
    if chance < 1e-6:
        return "Fewer than one in a million batches like this one would give such a match by chance."
    return f"One in {number(_rounded(1 / chance))} batches like this one would give such a match by chance."


def _rounded(value: float) -> int:
    """Give a figure of at least a half with the two significant digits that the model of chance carries."""
    step: int = 10 ** max(0, math.floor(math.log10(value)) - 1)
    return max(1, round(value / step) * step)


def cut(text: str, most: int) -> str:
    """Give a text of at most `most` code points, cut at a word where there is one."""
    if len(text) <= most:
        return text
    short = text[:most].rsplit(" ", 1)[0] if " " in text[most // 2 : most] else text[:most]
    return short.rstrip(" ,;:–—-") + "…"


def sentence(text: str) -> str:
    """Give a remark as a sentence: a capital first, a stop last."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")
