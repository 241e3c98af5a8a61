"""What a reader remembers of a run's blocks: it never passes over a key that is there."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.stores import sieves
from provenance.stores.postings import KEY, Postings, Run, encoded, found_in, places, unframed
from provenance.stores.sieves import Sieve, sieves_for

KEYS = st.sets(st.integers(1, (1 << KEY) - 1), max_size=60)


def run_of(keys, bits=4, number=1):
    numbers = np.array(sorted(keys), dtype=np.uint64)
    run = Run(number, bits, 1, 9, len(numbers))
    return run, dict(encoded(run, Postings(numbers, np.full(len(numbers), 3, dtype=np.uint64))))


def asked_of(sieve, blocks, keys):
    """Look sorted keys up as a reader does; give those found, and how many blocks were read."""
    named = sieve.asked(keys)
    packed, held = unframed(sieve.run, named, [blocks.get(number, b"") for number in named.tolist()])
    sieve.learn(named, held)
    return set(found_in(sieve.run, packed, held, keys).keys.tolist()), len(named)


@given(KEYS, st.lists(KEYS, min_size=1, max_size=5), st.integers(0, 6), st.integers(sieves.LEAST, sieves.MOST))
def test_a_key_that_is_there_is_found_whatever_was_asked_before(stored, asked, bits, width):
    run, blocks = run_of(stored, bits)
    sieve = Sieve(run, width)
    for some in (*asked, stored, *asked):
        keys = np.array(sorted(some), dtype=np.uint64)
        assert asked_of(sieve, blocks, keys)[0] == some & stored


def test_a_block_is_read_again_only_for_what_it_may_have():
    draw = np.random.default_rng(1)
    run, blocks = run_of(draw.integers(1, 1 << KEY, 4_000).tolist(), bits=8)
    (sieve,) = sieves_for([run], {}).values()
    strange = np.unique(draw.integers(1, 1 << KEY, 500, dtype=np.uint64))
    assert asked_of(sieve, blocks, strange) == (set(), len(np.unique(places(run, strange))))
    assert asked_of(sieve, blocks, strange)[1] < 100


def test_what_is_known_stays_with_its_run_and_goes_with_it():
    (first, _), (second, _) = run_of({1, 2}), run_of({3}, number=2)
    known = sieves_for([first, second], {})
    other = Run(2, 4, 9, 12, 1)
    again = sieves_for([first, other], known)
    assert again[1] is known[1]
    assert again[2] is not known[2]


def test_many_postings_have_room_for_few_bits_each():
    large = Run(1, 24, 1, 1 << 30, 4_000_000_000)
    assert sieves_for([large], {})[1].asked(np.array([5], dtype=np.uint64)).tolist() == [0]
    small = sieves.sieves_for([Run(2, 10, 1, 1_000, 100_000)], {})[2]
    row, wide = sieves.width(large, large.postings), sieves.width(small.run, small.run.postings)
    assert (1 << large.bits) * (1 << row) <= 8 * sieves.ROOM
    assert row < wide
