"""Do words look like the name of a person, or of those who sign together?"""

from __future__ import annotations

import re

PARTICLES = frozenset("van von der den de da di del la le bin al el dos du des ter ten ibn zu".split())
NAME_WORDS = 5  # of one person
SIGNERS = 4
# What follows a name in a byline: a comma and an office, a date, a place, a firm.
_AFTER = re.compile(r"\s*(?:[,|•·(/]|\s[-–—]\s|\s(?:for|in|on|für|pour|para|per)\s)")
_AND = re.compile(r"\s+(?:and|und|et|y|e|en|и|و|&)\s+", re.IGNORECASE)


def is_name(text: str) -> bool:
    """Say whether a text is two to five words in capitals, particles aside: "Ada van Dijk"."""
    words = text.split()
    named = [word for word in words if word.casefold() not in PARTICLES]
    return 2 <= len(words) <= NAME_WORDS and bool(named) and all(_opens_a_name(word) for word in named)


def is_byline(text: str) -> bool:
    """Say whether a text is who signs an article: names of persons, or one name in capitals as agencies have.

    >>> is_byline("Ada van Dijk and Ben Okri, Staff Writers"), is_byline("AFP"), is_byline("Land and Sea")
    (True, True, False)
    """
    who = _AFTER.split(text.strip(), maxsplit=1)[0].strip()
    if who.isupper() and who.isalpha():
        return True
    signers = _AND.split(who)
    return len(signers) <= SIGNERS and all(is_name(signer) for signer in signers)


def _opens_a_name(word: str) -> bool:
    """Scripts without case have no small letters either: what is not small may be a name."""
    return word[0].isalpha() and not word[0].islower()
