import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from texts import TEXTS

from provenance.clean import clean, clean_batch
from provenance.errors import SettingsError
from provenance.model import Document
from provenance.settle import LEAST, LOOKS

STRICTNESS = st.sampled_from(sorted(LEAST))
LEAD = "The council of {0} voted on Tuesday to close the bridge of {0} after engineers found rust in {1} cables."
BODY = "In {0} buses take another road until all {1} ferries are ready, said the mayor of {0} on Friday morning."
PLACES = ("Lindow", "Redmoor", "Ashby", "Thornwick", "Marle")
TAGS = st.lists(
    st.one_of(
        st.sampled_from(
            ["<p>", "</p>", "<nav>", "</div>", "<div class='share'>", "<a href=x>", "<!--", "<br", "<li>"]
        ),
        st.text(max_size=20),
    ),
    max_size=25,
).map("".join)


def article(place, number, *furniture):
    return "\n\n".join([LEAD.format(place, number), BODY.format(place, number), *furniture])


def assert_ledger_balances(cleaned):
    """Check that kept and removed spans partition the source, and that each removal is its text."""
    spans = sorted([*((s.start, s.end) for s in cleaned.kept), *((r.start, r.end) for r in cleaned.removals)])
    at = 0
    for start, end in spans:
        assert start == at < end
        at = end
    assert at == len(cleaned.source)
    assert "".join(cleaned.source[span.start : span.end] for span in cleaned.kept) == cleaned.text
    for removal in cleaned.removals:
        assert cleaned.source[removal.start : removal.end] == removal.text
        assert 0 < removal.confidence <= 1


@given(TEXTS, STRICTNESS)
def test_kept_and_removed_partition_the_source(text, strictness):
    cleaned = clean(text, strictness=strictness)
    assert cleaned.source == text
    assert_ledger_balances(cleaned)


@given(TEXTS, STRICTNESS)
def test_cleaning_a_cleaned_text_changes_nothing(text, strictness):
    once = clean(text, strictness=strictness)
    again = clean(once.text, strictness=strictness)
    assert again.text == once.text


@pytest.mark.parametrize(
    "title", ["Read more: rain", "Read more: rain | Lindow Post", "Lindow Post - Read more: rain"]
)
def test_a_line_that_is_the_given_title_stays(title):
    text = article("Lindow", 4) + "\n\nRead more: rain\n\nRead more: hail\n\n" + article("Marle", 5)
    assert "rain" not in clean(text).text
    (cleaned,) = clean_batch([Document("", text, title=title)])
    assert "Read more: rain" in cleaned.text
    assert "hail" not in cleaned.text
    assert clean(text, title=title).title == cleaned.title == title


@given(TEXTS, st.text(max_size=9), STRICTNESS)
def test_any_title_keeps_the_law(text, title, strictness):
    assert_ledger_balances(clean(text, title=title, strictness=strictness))


@given(st.one_of(TAGS, TEXTS), STRICTNESS)
def test_pages_keep_the_law_too(page, strictness):
    cleaned = clean(page, html=True, strictness=strictness)
    assert_ledger_balances(cleaned)
    assert clean(cleaned.text, strictness=strictness).text == cleaned.text


@given(st.one_of(TAGS, TEXTS), st.booleans())
def test_a_stricter_cleaning_keeps_no_more(text, html):
    safe, balanced, strict = (
        {n for span in clean(text, html=html, strictness=name).kept for n in range(span.start, span.end)}
        for name in ("safe", "balanced", "strict")
    )
    assert strict <= balanced <= safe


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize(("value", "name"), [(None, "NoneType"), (5, "int"), (["x"], "list")])
def test_what_is_no_text_is_named(value, name, html):
    with pytest.raises(TypeError, match=f"not {name}"):
        clean(value, html=html)


def test_bytes_are_pages_only():
    with pytest.raises(TypeError, match="not bytes; pages in bytes need html=True"):
        clean(b"<p>x")
    assert clean(b"<p>x", html=True).text == "x"
    assert clean(BeautifulSoup("<p>x", "html.parser"), html=True).text == "x"


def test_unknown_strictness():
    with pytest.raises(SettingsError, match="strictness is one of safe, balanced, strict"):
        clean("x", strictness="harsh")
    with pytest.raises(SettingsError):
        clean_batch([], strictness="harsh")


def test_a_removal_takes_its_line_and_the_blank_lines_below():
    cleaned = clean(f"{LEAD}\n\nAdvertisement\n\n{BODY}")
    assert cleaned.text == f"{LEAD}\n\n{BODY}"
    assert [removal.text for removal in cleaned.removals] == ["Advertisement\n\n"]


def test_carriage_returns_go_with_their_line():
    assert clean(f"{LEAD}\r\nAdvertisement\r\n{BODY}").text == f"{LEAD}\r\n{BODY}"


def test_a_removal_around_an_earlier_one_is_divided():
    lead = "".join(f"<p>{article(place, 4)}" for place in PLACES)
    cleaned = clean(f"{lead}<p>Comments<p>Ada: no<nav>Home</nav><p>Ben: yes", html=True)
    assert_ledger_balances(cleaned)
    assert [(r.rule, r.text) for r in cleaned.removals] == [
        ("comments_section", "Comments\nAda: no\n"),
        ("dom_nav", "Home\n"),
        ("comments_section", "Ben: yes"),
    ]


def test_what_does_not_settle_is_left_as_the_milder_cleaning_left_it_and_stays_so():
    # A note about an author is looked for among the last lines, so each look uncovers more of them.
    names = [f"{first}{last}" for first in PLACES for last in "abcdefghijklmnop"]
    text = article(
        "Lindow",
        4,
        *(
            f"Ada {name.title()} is a writer of long books about bridges, and lives with two dogs by the sea."
            for name in names
        ),
    )
    assert len(names) > 5 * LOOKS
    cleaned = clean(text)
    assert (cleaned.text, cleaned.flags) == (clean(text, strictness="safe").text, ("unsettled",))
    assert clean(cleaned.text).text == cleaned.text


def test_a_page_of_nothing_but_furniture_is_kept_unless_that_is_certain():
    assert clean("<footer>Lindow Post</footer>", html=True).text == "Lindow Post"
    assert clean("<nav>Lindow Post</nav>", html=True).text == ""
    assert clean("Advertisement").text == ""
    assert clean("Menu\nSearch").text == "Menu\nSearch"


def test_the_publisher_given_goes_before_the_page_s_own():
    page = "<meta property=og:site_name content='Lindow Post'><p>x"
    assert clean(page, html=True).publisher == "Lindow Post"
    assert clean(page, html=True, publisher="Post").publisher == "Post"


# --- batches ----------------------------------------------------------------------------------------------

TAIL = "The Lindow Post is printed on paper made of reeds, and owned by those who write it."


def documents(count, publisher="Lindow Post", url=None):
    return [
        Document(f"{publisher}-{n}", article(PLACES[n], n, TAIL), publisher=publisher, url=url)
        for n in range(count)
    ]


def test_what_a_publisher_repeats_is_removed():
    for cleaned in clean_batch(documents(5)):
        assert [(r.reason, r.text) for r in cleaned.removals] == [("repeated_block", TAIL)]
        assert_ledger_balances(cleaned)


def test_digits_may_differ():
    batch = [Document(str(n), article(PLACES[n], n, f"Issue {n} of our paper"), publisher="P") for n in range(4)]
    assert all(cleaned.removals[-1].reason == "repeated_block" for cleaned in clean_batch(batch))


def test_sentences_and_data_that_differ_in_a_number_stay():
    closing = ("The index closed at {} points on Friday.", "Oil 71.{}0", "Leeds 30 {} 66")
    batch = [
        Document(str(n), article(PLACES[n], n, *(line.format(7000 + n) for line in closing)), publisher="P")
        for n in range(4)
    ]
    assert not any(cleaned.removals for cleaned in clean_batch(batch))


def test_the_more_articles_have_a_block_the_surer_it_is():
    three, five = (clean_batch(documents(count))[0].removals[-1] for count in (3, 5))
    assert LEAST["safe"] <= three.confidence < five.confidence < 1
    assert three.rule == "house_boilerplate"


def test_what_one_house_repeats_and_another_reuses_stays_with_the_other():
    *house, other = clean_batch([*documents(4), Document("x", article("Marle", 9, TAIL), publisher="Marle News")])
    assert {removal.rule for cleaned in house for removal in cleaned.removals} == {"common_boilerplate"}
    assert not other.removals


def test_a_publisher_is_known_by_its_address():
    batch = [
        Document(str(n), article(PLACES[n], n, TAIL), url=f"https://{host}.lindow.co.uk/{n}")
        for n, host in enumerate(["www", "news", "m"])
    ]
    assert all(cleaned.removals for cleaned in clean_batch(batch))


@pytest.mark.parametrize(
    "batch",
    [
        documents(2),
        documents(5, publisher=None),
        [*documents(1, "A"), *documents(1, "B"), *documents(1, "C")],
        [Document(str(n), article("Lindow", 4, TAIL, f"Correction {'abcd'[n]}"), publisher="P") for n in range(4)],
    ],
    ids=["two", "unknown publishers", "three publishers", "revisions of one article"],
)
def test_what_is_not_house_boilerplate_stays(batch):
    assert not any(cleaned.removals for cleaned in clean_batch(batch))


def test_a_heading_that_a_house_repeats_stays():
    batch = [
        Document(
            str(n), f"{LEAD.format(PLACES[n], n)}\n\nWhat comes next\n\n{BODY.format(PLACES[n], n)}", publisher="P"
        )
        for n in range(4)
    ]
    assert not any(cleaned.removals for cleaned in clean_batch(batch))


def test_a_batch_keeps_order_and_what_the_record_says():
    batch = [
        Document("1", LEAD, title="T", publisher="P", url="u", published="2024", language="en"),
        Document("2", BODY),
    ]
    first, second = clean_batch(batch)
    assert (first.title, first.publisher, first.url, first.published, first.language) == (
        "T",
        "P",
        "u",
        "2024",
        "en",
    )
    assert (first.text, second.text) == (LEAD, BODY)
    assert clean_batch([]) == []


@given(st.lists(TEXTS, max_size=5), STRICTNESS)
def test_batches_keep_the_law(texts, strictness):
    batch = [Document(str(n), text, publisher="P") for n, text in enumerate(texts)]
    for cleaned in clean_batch(batch, strictness=strictness):
        assert_ledger_balances(cleaned)
