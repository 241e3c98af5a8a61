"""Train the model that tells a page's article from its other blocks, cross-validated by site.

    python benchmarks/train/blocks.py DATA [--write]

DATA is a folder with pages/truth.jsonl.gz (JSON Lines: id, url, main_content) and pages/html/ID.html.gz. A
block is the article's where the reference text holds it. What names tell of a page is learned from other
sites only, and so are the likelihoods that the figures are printed for. With --write the model goes where the
package reads it; it needs lightgbm, which only training does.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import lightgbm
import numpy as np

from provenance.html import likelihood
from provenance.html.blocks import Blocks, read_shown
from provenance.html.content import outline
from provenance.html.features import UNKNOWN, Names, features, names_of
from provenance.html.markup import shallow, uncrowded
from provenance.html.metadata import Metadata
from provenance.html.tree import read_tree
from provenance.spread import publisher_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SETTINGS = {
    "objective": "binary",
    "num_leaves": 15,
    "max_depth": 6,
    "learning_rate": 0.1,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
}
TREES, FOLDS = 120, 5
FEWEST_SITES = 8  # that use a name: fewer say little of the next site
DOUBT = 4.0  # sites that know nothing, added to those that do
_TOKEN = re.compile(r"\w+")


class Labelled(NamedTuple):
    """A page, its site, and of each block whether it is the article's and how much it counts."""

    page: Blocks
    title: str
    site: str
    labels: np.ndarray
    weights: np.ndarray


def main() -> None:
    """Train, print the cross-validated figures, and write the model if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="write the model into the package")
    options = parser.parse_args()
    pages = [page for page in read(options.data / "pages") if page.page.blocks]
    told = {site: _told([page for page in pages if page.site == site]) for site in {page.site for page in pages}}
    fold = _folds(told)
    cross_validate(pages, told, fold)
    if options.write:
        trees = _flat(_train(pages, _rows(pages, told, fold)).dump_model()["tree_info"])
        target = Path(likelihood.__file__).with_name("blocks.json")
        names = {name: round(share, 3) for name, share in sorted(known_names(told.values()).items())}
        record = {"about": ABOUT, "trees": trees, "names": names}
        target.write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
        print(f"{target.name}: {target.stat().st_size} bytes, {len(names)} names")


ABOUT = (
    "Boosted trees over block features, and per tag or class name the share of text below it that is an "
    "article's. Trained by benchmarks/train/blocks.py on the development pages of WCXB, the Web Content "
    "Extraction Benchmark (CC BY 4.0); figures derived from it, no text of it."
)


def read(folder: Path) -> Iterator[Labelled]:
    """Give the labelled pages of a folder."""
    with gzip.open(folder / "truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            markup = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()).decode(
                "utf-8", "replace"
            )
            tokens, _ = read_tree(shallow(uncrowded(markup)))
            page, _ = read_shown(tokens)
            labels = _labels(page, row["main_content"] or "")
            sizes = np.sqrt([len(block.text) for block in page.blocks]) + 3
            host = urlsplit(row["url"] or "").hostname
            site = publisher_of(None, row["url"]) or host or row["id"]
            title = Metadata().read(tokens).title or ""
            yield Labelled(page, title, site, labels, sizes / max(1.0, sizes.sum()) ** 0.5)


def _labels(page: Blocks, truth: str) -> np.ndarray:
    """Say of each block whether the reference text holds most of its 4-grams, or a short one as it stands."""
    words = _TOKEN.findall(truth)
    grams = set(zip(words, words[1:], words[2:], words[3:], strict=False))
    lines = {" ".join(_TOKEN.findall(line.lower())) for line in truth.split("\n")}
    flat = f" {' '.join(words).lower()} "
    labels = []
    for block in page.blocks:
        own = _TOKEN.findall(block.text)
        if len(own) >= 6:
            found = [gram in grams for gram in zip(own, own[1:], own[2:], own[3:], strict=False)]
            labels.append(2 * sum(found) > len(found))
        else:
            folded = " ".join(own).lower()
            labels.append(folded in lines or (len(own) >= 3 and f" {folded} " in flat))
    return np.array(labels, dtype=float)


# --- what names tell ------------------------------------------------------------------------------------------


def _told(pages: Sequence[Labelled]) -> dict[str, float]:
    """Give per name used on a site's pages the share of the text below it that is the article's."""
    shares = defaultdict(list)
    for page in pages:
        for name, share in _shares(page).items():
            shares[name].append(share)
    return {name: sum(found) / len(found) for name, found in shares.items()}


def _shares(labelled: Labelled) -> dict[str, float]:
    page = labelled.page
    sizes = np.array([min(len(block.text), 300) + 20.0 for block in page.blocks])
    of = np.array([block.element for block in page.blocks])
    below = []
    for weights in (sizes, sizes * labelled.labels):
        running = np.concatenate([[0.0], np.cumsum(np.bincount(of, weights, len(page.elements)))])
        below.append(running[np.array(page.last)] - running[:-1])
    whole, good = defaultdict(float), defaultdict(float)
    for number, element in enumerate(page.elements):
        if number and below[0][number] > 0.5:
            for name in set(names_of(element.tag, element.names)):
                whole[name] += below[0][number]
                good[name] += below[1][number]
    return {name: good[name] / whole[name] for name in whole}


def known_names(told: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Give what names tell of the article, by the sites that use them."""
    sums: defaultdict[str, float] = defaultdict(float)
    counts: defaultdict[str, int] = defaultdict(int)
    for shares in told:
        for name, share in shares.items():
            sums[name] += share
            counts[name] += 1
    return {
        name: (sums[name] + DOUBT * UNKNOWN) / (count + DOUBT)
        for name, count in counts.items()
        if count >= FEWEST_SITES
    }


def _folds(sites: Iterable[str]) -> dict[str, int]:
    return {
        site: number % FOLDS for number, site in enumerate(np.random.default_rng(0).permutation(sorted(sites)))
    }


def _rows(
    pages: Sequence[Labelled],
    told: Mapping[str, dict[str, float]],
    fold: Mapping[str, int],
    held: int | None = None,
) -> list[np.ndarray]:
    """Give the pages' features, with names told by the sites of other folds than a page's own and the held one.

    By folds and not by all sites but its own: what is left when one site is taken from a sum tells that site's
    label, turned round, and trees find that out.
    """
    tables = [
        Names(known_names([shares for site, shares in told.items() if fold[site] not in (own, held)]))
        for own in range(FOLDS)
    ]
    return [features(page.page, outline(page.page), page.title, tables[fold[page.site]]) for page in pages]


# --- trees ----------------------------------------------------------------------------------------------------


def _train(pages: Sequence[Labelled], rows: Sequence[np.ndarray]) -> Any:
    data = lightgbm.Dataset(
        np.concatenate(rows),
        np.concatenate([page.labels for page in pages]),
        weight=np.concatenate([page.weights for page in pages]),
    )
    return lightgbm.train(SETTINGS, data, TREES)


def cross_validate(
    pages: Sequence[Labelled], told: Mapping[str, dict[str, float]], fold: Mapping[str, int]
) -> list[np.ndarray]:
    """Give each page's likelihoods from a model and names that saw no page of its fold, and print their worth."""
    found: list[np.ndarray] = [np.zeros(0)] * len(pages)
    for held in range(FOLDS):
        rows = _rows(pages, told, fold, held)
        rest = [number for number, page in enumerate(pages) if fold[page.site] != held]
        model = _train([pages[n] for n in rest], [rows[n] for n in rest])
        for number, page in enumerate(pages):
            if fold[page.site] == held:
                found[number] = model.predict(rows[number], num_threads=1)
    for least in (0.05, 0.15, 0.4, 0.6):
        figures = [_lost_and_left(page, likely >= least) for page, likely in zip(pages, found, strict=True)]
        lost, left = np.mean([figure for figure in figures if figure], axis=0)
        print(f"kept from {least}: {lost:.4f} of the article lost, {left:.4f} of what is kept is something else")
    return found


def _lost_and_left(page: Labelled, kept: np.ndarray) -> tuple[float, float] | None:
    """Give the share of the article that is lost and that of other text in what is kept; None without article."""
    sizes = np.array([len(block.text) for block in page.page.blocks])
    article = page.labels == 1
    if not article.any():
        return None
    lost, left = sizes[article & ~kept].sum(), sizes[kept & ~article].sum()
    return lost / sizes[article].sum(), left / max(1, sizes[kept].sum())


def _flat(trees: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Lay trees out as the package reads them: children side by side, a leaf its own child."""
    columns: dict[str, list[Any]] = {name: [] for name in ("feature", "threshold", "child", "value")}
    roots, deepest = [], 0
    for tree in trees:
        roots.append(len(columns["child"]))
        queue = [(tree["tree_structure"], _place(columns), 0)]
        while queue:
            node, at, depth = queue.pop()
            deepest = max(deepest, depth)
            if "split_feature" not in node:
                columns["value"][at] = round(node["leaf_value"], 4)
                continue
            columns["feature"][at] = node["split_feature"]
            columns["threshold"][at] = float(f"{node['threshold']:.9g}")
            low, high = _place(columns), _place(columns)
            columns["child"][at] = low
            queue += [(node["left_child"], low, depth + 1), (node["right_child"], high, depth + 1)]
    return {**columns, "roots": roots, "levels": deepest}


def _place(columns: dict[str, list[Any]]) -> int:
    at = len(columns["child"])
    for name, value in (("feature", 0), ("threshold", 1e30), ("child", at), ("value", 0.0)):
        columns[name].append(value)
    return at


if __name__ == "__main__":
    main()
