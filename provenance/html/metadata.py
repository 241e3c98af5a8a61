"""What a page says about itself: title, author, date, publisher, canonical address, language."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from provenance.html.tags import ENDS, PASSED
from provenance.model import authors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from provenance.html.tree import Token

_MOST_LD = 200_000  # code points of JSON-LD that are read
_TITLES = ("og:title", "twitter:title", "ld:headline", "title")
_AUTHORS = ("ld:author", "author", "parsely-author", "sailthru.author", "dc.creator", "byl", "article:author")
_DATES = (
    "article:published_time",
    "ld:datepublished",
    "page:datepublished",
    "datepublished",
    "og:article:published_time",
    "date",
    "dc.date",
    "dc.date.issued",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "pubdate",
    "article time",
    "time",
)
_PUBLISHERS = ("og:site_name", "ld:publisher", "application-name", "dc.publisher")
_ADDRESSES = ("canonical", "og:url")
_SEPARATORS = " |-–—:·•»/"
_LANGUAGES = ("lang", "content-language", "og:locale", "ld:inlanguage")


@dataclass(slots=True)
class Metadata:
    """What was met while a page was read: the first value of each name, in lower case."""

    values: dict[str, str] = field(default_factory=dict)

    def first(self, names: Iterable[str]) -> str | None:
        """Give the first of the named values there is."""
        return next((self.values[name] for name in names if name in self.values), None)

    @property
    def title(self) -> str | None:
        """The page's title, without the site's name after it."""
        title, site = self.first(_TITLES), self.publisher
        if title and site and title.endswith(site):
            return title.removesuffix(site).rstrip(_SEPARATORS) or title
        return title

    @property
    def author(self) -> str | None:
        """The author's name, or several with commas between them."""
        return next((name for name in map(self.values.get, _AUTHORS) if name and "://" not in name), None)

    @property
    def published(self) -> str | None:
        """The date of publication as the page writes it."""
        return self.first(_DATES)

    @property
    def publisher(self) -> str | None:
        """The site's name."""
        return self.first(_PUBLISHERS)

    @property
    def url(self) -> str | None:
        """The canonical address; what is only part of an address says something where the page gives its base."""
        found = (_joined(self.values.get("base", ""), self.values.get(name, "")) for name in _ADDRESSES)
        return next((address for address in found if "://" in address), None)

    def base(self, address: str) -> str:
        """Give what relative addresses on the page are joined to, if the page's own is `address`."""
        return _joined(address, self.values.get("base", "")) or address

    @property
    def language(self) -> str | None:
        """The language's tag."""
        return self.first(_LANGUAGES)

    def read(self, tokens: Sequence[Token]) -> Metadata:
        """Note what a page's tokens say about it."""
        telling = [number for number, (_, tag) in enumerate(tokens) if tag.said or tag.name == "title"]
        inside = _articles(tokens) if any(tokens[number][1].name == "time" for number in telling) else ()
        for number in telling:
            tag = tokens[number][1]
            self._element(tag.name, tag.said, tokens[number + 1][0] if number + 1 < len(tokens) else "")
            if tag.name == "time" and any(number in article for article in inside):
                self._note("article time", tag.said.get("datetime"))
        return self

    def _element(self, tag: str, attributes: Mapping[str, str | None], text: str) -> None:
        if tag == "meta":
            name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
            self._note(name or attributes.get("http-equiv"), attributes.get("content"))
        elif tag == "base":
            self._note("base", attributes.get("href"))
        elif tag == "link" and "canonical" in (attributes.get("rel") or "").lower().split():
            self._note("canonical", attributes.get("href"))
        elif tag == "html":
            self._note("lang", attributes.get("lang"))
        elif tag == "time":
            self._note("time", attributes.get("datetime"))
        elif tag == "title":
            self._note("title", text)
        elif tag == "script" and "ld+json" in (attributes.get("type") or "") and len(text) <= _MOST_LD:
            self._linked_data(text)

    def _note(self, name: str | None, value: Any) -> None:
        if name and isinstance(value, str) and value.strip():
            self.values.setdefault(name.strip().lower(), " ".join(value.split()))

    def _linked_data(self, text: str) -> None:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return
        queue = [data]
        for item in queue:
            if isinstance(item, list):
                queue.extend(item)
            elif isinstance(item, dict):
                queue.extend(value for key, value in item.items() if key == "@graph")
                kind = str(item.get("@type"))
                if "Article" in kind or "Posting" in kind:
                    self._note("ld:headline", item.get("headline"))
                    self._note("ld:datepublished", item.get("datePublished"))
                    self._note("ld:inlanguage", item.get("inLanguage"))
                    self._note("ld:publisher", authors(item.get("publisher")))
                    self._note("ld:author", authors(item.get("author")))
                elif "Page" in kind:
                    self._note("page:datepublished", item.get("datePublished"))


def _articles(tokens: Sequence[Token]) -> list[range]:
    """Give where the outermost articles of a page begin and end."""
    found: list[range] = []
    begun = depth = 0
    for number, (_, tag) in enumerate(tokens):
        if tag.how == ENDS:
            depth -= bool(depth)
            if depth == 0 and begun:
                found.append(range(begun, number))
                begun = 0
        elif tag.how != PASSED and not tag.void and (depth or tag.name == "article"):
            begun = begun or number
            depth += 1
    return [*found, range(begun, len(tokens))] if begun else found


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address) if address else ""
    except ValueError:  # brackets that hold no address
        return address
