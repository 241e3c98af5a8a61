"""Does a line that opens as furniture tell something instead: quote it, report on it, or go on as a sentence?

"All rights reserved" stands under a page, "All rights reserved for the nobility were abolished" in a history.
Only what a reader could not take for the article is certain.
"""

from __future__ import annotations

import re

from provenance.rules.reading import is_sentence

TOLD = 0.35  # confidence of what is told: even a strict cleaning leaves it to other evidence
_QUOTES = '"“„«»‹›‚‘「『'
_CLOSED = re.compile(r"[\"”“»›’」』][\s,.，、]*[^\W\d_]")  # the quotation ends, and its sentence goes on
# Who writes furniture neither says nor said anything: "…, the regulator said."
_REPORTS = re.compile(
    r"[,.!?\"”»’]\s*(?:\w+\s+){0,4}?(?:said|says|wrote|told|warned|argued|promised|replied|joked)\b|"
    r"\b(?:said|wrote|told (?:me|him|her|us|them|the)|insisted|recalled|used to say)\b|"
    r"\b(?:sagte|schrieb|hieß es|erklärte|dijo|escribió|afirmó|a déclaré|a dit|écrivait|ha detto|scrisse|disse|"
    r"escreveu|zei|schreef|powiedział\w*|napisał\w*|сказал\w*|написал\w*|заявил\w*)\b|[说說写寫]道|と(?:言|語|述べ)",
    re.IGNORECASE,
)
# After the mark of a right stand whose it is and since when, not what became of it.
_RIGHTS = re.compile(
    r"(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|"
    r"tutti i diritti riservati|todos os direitos reservados|alle rechten voorbehouden|все права защищены|"
    r"copyright)"
    r"\s+(?!(?:by|of|to|and|notice|reserved|worldwide|throughout|unless|par|por|di|door|bei|für)\b)(?=[^\W\d_])",
    re.IGNORECASE,
)
_NARRATES = re.compile(r"\b(?:was|were|had)\b")
_LETTERS = ("newsletter", "email", "e-mail", "inbox")  # a call that names one is a call, whatever was before it
_POINTED = ("photo_credit", "related_pointer")


def tells(text: str, rule: str) -> bool:
    """Say whether a line that opens as a rule's furniture does is a sentence that tells something."""
    if not is_sentence(text):
        return False
    if text[0] in _QUOTES and _CLOSED.search(text, 1):
        return True
    if rule in _POINTED:
        return _goes_on_small(text)
    if rule == "copyright_line":
        right = _RIGHTS.match(text)
        return bool((right and text[right.end()].islower()) or _REPORTS.search(text))
    if rule == "newsletter_call" and _NARRATES.search(text) and not any(word in text for word in _LETTERS):
        return True
    return bool(_REPORTS.search(text))


def _goes_on_small(text: str) -> bool:
    """Say whether what a pointer names is neither name nor headline: it starts small, or has no capital."""
    told = text.partition(":")[2].strip() or text
    return told[:1].islower() or not any(letter.isupper() for letter in told)
