"""Sentence alignment."""

import random

import numpy as np
import pytest

from provenance import align
from provenance.align import LENIENT, STRICT, chain, seed, table
from provenance.words import Vocabulary, read

STORY = [
    "Harbour pilots in Zeebrugge refused to board the tanker Calliope on Thursday.",
    "The Liberian-flagged vessel had leaked kerosene since passing Guernsey, inspectors wrote.",
    "Its owner, a shipping firm in Piraeus, rejected the report as exaggerated.",
    "Dockworkers said the smell had reached the town's market square by noon.",
    "A tugboat will hold the ship offshore until divers have examined the hull.",
]
RETOLD = [
    "The tanker Calliope was refused on Thursday by pilots of Zeebrugge harbour, who would not board it.",
    "Inspectors wrote that kerosene had been leaking from the vessel, under Liberian flag, since Guernsey.",
    "The report is exaggerated, says its owner, a firm from Piraeus.",
    "By noon the smell reached the market square, dockworkers said.",
    "Divers must examine the hull; until then a tugboat holds the ship offshore.",
]


def aligned(a: list[str], b: list[str]):
    vocabulary = Vocabulary()
    texts = [read("\n\n".join(side), vocabulary) for side in (a, b)]
    return table(*texts, np.array(vocabulary.chances))


def pairs_of(a: list[str], b: list[str]) -> list[list[tuple[int, int]]]:
    found = chain(seed(aligned(a, b), STRICT), 8)
    return [list(zip(one.a.tolist(), one.b.tolist(), strict=True)) for one in found]


def test_a_retold_story_is_one_chain() -> None:
    assert pairs_of(STORY, RETOLD) == [[(i, i) for i in range(5)]]


def test_swapped_paragraphs_give_several_chains() -> None:
    found = pairs_of(STORY, RETOLD[3:] + RETOLD[:3])
    assert sorted(pair for one in found for pair in one) == [(0, 2), (1, 3), (2, 4), (3, 0), (4, 1)]
    assert len(found) == 2


def test_a_sentence_told_in_two_is_aligned_with_both() -> None:
    told = ["Pilots in Zeebrugge harbour acted on Thursday.", "They refused to board the tanker Calliope."]
    assert pairs_of(STORY, told + RETOLD[1:])[0][:2] == [(0, 0), (0, 1)]


def test_unrelated_texts_have_no_chain() -> None:
    other = ["Parliament debated the pension bill for nine hours.", "The vote was postponed until spring."]
    assert pairs_of(STORY, other) == []


def test_chains_use_no_pair_twice_and_run_forward() -> None:
    draw = random.Random(3)
    sentences = STORY + RETOLD
    a, b = ([draw.choice(sentences) for _ in range(30)] for _ in range(2))
    found = chain(seed(aligned(a, b), LENIENT), 8)
    pairs = [pair for one in found for pair in zip(one.a.tolist(), one.b.tolist(), strict=True)]
    assert len(pairs) == len(set(pairs))
    for one in found:
        assert (np.diff(one.a) >= 0).all()
        assert (np.diff(one.b) >= 0).all()


def test_the_sparse_way_gives_what_the_dense_way_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    dense = aligned(STORY * 3, RETOLD)
    monkeypatch.setattr(align, "DENSE", 0)
    sparse = aligned(STORY * 3, RETOLD)
    assert np.array_equal(dense.a, sparse.a)
    assert np.array_equal(dense.b, sparse.b)
    assert np.allclose(dense.shared, sparse.shared, rtol=1e-4)


def test_a_team_list_counts_for_little() -> None:
    team = ["Adam Brown (Leeds), Carl Dunn (York), Eric Ford (Hull), Greg Hart (Bath), Ian Jones (Sale)."]
    other = ["Carl Dunn (York), Greg Hart (Bath), Ian Jones (Sale), Adam Brown (Leeds), Ken Lloyd (Ayr)."]
    prose = ["Adam Brown of Leeds met Carl Dunn of York and later Eric Ford of Hull near Bath by the canal."]
    retold = ["Near Bath, by the canal, Carl Dunn of York was met by Adam Brown of Leeds, then Eric Ford of Hull."]
    assert seed(aligned(team, other), STRICT).score.sum() < 0.5 * seed(aligned(prose, retold), STRICT).score.sum()
