import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.recurring import recurring
from provenance.spread import FEWEST, Blocks, Repeated, block_key, many_of, publisher_of, spread

LIMITS = {"a": 3, "b": 3}


@pytest.mark.parametrize(
    ("documents", "kind"),
    [
        ({"a": 1}, "original"),
        ({"a": 2}, "original"),
        ({"a": 3}, "house_boilerplate"),
        ({"a": 1, "b": 1}, "reuse"),
        ({"a": 2, "b": 2}, "reuse"),
        ({"a": 3, "b": 3}, "common_boilerplate"),
    ],
)
def test_the_table(documents, kind):
    assert spread(documents, LIMITS) == kind


def test_many_grows_slowly():
    assert many_of(3) == many_of(9) == FEWEST
    assert many_of(50) == 7
    assert many_of(10_000) == 100


@pytest.mark.parametrize(
    ("name", "url", "publisher"),
    [
        ("Lindow  Post", "https://example.org", "lindow post"),
        (None, "https://news.example.co.uk/a?b=c", "example.co.uk"),
        ("", "http://a.b.example.org:80/", "example.org"),
        (" ", None, None),
        (None, "not an address", None),
        (None, "http://[bad", None),
        (None, "http://co.uk/", None),
        (None, "", None),
    ],
)
def test_publisher(name, url, publisher):
    assert publisher_of(name, url) == publisher


def test_block_keys_ignore_case_and_white_space_and_need_a_letter():
    assert block_key("10 min  read ") == block_key("10 Min read")
    assert block_key("12 / 34") == ""


def test_common_boilerplate_is_taken_only_from_a_house_that_has_it_often():
    house = [Blocks("p", [f"{word} rose over {word} again", "notice"]) for word in ("sea", "sky", "ash", "oak")]
    found = recurring([*house, Blocks("q", ["another story", "notice"])])
    assert found == [*[{"notice": Repeated(4, "common_boilerplate")}] * 4, {}]


def test_revisions_count_once():
    story = [f"paragraph number {chr(97 + n)} of the story" for n in range(5)]
    revisions = [Blocks("p", [*story, f"update {chr(97 + n)}"]) for n in range(4)]
    assert recurring(revisions) == [{}, {}, {}, {}]


def test_what_recurs_in_articles_is_found_with_its_count():
    articles = [Blocks("p", [f"{word} rose over {word} again", "house"]) for word in ("sea", "sky", "ash", "oak")]
    assert recurring(articles) == [{"house": Repeated(4, "house_boilerplate")}] * 4


def test_unknown_publishers_are_never_one():
    assert recurring([Blocks(None, ["house"])] * 9) == [{}] * 9


DOCUMENTS = st.lists(
    st.builds(Blocks, st.sampled_from(["p", "q", None]), st.lists(st.sampled_from("abcdefgh"), max_size=6)),
    max_size=12,
)


@given(DOCUMENTS)
def test_a_block_is_said_to_recur_in_no_more_documents_than_hold_it(documents):
    for document, found in zip(documents, recurring(documents), strict=True):
        for key, (count, kind) in found.items():
            holders = sum(key in other.keys for other in documents if other.publisher == document.publisher)
            assert key in document.keys
            assert FEWEST <= count <= holders
            assert kind in {"house_boilerplate", "common_boilerplate"}
