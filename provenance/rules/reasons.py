"""Which reason a line goes for that no rule has named: by its strongest hint, else as page furniture."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from provenance.rules.bio import leading_name
from provenance.rules.phrases import HEADS, phrases
from provenance.rules.reading import Lines, ends_in_stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model import Reason

LOOKED_AT = 600  # code points of a line
COMMENTED = 40  # lines above in which a comment section or its marks may be
LINK = 90  # code points: a longer line is no link to another story
LISTED = 3  # short lines in a row: a menu
# In the order of how much a hint says: a newsletter form that mentions its privacy policy is a form.
_HINTS: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (
        "copyright",
        re.compile(r"©|\(c\) ?\d{4}|\bcopyright\b|\ball rights reserved\b|\bdo not reproduce\b", re.IGNORECASE),
    ),
    (
        "cookie_notice",
        re.compile(r"\bcookies?\b.{0,80}\b(?:use|accept|consent|browser|settings|policy)", re.IGNORECASE),
    ),
    (
        "newsletter",
        re.compile(
            r"\bnewsletters?\b|\bsubscri(?:be|bers?|bing|ption)\b|\b(?:your|my) inbox\b|\bsign(?:ing)? up\b|"
            r"\bmailing list\b|\bemail (?:address|updates|alerts)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "advertisement",
        re.compile(
            r"\baffiliate\b|\bcommissions?\b|\bsponsor(?:ed|s)?\b|\badvertis|\bfree trial\b|"
            r"\bpromo(?:tion)? code\b|"
            r"\bdiscount\b|\b(?:shop|buy|order|book|download|get started|try it|learn more|request|schedule) "
            r"(?:now|today|here|free|a demo)\b|\bget (?:a|your) (?:free|quote)\b|"
            r"\bfree (?:consultation|quote|demo)\b|"
            r"\bcontact us\b|\bour (?:team|experts|services|products|platform)\b|\bdonat(?:e|ion)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "share",
        re.compile(
            r"\bshare (?:this|on|via|with)\b|\bfollow (?:us|me|him|her|them)\b|\b(?:facebook|twitter|instagram|"
            r"linkedin|pinterest|tiktok|whatsapp)\b.{0,40}\b(?:facebook|twitter|instagram|linkedin|pinterest)\b|"
            r"^\d[\d.,]*k? shares?$",
            re.IGNORECASE,
        ),
    ),
    (
        "caption",
        re.compile(
            r"\b(?:photo|image|picture|illustration)s?(?: credit| courtesy| source| by|:)|\bcourtesy of\b|"
            r"^(?:photo|image|figure|source|credit)\b.{0,60}$|\b(?:getty|shutterstock|unsplash|istock|alamy)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "related_headline",
        re.compile(
            r"^\W*(?:related|read (?:more|next|also)|see also|more (?:from|on)|you (?:may|might) also|next up)\b",
            re.IGNORECASE,
        ),
    ),
)
# One of these is in whatever the hint finds: to look for them takes a tenth of the time.
_SIGNS: dict[Reason, tuple[str, ...]] = {
    "copyright": ("©", "(c)", "copyright", "all rights reserved", "do not reproduce"),
    "cookie_notice": ("cookie",),
    "newsletter": ("newsletter", "subscri", "inbox", "sign up", "signing up", "mailing list", "email "),
    "advertisement": (
        *(
            "affiliate",
            "commission",
            "sponsor",
            "free trial",
            "promo",
            "discount",
            "shop ",
            "buy ",
            "order ",
            "book ",
        ),
        *(
            "download ",
            "get started ",
            "try it ",
            "learn more ",
            "request ",
            "schedule ",
            "get a free",
            "get your free",
        ),
        *("quote", "free consultation", "free demo", "contact us", "our team", "our experts", "our services"),
        *("our products", "our platform", "donat", "advertis"),
    ),
    "share": (
        "share",
        "follow ",
        "facebook",
        "twitter",
        "instagram",
        "linkedin",
        "pinterest",
        "tiktok",
        "whatsapp",
    ),
    "caption": (
        *("photo", "image", "picture", "illustration", "courtesy of", "figure", "source", "credit"),
        *("getty", "shutterstock", "unsplash", "istock", "alamy"),
    ),
    "related_headline": ("related", "read ", "see also", "more ", "you may also", "you might also", "next up"),
}
_SIGN_OF = tuple((sign, reason) for reason, signs in _SIGNS.items() for sign in signs)
_WRITING = (
    *("writ", "author", "editor", "journalist", "reporter", "columnist", "contributor", "founder", "blogger"),
    *(
        "specialist",
        "expert",
        "years of experience",
        "degree",
        "university",
        "passionate",
        "lives in",
        "ceo",
        "phd",
    ),
    *("professor", "coach", "consultant"),
)
_COMMENT = re.compile(
    r"\b(?:reply|says:|wrote:|thanks? (?:you|for|so much)|great (?:post|article)|"
    r"i (?:love|agree|think|just|have|was|am|would)|i['’](?:m|ve|d)|my)\b",
    re.IGNORECASE,
)
_WRITES = re.compile(
    r"\b(?:writer|author|editor|journalist|reporter|columnist|contributor|founder|blogger|specialist|expert|writes|"
    r"has written|years of experience|degree|university|passionate|lives in|ceo|phd|professor|coach|consultant)\b",
    re.IGNORECASE,
)
_BIO = re.compile(
    r"^(?:(?:hi|hey|hello)\b.{0,4})?(?:i['’]?m|i am|my name is|about the author|written by|reviewed by)\b|"
    r"^(?:he|she|they) (?:is|has|also|holds|lives|writes|was|joined)\b",
    re.IGNORECASE,
)


def reason_of(lines: Lines, number: int) -> Reason:
    """Give the reason that a line shows most of."""
    text = lines.texts[number][:LOOKED_AT]
    folded = text.casefold()
    hinted = [reason for sign, reason in _SIGN_OF if sign in folded]
    if hinted:
        for reason, hint in _HINTS:
            if reason in hinted and hint.search(text):
                return reason
    if (
        any(sign in folded for sign in _WRITING)
        and _WRITES.search(text)
        and (_BIO.search(text) or len(leading_name(text)) >= 2)
    ):
        return "author_bio"
    if _is_commented(lines, number) or (ends_in_stop(text) and _COMMENT.search(text)):
        return "comments"
    if not ends_in_stop(text) and len(text) <= LINK:
        return _link(lines, number)
    return "page_furniture"


def _is_commented(lines: Lines, number: int) -> bool:
    """Say whether a heading or a mark of comments stands not far above."""
    marks = lines.where(_comment_marks)
    above = bisect_left(marks, number) - 1
    return above >= 0 and marks[above] >= number - COMMENTED


def _comment_marks(lines: Lines) -> Sequence[int]:
    known = phrases()
    bare, marks, openings, heads = (
        known.bare_comments,
        known.comment_marks,
        known.comment_openings,
        known.cue_heads,
    )
    return [
        n
        for n, key in enumerate(lines.keys)
        if key in bare or key in marks or (key[: HEADS[-1]] in heads and key.startswith(openings))
    ]


def _link(lines: Lines, number: int) -> Reason:
    """Tell a story's headline from a menu's word: by its length, and by what stands around it."""
    if len(lines.texts[number].split()) >= 5:
        return "related_headline"
    around = range(max(0, number - LISTED + 1), min(len(lines), number + LISTED))
    short = sum(not lines.prose[n] and len(lines.texts[n].split()) < 5 for n in around)
    return "navigation" if short >= LISTED else "page_furniture"
