"""Copied passages."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import runs
from provenance.words import Vocabulary, read


def story(seed: int, words: int) -> list[str]:
    draw = random.Random(seed)
    return [f"w{draw.randrange(3000)}" for _ in range(words)]


def found(a: list[str], b: list[str]) -> list[runs.Run]:
    vocabulary = Vocabulary()
    return runs.find(read(" ".join(a), vocabulary), read(" ".join(b), vocabulary))


def test_a_planted_passage_is_found_to_the_word() -> None:
    passage = story(1, 60)
    a, b = story(2, 200) + passage + story(3, 100), story(4, 50) + passage + story(5, 300)
    assert found(a, b) == [runs.Run(200, 260, 50, 110, 60)]


def test_small_edits_do_not_break_a_passage() -> None:
    passage = story(1, 120)
    edited = [f"x{i}" if i % 15 == 7 else word for i, word in enumerate(passage)]
    (run,) = found(story(2, 80) + passage, story(3, 40) + edited)
    assert (run.a_start, run.a_end, run.b_start, run.b_end) == (80, 200, 40, 160)
    assert run.equal == 112


def test_swapped_passages_are_two() -> None:
    one, two = story(1, 50), story(2, 50)
    assert len(found(one + two, two + one)) == 2


def test_what_is_too_short_or_not_there_is_not_found() -> None:
    passage = story(1, runs.LEAST - 1)
    assert found(story(2, 50) + passage, passage + story(3, 50)) == []
    assert found([], story(1, 50)) == []


@pytest.mark.parametrize("words", [["a"], ["a", "b"], ["the", "minister", "said", "so"]])
def test_a_text_that_repeats_itself_is_a_copy_of_itself(words: list[str]) -> None:
    text = words * (4000 // len(words))
    (run,) = found(text, text)
    assert (run.a_start, run.a_end, run.b_start, run.b_end) == (0, len(text), 0, len(text))


@given(st.lists(st.sampled_from("abc"), max_size=80), st.lists(st.sampled_from("abc"), max_size=80))
def test_runs_are_spans_of_both(a: list[str], b: list[str]) -> None:
    for run in found(a, b):
        assert 0 <= run.a_start < run.a_end <= len(a)
        assert 0 <= run.b_start < run.b_end <= len(b)
        assert run.equal >= runs.LEAST
