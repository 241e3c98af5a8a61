"""The kernels of a batch, against plain definitions of what they give: long texts, edges, and what grows."""

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_prints import SCRATCH, arrow, assert_as_alone, words_of

from provenance.fingerprint import permutations
from provenance.kernels import wide
from provenance.kernels.prints import fewer, sealed
from provenance.prints import Wanted, prints, word_places

PLAIN = st.text(
    st.characters(min_codepoint=9, max_codepoint=126, exclude_characters="\x0b\x0c\r\x0e"), max_size=90
)
MIXED = st.text(st.sampled_from("aZ .é“”–\nß’1٣北йΑ①ﬁ"), max_size=9)
LONG = st.lists(st.one_of(PLAIN, PLAIN, MIXED), max_size=12).map("".join)
# More bytes folded than before, and words that are read without their quotation marks at the end of them.
GROWING = ["㎯" * 2_000, "½" * 2_000, "㏠" * 2_000, "㍿" * 700 + "א" * 1_500 + '"א', "5a " * 1_000, "ﷺ" * 50]

_eight, _lowest, _copied = wide.eight.compiled, wide.lowest.compiled, wide.copied.compiled
_lowered, _kinds, _least = wide.lowered.compiled, wide.kinds.compiled, wide.least.compiled


@numba.njit
def looked_at(text, at, low, to):
    return _lowered(text, at, low, to), _kinds(text, at), _eight(text, at), _copied(text, at, low, to + 64)


@numba.njit
def lowest_bit(mask):
    return _lowest(mask)


@numba.njit
def least(values, count, factors, terms, out):
    return _least(values, count, factors, terms, out)


@given(st.lists(LONG, min_size=1, max_size=3))
@settings(deadline=None)
def test_long_texts_are_read_as_alone(texts):
    assert_as_alone(texts)


@given(LONG)
@settings(deadline=None)
def test_letters_of_long_texts_are_those_of_their_words(text):
    made = prints(*arrow([text]), Wanted(shingle="character"), SCRATCH)
    letters = [ord(one) for one in " ".join(spelt(text))]
    value = np.zeros(max(0, len(letters) - 4), np.uint32)
    for step in range(5):
        value = value * np.uint32(0x9E3779B1) + np.array(letters[step : step + len(value)], np.uint32)
    assert np.array_equal(made.shingles, value)
    assert np.array_equal(made.minhashes[0], permuted(value))


def spelt(text):
    """Give the words of a text with the stops and quotation marks in them, as they stand in it when folded."""
    from provenance.normalize import fold
    from provenance.tokens import tokens

    folded = fold(text).text
    found = tokens(folded)
    return [folded[a:b] for a, b in zip(found.starts, found.ends, strict=True)]


def permuted(values):
    """Give the MinHash of shingles as datasketch's scheme is written down."""
    values = (values ^ values >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    values = (values ^ values >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    factors, terms = permutations()
    return (values[:, None] * factors + terms).min(axis=0, initial=np.uint32(0xFFFFFFFF))


@pytest.mark.parametrize("text", GROWING, ids=lambda text: f"{ord(text[0]):x}")
def test_texts_that_grow_when_folded_have_room(text):
    for wanted in (Wanted(), Wanted(shingle="character"), Wanted(least=1, minhash=False, window=16)):
        for texts in ([text], [text] * 40, ["x", text, ""]):
            made = prints(*arrow(texts), wanted, SCRATCH)
            words = dict(zip(made.owners.tolist(), made.words[:, 1].tolist(), strict=True))
            assert words[texts.index(text)] == len(words_of(text))
    assert len(word_places(text.encode(), SCRATCH)[0]) == len(words_of(text))


@pytest.mark.parametrize("size", [0, 1, 15, 16, 63, 64, 65, 127, 128, 129, 200])
def test_a_text_may_end_anywhere_in_a_block(size):
    text = ("Ab cd\n" * 40)[:size]
    assert_as_alone([text])
    assert_as_alone([text, text + "é", "B" * size, "1" * size, text])


@given(st.binary(min_size=80, max_size=80), st.integers(0, 16))
@settings(deadline=None)
def test_what_is_spelled_out_for_the_compiler_gives_what_it_says(data, at):
    text = np.frombuffer(data, np.uint8)
    ours, theirs = np.zeros(160, np.uint8), np.zeros(160, np.uint8)
    expected = (wide.lowered(text, at, theirs, 3), wide.kinds(text, at), wide.eight(text, at))
    assert looked_at(text, at, ours, 3) == (*expected, wide.copied(text, at, theirs, 67))
    assert np.array_equal(ours, theirs)


@given(st.integers(0, 2**64 - 1))
@settings(deadline=None)
def test_the_lowest_bit_is_the_lowest(mask):
    assert lowest_bit(np.uint64(mask)) == wide.lowest(mask) == next((n for n in range(64) if mask >> n & 1), 64)


@given(st.lists(st.integers(0, 2**32 - 1), max_size=70))
@settings(deadline=None)
def test_the_least_of_permuted_values_is_theirs_and_is_not_changed_by_what_is_left_out(given_):
    values = np.array(given_ * 2, np.uint32)
    ours, theirs, fewer_ = (np.zeros(128, np.uint32) for _ in range(3))
    factors, terms = permutations()
    least(values, len(values), factors, terms, ours)
    wide.least(values, len(values), factors, terms, theirs)
    left = fewer.compiled(values, len(values), np.zeros(1 << 13, np.uint32))
    assert set(values[:left].tolist()) == set(given_)
    least(values, left, factors, terms, fewer_)
    assert np.array_equal(ours, theirs)
    assert np.array_equal(ours, fewer_)


@given(st.lists(st.integers(0, 3), max_size=9), st.lists(st.integers(0, 3), max_size=9))
@settings(deadline=None)
def test_seals_are_equal_for_equal_words_alone(one, other):
    seals = [int(sealed.compiled(np.array(words, np.uint32), 0, len(words))) for words in (one, other)]
    assert (seals[0] == seals[1]) == (one == other)
