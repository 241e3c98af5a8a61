"""Fingerprints of a batch: to the bit those of each text alone, and those of the packages."""

import sys

import datasketch
import numpy as np
import pytest
import simhash
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh32_intdigest

from provenance.characters import Characters
from provenance.fingerprint import fingerprint, shingles
from provenance.normalize import fold
from provenance.prints import Scratch, Wanted, prints
from provenance.tokens import pieces, tokens

SCRATCH = Scratch()
LETTERS = "aZé ßÄ.,:'\"\n-19٣北京กาאבג״їйикаΑαн한국ﬁ①\u0301\u0327\u200b\u00ad\u0430\u0456\u0661\u066b\u1100\u1161क्षि😀ǅ"


def arrow(texts):
    """Give texts as Arrow keeps them: bytes and offsets."""
    rows = [text.encode("utf-8", "surrogatepass") for text in texts]
    return np.frombuffer(b"".join(rows) or b"\0", np.uint8), np.cumsum([0, *map(len, rows)], dtype=np.int64)


def words_of(text):
    folded = fold(text).text
    found = tokens(folded)
    return pieces(folded, found, 0, len(found.starts)) if len(found.starts) else []


def alone(text):
    words = words_of(text)
    hashes = np.array([xxh32_intdigest(one.encode("utf-8", "surrogatepass")) for one in words], np.uint32)
    return fingerprint(words, hashes), hashes


def assert_as_alone(texts):
    made = prints(*arrow(texts), Wanted(simhash=True), SCRATCH)
    assert made.owners.tolist() == list(range(len(texts)))
    begin = 0
    for number, text in enumerate(texts):
        own, hashes = alone(text)
        assert made.words[number].tolist() == [0, len(hashes)], text
        assert np.array_equal(made.minhashes[number], own.minhash), text
        assert len(hashes) == 0 or int(made.simhashes[number]) == own.simhash, text
        end = int(made.ends[number, 0])
        assert np.array_equal(np.unique(made.shingles[begin:end]), shingles(hashes)), text
        begin = end


def test_every_code_point_is_folded_and_read_as_alone():
    for first in range(0, 0x110000, 0x8000):
        codes = [code for code in range(first, first + 0x8000) if not 0xD800 <= code < 0xE000]
        texts = [f"one tw{chr(code)} {chr(code)}a four 5{chr(code)} six" for code in codes[:: 1 if first < 0x20000 else 64]]
        assert_as_alone(texts)


@given(st.lists(st.text(st.sampled_from(LETTERS), max_size=60), min_size=1, max_size=6))
def test_odd_letters_are_read_as_alone(texts):
    assert_as_alone(texts)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_any_text_is_read_as_alone(texts):
    assert_as_alone([text.encode("utf-8", "replace").decode() for text in texts])
