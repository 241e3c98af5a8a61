"""What an element's tag, role and class names say about its part of the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.model import Reason
from functools import lru_cache


class Part(NamedTuple):
    """A part of a page that is not the article: the rule that knows it, the reason, the confidence."""

    rule: str
    reason: Reason
    confidence: float


UNSEEN = {
    *("script", "style", "noscript", "template", "head", "meta", "link", "title", "iframe", "object", "embed"),
    *("svg", "math", "canvas", "map", "audio", "video", "select", "option", "datalist", "input", "textarea"),
    *("progress", "dialog"),
}
INLINE = {
    *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
    *("ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong"),
    *("sub", "sup", "time", "tt", "u", "var", "wbr", "td", "th", "img", "nobr"),
}
_TAGS = {
    "nav": Part("dom_nav", "navigation", 0.95),
    "footer": Part("dom_footer", "page_furniture", 0.9),
    "aside": Part("dom_aside", "page_furniture", 0.85),
    "form": Part("dom_form", "page_furniture", 0.9),
    "button": Part("dom_button", "page_furniture", 0.95),
    "menu": Part("dom_nav", "navigation", 0.9),
}
_ROLES = {
    "navigation": Part("dom_nav", "navigation", 0.95),
    "banner": Part("dom_header", "page_furniture", 0.9),
    "contentinfo": Part("dom_footer", "page_furniture", 0.95),
    "complementary": Part("dom_aside", "page_furniture", 0.85),
    "search": Part("dom_form", "page_furniture", 0.95),
    "dialog": Part("dom_dialog", "page_furniture", 0.9),
    "alertdialog": Part("dom_dialog", "page_furniture", 0.9),
    "menu": Part("dom_nav", "navigation", 0.9),
    "button": Part("dom_button", "page_furniture", 0.85),
}
# Words of class and id names, joined by hyphens, in the order in which they count.
_NAMES = (
    (Part("dom_comments", "comments", 0.9), "comments?|commentlist|disqus|respond|replies|discussion|livefyre"),
    (Part("dom_cookies", "cookie_notice", 0.95), "cookies?|consent|gdpr|onetrust|cookiebar"),
    (Part("dom_share", "share", 0.9), "share|sharing|sharedaddy|social|socials|shares|addtoany|follow"),
    (
        Part("dom_newsletter", "newsletter", 0.9),
        "newsletters?|subscribe|subscription|signup|sign-up|optin|opt-in|mailchimp|paywall",
    ),
    (
        Part("dom_related", "related_headline", 0.85),
        (
            "related|recommended|recommendations?|recirc|trending|popular|most-read|read-more|readmore|read-next|"
            "more-stories|more-from|more-posts|latest-posts|recent-posts|you-may|also-like|up-next|outbrain|taboola|"
            "teasers?|post-navigation|next-post|prev-post"
        ),
    ),
    (
        Part("dom_advertisement", "advertisement", 0.85),
        (
            "ad|ads|advert|advertisement|adsbygoogle|adslot|sponsored|sponsor|promo|promotion|promos|dfp|cta|"
            "disclosure|affiliate"
        ),
    ),
    (
        Part("dom_author", "author_bio", 0.85),
        (
            "author-bio|author-box|authorbox|about-author|author-info|author-card|author-profile|post-author|"
            "article-author|authors|bio|byline|bylines|author"
        ),
    ),
    (
        Part("dom_nav", "navigation", 0.9),
        (
            "nav|navbar|navigation|menu|submenu|breadcrumbs?|pagination|pager|paging|toc|table-of-contents|sitemap|"
            "skip-link|skip|tags|tag-list|taglist|post-tags|categories|cat-links|post-categories"
        ),
    ),
    (
        Part("dom_furniture", "page_furniture", 0.85),
        (
            "footer|masthead|site-header|topbar|toolbar|sidebar|side-bar|popup|pop-up|modal|overlay|"
            "lightbox|offcanvas|print|post-meta|entry-meta|article-meta|meta|timestamp|dateline|read-time|"
            "reading-time|login|search|cart|copyright|legal|banner|drawer|tooltip|rating|ratings|toast|snackbar"
        ),
    ),
)
LONGEST_NAME = 200  # code points of one class name that are looked at
_WHOLE = {"body", "html", "article", "main"}


def _forms(words: str) -> Iterator[str]:
    for word in words.split("|"):
        yield word.replace("?", "")
        if word.endswith("s?"):
            yield word[:-2]


_ORDER = {word: order for order, (_, words) in enumerate(_NAMES) for word in _forms(words)}
_RUNS: dict[str, list[tuple[int, list[str]]]] = {}  # by their first word
for _phrase, _place in _ORDER.items():
    _RUNS.setdefault(_phrase.partition("-")[0], []).append((_place, _phrase.split("-")))
_DIVIDED = {code: " " for code in range(128) if not chr(code).isalpha()}
_UNKNOWN = len(_NAMES)
_WORD = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*|[^\W\d_]+")
_DISPLAY = re.compile(r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE)
_ZERO = r"0*+\.?0*+(?:px|r?em|pt|%)?\s*(?:!|;|\Z)"
# Shown, but not to a reader: transparent, without size, far off the page.
_VEILED = re.compile(
    rf"(?<![\w-])(?:(?:opacity|font-size)\s*:\s*(?=0|\.0){_ZERO}"
    r"|(?:left|right|top|text-indent|margin-left)\s*:\s*-(?:\d{4,}(?:px|pt)|\d{2,}(?:r?em)|\d{3,}v[wh]))",
    re.IGNORECASE,
)
_COLOR = re.compile(r"(?<![\w-])(?:(color)|background(?:-color)?)\s*:\s*([^;!]{1,40})", re.IGNORECASE)
_HIDDEN_NAME = re.compile(
    r"(?:^|\s)(?:sr-only|visually-hidden|visuallyhidden|screen-reader-text|screenreader|a11y-hidden|hidden)(?:$|\s)"
)

_SHOWN_LATER = re.compile(r":(?:flex|block|inline|grid|table)")  # "hidden lg:block": on wide screens it is seen


def part_of_page(tag: str, names: str, role: str | None) -> Part | None:
    """Say what part of the page an element is by its tag, class and id names, and role, if not the article."""
    if tag in _TAGS:
        return _TAGS[tag]
    if role and role in _ROLES:
        return _ROLES[role]
    return _named(names) if names and tag not in _WHOLE else None


@lru_cache(1 << 12)  # elements of one kind have the same names
def _named(names: str) -> Part | None:
    order = min(map(_order, names.split()), default=_UNKNOWN)
    return _NAMES[order][0] if order < _UNKNOWN else None


@lru_cache(1 << 14)  # names recur on a page, and from page to page
def _order(name: str) -> int:
    """Give the place in `_NAMES` of the first kind whose words stand in a name, as whole words."""
    name = name[:LONGEST_NAME]
    if name.isascii() and name.islower():
        words = name.translate(_DIVIDED).split()
    else:
        words = [word.lower() for word in _WORD.findall(name)]
    best = _UNKNOWN
    for at, word in enumerate(words):
        for order, run in _RUNS.get(word, ()):
            if order < best and words[at : at + len(run)] == run:
                best = order
    return best


def is_hidden(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Say whether an element is marked as not to be seen; the page's body is never taken at its word."""
    if tag in {"body", "html"}:
        return False
    if "hidden" in attributes:
        return True
    style, names = attributes.get("style"), attributes.get("class")
    return bool((style and hides(style)) or (names and _hides(names)))


@lru_cache(1 << 12)
def hides(style: str) -> bool:
    """Say whether declarations keep text from being seen: not shown, transparent, tiny, away, same-coloured."""
    if _DISPLAY.search(style) or _VEILED.search(style):
        return True
    colors = {bool(found[1]): _same(found[2]) for found in _COLOR.finditer(style)}
    return len(colors) == 2 and colors[True] == colors[False]


def _same(color: str) -> str:
    """Give one name for colours that are written in several ways."""
    folded = "".join(color.lower().split())
    return {"#fff": "white", "#ffffff": "white", "#000": "black", "#000000": "black"}.get(folded, folded)


def may_hide(markup: str) -> bool:
    """Say whether a tag's attributes, as they are written, may mark it as hidden: most cannot."""
    written = markup.lower()
    return (
        "style=" in written
        or "hidden" in written
        or "none" in written
        or "sr-only" in written
        or "screen" in written
    )


def _hides(names: str) -> bool:
    if not ("hidden" in names or "sr-only" in names or "screen" in names):
        return False
    return bool(_HIDDEN_NAME.search(names) and not _SHOWN_LATER.search(names))
