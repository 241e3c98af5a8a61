"""Fingerprints of a batch: to the bit those of each text alone, and those of the packages."""

import json
from importlib.resources import files

import datasketch
import numpy as np
import pytest
import simhash
from hypothesis import given, settings
from hypothesis import strategies as st
from xxhash import xxh32_intdigest

from provenance.fingerprint import (
    fingerprint,
    from_datasketch,
    passage_minhashes,
    permutations,
    shingles,
    to_datasketch,
)
from provenance.kernels.prints import winnowed
from provenance.normalize import fold
from provenance.prints import Scratch, Wanted, prints, word_places
from provenance.tokens import pieces, tokens
from provenance.words import Vocabulary, passages, read

SCRATCH = Scratch()
LETTERS = "aZé ßÄ.,:'\"\n-19٣北京กาאבג״їйикаΑαн한국ﬁ①\u0301\u0327\u200b\u00ad\u0430\u0456\u0661\u066b\u1100\u1161"
TEXTS = [
    "",
    "one",
    "The river rose. " * 9,
    'U.S.A. 1,800 3rd צה"ל e\u0301te\u0301 paypаl',
    "a\nb\n\nC d",
    "북한 ﬁne №",
]


def arrow(texts):
    """Give texts as Arrow keeps them: bytes and offsets."""
    rows = [text.encode("utf-8", "surrogatepass") for text in texts]
    return np.frombuffer(b"".join(rows) or b"\0", np.uint8), np.cumsum([0, *map(len, rows)], dtype=np.int64)


def words_of(text):
    folded = fold(text).text
    found = tokens(folded)
    return pieces(folded, found, 0, len(found.starts)) if len(found.starts) else []


def hashed(words):
    return np.array([xxh32_intdigest(one.encode("utf-8", "surrogatepass")) for one in words], np.uint32)


def assert_as_alone(texts):
    made = prints(*arrow(texts), Wanted(simhash=True), SCRATCH)
    assert made.owners.tolist() == list(range(len(texts)))
    begin = 0
    for number, text in enumerate(texts):
        words = words_of(text)
        own = fingerprint(words, hashed(words))
        assert made.words[number].tolist() == [0, len(words)], text
        assert np.array_equal(made.minhashes[number], own.minhash), text
        assert not words or int(made.simhashes[number]) == own.simhash, text
        end = int(made.ends[number, 0])
        assert np.array_equal(np.unique(made.shingles[begin:end]), shingles(hashed(words))), text
        begin = end


def around(code):
    """Give a text in which a character stands in a word, before and after one, and by itself."""
    return f"on{chr(code)} {chr(code)}w 5{chr(code)}5 {chr(code)} x"


def codes(step):
    return [code for code in range(1, 0x110000, step) if not 0xD800 <= code < 0xE000]


def test_letters_of_all_scripts_are_read_as_alone():
    assert_as_alone([around(code) for code in codes(7919)])


@pytest.mark.soak
def test_every_code_point_is_read_as_alone():
    every = codes(1)
    for first in range(0, len(every), 10_000):
        assert_as_alone([around(code) for code in every[first : first + 10_000]])


def test_every_code_point_of_the_common_scripts_folds_as_alone():
    # One word each: the seals are equal if and only if the words are.
    some = [code for code in range(0x20, 0x3400) if not 0xD800 <= code < 0xE000]
    given_, folded = ([f"a{chr(code)}" for code in some], [fold(f"a{chr(code)}").text for code in some])
    ours, theirs = (prints(*arrow(texts), Wanted(minhash=False), SCRATCH) for texts in (given_, folded))
    assert np.array_equal(ours.seals, theirs.seals)


@given(st.lists(st.text(st.sampled_from(LETTERS), max_size=60), min_size=1, max_size=6))
@settings(deadline=None)
def test_odd_letters_are_read_as_alone(texts):
    assert_as_alone(texts)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
@settings(deadline=None)
def test_any_text_is_read_as_alone(texts):
    assert_as_alone([text.encode("utf-8", "replace").decode() for text in texts])


def test_words_of_any_length_and_number_are_hashed():
    texts = [" ".join("x" * size + "yz" for size in range(70)), " ".join(f"w{i * i % 997}" for i in range(40_000))]
    assert_as_alone([*texts, "the " * 1_000])


@given(st.binary(max_size=30))
@settings(deadline=None)
def test_bytes_that_are_no_text_do_no_harm(data):
    made = prints(np.frombuffer(data or b"\0", np.uint8), np.array([0, len(data)]), Wanted(), SCRATCH)
    replaced = words_of(data.decode("utf-8", "replace"))
    assert made.words.tolist() == [[0, len(replaced)]]


def test_passages_have_the_minhashes_that_the_index_keeps():
    text = "\n\n".join(" ".join(f"Word{i}x{j}" for j in range(30 + i)) + "." for i in range(5)) + "\nToo short."
    made = prints(*arrow(["", text]), Wanted(least=20), SCRATCH)
    vocabulary = Vocabulary()
    one = read(text, vocabulary)
    theirs = passage_minhashes(vocabulary.hashes[one.words], passages(one))
    assert np.array_equal(made.minhashes, theirs)
    assert made.owners.tolist() == [1] * 5


def test_a_line_broken_by_its_width_is_one_passage():
    words = [f"word{i}" for i in range(60)]
    text = "\n".join(" ".join(words[at : at + 10]) for at in range(0, 60, 10))
    assert prints(*arrow([text]), Wanted(least=20), SCRATCH).words.tolist() == [[0, 60]]


def test_characters_are_shingled_over_words_and_single_spaces():
    made = prints(*arrow(["Ab  Çd e\n"]), Wanted(shingle="character"), SCRATCH)
    expected = []
    for at in range(len("ab cd e") - 4):
        value = 0
        for letter in "ab cd e"[at : at + 5]:
            value = (value * 0x9E3779B1 + ord(letter)) % 2**32
        expected.append(value)
    assert made.shingles.tolist() == expected


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 9))
def test_anchors_are_the_last_least_of_every_window(values, window):
    out = [0] * (len(values) + 1)
    count = winnowed(values, len(values), window, out)
    least = []
    for at in range(max(1, len(values) - window + 1) if values else 0):
        part = values[at : at + window]
        place = at + max(i for i, value in enumerate(part) if value == min(part))
        if not least or least[-1] != place:
            least.append(place)
    assert out[:count] == [values[place] for place in least]


@pytest.mark.parametrize("text", TEXTS)
def test_places_of_words_are_in_the_source(text):
    starts, ends = word_places(text.encode(), SCRATCH)
    found = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    assert [words_of(one) for one in found] == [[word] for word in words_of(text)]


def test_the_vectors_that_come_with_the_library_hold():
    vectors = json.loads((files("provenance") / "vectors.json").read_text("utf-8"))
    texts = [one["text"] for one in vectors["texts"]]
    made = prints(*arrow(texts), Wanted(simhash=True), SCRATCH)
    assert permutations()[:, :4].tolist() == vectors["permutations"]
    for number, one in enumerate(vectors["texts"]):
        words = words_of(one["text"])
        assert words == one["words"]
        assert made.minhashes[number].tolist() == one["minhash"]
        assert f"{made.simhashes[number]:016x}" == one["simhash"]
        theirs = datasketch.MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=int)
        theirs.update_batch(shingles(hashed(words)).tolist())
        assert theirs.hashvalues.tolist() == one["minhash"]
        assert simhash.Simhash({word: words.count(word) for word in words}, f=64).value == int(one["simhash"], 16)


def test_minhashes_go_to_datasketch_and_come_back():
    made = prints(*arrow([TEXTS[2], TEXTS[2] + "and fell again."]), Wanted(), SCRATCH)
    a, b = map(to_datasketch, made.minhashes)
    assert a.jaccard(b) == float((made.minhashes[0] == made.minhashes[1]).mean())
    assert np.array_equal(from_datasketch(a), made.minhashes[0])
    with pytest.raises(ValueError, match="seed"):
        from_datasketch(datasketch.MinHash(num_perm=128, seed=2, scheme="affine32"))
    assert np.array_equal(permutations(), datasketch.MinHash(num_perm=128, seed=1, scheme="affine32").permutations)


def test_room_is_kept_but_for_very_long_texts():
    scratch = Scratch()
    small = scratch.working(100)
    assert scratch.working(4000) is small
    assert len(scratch.working(1 << 20)[0]) > 1 << 20
    assert scratch.working(10) is small
