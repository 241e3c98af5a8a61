"""Train the weights of the verdict on two documents: provenance/relation.json.

    python benchmarks/train/relation.py DATA

DATA holds rewrites/rewrites.jsonl.gz (original, rewrite, kind, domain), rewrites/same_event.jsonl.gz (event,
text) and pool/distractors.jsonl.gz (text). Positive: a text and its rewrite. Negative: two outlets' reports
of one event, and pairs of other articles that share anchors. A logistic regression over the evidence that
`compare` gives; figures are cross-validated by event and by original. The threshold of `derived` is the
lowest score that no more than 1 % of the same-event pairs reach, and a margin of a tenth of their spread.

`chance` is fitted on pairs that cannot be related, articles of 1987 and of the 2010s: how many chains of so many
bits m by n sentences give falls as K m n 10^(-slope bits), the tail law of local alignments (Karlin and
Altschul, 1990).
"""

from __future__ import annotations

import gzip
import itertools
import json
import math
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

from provenance import candidates
from provenance.align import STRICT, chain, seed, table
from provenance.compare import examine
from provenance.evidence import EVIDENCE
from provenance.words import Vocabulary, read

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDS = 8
RIDGE = 0.001  # of the standardised weights
UNRELATED = 60_000  # pairs of texts that cannot be related, for the tail of chance
TAIL = (4.0, 12.0)  # bits between which the tail is fitted
OTHERS = 3000  # pairs of other articles, the strongest candidates among them


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def evidence(a: str, b: str) -> list[float]:
    """Give what speaks for derivation between two texts, in the order of EVIDENCE."""
    vocabulary = Vocabulary()
    texts = sorted((a, b), key=lambda text: (len(text), text))  # as compare does
    first, second = (read(text, vocabulary) for text in texts)
    _, _, found = examine(first, second, np.array(vocabulary.chances))
    return [found[name] for name in EVIDENCE]


def copied(a: str, b: str, size: int = 8) -> float:
    """Give the larger share of either text's words that lies in 8-grams of the other."""
    words = [re.findall(r"\w+", text.lower()) for text in (a, b)]
    grams = [{tuple(one[i : i + size]) for i in range(len(one) - size + 1)} for one in words]
    shares = []
    for own, other in ((words[0], grams[1]), (words[1], grams[0])):
        marks = np.zeros(len(own), dtype=bool)
        for i in range(len(own) - size + 1):
            if tuple(own[i : i + size]) in other:
                marks[i : i + size] = True
        shares.append(float(marks.mean()) if len(own) else 0.0)
    return max(shares)


def pairs(data: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield (kind, group, text, text); kind is `same event`, `other` or the kind of rewrite."""
    events = defaultdict(list)
    for row in rows(data / "rewrites/same_event.jsonl.gz"):
        events[row["event"]].append(row["text"])
    for event, texts in events.items():
        for a, b in itertools.combinations(texts, 2):
            if copied(a, b) <= 0.25:
                yield "same event", event, a, b
    for row in rows(data / "rewrites/rewrites.jsonl.gz"):
        yield (
            f"{'news' if row['domain'] == 'xsum-news' else 'other'} {row['kind']}",
            row["original"][:80],
            *(
                row["original"],
                row["rewrite"],
            ),
        )
    articles = [row["text"] for row in rows(data / "pool/distractors.jsonl.gz")][::2]
    vocabulary = Vocabulary()
    texts = [read(article, vocabulary) for article in articles]
    chances = np.array(vocabulary.chances)
    found = candidates.screened(texts, candidates.by_anchors(texts, chances), chances)
    for a, b in found[:: max(1, len(found) // OTHERS)].tolist():
        yield "other articles", f"{a}", articles[a], articles[b]


def background(data: Path) -> dict[str, float]:
    """Fit how often unrelated texts chain by chance: base * sentences * sentences * 10^(-slope * bits)."""
    old = [row["text"] for row in rows(data / "pool/distractors.jsonl.gz") if row["id"].startswith("reuters")]
    new = sorted({r["original"] for r in rows(data / "rewrites/rewrites.jsonl.gz") if r["domain"] == "xsum-news"})
    vocabulary = Vocabulary()
    texts, others = ([read(text, vocabulary) for text in side] for side in (old[:1500], new))
    chances = np.array(vocabulary.chances)
    draw = np.random.default_rng(2)
    top, area = [], 0
    for _ in range(UNRELATED):
        a, b = texts[draw.integers(len(texts))], others[draw.integers(len(others))]
        found = chain(seed(table(a, b, chances), STRICT), 4)
        top.append(found[0].score if found else 0.0)
        area += a.size * b.size
    low, high = (float((np.array(top) >= bits).sum()) for bits in TAIL)
    slope = math.log10(low / high) / (TAIL[1] - TAIL[0])
    print(f"chance: {low:.0f} of {UNRELATED} unrelated pairs reach {TAIL[0]} bits, {high:.0f} reach {TAIL[1]}")
    return {"base": low / area * 10 ** (slope * TAIL[0]), "slope": round(slope, 4)}


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Give the weights of a ridge logistic regression, intercept last."""

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        logit = x @ w[:-1] + w[-1]
        error = 1 / (1 + np.exp(-logit)) - y
        value = float((weight * (np.logaddexp(0, logit) - y * logit)).sum()) + RIDGE * float((w[:-1] ** 2).sum())
        return value, np.append(x.T @ (weight * error) + 2 * RIDGE * w[:-1], (weight * error).sum())

    return minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x


def balanced(kinds: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Give every pair a weight so that the classes count alike, and the kinds within them; other articles less.

    They are easy to tell from rewrites, and would teach what the same event's reports do not show.
    """
    share = {kind: 0.1 if kind == "other articles" else 1.0 for kind in set(kinds)}
    total = {label: sum(share[kind] for kind in set(kinds[y == label])) for label in (0, 1)}
    return np.array([share[k] / total[label] / (kinds == k).sum() for k, label in zip(kinds, y, strict=True)])


def reliability(logit: np.ndarray, y: np.ndarray, weight: np.ndarray) -> list[dict[str, float]]:
    """Give, by tenths of the score, the mean score and the share that is derived, both by weight."""
    score = 1 / (1 + np.exp(-logit))
    tenth = np.minimum((score * 10).astype(int), 9)
    table = []
    for number in range(10):
        own = tenth == number
        if own.any():
            share = weight[own] / weight[own].sum()
            row = {"score": float(share @ score[own]), "derived": float(share @ y[own]), "pairs": int(own.sum())}
            table.append({name: round(value, 3) for name, value in row.items()})
    return table


def main() -> None:
    """Train, print the cross-validated figures, and write the weights."""
    data = Path(sys.argv[1])
    kinds, groups, table = [], [], []
    for kind, group, a, b in pairs(data):
        kinds.append(kind)
        groups.append(group)
        table.append(evidence(a, b))
    kind, x = np.array(kinds), np.array(table)
    y = np.array([not one.startswith(("same", "other articles")) for one in kinds], dtype=float)
    mean, scale = x.mean(0), x.std(0) + 1e-9
    z, weight = (x - mean) / scale, balanced(kind, y)
    fold = np.array([sum(map(ord, group)) % FOLDS for group in groups])
    score = np.zeros(len(y))
    for held in range(FOLDS):
        w = fit(z[fold != held], y[fold != held], weight[fold != held])
        score[fold == held] = z[fold == held] @ w[:-1] + w[-1]
    same = np.sort(score[kind == "same event"])[::-1]
    limit = float(same[int(len(same) * 0.01)])
    for one in sorted(set(kinds)):
        own = score[kind == one]
        print(f"{one:24} n {len(own):5}  above the 1 % limit {float((own > limit).mean()):.3f}")
    calibration = reliability(score, y, weight)
    print("reliability, held out:", *calibration, sep="\n  ")
    w = fit(z, y, weight)
    final = z @ w[:-1] + w[-1]
    own = np.sort(final[kind == "same event"])[::-1]
    threshold = float(own[int(len(own) * 0.01)]) + 0.1 * float(own.std())
    raw = w[:-1] / scale
    weights = {name: round(float(value), 3) for name, value in zip(EVIDENCE, raw, strict=True)}
    weights["intercept"] = round(float(w[-1] - (w[:-1] * mean / scale).sum()), 3)
    print(weights, "threshold", round(1 / (1 + np.exp(-threshold)), 3))
    record = {"weights": weights, "threshold": round(float(1 / (1 + np.exp(-threshold))), 3)}
    record["chance"] = background(data)
    record["trained"] = {
        "reliability, classes alike": calibration,
        "pairs": {one: kinds.count(one) for one in sorted(set(kinds))},
        "script": "benchmarks/train/relation.py",
    }
    Path("provenance/relation.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
