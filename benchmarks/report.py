"""How large the report of a large batch is, how long it takes to make, and how long a browser takes to open it.

    python benchmarks/report.py [DOCUMENTS [MATCHES]]
    python benchmarks/report.py CORPUS.jsonl

Without a corpus the audit is made up: 10,000 documents of 40 publishers, each with two removals, and 5,000 matches
between pairs of them: of three pairs one has its whole text in common, one all but a few words, one two passages.
Sizes are of the files as written. Where Chromium is installed, its own clock says how long after the start
of the navigation the load event was over and the first frame painted; of three runs the middle one.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from provenance.lineage import clusters
from provenance.model import (
    AuditedDocument,
    Cleaned,
    Document,
    DocumentRelation,
    Match,
    MatchKind,
    RelationKind,
    Removal,
    Side,
)
from provenance.pipeline import audit as audited
from provenance.report.audit import SCALE, Audit, score_step
from provenance.report.html import render
from provenance.report.view import view
from provenance.report.write import encode

WORDS = (
    "harbour council storm crane minister budget school river court police hospital strike farmers bridge winter "
    "energy market company workers election party vote region capital north coast railway airport island village "
    "the of and in on after before with from that said would have been more than about during against"
).split()
PUBLISHERS, PER_MATCH = 40, 2  # matches of a pair
MATCHES: dict[str, MatchKind] = {"exact": "copied", "near_duplicate": "edited", "rewritten": "rewritten"}
KINDS: tuple[RelationKind, ...] = ("exact", "near_duplicate", "rewritten")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PROBE = """<script>addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => {
const [page] = performance.getEntriesByType("navigation");
console.log("OPENED", Math.round(page.loadEventEnd), Math.round(performance.now()));
})));</script></body>"""


def sentence(chosen: random.Random) -> str:
    """Give a made-up sentence of 16 words."""
    return " ".join(chosen.choices(WORDS, k=16)).capitalize() + "."


def document(number: int, chosen: random.Random) -> AuditedDocument:
    """Give a made-up article of some 2,000 characters, with two passages of its publisher removed from it."""
    publisher = f"Publisher {number % PUBLISHERS}"
    paragraphs = [" ".join(sentence(chosen) for _ in range(3)) for _ in range(6)]
    junk = (f"Sign up for the morning letter of {publisher}", f"Copyright {publisher}. All rights reserved.")
    paragraphs[3:3], paragraphs[len(paragraphs) :] = [junk[0]], [junk[1]]
    text = "\n\n".join(paragraphs)
    removals = tuple(
        Removal(text.index(one), text.index(one) + len(one), one, reason, "a_rule", 0.9)
        for one, reason in zip(junk, ("newsletter", "copyright"), strict=True)
    )
    day = f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}"
    row = Document(f"articles/{number:05}.txt", text, publisher=publisher, published=day)
    kept = text.replace(junk[0], "").replace(junk[1], "")
    return AuditedDocument(row, Cleaned(kept, text, removals), (), f"{number:064x}")


def made_up(documents: int, matches: int) -> Audit:
    """Give an audit of so many documents and matches."""
    chosen = random.Random(8)  # noqa: S311 (the same batch every time, not a secret)
    rows = [document(number, chosen) for number in range(documents)]
    relations: list[DocumentRelation] = []
    found: list[Match] = []
    scores = [0] * SCALE
    for number in range(matches // PER_MATCH):
        a, b = chosen.sample(rows[: documents // 2], 2)
        kind = KINDS[number % len(KINDS)]
        score = 1.0 if kind == "exact" else round(0.3 + 0.7 * chosen.random(), 4)
        ends = a.document.id, b.document.id
        relations.append(DocumentRelation(*ends, kind, score, True, 1e-9, ends[number % 2], "published first"))
        scores[score_step(score)] += 1
        if kind == "rewritten":
            found += [Match(passage(a, part), passage(b, part), "rewritten", score) for part in range(PER_MATCH)]
        else:
            other = a if kind == "exact" else b
            text = whole(other).text
            found.append(Match(whole(a), Side(b.document.id, 0, len(text), text), MATCHES[kind], score))
    scores[0] += 40 * documents
    published = {row.document.id: row.document.published for row in rows}
    joined = clusters([(row.a, row.b) for row in relations], published)
    settings = {"engine": "local", "strictness": "balanced", "threshold": 0.258}
    return Audit("0", settings, tuple(rows), (), tuple(found), tuple(relations), joined, tuple(scores))


def whole(row: AuditedDocument) -> Side:
    """Give all of a document."""
    return Side(row.document.id, 0, len(row.cleaned.source), row.cleaned.source)


def passage(row: AuditedDocument, part: int) -> Side:
    """Give one of the first paragraphs of a document."""
    text = row.cleaned.source
    start = 0 if part == 0 else text.index("\n\n") + 2
    end = text.index("\n\n", start)
    return Side(row.document.id, start, end, text[start:end])


def opened(page: str, browser: str) -> tuple[int, int]:
    """Give milliseconds to the end of the load event, and to the frame after it."""
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(bare.replace("</body>", PROBE), encoding="utf-8")
        flags = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--enable-logging=stderr",
        )
        place = (f"--user-data-dir={folder}/profile", f"--screenshot={folder}/page.png", "--window-size=1280,1000")
        done = subprocess.run([browser, *flags, *place, path.as_uri()], capture_output=True, check=True)
    told = re.search(r"OPENED (\d+) (\d+)", done.stderr.decode(errors="replace"))
    if told is None:
        raise SystemExit("the browser did not say when the page was open")
    return int(told[1]), int(told[2])


def main() -> None:
    """Print what a large report costs."""
    if sys.argv[1:] and not sys.argv[1].isdecimal():
        with Path(sys.argv[1]).open(encoding="utf-8") as lines:
            audit = audited(map(json.loads, lines))
    else:
        documents, matches = (int(given) for given in (sys.argv[1:] + ["10000", "5000"][len(sys.argv) - 1 :])[:2])
        audit = made_up(documents, matches)
    start = time.process_time()
    page = render(audit)
    print(f"{len(audit.documents):,} documents, {len(audit.matches):,} matches, {len(audit.relations):,} pairs")
    print(f"report.html  {len(page.encode()) / 1e6:6.1f} MB, made in {time.process_time() - start:.1f} s of CPU")
    print(f"report.json  {len(encode(audit.to_dict())) / 1e6:6.1f} MB, with nothing left out")
    shown = view(audit)
    pairs = Counter(row.relation.kind for row in (*shown.derived, *shown.others))
    told = ", ".join(f"{count:,} {kind}" for kind, count in pairs.most_common())
    print(f"side by side: {pairs.total():,} pairs ({told}), {shown.beyond:,} left to report.json")
    print(f"in full: {len(shown.pages):,} documents, the others in a line each")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser:
        runs = [opened(page, browser) for _ in range(3)]
        load, frame = (statistics.median(side) for side in zip(*runs, strict=True))
        print(f"opened in Chromium: load event over after {load / 1e3:.2f} s, painted after {frame / 1e3:.2f} s")


if __name__ == "__main__":
    main()
