"""Direction and clusters."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.lineage import clusters, credits_publisher, earlier, when, without_formulas
from provenance.model import Cluster, Credit, Match, Side


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("2025-01-01", "2025-01-02", -1),
        ("2025-01-02", "2025-01-01", 1),
        ("2025-01-01", "2025-01-01", 0),
        ("2025-01-01", "2025-01-01T12:00:00Z", 0),
        ("2025-01-01T10:00:00+02:00", "2025-01-01T09:00:00Z", -1),
        ("2025-01-01T10:00:00", "2025-01-01T09:00:00Z", 1),
        ("Wed, 01 Jan 2025 10:00:00 GMT", "2025-01-01T09:00:00Z", 1),
        ("yesterday", "2025-01-01", 0),
        (None, "2025-01-01", 0),
    ],
)
def test_earlier(a: str | None, b: str | None, expected: int) -> None:
    assert earlier(a, b) == expected


def test_a_credit_names_a_publisher_by_name_or_domain() -> None:
    credit = Credit(0, 12, "Harbour News")
    assert credits_publisher([credit], "Harbour News") == credit
    assert credits_publisher([credit], "www.harbournews.com") == credit
    assert credits_publisher([credit], "Harbour") is None
    assert credits_publisher([credit], None) is None


def by_search(pairs: list[tuple[str, str]]) -> set[frozenset[str]]:
    """The connected components, by walking."""
    members = {member for pair in pairs for member in pair}
    found = set()
    for member in members:
        group, grown = {member}, True
        while grown:
            wider = group | {other for pair in pairs if group & set(pair) for other in pair}
            grown, group = wider != group, wider
        found.add(frozenset(group))
    return found


@given(
    st.lists(st.tuples(*[st.sampled_from("abcdefgh")] * 2).filter(lambda pair: pair[0] != pair[1]), max_size=10)
)
def test_clusters_are_the_components_in_any_order(pairs: list[tuple[str, str]]) -> None:
    found = clusters(pairs, {})
    assert {frozenset(cluster.documents) for cluster in found} == by_search(pairs)
    for other in itertools.islice(itertools.permutations(pairs), 6):
        assert clusters(other, {}) == found


def test_a_cluster_names_its_earliest_only_where_the_dates_say_it() -> None:
    pairs = [("a", "b"), ("b", "c")]
    dated = {"a": "2025-01-03", "b": "2025-01-01", "c": "2025-01-02"}
    assert clusters(pairs, dated)[0].earliest == "b"
    assert clusters(pairs, dated | {"c": "2025-01-01"})[0].earliest is None
    assert clusters(pairs, {"a": "2025-01-03"})[0].reason == "2 of 3 have no date of publication"


@given(
    st.one_of(
        st.text(max_size=40), st.from_regex(r"\w{3}, \d{1,3} Jan \d{1,20} \d\d:00:00 [+-]\d{4}", fullmatch=True)
    )
)
def test_any_date_is_read_or_is_none(published: str) -> None:
    when(published)
    assert earlier(published, "2025-01-01") in (-1, 0, 1)


def match(a: str, b: str, length: int = 60) -> Match:
    return Match(Side(a, 0, length, "x" * length), Side(b, 10, 10 + length, "x" * length), "rewritten", 0.9)


def test_a_short_passage_of_many_unrelated_documents_is_a_formula() -> None:
    three = [match("a", "b"), match("b", "c"), match("a", "c")]
    assert without_formulas(three, []) == ()
    assert without_formulas([match("a", "b")], []) == (match("a", "b"),)


def test_a_long_passage_or_one_family_is_no_formula() -> None:
    long = [match("a", "b", 400), match("b", "c", 400), match("a", "c", 400)]
    assert without_formulas(long, []) == tuple(long)
    family = [Cluster("a", ("a", "b", "c"), None, "")]
    three = [match("a", "b"), match("b", "c"), match("a", "c")]
    assert without_formulas(three, family) == tuple(three)


def test_where_dates_do_not_tell_the_directions_of_the_pairs_do() -> None:
    pairs = [("a", "b"), ("b", "c")]
    (cluster,) = clusters(pairs, {"a": "2025-01-01"}, [("b", "a"), ("b", "c")])
    assert (cluster.earliest, cluster.reason) == ("b", "the directions of the pairs lead back to it")
    for unsure in ([("b", "a")], [("a", "b"), ("c", "b")], [("a", "b"), ("b", "c"), ("c", "a")], [("x", "a")]):
        (cluster,) = clusters(pairs, {"a": "2025-01-01"}, unsure)
        assert (cluster.earliest, cluster.reason) == (None, "2 of 3 have no date of publication")
    (cluster,) = clusters([("a", "b")], {"a": "2025-01-01", "b": "2025-01-02"}, [("b", "a")])
    assert cluster.earliest == "a"
