"""The audit as one HTML file that opens anywhere: no request, everything escaped, complete without its script."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from provenance.report import wording
from provenance.report.figures import FIGURES
from provenance.report.pieces import hue
from provenance.report.view import view

if TYPE_CHECKING:
    import jinja2

    from provenance.report.audit import Audit

# Browsers drop, replace or obey these; a report shows them. Line breaks and tabs stay as they are.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def render(audit: Audit) -> str:
    """Give the report as a self-contained HTML page, the same for the same audit.

    Its policy allows its own style sheet and script by hash and nothing else, so that even a mark that slipped
    through escaping could neither run nor fetch.
    """
    style, script = (
        (files("provenance.report") / "templates" / name).read_text(encoding="utf-8")
        for name in ("report.css", "report.js")
    )
    policy = f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    template = _environment().get_template("report.html")
    return template.render(report=view(audit), style=style, script=script, policy=policy)


def _digest(text: str) -> str:
    """Give the digest by which a policy allows an element with this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def visible(value: Any) -> Any:
    r"""Give text with the characters that a page would not show as their numbers.

    >>> visible("a\x00b\u202ec")
    'a[U+0000]b[U+202E]c'
    """
    if type(value) is not str:  # Markup, a subclass, is ours
        return value
    return _UNSEEN.sub(lambda match: f"[U+{ord(match.group()):04X}]", value)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    import jinja2  # noqa: PLC0415 (only a report that is rendered needs it)

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("provenance.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": wording.number,
        "percent": lambda share: wording.percent(share, 1),
        "cut": wording.cut,
        "score": wording.score,
        "hue": hue,
        "reason": lambda name: wording.REASONS.get(name, wording.words(name)),
    }
    environment.globals |= {"count": wording.count, "figures": FIGURES}
    return environment
