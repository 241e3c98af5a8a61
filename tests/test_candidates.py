"""Candidate pairs."""

import numpy as np

from provenance.candidates import by_anchors, by_bands
from provenance.words import Vocabulary, read

STORY = (
    "Harbour pilots in Zeebrugge refused to board the tanker Calliope on Thursday. "
    "The Liberian-flagged vessel had leaked kerosene since passing Guernsey, inspectors wrote."
)
RETOLD = (
    "On Thursday the tanker Calliope waited outside Zeebrugge because pilots would not go aboard. "
    "Inspectors say kerosene has been escaping from the ship, which flies Liberia's flag, since Guernsey."
)
OTHERS = [
    f"Council number {i} discussed parking fees in the town hall. Residents of street {i} were unhappy about it."
    for i in range(40)
]


def pairs_of(texts: list[str]) -> list[list[int]]:
    vocabulary = Vocabulary()
    return by_anchors([read(text, vocabulary) for text in texts], np.array(vocabulary.chances)).tolist()


def test_a_retold_story_is_a_candidate_and_little_else_is() -> None:
    found = pairs_of([*OTHERS, STORY, RETOLD])
    assert [40, 41] in found
    assert not [pair for pair in found if (pair[0] < 40) != (pair[1] < 40)]


def test_an_anchor_that_all_share_votes_for_none() -> None:
    assert pairs_of([STORY] * 60) == []  # exact copies are the bands' business


def test_few_documents() -> None:
    assert pairs_of([STORY]) == []
    assert pairs_of(["", STORY]) == []


def test_bands_join_copies_to_their_first() -> None:
    bands = np.array([[1, 2], [3, 4], [1, 5], [0, 0], [0, 0]], dtype=np.uint64)
    assert by_bands(bands, np.arange(5)).tolist() == [[0, 2]]
    many = np.full((100, 2), 7, dtype=np.uint64)
    assert by_bands(many, np.arange(100)).tolist() == [[0, i] for i in range(1, 100)]


def test_passages_join_their_documents_and_never_one_to_itself() -> None:
    bands = np.array([[1, 2], [1, 2], [9, 2], [1, 8]], dtype=np.uint64)
    assert by_bands(bands, np.array([0, 0, 1, 2])).tolist() == [[0, 1], [0, 2]]
