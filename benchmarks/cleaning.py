"""Cleaning compared with other tools, on a folder of labelled pages or lines.

    python benchmarks/cleaning.py FOLDER [--limit N] [--only NAME ...]

Pages: `truth.jsonl.gz` (a line each: `id`, `main_content`, and the snippets `present` and `absent`) beside
`html/ID.html.gz`. Words is the mean over pages of the F1 of words, shingles the F1 of 4-grams, each page of
one weight; leak is the share of the snippets that should not be there and are, kept of those that should and are.
Speed is pages per second of CPU.

Lines: `extracted.jsonl.gz` (a line a page: `id`, and `lines` of `text` and `label`, which is body or junk; lines
of other labels are given and not judged), the text of a page as an extractor left it. A line is removed when over
half of it is. Keep F1 is that of the body kept, junk F1 that of the junk removed, both by characters; lost is the
share of the body that was removed.

`pip install 'provenance[bench]'` brings the other tools; those that are not there are left out, and named. They
run as they come, but trafilatura without comments and resiliparse for the main content: each is better so.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import provenance

WORD = re.compile(r"\w+")
Extract = Callable[[str], str]
Counts = Counter[Any]


# --- the tools --------------------------------------------------------------------------------------------


def _provenance() -> Extract:
    return lambda page: provenance.clean(page, html=True).text


def _everything() -> Extract:
    return lambda page: provenance.clean(page, html=True, strictness="safe").source


def _trafilatura() -> Extract:
    extract = import_module("trafilatura").extract
    return lambda page: extract(page, include_comments=False) or ""


def _resiliparse() -> Extract:
    extract = import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda page: extract(page, main_content=True)


def _justext() -> Extract:
    tool = import_module("justext")
    words = tool.get_stoplist("English")
    return lambda page: "\n".join(part.text for part in tool.justext(page, words) if not part.is_boilerplate)


def _readability() -> Extract:
    tool, html = import_module("readability"), import_module("lxml.html")

    def extract(page: str) -> str:
        tree = html.fromstring(tool.Document(page).summary())
        for element in tree.iter("p", "div", "li", "tr", "br", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"):
            element.tail = "\n" + (element.tail or "")
        return str(tree.text_content())

    return extract


# Each tool's package and what makes its function; one that is not installed raises ImportError.
TOOLS: dict[str, tuple[str, Callable[[], Extract]]] = {
    "Provenance": ("provenance", _provenance),
    "trafilatura": ("trafilatura", _trafilatura),
    "resiliparse": ("resiliparse", _resiliparse),
    "jusText": ("justext", _justext),
    "readability-lxml": ("readability-lxml", _readability),
    "keep everything": ("provenance", _everything),
}


def tools(only: Sequence[str]) -> dict[str, Extract]:
    """Give the tools that are there, and name those that are not."""
    found = {}
    for name, (package, make) in TOOLS.items():
        if only and name not in only:
            continue
        try:
            found[name] = make()
            print(f"{name}: {package} {version(package)}")
        except (ImportError, PackageNotFoundError) as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    return found


# --- pages ------------------------------------------------------------------------------------------------


class Tally(NamedTuple):
    """What became of a folder's pages with one tool."""

    words: float
    shingles: float
    leak: float
    kept: float
    speed: float
    failed: int


def rows(path: Path, limit: int | None) -> Iterator[dict[str, Any]]:
    """Give the rows of a packed file of JSON Lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            if limit is not None and number >= limit:
                return
            yield json.loads(line)


def shingled(text: str, size: int = 4) -> Counts:
    """Count a text's runs of four words; a shorter text is one run."""
    words = WORD.findall(text)
    return Counter(tuple(words[at : at + size]) for at in range(max(len(words) - size + 1, min(len(words), 1))))


def overlap(found: Counts, wanted: Counts) -> tuple[float, float, float]:
    """Give what two bags have in common, what the first has too much and too little: shares that add to 1."""
    common = (found & wanted).total()
    extra, missing = found.total() - common, wanted.total() - common
    whole = common + extra + missing
    return (common / whole, extra / whole, missing / whole) if whole else (0.0, 0.0, 0.0)


def f1(common: float, extra: float, missing: float) -> float:
    """Give the harmonic mean of precision and recall; 1 where nothing was wanted and nothing found."""
    return 2 * common / (2 * common + extra + missing) if common + extra + missing else 1.0


def judge(extract: Extract, folder: Path, limit: int | None) -> Tally:
    """Run one tool over a folder's pages. A page that it fails on counts as an empty text."""
    words, parts, snippets, cpu, failed = [], [], Counter[tuple[str, bool]](), 0.0, 0
    for row in rows(folder / "truth.jsonl.gz", limit):
        page = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()).decode("utf-8", "replace")
        begin = time.process_time()
        try:
            text = extract(page)
        except Exception:  # noqa: BLE001 (whatever a tool raises is its failure, and counted)
            text, failed = "", failed + 1
        cpu += time.process_time() - begin
        wanted = row["main_content"]
        words.append(f1(*overlap(bag(text), bag(wanted))))
        parts.append(overlap(shingled(text), shingled(wanted)))
        flat = folded(text)
        for kind in ("present", "absent"):
            snippets.update((kind, folded(one) in flat) for one in row[kind])
    leak, kept = (
        snippets[kind, True] / max(1, snippets[kind, True] + snippets[kind, False])
        for kind in ("absent", "present")
    )
    sums = (sum(column) for column in zip(*parts, strict=True))
    return Tally(sum(words) / len(words), f1(*sums), leak, kept, len(words) / cpu, failed)


def bag(text: str) -> Counts:
    """Count a text's words, without regard to case."""
    return Counter(WORD.findall(text.lower()))


def folded(text: str) -> str:
    """Fold case and white space."""
    return " ".join(text.lower().split())


def pages(folder: Path, limit: int | None, only: Sequence[str]) -> None:
    """Print the comparison on pages."""
    found = tools(only)
    print(f"\n{'':18}{'words':>8}{'shingles':>10}{'leak':>8}{'kept':>8}{'pages/s':>9}{'failed':>8}")
    for name, extract in found.items():
        tally = judge(extract, folder, limit)
        print(
            f"{name:18}{tally.words:8.3f}{tally.shingles:10.3f}{tally.leak:8.3f}{tally.kept:8.3f}"
            f"{tally.speed:9.0f}{tally.failed:8}",
            flush=True,
        )


# --- lines ------------------------------------------------------------------------------------------------

Keep = Callable[[list[str]], list[bool]]  # says of each line of a page whether it is kept


def cleaned(strictness: Any) -> Keep:
    """Give what cleaning keeps at a strictness."""

    def keep(lines: list[str]) -> list[bool]:
        removals = provenance.clean("\n".join(lines), strictness=strictness).removals
        kept, start = [], 0
        for line in lines:
            end = start + len(line)
            gone = sum(max(0, min(end, one.end) - max(start, one.start)) for one in removals)
            kept.append(2 * gone <= len(line))
            start = end + 1
        return kept

    return keep


KEEPERS: dict[str, Keep] = {
    **{f"Provenance {strictness}": cleaned(strictness) for strictness in ("safe", "balanced", "strict")},
    "lines over 80": lambda lines: [len(line) > 80 for line in lines],
    "keep everything": lambda lines: [True for _ in lines],
}


def lines(folder: Path, limit: int | None) -> None:
    """Print the comparison on lines of extracted text."""
    print(f"{'':22}{'keep F1':>9}{'junk F1':>9}{'lost':>8}{'MB/s':>8}")
    for name, keep in KEEPERS.items():
        sizes: Counter[tuple[str, bool]] = Counter()
        cpu, read = 0.0, 0
        for row in rows(folder / "extracted.jsonl.gz", limit):
            texts = [line["text"] for line in row["lines"]]
            begin = time.process_time()
            kept = keep(texts)
            cpu += time.process_time() - begin
            read += sum(len(text.encode()) for text in texts)
            for line, stays in zip(row["lines"], kept, strict=True):
                sizes[line["label"], stays] += len(line["text"])
        body, lost = sizes["body", True], sizes["body", False]
        left, gone = sizes["junk", True], sizes["junk", False]
        share = lost / max(1, body + lost)
        speed = f"{read / 1e6 / cpu:8.1f}" if name.startswith("Provenance") else f"{'':8}"
        print(f"{name:22}{f1(body, left, lost):9.3f}{f1(gone, lost, left):9.3f}{share:8.4f}{speed}", flush=True)


def main() -> None:
    """Compare on the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="without one, nothing is compared")
    parser.add_argument("--limit", type=int, help="pages to look at; all by default")
    parser.add_argument("--only", nargs="*", default=[], choices=list(TOOLS), help="tools to run")
    options = parser.parse_args()
    if options.folder is None:
        print("name a folder of labelled pages or lines; --help says what is in it")
    elif (options.folder / "truth.jsonl.gz").exists():
        pages(options.folder, options.limit, options.only)
    elif (options.folder / "extracted.jsonl.gz").exists():
        lines(options.folder, options.limit)
    else:
        parser.error(f"{options.folder}: neither truth.jsonl.gz nor extracted.jsonl.gz is in it")


if __name__ == "__main__":
    main()
