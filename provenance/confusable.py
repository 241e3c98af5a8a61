"""Letters of other scripts that pass for letters of a word's own script.

The idea is that of Unicode's TR39, with a small table of the letters that look alike in common fonts. A word
that mixes scripts is written in one of them when all its letters of the other are look-alikes; then these are
replaced. A word wholly in one script is left alone, except where a Latin text was tampered with already and
the word consists of nothing but look-alikes.
"""

from __future__ import annotations

import re

_LATIN = "a-zß-öø-ɏɐ-ʯ"
_OTHER = "\u0370-\u058f"
FOREIGN = re.compile(f"[{_OTHER}]")
BORDER = re.compile(f"[{_LATIN}][{_OTHER}]|[{_OTHER}][{_LATIN}]")
_LATIN_RUN = re.compile(f"[{_LATIN}]+")
_WORD = re.compile(f"[{_LATIN}{_OTHER}]+")

# By the source letter, whose case matters: Н passes for H, but н for no Latin letter. Where a small letter has
# an entry its capital has one too, so that folding a folded text changes nothing.
_TO_LATIN = {
    **dict(zip("авсеԁһіјкӏорԛѕтухԝѵ", "abcedhijklopqstuxwv", strict=True)),
    **dict(zip("АВСЕԀҺІЈКӀОРԚЅТУХԜѴМНҮүҒ", "abcedhijklopqstyxwvmhyyf", strict=True)),
    **dict(zip("αικνορυχ", "aikvopux", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True)),
    **dict(zip("օոսհցՕՍ", "onuhgou", strict=True)),
    "у": "y",
    "Ո": "n",
    "Հ": "h",
    "Ց": "g",
}
_TO_CYRILLIC = {
    **dict(zip("aceopxyk", "асеорхук", strict=True)),
    **dict(zip("ACEOPXYKBHMT", "асеорхуквнмт", strict=True)),
}
_TO_GREEK = {
    **dict(zip("aikvopux", "αικνορυχ", strict=True)),
    **dict(zip("AIKOPXBEZHMNTYVU", "αικορχβεζημντυνυ", strict=True)),
}


_LATIN_LETTER = re.compile(f"[^{_OTHER}]")
_SCRIPTS = ((re.compile("[\u0400-\u052f]"), _TO_CYRILLIC), (re.compile("[\u0370-\u03ff]"), _TO_GREEK))


def settle(folded: str, source: str) -> str:
    """Give `folded` with look-alikes replaced; `source` has for each of its characters the one it came from."""
    before = ""
    while before != folded:  # what is settled can tip the text's majority script: twice at most
        before, folded = folded, _settle_once(folded, source)
    return folded


def _settle_once(folded: str, source: str) -> str:
    latin = _mostly_latin(folded)
    mixed: list[tuple[int, int, str]] = []
    alike: list[tuple[int, int, str]] = []
    for match in _WORD.finditer(folded):
        word = match.group()
        if word.isascii() or not FOREIGN.search(word):
            continue
        start, end = match.span()
        if BORDER.search(word):
            if settled := _settle_word(word, source[start:end], latin):
                mixed.append((start, end, settled))
        elif latin and (settled := _write(word, source[start:end], _LATIN_LETTER, _TO_LATIN)):
            alike.append((start, end, settled))
    pieces, at = [], 0
    for start, end, word in sorted(mixed + alike) if mixed else ():
        pieces += [folded[at:start], word]
        at = end
    return "".join([*pieces, folded[at:]])


def _settle_word(word: str, letters: str, latin: bool) -> str | None:
    """Write a mixed word in one script, the text's own first, else the word's; None where neither will do."""
    foreign = len(FOREIGN.findall(word))
    if (latin or 2 * foreign <= len(word)) and (settled := _write(word, letters, _LATIN_LETTER, _TO_LATIN)):
        return settled
    if 2 * foreign > len(word):
        for script, table in _SCRIPTS:
            if len(script.findall(word)) == foreign:
                return _write(word, letters, script, table)
    return None


def _write(word: str, letters: str, own: re.Pattern[str], table: dict[str, str]) -> str | None:
    """Write all of a word in the script `own`; None where a letter has no look-alike there."""
    written = [
        letter if own.match(letter) else table.get(source) or table.get(letter)
        for letter, source in zip(word, letters, strict=True)
    ]
    return None if None in written else "".join(filter(None, written))


def _mostly_latin(folded: str) -> bool:
    foreign = len(FOREIGN.findall(folded))
    return sum(map(len, _LATIN_RUN.findall(folded))) > foreign
