"""Kernels do the same interpreted and compiled, to the last bit; and are compiled when that is worth it."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_align import RETOLD, STORY
from test_candidates import OTHERS

from provenance import candidates, runs
from provenance.align import LENIENT, STRICT, Chain, chain, seed, table
from provenance.compare import relate
from provenance.fingerprint import Fingerprint, fingerprint, passage_minhashes
from provenance.kernels import running
from provenance.kernels.running import PATIENCE, Kernel, foresee, worth
from provenance.lines import _spared
from provenance.lines.context import features
from provenance.lines.local import measure
from provenance.lines.weights import model
from provenance.rules import Lines
from provenance.rules import read as divided
from provenance.words import Text, Vocabulary, read

WORDS = [*"abcdefg", "Zeebrugge", "kerosene", "Guernsey", "tanker.", "pilots!", "board", "12", "said.", "\n\n"]


@Kernel
def doubled(value: int) -> int:
    return 2 * value


@Kernel
def more(value: int) -> int:
    return doubled(value) + 1


@pytest.fixture(autouse=True)
def _own_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a test counts be its own."""
    monkeypatch.setattr(Kernel, "steps", 0)


def both(work: Callable[[], Any]) -> tuple[Any, Any]:
    """Give what some work gives interpreted, and compiled."""
    results = []
    for patience in (10**12, -1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(running, "PATIENCE", patience)
            results.append(work())
    return results[0], results[1]


def texts_of(*sources: str) -> tuple[list[Text], Any]:
    vocabulary = Vocabulary()
    return [read(source, vocabulary) for source in sources], vocabulary.chances


def chains_of(a: Text, b: Text, chances: Any, least: float) -> list[tuple[Any, ...]]:
    found: list[Chain] = chain(seed(table(a, b, chances), least), 4)
    return [(one.a.tolist(), one.b.tolist(), one.each.tolist(), one.score) for one in found]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), max_size=120), st.lists(st.sampled_from(WORDS), max_size=120))
def test_pairs_of_texts_are_the_same_to_the_last_bit(first: list[str], second: list[str]) -> None:
    (a, b), chances = texts_of(" ".join(first), " ".join(second))
    interpreted, compiled = both(lambda: table(a, b, chances))
    for name in ("a", "b", "shared", "mean", "trust", "weight_a", "weight_b"):
        assert np.array_equal(getattr(interpreted, name), getattr(compiled, name)), name
    for least in (STRICT, LENIENT):
        interpreted, compiled = both(lambda least=least: chains_of(a, b, chances, least))
        assert interpreted == compiled
    interpreted, compiled = both(lambda: runs.find(a, b))
    assert interpreted == compiled
    interpreted, compiled = both(lambda: relate(a, b, chances))
    assert interpreted == compiled


def test_relations_are_the_same() -> None:
    copied = " ".join(STORY * 3 + OTHERS[:9] + RETOLD[::-1])
    (a, b), chances = texts_of("\n".join(STORY + OTHERS[3:]), copied)
    interpreted, compiled = both(lambda: relate(a, b, chances))
    assert interpreted == compiled
    assert interpreted.spans


def test_candidates_are_the_same() -> None:
    texts, chances = texts_of(*OTHERS, " ".join(STORY), " ".join(RETOLD), " ".join(STORY), " ".join(STORY[2:]))

    def found() -> list[Any]:
        anchored = candidates.by_anchors(texts, chances)
        return [anchored.tolist(), candidates.screened(texts, anchored, chances).tolist()]

    interpreted, compiled = both(found)
    assert interpreted == compiled
    assert [40, 41] in interpreted[1]


def test_candidates_by_bands_are_the_same() -> None:
    draw = np.random.default_rng(1)
    bands = draw.integers(0, 9, (200, 4)).astype(np.uint64)
    owners = np.sort(draw.integers(0, 90, 200))
    interpreted, compiled = both(lambda: candidates.by_bands(bands, owners).tolist())
    assert interpreted == compiled
    members = [
        {int(owner) for owner in owners[bands[:, column] == key]} for column in range(4) for key in range(1, 9)
    ]
    shared = set()
    for group in map(sorted, members):
        firsts = group if len(group) <= candidates.FREQUENT else group[:1]
        shared |= {(one, other) for one in firsts for other in group if one < other}
    assert [tuple(pair) for pair in interpreted] == sorted(shared)


def test_fingerprints_are_the_same() -> None:
    hashes = np.random.default_rng(2).integers(0, 2**32, 1500, dtype=np.uint32)
    words = [f"w{value}" for value in hashes]
    interpreted, compiled = both(lambda: fingerprint(words, hashes))
    assert isinstance(interpreted, Fingerprint)
    assert np.array_equal(interpreted.minhash, compiled.minhash)
    parts = [(0, 10), (10, 700), (700, 724), (724, 1500)]
    interpreted, compiled = both(lambda: passage_minhashes(hashes, parts))
    assert np.array_equal(interpreted, compiled)
    assert len(interpreted) == 3


def test_few_steps_are_interpreted_and_many_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def function(given: Any, out: tuple[Any]) -> int:
        out[0][0] = len(given)
        calls.append("interpreted")
        return 7

    def compiled(given: Any, out: tuple[Any]) -> int:
        out[0][0] = len(given)
        calls.append("compiled")
        return 7

    monkeypatch.setattr(running, "_compiled", lambda _: compiled)
    kernel, out = Kernel(function), np.zeros(1, np.int64)
    assert kernel.run(PATIENCE, (np.arange(3),), (out,)) == 7
    assert out.tolist() == [3]
    assert not foresee(0)
    assert kernel.run(1, (np.arange(4),), (out,)) == 7
    assert kernel.run(1, (np.arange(5),), (out,)) == 7
    assert out.tolist() == [5]
    assert calls == ["interpreted", "compiled", "compiled"]


def test_without_a_folder_to_write_to_kernels_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    njit = numba.njit

    def refusing(*given: Any, cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(*given, **options)

    monkeypatch.setattr(numba, "njit", refusing)
    monkeypatch.setattr(doubled, "_compiled", None)
    assert Kernel(more.function).compiled(20) == 41
    assert more(20) == 41


def shown(lines: Lines, kept: list[int], ruled: list[float]) -> tuple[Any, Any, Any]:
    """Give what the line model makes of lines by themselves, among those kept, and what it says of them."""
    known = model()
    local = measure(lines.texts, lines.prose, known.lexicon)
    numbers = np.array(kept, np.int64)
    table_ = features(local, numbers, np.array(ruled, np.float32))
    score = known.trees.score(table_.T)
    chances, spared = _spared(local, numbers, table_.T, 1 / (1 + np.exp(-score)))
    return local, table_, (score, chances, spared)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.sampled_from([*WORDS[:-1], "ϋber", "٣", "—", "桥", "©"]), min_size=1).map(" ".join), min_size=1
    ),
    st.data(),
)
def test_lines_are_measured_seen_and_judged_the_same_to_the_last_bit(
    texts: list[str], data: st.DataObject
) -> None:
    lines = divided("\n".join(texts))
    kept = sorted(data.draw(st.sets(st.sampled_from(range(len(lines))), min_size=1)))
    ruled = data.draw(st.lists(st.sampled_from([0.0, 0.4, 0.95]), min_size=len(kept), max_size=len(kept)))
    (numpy, table_, score), (compiled, seen, judged) = both(lambda: shown(lines, kept, ruled))
    for name in ("rows", "lengths", "holders", "same", "shapes", "common", "counts", "prose"):
        assert np.array_equal(getattr(numpy, name), getattr(compiled, name)), name
    assert np.array_equal(table_, seen)
    assert all(map(np.array_equal, score, judged))


def test_what_numpy_does_in_place_of_kernels_is_counted() -> None:
    assert not worth(PATIENCE - 1)
    assert worth(2)
    assert worth(1)
