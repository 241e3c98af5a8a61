"""House boilerplate on made sites, and what looks like it and belongs to the articles."""

import importlib.util
import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.clean import clean_batch
from provenance.frames import words_of
from provenance.model import Document

SUBJECTS = "harbour storm ferry,budget tax minister,striker goal penalty,violin concert hall,copper mine".split(
    ","
)


@pytest.fixture(scope="module")
def sites(root):
    """Give the benchmark of made sites, as a module."""
    spec = importlib.util.spec_from_file_location("sites", root / "benchmarks" / "sites.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def batch(sites, count, *lines, each=1, seed=1, fill=lambda line, _: line, subject=None):
    """Give documents of one publisher: every `each`th has the lines among its paragraphs, filled for it."""
    draw = random.Random(seed)
    documents = []
    for number in range(count):
        has = number % each == 0
        about = subject if subject and has else draw.choice(SUBJECTS)
        paragraphs = sites.made(draw, about.split())
        for line in lines if has else ():
            paragraphs.insert(draw.randrange(2, len(paragraphs)), fill(line, number))
        documents.append(Document(str(number), "\n\n".join(paragraphs), publisher="Lindow Post"))
    return documents


def repeated(documents):
    """Give the repeated blocks that were found, without their white space."""
    return [
        removal.text.strip()
        for cleaned in clean_batch(documents)
        for removal in cleaned.removals
        if removal.reason == "repeated_block"
    ]


def test_sites_lose_their_templates_and_no_paragraph(sites):
    tally = sites.measure(iter(()), publishers=4, articles=50)
    assert tally.templates > 300
    assert tally.removed >= 0.99 * tally.templates
    assert tally.paragraphs > 500
    assert (tally.lost, tally.taken) == (0, [])


def test_articles_that_are_given_are_used(sites, tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text('{"text": "One paragraph.\\n\\nAnother."}\n', "utf-8")
    assert list(sites.given(path)) == [["One paragraph.", "Another."]]


@pytest.mark.parametrize(
    "line",
    [
        "{0} Quill has covered the coast for the Lindow Post since {1}.",
        "Our readers also liked: {0} {2} of {0} and the {2} {0}",
        "Join the {1} people who read our morning letter from {0}.",
        "Story read aloud by {0} Quill | {1} minutes",
        "Photograph by {0} {2} for the Lindow Post",
        "Der Lindow Post gehört denen, die ihn schreiben, sagt {0}.",
        "本报记者{0}于2024年{1}月3日报道，未经许可不得转载。",
    ],
)
def test_lines_with_slots_are_found(sites, line):
    names = [word.title() for word in sites.LEXICON[2000:2060]]

    def fill(text, number):
        return text.format(names[number], 1 + number * 7 % 12, names[-number - 1])

    documents = batch(sites, 24, line, fill=fill)
    for number, cleaned in enumerate(clean_batch(documents)):
        assert [removal.text.strip() for removal in cleaned.removals] == [fill(line, number)]


STAYS = {
    "a quote in follow-ups": "“We have never seen a storm like this one,” said the harbour master on Friday.",
    "background in follow-ups": "The harbour and the ferry have been in dispute since a storm four winters ago.",
    "how such reports end": "The ferry waits.",
    "a heading": "What comes next",
}


@pytest.mark.parametrize("line", STAYS.values(), ids=STAYS)
def test_what_reports_of_one_subject_share_stays(sites, line):
    assert repeated(batch(sites, 30, line, each=3, subject="harbour storm ferry")) == []


def test_a_refrain_stays(sites):
    assert repeated(batch(sites, 30, *["And still the clock is late."] * 3, each=3)) == []


def test_lines_that_are_there_for_their_figures_stay(sites):
    def fill(line, number):
        return line.format(number * 3 + 1, number % 10)

    lines = ("Net profit {0}.{1} mln vs {1}.{1} mln", "Lindow {0} Marle {1}", "The index closed at {0} points.")
    assert repeated(batch(sites, 30, *lines, each=5, fill=fill)) == []


def test_articles_that_are_forms_filled_in_stay():
    draw = random.Random(3)
    places = "Lindow Redmoor Ashby Thornwick Marle Selby Crane Wexley Orrin Fallow Brae Dunholt".split()
    documents = [
        Document(
            str(number),
            f"An earthquake shook {place} on Tuesday, {draw.randint(2, 90)} km from {draw.choice(places)}.\n\n"
            f"People in {place} and {draw.choice(places)} felt it, said {draw.choice(places)} observatory staff.",
            publisher="Tremor Post",
        )
        for number, place in enumerate(places)
    ]
    assert repeated(documents) == []


def test_an_agency_s_lead_stays(sites):
    documents = [
        Document(document.id, f"LINDOW (Harbour Wire) — {document.text}", publisher="Lindow Post")
        for document in batch(sites, 24)
    ]
    assert repeated(documents) == []


def test_revisions_with_a_long_footer_are_told_from_short_reports_with_one(sites):
    footer = [" ".join(sites.made(random.Random(n), ["post"], 1)) for n in range(4)]
    draw = random.Random(5)
    story = sites.made(draw, SUBJECTS[0].split())
    updates = [sites.made(draw, ["x"], 1) for _ in range(9)]
    revised = [Document(str(n), "\n\n".join([*story, *new]), publisher="P") for n, new in enumerate(updates)]
    assert repeated(revised) == []
    short = [
        Document(str(n), "\n\n".join([*sites.made(draw, SUBJECTS[n % 5].split(), 3), *footer]), publisher="P")
        for n in range(9)
    ]
    assert sorted(set(repeated(short))) == sorted(footer)


def test_one_document_and_many_go_through_the_same_function(sites):
    documents = batch(sites, 24, "The Lindow Post is printed on reeds.")
    assert repeated(documents[:1]) == []
    (first, *_) = clean_batch(documents)
    assert first.removals[-1].documents == 24
    (mark, *_) = clean_batch([Document("1", f"{documents[0].text}\n\nAdvertisement", publisher="P")])
    assert mark.removals[-1].documents is None


def test_what_rules_know_of_a_template_helps_with_the_rest(sites):
    # A rule takes the notes of most authors; the few that it leaves are known by those.
    notes = [
        "Mara Quill is a reporter at the Lindow Post who covers schools. Write to Noor Said at desk@post.example.",
        "Quill is a dog at the Lindow Post who covers schools. Write to Noor Said at desk@post.example.",
    ]
    documents = batch(sites, 40, "{0}", each=2, fill=lambda _, number: notes[number % 8 == 0])
    assert all("who covers schools" not in cleaned.text for cleaned in clean_batch(documents))


@given(st.text(st.sampled_from("aé²5 ½1,:.|»-จ東\x00") | st.characters()))
def test_a_character_that_is_a_word_changes_none_of_the_others(line):
    assert words_of(f"{line} 東") == [*words_of(line), "東"]


def test_dates_and_numbers_are_words_of_one_kind():
    assert words_of("updated march 2, 2025, 10:11 am | 5 min") == ["updated", "0/0", "0/0", "|", "0", "min"]
    assert words_of("发布于2024年3月2日") == ["发", "布", "于", "0/0"]
    assert words_of("1.5 mln vs 2") == ["0", "mln", "vs", "0"]


LINES = ("a b c d", "a b x d", "read on", "5 min read", "“a b c d”", "x", "e f g h: i j", "7 min read", "\u2028")


@settings(max_examples=50)
@given(st.lists(st.lists(st.sampled_from(LINES)), max_size=14))
def test_every_batch_is_partitioned_by_its_ledger(batches):
    documents = [Document(str(n), "\n".join(lines), publisher="P") for n, lines in enumerate(batches)]
    for cleaned in clean_batch(documents):
        assert "".join(cleaned.source[span.start : span.end] for span in cleaned.kept) == cleaned.text
        assert all(cleaned.source[one.start : one.end] == one.text for one in cleaned.removals)
