"""Copied passages."""

import random
from collections.abc import Iterable
from itertools import chain

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


def joined(parts: Iterable[list[str]]) -> list[str]:
    return list(chain.from_iterable(parts))


def edited(words: list[str], every: int) -> list[str]:
    return [f"x{i}" if i % every == every - 1 else word for i, word in enumerate(words)]


@pytest.mark.parametrize("every", [8, 10, 1000])
def test_each_moved_paragraph_is_a_passage(every: int) -> None:
    paragraphs = [story(seed, 30 + 5 * seed) for seed in range(8)]
    order = [2, 0, 1, 5, 7, 4, 3, 6]  # gaps between 0 and 2, 5 and 7 are no longer than one may be
    a, b = joined(paragraphs), joined(edited(paragraphs[i], every) for i in order)
    starts_a = {i: sum(len(part) for part in paragraphs[:i]) for i in range(8)}
    starts_b = {i: sum(len(paragraphs[j]) for j in order[: order.index(i)]) for i in range(8)}
    runs_found = found(a, b)
    for i, paragraph in enumerate(paragraphs):
        middle = len(paragraph) // 2
        leads = [
            run.b_start - run.a_start for run in runs_found if run.a_start <= starts_a[i] + middle < run.a_end
        ]
        assert leads == [starts_b[i] - starts_a[i]]


def test_a_gap_may_not_pass_over_what_was_moved_here_from_elsewhere() -> None:
    one, two, moved = story(1, 60), story(2, 60), story(3, 20)
    a, b = one + two + story(4, 200) + moved, one + moved + two
    assert [(run.a_start, run.b_start, run.equal) for run in found(a, b)] == [
        (0, 0, 60),
        (60, 80, 60),
        (320, 60, 20),
    ]


def test_a_gap_may_pass_over_what_is_nowhere_else() -> None:
    one, two, added = story(1, 60), story(2, 60), story(3, 20)
    assert found(one + two, one + added + two) == [runs.Run(0, 120, 0, 140, 120)]


def test_a_phrase_that_recurs_elsewhere_does_not_break_a_passage() -> None:
    one, two, phrase = story(1, 60), story(2, 60), story(3, 7)
    a, b = one + phrase + two + story(4, 50), one + story(5, 7) + two + story(6, 90) + phrase
    assert found(a, b) == [runs.Run(0, 127, 0, 127, 120)]


def test_many_shuffled_sentences_are_found_where_they_went() -> None:
    sentences = [story(seed, 15) for seed in range(400)]
    order = random.Random(0).sample(range(400), 400)
    runs_found = found(joined(sentences), joined(sentences[i] for i in order))
    led = {word: run.b_start + word - run.a_start for run in runs_found for word in range(run.a_start, run.a_end)}
    right = sum(led.get(15 * i + 7) == 15 * order.index(i) + 7 for i in range(400))
    assert right >= 396


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
