"""Train the line model, and say how well it does on sites it has not seen.

    python benchmarks/train/lines.py DATA [--out provenance/lines/model.npz] [--quick]

DATA holds `lines/extracted.jsonl.gz` (pages as lines with labels: body, junk, headline, mixed) and
`pages/truth.jsonl.gz` (their addresses). Needs the `train` extra. Every figure printed is of pages from sites
that the model used had not seen: the sites are divided into five folds, and nothing (lexicon, trees,
calibration) that judges a fold was made with it. The same input gives the same model. Beside its pages
as they are, the trees see them half cleaned, and in a news site's furniture of our own writing (`views.py`).
"""

from __future__ import annotations

import argparse
import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from catboost import CatBoostClassifier
from labelled import FOLDS, LABELS, Page, in_furniture, pages, surest
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from views import FEWEST, left_over

import provenance.lines as judging
from provenance.lines import context, local
from provenance.lines.characters import BITS, characters
from provenance.lines.vocabulary import table
from provenance.lines.weights import Lexicon, Model, Trees
from provenance.rules import chosen

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

cleaning = importlib.import_module("provenance.clean")

TREES = {"iterations": 300, "depth": 6, "learning_rate": 0.08, "l2_leaf_reg": 10, "rsm": 0.3, "subsample": 0.7}
RIDGE = 0.1  # of the lexicon: what most keeps it from learning its sites by heart
LONG, POWER, PAGE = 1_000, 0.65, 0.5  # a line counts by its length, but less than that; a page by its lines' sum
HEADLINE, HEADING = 0.3, 2.0  # weight of a page's own headline, and of the body's headings
# What the lines above a threshold may hold of the body's code points, and of its headings. Cleaning loses less,
# because it judges no text it does not know and never takes most of one: about .0008, .007 and .025.
LOSS = {"safe": 0.0035, "balanced": 0.0113, "strict": 0.0285}
HEADINGS = {"safe": 0.006, "balanced": 0.021, "strict": 0.10}
MARKS = ".!?\"'”’:;,"
AGAIN, FURNISHED = 0.5, 0.5  # weight of a page half cleaned, and in other furniture
WRITTEN = {1: 0.3, 2: 3.0}  # weight of what is written for it and of a headline, which there has a byline below
ABOUT = {
    "data": "WCXB (Web Content Extraction Benchmark), development split, as lines",
    "licence": "CC-BY-4.0",
    "language": "en",
    "script": "benchmarks/train/lines.py",
}


def weights(every: list[Page]) -> np.ndarray:
    """Give each line its weight in training; 0 for those of both kinds."""
    parts = []
    for page in every:
        size = np.minimum(sizes(page), LONG) ** POWER
        size[page.labels == LABELS["mixed"]] = 0
        size[page.labels == LABELS["headline"]] *= HEADLINE
        size[is_heading(page)] *= HEADING
        parts.append(size / max(size.sum(), 1) ** PAGE)
    weight = np.concatenate(parts)
    return weight / weight[weight > 0].mean()


def sizes(page: Page) -> np.ndarray:
    """Give the code points of each line."""
    return np.array([len(text) for text in page.lines.texts], float)


def is_heading(page: Page) -> np.ndarray:
    """Say which lines of the body are headings: short, and without a stop."""
    short = np.array([len(text) < judging.HEADING and text[-1] not in MARKS for text in page.lines.texts])
    return short & (page.labels == LABELS["body"])


# --- lexicon ----------------------------------------------------------------------------------------------


def bags(every: list[Page]) -> csr_matrix:
    """Give the words and pairs of words of every line, counts divided by the root of how many they are."""
    row, column, start = [], [], 0
    for page in every:
        chars = characters(page.lines.texts)
        paired, line = local.pairs(chars)
        row += [chars.word_line + start, line + start]
        column += [chars.numbers, paired + (1 << BITS)]
        start += len(page.lines)
    row, column = np.concatenate(row), np.concatenate(column)
    counts = csr_matrix((np.ones(len(row), np.float32), (row, column)), (start, 2 << BITS))
    words = np.maximum(counts.sum(axis=1).A1 if hasattr(counts.sum(axis=1), "A1") else counts.sum(axis=1), 2) / 2
    return diags(1 / np.sqrt(np.asarray(words).ravel())) @ counts


def lexicon(bag: csr_matrix, labels: np.ndarray, size: np.ndarray, use: np.ndarray) -> Lexicon:
    """Learn what words weigh, from the lines to use."""
    use = use & (labels != LABELS["mixed"])
    model = LogisticRegression(C=RIDGE, solver="liblinear", max_iter=60, random_state=1)
    model.fit(bag[use], labels[use] == LABELS["junk"], sample_weight=np.sqrt(size[use]) / 10)
    weight = model.coef_[0].astype(np.float32)
    scale = np.abs(weight).max() / 127
    weight = np.round(weight / scale) * scale  # as it is kept in the file
    return Lexicon(weight[: 1 << BITS], weight[1 << BITS :], table())


def features(page: Page, words: Lexicon) -> np.ndarray:
    """Give what the trees see of a page, as cleaning would show it to them."""
    shown = local.measure(page.lines.texts, page.lines.prose, words)
    return context.features(shown, np.arange(len(page.lines)), page.ruled)


# --- trees ------------------------------------------------------------------------------------------------


def grow(rows_: np.ndarray, junk: np.ndarray, weight: np.ndarray) -> Trees:
    """Train the trees and give them as arrays."""
    use = weight > 0
    model = CatBoostClassifier(
        **TREES,
        border_count=64,
        bootstrap_type="Bernoulli",
        random_seed=1,
        thread_count=2,
        verbose=False,
        allow_writing_files=False,
    )
    model.fit(rows_[use], junk[use].astype(int), sample_weight=weight[use])
    path = Path("build/lines.json")
    path.parent.mkdir(exist_ok=True)
    model.save_model(str(path), format="json")
    return as_arrays(json.loads(path.read_text("utf-8")))


def as_arrays(saved: dict) -> Trees:
    """Give the trees of a saved model; one of fewer questions than the depth asks its last ones in vain."""
    depth, trees = TREES["depth"], saved["oblivious_trees"]
    columns = np.zeros((depth, len(trees)), np.int64)
    borders = np.full((depth, len(trees)), np.inf, np.float32)
    leaves = np.zeros((len(trees), 1 << depth), np.float32)
    for number, tree in enumerate(trees):
        for level, split in enumerate(tree["splits"] or []):
            columns[level, number] = split["float_feature_index"]
            borders[level, number] = split["border"]
        leaves[number, : len(tree["leaf_values"])] = tree["leaf_values"]
    scale, bias = saved["scale_and_bias"]
    return Trees(columns, borders, (leaves * scale).astype(np.float32), float(np.ravel(bias)[0]))


# --- folds ------------------------------------------------------------------------------------------------


class Training:
    """The data as arrays over all lines, and models made from parts of it."""

    def __init__(self, every: list[Page]) -> None:
        self.pages = every
        self.labels = np.concatenate([page.labels for page in every])
        self.size = np.concatenate([sizes(page) for page in every])
        self.weight = weights(every)
        self.furnished = in_furniture(every)
        self.fold = np.repeat([page.fold for page in every], [len(page.lines) for page in every])
        self.bag = bags(every)

    def without(self, *folds: int) -> Lexicon:
        """Learn a lexicon from all folds but these."""
        return lexicon(self.bag, self.labels, self.size, ~np.isin(self.fold, folds))

    def rows(self, lexicons: dict[int, Lexicon]) -> np.ndarray:
        """Give the features of the pages of some folds, each by its own lexicon; zeros for the others."""
        parts = [
            features(page, lexicons[page.fold])
            if page.fold in lexicons
            else np.zeros((len(page.lines), len(context.NAMES)), np.float32)
            for page in self.pages
        ]
        return np.vstack(parts)

    def model(self, left_out: int | None) -> tuple[Lexicon, Trees]:
        """Train on all folds but one: trees see words weighed by a lexicon that has not seen their page."""
        folds = [fold for fold in range(FOLDS) if fold != left_out]
        seen = [] if left_out is None else [left_out]
        parts = list(self.examples({fold: self.without(fold, *seen) for fold in folds}))
        table_, labels, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
        return self.without(*seen), grow(table_, labels == LABELS["junk"], weight)

    def examples(self, lexicons: dict[int, Lexicon]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Give features, labels and weights of the pages of some folds: as they are, half cleaned, furnished."""
        draw = np.random.default_rng(1)
        for page, weight in self.weighed(self.pages, self.weight, lexicons):
            shown = local.measure(page.lines.texts, page.lines.prose, lexicons[page.fold])
            yield context.features(shown, np.arange(len(page.lines)), page.ruled), page.labels, weight
            kept = left_over(page.labels, page.ruled, shown.rows[:, local.PLACE["lexicon"]], draw)
            if FEWEST <= len(kept) < len(page.lines):
                ruled = surest(chosen(page.lines, kept.tolist()))
                yield context.features(shown, kept, ruled), page.labels[kept], weight[kept] * AGAIN
        for page, weight in self.weighed(self.furnished, weights(self.furnished), lexicons):
            by_label = np.array([WRITTEN.get(label, 1.0) for label in page.labels.tolist()])
            yield features(page, lexicons[page.fold]), page.labels, weight * by_label * FURNISHED

    def weighed(
        self, every: list[Page], weight: np.ndarray, folds: Container[int]
    ) -> Iterator[tuple[Page, np.ndarray]]:
        """Give the pages of some folds, each with the weights of its lines."""
        ends = np.cumsum([len(page.lines) for page in every])
        for page, part in zip(every, np.split(weight, ends[:-1]), strict=True):
            if page.fold in folds:
                yield page, part


def calibrated(score: np.ndarray, junk: np.ndarray) -> tuple[float, float]:
    """Give slope and shift that make a probability of a score (Platt, 1999)."""
    model = LogisticRegression(C=1e6).fit(score[:, None], junk)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def thresholds(training: Training, chance: np.ndarray) -> tuple[dict[str, float], dict[str, float]]:
    """Give the least chance that removes, by strictness: for headings, and for all other lines."""
    ruled = np.concatenate([page.ruled for page in training.pages])
    heading = np.concatenate([is_heading(page) for page in training.pages])
    short = np.concatenate(
        [[len(t) < judging.HEADING and t[-1] not in MARKS for t in page.lines.texts] for page in training.pages]
    )
    body = training.labels == LABELS["body"]
    least, least_heading = {}, {}
    for level, rule in cleaning.LEAST.items():
        by_rule = ruled >= rule
        lost = training.size * body
        least_heading[level] = lowest(
            chance, heading & ~by_rule, HEADINGS[level] * heading.sum() - (heading & by_rule).sum()
        )
        gone = by_rule | (short & (chance >= least_heading[level]))
        allowed = LOSS[level] * lost.sum() - lost[gone].sum()
        least[level] = lowest(chance, np.where(short | by_rule, 0, lost), allowed)
    return least, least_heading


def lowest(chance: np.ndarray, lost: np.ndarray, allowed: float) -> float:
    """Give the lowest chance (to a thousandth) above which no more is lost than allowed."""
    order = np.argsort(-chance, kind="stable")
    over = np.cumsum(lost[order]) > max(allowed, 0)
    limit = chance[order][over.argmax()] if over.any() else 0.05
    return round(float(np.ceil(limit * 1000 + 1) / 1000), 3)


# --- figures ----------------------------------------------------------------------------------------------


def reliability(chance: np.ndarray, junk: np.ndarray) -> None:
    """Print how many of the lines of each probability are junk."""
    print("probability   lines  junk among them")
    for low in np.arange(0, 1, 0.1):
        here = (chance >= low) & (chance < low + 0.1)
        print(f"  {low:.1f} to {low + 0.1:.1f} {here.sum():7}  {junk[here].mean():.3f}")


def figures(training: Training, models: list[Model], strictness: str) -> tuple[dict[str, float], dict[str, int]]:
    """Clean every page with the model that has not seen its site, and count code points."""
    lost = kept = gone = junk = headings = headings_kept = 0
    reasons: dict[str, int] = {}
    for page in training.pages:
        use(models[page.fold])
        text = "\n".join(page.lines.texts)
        cleaned = cleaning.clean(text, strictness=strictness)
        removed = np.zeros(len(page.lines), bool)
        for removal in cleaned.removals:
            first, last = np.searchsorted(page.lines.starts, [removal.start, removal.end])
            removed[first:last] = True
            size = int(sizes(page)[first:last][page.labels[first:last] == LABELS["junk"]].sum())
            reasons[removal.reason] = reasons.get(removal.reason, 0) + size
        size, is_junk, is_body = sizes(page), page.labels == LABELS["junk"], page.labels == LABELS["body"]
        lost, kept = lost + size[is_body & removed].sum(), kept + size[is_body & ~removed].sum()
        gone, junk = gone + size[is_junk & removed].sum(), junk + size[is_junk].sum()
        heading = is_heading(page)
        headings, headings_kept = headings + heading.sum(), headings_kept + (heading & ~removed).sum()
    shares = {
        "body_loss": lost / (lost + kept),
        "headings": headings_kept / headings,
        "junk_recall": gone / junk,
        "junk_f1": 2 * gone / (gone + lost + junk),
    }
    return {name: round(float(value), 4) for name, value in shares.items()}, reasons


def use(chosen: Model) -> None:
    """Let cleaning judge by this model."""
    judging.model = lambda: chosen


def main() -> None:
    """Train on all but each fold, print the figures, train on all and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("provenance/lines/model.npz"))
    options = parser.parse_args()
    training = Training(pages(options.data))
    folds = [training.model(fold) for fold in range(FOLDS)]
    table_ = training.rows({fold: words for fold, (words, _) in enumerate(folds)})
    score = np.zeros(len(table_))
    for fold, (_, trees) in enumerate(folds):
        score[training.fold == fold] = trees.score(table_[training.fold == fold].T)
    told = (training.labels == LABELS["body"]) | (training.labels == LABELS["junk"])
    slope, shift = calibrated(score[told], training.labels[told])
    chance = 1 / (1 + np.exp(-(slope * score + shift)))
    reliability(chance[told], training.labels[told])
    least, least_heading = thresholds(training, chance)
    models = [Model(words, trees, slope, shift, least, least_heading, {}) for words, trees in folds]
    about = {
        **ABOUT,
        "pages": len(training.pages),
        "sites": len({page.site for page in training.pages}),
        "folds": {},
    }
    for level in cleaning.LEAST:
        about["folds"][level], reasons = figures(training, models, level)
        print(level, least[level], least_heading[level], about["folds"][level])
        print("  junk removed by reason", dict(sorted(reasons.items(), key=lambda item: -item[1])))
    words, trees = training.model(None)
    write(options.out, replace(models[0], lexicon=words, trees=trees, about=about))


def write(path: Path, made: Model) -> None:
    """Write the model: arrays, and all single values as JSON."""
    weight = np.stack([made.lexicon.words, made.lexicon.pairs])
    scale = float(np.abs(weight).max() / 127)
    about = {
        **made.about,
        "slope": made.slope,
        "shift": made.shift,
        "bias": made.trees.bias,
        "lexicon_scale": scale,
        "least": made.least,
        "least_heading": made.least_heading,
    }
    words, pairs = np.round(weight / scale).astype(np.int8)
    np.savez_compressed(
        path,
        about=np.array(json.dumps(about)),
        words=words,
        pairs=pairs,
        features=made.trees.features.astype(np.int16),
        borders=made.trees.borders,
        leaves=made.trees.leaves,
    )


if __name__ == "__main__":
    main()
