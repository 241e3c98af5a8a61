"""The block model: what it says of pages with blocks enough, and the laws of its parts."""

import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import provenance
from provenance.html import read_page
from provenance.html.blocks import read_blocks
from provenance.html.content import FEW, SURE, outline, parts
from provenance.html.features import Names, features
from provenance.html.likelihood import likelihoods, predict, shipped
from provenance.html.tree import read_tree

PROSE = (
    "The council voted on Tuesday to close the old bridge after engineers found rust in four of its cables.",
    "Buses will take the road along the river until a ferry is ready, and the mayor asked for patience.",
    "Shopkeepers on the north bank fear for their trade, and some of them have asked the county for help.",
    "The bridge was built in 1931, and its last repair, twelve years ago, cost more than the town had planned.",
)
MENU = "".join(f"<li><a href=/{name}>{name}</a></li>" for name in "News Sport Culture Weather Travel".split())
TEASERS = "".join(
    f"<div class=card><a href=/{n}><h3>Choir number {n} sings in the harbour hall</h3></a><p>By Ada Voss</p></div>"
    for n in range(12)
)
ARTICLE = "".join(f"<p>{text}</p>" for text in PROSE * 2)
PAGE = (
    "<html><head><title>Bridge closed</title></head><body>"
    f"<div class=top><ul>{MENU}</ul></div><article><h1>Bridge closed</h1>{ARTICLE}</article>"
    f"<div class=cards>{TEASERS}</div><div class=bottom><p>© Lindow Post</p></div></body></html>"
)


def blocks_of(markup):
    return read_blocks(read_tree(markup)[0])


def test_a_page_with_blocks_enough_is_judged_by_the_model():
    found = provenance.clean(PAGE, html=True)
    assert all(text in found.text for text in PROSE)
    assert "Choir" not in found.text
    assert "Weather" not in found.text
    sure = {confidence for _, confidence in SURE}
    assert {removal.confidence for removal in read_page(PAGE).removals} <= sure


@pytest.mark.parametrize("around", ["<header class=masthead role=banner>{}</header>", "<nav>{}</nav>", "{}"])
def test_the_own_headline_is_the_articles_wherever_it_stands(around):
    headline = "<h1>Bridge closed</h1>"
    found = read_page(
        PAGE.replace(headline, "").replace("<div class=top>", f"{around.format(headline)}<div class=top>")
    )
    assert not any("Bridge closed" in removal.text for removal in found.removals)
    assert found.title == "Bridge closed"


def test_another_first_level_heading_is_judged_like_any_block():
    found = read_page(PAGE.replace("<div class=top>", "<nav><h1>Lindow Post</h1></nav><div class=top>"))
    assert any("Lindow Post" in removal.text for removal in found.removals)


def test_few_blocks_are_judged_by_the_rules_alone():
    page = blocks_of(f"<article>{ARTICLE}</article><nav>Home</nav>")
    assert len(page.blocks) < FEW
    assert [part.rule for part in parts(page) if part] == ["dom_nav"]


def test_a_likelihood_for_each_block():
    page = blocks_of(PAGE)
    found = likelihoods(page, outline(page), "Bridge closed")
    assert len(found) == len(page.blocks)
    assert all(0 <= one <= 1 for one in found)
    of = dict(zip((block.text for block in page.blocks), found, strict=True))
    assert min(of[text] for text in PROSE) > max(of["Weather"], of["© Lindow Post"])


@given(
    st.lists(st.sampled_from(["<p>", "<div class=ad>", "</div>", "words", PROSE[0], "<a href=/>", "</a>", "<h1>"]))
)
def test_features_are_figures_whatever_the_page(pieces):
    page = blocks_of("".join(pieces) + "<p>end")
    rows = features(page, outline(page), "", shipped().names)
    assert rows.shape == (len(page.blocks), shipped_width())
    assert np.isfinite(rows).all()


def shipped_width():
    page = blocks_of("<p>x")
    return features(page, outline(page), "", Names({})).shape[1]


def test_all_trees_at_once_give_what_each_gives_alone():
    trees = shipped().trees
    rows = np.random.default_rng(1).normal(1, 3, (20, shipped_width())).astype(np.float32)
    for row, likely in zip(rows, predict(trees, rows), strict=True):
        raw = 0.0
        for root in trees.roots:
            at = root
            while trees.child[at] != at:
                at = trees.child[at] + (row[trees.feature[at]] > trees.threshold[at])
            raw += trees.value[at]
        assert likely == pytest.approx(1 / (1 + np.exp(-raw)), abs=1e-6)


def test_the_model_file_is_whole_and_names_its_data():
    data = json.loads(files("provenance.html").joinpath("blocks.json").read_text("utf-8"))
    assert "CC BY 4.0" in data["about"]
    trees = data["trees"]
    count = len(trees["child"])
    assert {len(trees[name]) for name in ("feature", "threshold", "value")} == {count}
    assert max(trees["feature"]) < shipped_width()
    assert all(at <= child < count for at, child in enumerate(trees["child"]))
    assert all(0 <= share <= 1 for share in data["names"].values())
