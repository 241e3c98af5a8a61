"""Print how the time to read a page, to write it as Markdown, and to clean a text grows when it doubles.

About 2 is linear. Pages and texts are made to be slow; `strict` looks at a text most often.

    python benchmarks/growth.py [SIZE]

SIZE is the size of the smaller in code points (100,000 unless told). CPU seconds, the better of two runs.
"""

from __future__ import annotations

import sys
import time

from provenance.clean import clean
from provenance.cli.markdown import markdown
from provenance.html import read_page
from provenance.model import Cleaned

PROSE = "The council voted on Tuesday to close the bridge after engineers found rust in four of its old cables. "
# What repeats; what stands before it.
PAGES = {
    "begun links": "<a ",
    "open elements": "<div>",
    "nested and closed": "<div><b></div>",
    "open inline elements": "<b><i><span>",
    "misnested formatting": "<b><p>",
    "headings in links": "<a href=/x><h2>words",
    "attributes of one element": " a{n}=1",
    "attributes with markup": ' a{n}="<p>"',
    "attributes without values": " b{n}",
    "one class, many words": "ad-x-",
    "classes": "ad-{n} ",
    "ids": "<p id=comments-{n}>x",
    "comments without an end": "<!-- ",
    "declarations": "<![CDATA[",
    "null characters": "\0",
    "table rows": "<tr><td>x<td>y",
    "tables in tables": "<table><tr><td>",
    "scripts": "<script>var a = '<p>';</script>",
    "scripts without an end": "<script>",
    "templates": "<template>",
    "drawings": "<svg><g>",
    "selections": "<select><option>",
    "forms": "<form><input>",
    "paragraphs": f"<p>{PROSE}",
    "links in a row": "<li><a href=/{n}>Story {n}</a>",
    "short paragraphs": "<p>one",
    "items within items": "<ul><li>one",
    "cells": "<table><tr><td>one<td>two",
    "rows of one table": "<tr><td>one<td><a href=/x(1)>two</a>",
    "line breaks": "one<br>",
    "linked words": "<a href=x>one</a> ",
    "lines": "<pre>one\n",
    "linked data": '<script type="application/ld+json">[[],{{}}]</script>',
    "entities": "&amp;&lt;&#x41;",
}
BEFORE = {
    "rows of one table": "<table>",
    "attributes of one element": "<p",
    "attributes with markup": "<p",
    "attributes without values": "<p",
    "one class, many words": "<p class='",
    "classes": "<p class='",
}


# Lines that repeat, and what stands before them.
TEXTS = {
    "equal lines": "Read more\n",
    "equal paragraphs": f"{PROSE}\n",
    "short lines": "Word {n}\n",
    "one long line": PROSE,
    "one long word": "a",
    "a long row of commas": "one, ",
    "comments on things": "Comments on the bridge {n}\n",
    "comments between paragraphs": f"Comments on the bridge {{n}}\n{PROSE}\n",
    "cues of sections": f"Related stories {{n}}\nRust {{n}} found\n{PROSE}\n",
    "comments with times": "Ada {n} says:\n3 May 2024 at 10:{n}\nSo it is.\nReply\n",
    "notes on authors": f"About the author\nAda Number{{n}} is a writer of {{n}} books.\n{PROSE}\n",
    "headlines": f"{PROSE}\nMayor Vane And Council {{n}} Agree Over Funding For Bridge In Lindow\n",
    "credits": "The bridge {n} (Photograph: Ada Vane {n}\n",
    "dates": "{n} May 2024\n",
    "open quotations": '"All rights reserved {n}.\n',
    "digits of other scripts": "١٢٣ {n}\n",
}
TEXT_BEFORE = PROSE * 2 + "\n"


def written(name: str, size: int) -> str:
    """Give the text of a name, about `size` code points long, below a few paragraphs."""
    piece = TEXTS[name]
    count = size // (len(piece) + 2 * piece.count("{n}"))
    return TEXT_BEFORE * 12 + "".join(piece.replace("{n}", str(n)) for n in range(count))


def cleaning(text: str) -> float:
    """Give the CPU seconds that cleaning a text takes."""
    best = float("inf")
    for _ in range(2):
        begin = time.process_time()
        clean(text, strictness="strict")
        best = min(best, time.process_time() - begin)
    return best


def markup(name: str, size: int) -> str:
    """Give the page of a name, about `size` code points long."""
    piece = PAGES[name]
    if "{n}" not in piece:
        piece = piece.replace("{{", "{").replace("}}", "}")
        body = piece * (size // len(piece))
    else:
        body = "".join(piece.replace("{n}", str(n)) for n in range(size // (len(piece) + 2)))
    return BEFORE.get(name, "") + body


def seconds(page: str) -> tuple[float, float]:
    """Give the CPU seconds that reading a page takes, and writing all of it as Markdown."""
    read = written = float("inf")
    for _ in range(2):
        begin = time.process_time()
        found = read_page(page)
        between = time.process_time()
        markdown(Cleaned(found.text, found.text, flags=found.flags), page)
        read, written = min(read, between - begin), min(written, time.process_time() - between)
    return read, written


def told(small: float, large: float) -> str:
    """Give two times and how many times the first the second is."""
    return f"{small:7.3f} s  {large:7.3f} s  x {large / max(small, 1e-4):.1f}"


def main() -> None:
    """Print a line for each page, and for each text."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for name in PAGES:
        steps = zip(*(seconds(markup(name, size * times)) for times in (1, 2)), strict=True)
        print(f"{name:28} {'   '.join(told(*step) for step in steps)}", flush=True)
    cleaning(written("equal paragraphs", size))  # what is loaded and compiled once is not the text's
    for name in TEXTS:
        small, large = (cleaning(written(name, size * times)) for times in (1, 2))
        print(f"{name:28} {told(small, large)}", flush=True)


if __name__ == "__main__":
    main()
