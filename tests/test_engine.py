"""The steps of a batch: pairs, components and who is kept, each against its definition."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.engine.components import components
from provenance.engine.joining import MOST, pairs_of
from provenance.engine.settings import DedupSettings
from provenance.errors import SettingsError
from provenance.kernels.pairs import chosen, common, likeness

EDGES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(lambda pair: pair[0] != pair[1]), max_size=40
)


def by_search(edges):
    """Give the least member of each one's component, by looking at all edges until nothing changes."""
    label = {member: member for pair in edges for member in pair}
    changed = True
    while changed:
        changed = False
        for a, b in edges:
            least = min(label[a], label[b])
            changed |= label[a] != least or label[b] != least
            label[a] = label[b] = least
    return label


@pytest.mark.parametrize("part", [1, 3, 1000])
@given(edges=EDGES.filter(bool))
@settings(max_examples=8, deadline=None)
def test_components_are_those_of_a_search_however_the_edges_are_parted(part, edges):
    table = pa.table([pa.array(list(side), pa.uint64()) for side in zip(*edges, strict=True)], ["a", "b"])
    found = components(table, part).to_pydict()
    assert dict(zip(found["member"], found["label"], strict=True)) == by_search(edges)


def test_a_long_chain_in_small_parts_is_one_component():
    order = np.random.default_rng(1).permutation(2_000).astype(np.uint64)
    found = components(pa.table([order[:-1], order[1:]], ["a", "b"]), 7)
    assert found["label"].unique().to_pylist() == [0]
    assert len(found) == 2_000


def listed(*lists):
    return pa.array(list(lists), pa.large_list(pa.uint64()))


def test_pairs_are_of_different_texts_and_copies_go_with_the_first():
    keys = pa.array([7, 8, 9], pa.uint64())
    units = listed([5, 3, 4], [3, 1], [6, 2, 1])
    seals = listed([50, 30, 30], [8, 8], [1, 2, 1])
    found = [[(pair["a"], pair["b"]) for pair in one] for one in pairs_of(keys, units, seals).to_pylist()]
    assert found == [[(3, 5)], [(1, 3)], [(1, 2)]]  # 8 is the seal itself: exact copies


def test_a_large_bucket_costs_no_more_than_its_size():
    units = list(range(1000))
    found = pairs_of(pa.array([1], pa.uint64()), listed(units), listed([one + 5 for one in units]))
    assert len(found[0]) <= (MOST + 1) * len(units)


@given(st.permutations(range(40)))
@settings(max_examples=20)
def test_a_large_bucket_is_paired_with_those_that_stay_first_whatever_their_order(units):
    (found,) = pairs_of(pa.array([1], pa.uint64()), listed(units), listed([one + 5 for one in units])).to_pylist()
    pairs = {(pair["a"], pair["b"]) for pair in found}
    assert {(a, b) for a, b in pairs if a != b} == {(a, b) for a in range(MOST) for b in range(a + 1, 40)}
    assert {a for a, b in pairs if a == b} == set(range(MOST, 40))


@given(st.lists(st.integers(0, 9), max_size=20), st.lists(st.integers(0, 9), max_size=20))
def test_likeness_is_jaccards(one, other):
    a, b = set(one), set(other)
    expected = len(a & b) / len(a | b) if a | b else 0.0
    table = np.zeros(64, np.uint64)
    for stamp in (1, 2):
        assert likeness.compiled(np.array(one, np.uint32), np.array(other, np.uint32), stamp, table) == expected


@given(st.lists(st.integers(0, 5), max_size=30), st.lists(st.integers(0, 5), max_size=30))
def test_runs_begin_and_end_with_what_both_have(one, other):
    order = sorted(range(len(other)), key=other.__getitem__)
    out = [0] * (4 * 64)
    for number in range(common(one, other, order, (1, 2, 64), out)):
        first, last, start, end = out[4 * number : 4 * number + 4]
        assert one[first] == other[start]
        assert one[last - 1] == other[end - 1]
        assert 0 <= first < last <= len(one)
        assert 0 <= start < end <= len(other)


@given(EDGES, st.integers(0, 5))
def test_what_goes_is_like_something_that_stays_and_what_stays_is_unlike_each_other(edges, fixed):
    edges = sorted({*edges, *((b, a) for a, b in edges)})
    ends = [sum(a <= unit for a, _ in edges) for unit in range(31)]
    match, score = [0] * 31, [0.0] * 31
    kept = chosen(
        list(range(31)), (ends, [b for _, b in edges], [0.9] * len(edges)), [fixed], (_All(match), score)
    )
    stays = {unit for unit in range(31) if match[unit] == -1}
    assert kept == len(stays)
    assert set(range(fixed)) <= stays
    for a, b in edges:
        assert not {a, b} <= stays or max(a, b) < fixed
    for unit in set(range(31)) - stays:
        assert match[unit] in stays
        assert (unit, match[unit]) in edges


class _All(list):
    """A list that `values[:] = value` fills, as an array does."""

    def __init__(self, values):
        super().__init__(values)
        self.own = values

    def __setitem__(self, place, value):
        if isinstance(place, slice):
            value = [value] * len(self)
        super().__setitem__(place, value)
        self.own[place] = value


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 1.0])
def test_bands_find_pairs_at_the_threshold(threshold):
    bands, rows = DedupSettings(("x",), threshold=threshold).bands
    assert bands * rows <= 128
    assert 1 - (1 - threshold**rows) ** bands > 0.97


@pytest.mark.parametrize(
    "wrong", [{"sources": ()}, {"threshold": 0.1}, {"memory": 1}, {"level": "passage", "shingle": "character"}]
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingsError):
        DedupSettings(**{"sources": ("x",), **wrong})
