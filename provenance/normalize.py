"""Folding text for matching, with the way back to the source.

`fold` brings writings of the same words together: letter case, accents, typographic quotes and dashes,
compatibility forms, invisible characters and look-alike letters. `unfold` leads from a span of the folded
text to the span of the source. Most characters fold one to one, so most texts need no offsets: the work is
one `str.translate` over tables that fill themselves, and only texts with odd characters take a longer way.

Two departures from full case folding keep folds one to one: `ß` stays `ß`, and what lower-cases to a letter
with marks (Turkish `İ`) gives the bare letter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from provenance.confusable import BORDER, FOREIGN, settle
from provenance.model import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

_ODD = "\ufdd0"  # a noncharacter: in the one-to-one table it marks what needs the longer way
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_MOST_MARKS = 30  # on one letter; Unicode's stream-safe bound, and no script writes as many

# Diacritics that readers do without; the vowel signs of Indic scripts and Thai and the Japanese voicing marks
# are spelling, not decoration, and are absent here. The last range but one is the Arabic kashida.
_DECORATION = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\u0640\ufe20-\ufe2f]"
)
_OWN_LETTERS = frozenset("йїўئؤ")  # they decompose, but are letters of their alphabets
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_TYPOGRAPHIC = {
    **dict.fromkeys("‘’‚‛′‵ʹʻʼʽ´‹›＇", "'"),
    **dict.fromkeys("“”„‟″‶«»＂〝〞〟", '"'),
    **dict.fromkeys("‐‑‒–—―−⁃﹘﹣－", "-"),
    **dict.fromkeys("\x85\u2028\u2029", "\n"),
    "⁄": "/",
    "ı": "i",
    "ɑ": "a",
    "ɡ": "g",
}

_ORDINARY_LETTER = "A-Za-z0-9\u00c0-\u058f\u3040-\ud7af"  # of scripts that write without joiners
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_STYLED = "\u1d2c-\u1d6a\u2071\u207f\u2090-\u209c\u2102\u210a-\u2115\u2119-\u211d\u2124\u2128\u212c-\u2134"
_STYLED += "\u2145-\u2149\u249c-\u24e9\ufb00-\ufb06\U0001d400-\U0001d7ff\U0001f110-\U0001f189"
_WIDE = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
_FLAGGED_LETTERS = re.compile(f"[{_STYLED}{_WIDE}\ud800-\udfff{_ODD}]")


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A text made ready for matching.

    `offsets` gives for each index of `text`, and for its end, the index of the source it came from; None
    stands for the identity. `flags` names what looks like evasion or broken encoding, sorted.
    """

    text: str
    offsets: NDArray[np.int32] | None = None
    flags: tuple[str, ...] = ()


def fold(text: str) -> Folded:
    """Give `text` in the one form that matching compares; never fails, lone surrogates included."""
    if text.isascii():
        return Folded(text.lower())
    out = _translate(text, _ONE)
    offsets, flags = None, set[str]()
    if _ODD in out or not unicodedata.is_normalized("NFC", out):
        odd = "".join({text[match.start()] for match in re.finditer(_ODD, out)})
        flags = {name for name, characters, shows in _SIGNS if characters.search(odd) and shows(text)}
        out, offsets = _long_way(text)
    if FOREIGN.search(out) and BORDER.search(out):
        settled = settle(out, text if offsets is None else _sources(text, offsets))
        if settled != out:
            out = settled
            flags.add("homoglyph")
    return Folded(out, offsets, tuple(sorted(flags)))


def unfold(folded: Folded, start: int, end: int) -> Span:
    """Give the span of the source that `folded.text[start:end]` was made of; an empty span stays empty."""
    if folded.offsets is None:
        return Span(start, end)
    first = int(folded.offsets[start])
    if end <= start:
        return Span(first, first)
    # The second term matters where one source character became several and the span ends among them.
    return Span(first, max(int(folded.offsets[end]), int(folded.offsets[end - 1]) + 1))


def _translate(text: str, table: dict[int, str]) -> str:
    """Give `text` with each character replaced by its entry in `table`."""
    # Encoding is the quickest count of the characters beyond ASCII there is. Where they are few, it is five
    # times as fast to look up only them; no entry of the tables has a capital, so lowering the rest is safe.
    if len(text.encode("utf-8", "surrogatepass")) > 1.2 * len(text):
        return text.translate(table)
    return _BEYOND_ASCII.sub(lambda run: run.group().translate(table), text).lower()


def _long_way(text: str) -> tuple[str, NDArray[np.int32] | None]:
    """Fold a text in which characters vanish, expand or compose; gives its offsets too, None for identity."""
    import numpy as np  # noqa: PLC0415 - the short way must not pay for it

    offsets = np.arange(len(text) + 1, dtype=np.int32)
    before = None
    while text != before:  # composing can make a letter that folds on: two rounds at most in practice
        before = text
        if not unicodedata.is_normalized("NFC", text):
            text, offsets = _compose(text, offsets)
        marked = _translate(text, _ONE)
        counts = np.ones(len(text) + 1, dtype=np.int64)
        for odd in re.finditer(_ODD, marked):
            counts[odd.start()] = len(_FULL[ord(text[odd.start()])])
        text = _translate(text, _FULL)
        offsets = np.repeat(offsets, counts)
    same = len(offsets) == offsets[-1] + 1 and bool((np.diff(offsets) == 1).all())
    return text, None if same else offsets


def _compose(text: str, offsets: NDArray[np.int32]) -> tuple[str, NDArray[np.int32]]:
    """Compose each letter with its marks (NFC), keeping the offsets of what remains."""
    import numpy as np  # noqa: PLC0415

    joining = "".join(sorted({c for c in set(text) if _joins(c)}))
    odd_alone = "".join(sorted({c for c in set(text) if not unicodedata.is_normalized("NFC", c)}))
    letters = f"[^{re.escape(joining)}]?[{re.escape(joining)}]+" if joining else ""
    alone = f"[{re.escape(odd_alone)}]" if odd_alone else ""
    pieces, kept, at = [], [], 0
    for match in re.finditer("|".join(filter(None, (letters, alone))), text, re.DOTALL):
        cluster = match.group()
        composed = unicodedata.normalize("NFC", cluster[: _MOST_MARKS + 1])
        if composed == cluster:
            continue
        start, end = match.span()
        pieces += [text[at:start], composed]
        places = np.minimum(np.arange(len(composed)), len(cluster) - 1) + start
        kept += [offsets[at:start], offsets[places]]
        at = end
    return "".join([*pieces, text[at:]]), np.concatenate([*kept, offsets[at:]])


def _joins(character: str) -> bool:
    """Whether a character may compose with the one before: a mark, or a later part of a Hangul syllable."""
    return unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff"


def _sources(text: str, offsets: NDArray[np.int32]) -> str:
    """The source characters that the characters of the folded text came from, one for each."""
    return "".join([text[place] for place in offsets[:-1].tolist()])


@cache
def _fold_character(character: str) -> str:
    """Fold one character on its own; the result may be empty or longer, and folds to itself."""
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    if _INVISIBLE.match(character) or _DECORATION.match(character):
        return ""
    typographic = _TYPOGRAPHIC.get(character)
    if typographic is not None:
        return typographic
    cased = character.casefold()
    if len(cased) > 1 or cased.lower() != cased:  # the folds of Cherokee are its capitals
        cased = character.lower()
    spelt = unicodedata.normalize("NFKC", cased)
    if spelt in _OWN_LETTERS:
        return spelt
    bare = _DECORATION.sub("", unicodedata.normalize("NFKD", spelt))
    composed = unicodedata.normalize("NFC", bare)
    return composed if composed == character else "".join(map(_fold_character, composed))


class _Full(dict[int, str]):
    """What each code point folds to; fills itself."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


class _One(dict[int, str]):
    """What each code point folds to where that is one character and no flag; else the mark for odd ones."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = _FULL[code]
        plain = len(folded) == 1 and not _FLAGGED_LETTERS.match(character)
        self[code] = result = folded if plain else _ODD
        return result


_FULL = _Full()
_ONE = _One()


# Joiners are spelling in Persian and Indic scripts and glue in emoji: they are a sign only between letters of
# other scripts. A zero-width space, word joiner or late byte order mark is one wherever it touches such a letter.
_GAP = "\u034f\u115f\u1160\u180e\u200b\u2060-\u2064\u3164\ufeff\uffa0\U000e0000-\U000e007f"
_ZERO_WIDTH = re.compile(
    f"(?<=[{_ORDINARY_LETTER}])[{_GAP}]|[{_GAP}](?=[{_ORDINARY_LETTER}])"
    f"|(?<=[{_ORDINARY_LETTER}])[\u200c\u200d](?=[\u200c\u200d]*[{_ORDINARY_LETTER}])"
    "|(?<=[A-Za-z\u00c0-\u058f])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_OVERRIDE = re.compile("[\u202d\u202e]")


def _zero_width(text: str) -> bool:
    return bool(_ZERO_WIDTH.search(text, 1 if text.startswith("\ufeff") else 0))


def _bidi(text: str) -> bool:
    return bool(_OVERRIDE.search(text)) or not _RIGHT_TO_LEFT.search(text)


def _wide(text: str) -> bool:
    return not _EAST_ASIAN.search(text)


def _always(_text: str) -> bool:
    return True


# A flag, the characters that may raise it, and whether they do in this text; looked at in this order.
_SIGNS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("zero_width", re.compile(f"[{_GAP}\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]"), _zero_width),
    ("bidi_control", re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"), _bidi),
    ("soft_hyphen", re.compile("\u00ad"), _always),
    ("compatibility", re.compile(f"[{_STYLED}]"), _always),
    ("compatibility", re.compile(f"[{_WIDE}]"), _wide),
    ("surrogate", re.compile("[\ud800-\udfff]"), _always),
)
