"""MinHash and SimHash: the packages' own values, and their use."""

from collections import Counter

import datasketch
import numpy as np
import simhash
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh32_intdigest

from provenance.fingerprint import bands, digests, distance, fingerprint, jaccard, shingles


def hashed(words: list[str]) -> np.ndarray:
    return np.array([xxh32_intdigest(word.encode()) for word in words], dtype=np.uint32)


def sketch(words: list[str]):
    return fingerprint(words, hashed(words))


def by_definition(words: list[str]) -> set[int]:
    found = set()
    for i in range(len(words) - 4):
        value = 0
        for word in words[i : i + 5]:
            value = (value * 0x9E3779B1 + xxh32_intdigest(word.encode())) % 2**32
        found.add(value)
    return found


@given(st.lists(st.sampled_from("abcdefg"), max_size=30))
def test_fingerprints_are_the_packages_own(words: list[str]) -> None:
    own = sketch(words)
    assert set(shingles(hashed(words)).tolist()) == by_definition(words)
    theirs = datasketch.MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda value: value)
    for value in by_definition(words):
        theirs.update(value)
    assert np.array_equal(own.minhash, theirs.hashvalues)
    if words:
        assert own.simhash == simhash.Simhash({word: words.count(word) for word in words}, f=64).value


def test_fingerprints_of_long_texts_are_the_packages_own() -> None:
    words = [f"w{i * i % 1801}" for i in range(6_000)] + ["the"] * 200  # several blocks, and heavy weights
    theirs = datasketch.MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda value: value)
    theirs.update_batch(by_definition(words))
    assert np.array_equal(sketch(words).minhash, theirs.hashvalues)
    assert sketch(words).simhash == simhash.Simhash(dict(Counter(words)), f=64).value


@given(st.lists(st.sampled_from(["a", "b", "the", "北", "é"]), max_size=30))
def test_numbers_of_a_vocabulary_stand_for_its_words(words: list[str]) -> None:
    vocabulary = ["the", "é", "b", "unused", "a", "北"]
    numbers = np.array([vocabulary.index(word) for word in words], dtype=np.int32)
    own = fingerprint(numbers, hashed(words), digests(vocabulary))
    assert own.simhash == sketch(words).simhash
    assert np.array_equal(own.minhash, sketch(words).minhash)


def test_a_word_that_recurs_very_often_does_not_overflow() -> None:
    assert sketch(["word"] * 1000).simhash == sketch(["word"] * 255).simhash


def test_jaccard_is_estimated() -> None:
    words = [f"w{i}" for i in range(400)]
    edited = words[:300] + [f"x{i}" for i in range(100)]
    true = len(by_definition(words) & by_definition(edited)) / len(by_definition(words) | by_definition(edited))
    assert abs(jaccard(sketch(words), sketch(edited)) - true) < 0.12
    assert distance(sketch(words), sketch(words)) == 0
    assert 0 < distance(sketch(words), sketch(edited)) < 32


def test_texts_too_short_to_say_anything_are_equal_to_nothing() -> None:
    short, empty = sketch(["one"]), sketch([])
    assert jaccard(short, empty) == jaccard(empty, empty) == 0.0
    assert not bands([short, empty]).any()
