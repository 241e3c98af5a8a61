"""Print how the time to read a page grows when it doubles, for pages made to be slow: about 2 is linear.

    python benchmarks/growth.py [SIZE]

SIZE is the size of the smaller page in code points (100,000 unless told). CPU seconds, the better of two runs.
"""

from __future__ import annotations

import sys
import time

from provenance.html import read_page

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
    "lines": "<pre>one\n",
    "linked data": '<script type="application/ld+json">[[],{{}}]</script>',
    "entities": "&amp;&lt;&#x41;",
}
BEFORE = {
    "attributes of one element": "<p",
    "attributes with markup": "<p",
    "attributes without values": "<p",
    "one class, many words": "<p class='",
    "classes": "<p class='",
}


def markup(name: str, size: int) -> str:
    """Give the page of a name, about `size` code points long."""
    piece = PAGES[name]
    if "{n}" not in piece:
        piece = piece.replace("{{", "{").replace("}}", "}")
        body = piece * (size // len(piece))
    else:
        body = "".join(piece.replace("{n}", str(n)) for n in range(size // (len(piece) + 2)))
    return BEFORE.get(name, "") + body


def seconds(page: str) -> float:
    """Give the CPU seconds that reading a page takes."""
    best = float("inf")
    for _ in range(2):
        begin = time.process_time()
        read_page(page)
        best = min(best, time.process_time() - begin)
    return best


def main() -> None:
    """Print a line for each page."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for name in PAGES:
        small, large = (seconds(markup(name, size * times)) for times in (1, 2))
        print(f"{name:28} {small:7.3f} s  {large:7.3f} s  x {large / max(small, 1e-4):.1f}", flush=True)


if __name__ == "__main__":
    main()
