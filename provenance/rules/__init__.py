"""Named rules: each finds lines that are not the article, none edits. Every rule is linear in the text.

A rule is its name, the reason its removals carry, and the finder that looks for it. Finders that tell many
kinds of furniture in one walk give their findings by rule; `RULES` says in what order the rules may claim a
line: the first that is sure enough names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.rules import alone, bio, comments, credited, headline, sections, shape
from provenance.rules.reading import Divided, Found, Lines, chosen, divided, lines_at, read

if TYPE_CHECKING:
    from provenance.model import Reason

__all__ = ["RULES", "Divided", "Found", "Lines", "Rule", "chosen", "divided", "findings", "lines_at", "read"]

Finder = Callable[[Lines], Iterable[Found] | Mapping[str, Iterable[Found]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A finder's name and the reason that its removals carry."""

    name: str
    reason: Reason
    find: Finder


RULES: tuple[Rule, ...] = (
    Rule("author_note", "author_bio", bio.cued),
    Rule("comments_section", "comments", sections.closing),
    Rule("comments_thread", "comments", comments.thread),
    Rule("advertisement_marker", "advertisement", alone.furniture),
    Rule("page_control", "page_furniture", alone.furniture),
    Rule("share_control", "share", alone.furniture),
    Rule("newsletter_form", "newsletter", alone.furniture),
    Rule("comment_form", "comments", alone.furniture),
    Rule("legal_link", "navigation", alone.furniture),
    Rule("copyright_line", "copyright", alone.furniture),
    Rule("cookie_notice", "cookie_notice", alone.furniture),
    # What stands in a section, and is furniture by itself, is named for what it is: only a thread has it all.
    Rule("related_section", "related_headline", sections.closing),
    Rule("share_section", "share", sections.closing),
    Rule("newsletter_section", "newsletter", sections.closing),
    Rule("read_more", "related_headline", alone.furniture),
    Rule("newsletter_call", "newsletter", alone.furniture),
    Rule("share_call", "share", alone.furniture),
    Rule("affiliate_notice", "advertisement", alone.furniture),
    Rule("byline_control", "page_furniture", alone.furniture),
    Rule("related_pointer", "related_headline", alone.furniture),
    Rule("photo_credit", "caption", alone.furniture),
    Rule("control_word", "page_furniture", alone.furniture),
    Rule("share_word", "share", alone.furniture),
    Rule("newsletter_word", "newsletter", alone.furniture),
    Rule("navigation_word", "navigation", alone.furniture),
    Rule("ending", "page_furniture", alone.furniture),
    Rule("dateline", "page_furniture", shape.datelines),
    Rule("byline", "page_furniture", shape.bylines),
    Rule("desk_line", "page_furniture", credited.desks),
    Rule("agency_credit", "caption", credited.agency_credits),
    Rule("author_ending", "author_bio", bio.uncued),
    Rule("foreign_headline", "related_headline", headline.related),
)


_FINDERS = tuple({rule.find: None for rule in RULES})


def findings(lines: Lines) -> Iterator[tuple[Rule, Found]]:
    """Give what the rules find, rule by rule in their order; each finder walks the lines once."""
    by_finder = {find: _found(find, lines) for find in _FINDERS}
    for rule in RULES:
        found = by_finder[rule.find]
        if found:
            for one in found.get(rule.name, ()) if isinstance(found, dict) else found:
                yield rule, one


def _found(find: Finder, lines: Lines) -> list[Found] | dict[str, Iterable[Found]]:
    found = find(lines)
    return dict(found) if isinstance(found, Mapping) else list(found)
