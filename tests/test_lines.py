import json
from importlib import import_module
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import LINES, TEXTS

from provenance.clean import clean
from provenance.kernels.lines_spared import belonging, ledes
from provenance.lines import Judged, compiled, judge, lines_of
from provenance.lines.characters import BITS, characters, hashes, word_number
from provenance.lines.context import NAMES, features
from provenance.lines.local import PLACE, measure
from provenance.lines.vocabulary import KINDS, WORDS, table
from provenance.lines.weights import Trees, model
from provenance.model import Reason
from provenance.rules import chosen, read
from provenance.rules.reasons import reason_of
from provenance.settle import LEAST, MODEL, MOST

ARTICLE = [
    "The council of Lindow voted on Tuesday to close the harbour bridge after engineers found rust in its cables.",
    "Buses will take the road along the river until a ferry is ready, said the mayor, who asked for patience.",
    "The bridge was built in 1931 and carried trams for thirty years before the line was torn up in the sixties.",
    "An engineer who climbed the northern tower in March said that water had run into the cables for decades.",
    "Repairs would take two winters and cost the town as much as a new school, according to the first report.",
    "Shop owners on the east bank fear for their trade, because half of their customers come over the bridge.",
    "A ferry last crossed here in 1930, when it was rowed by two brothers whose grandson still has the boat.",
    "The council will meet again in June, when it is to decide whether the bridge is repaired or replaced.",
    "Until then the towers are lit at night, and a guard sees to it that nobody walks over for a wager.",
    "Trams may yet return: a study of the county counted more riders on the two bus lines than ever before.",
    "The county has offered to pay for a third of the works if the bridge gets a path for bicycles as well.",
    "Older people remember the day when the first tram crossed, and the band that played on the west bank.",
]
TEXT = "\n\n".join(ARTICLE)


def shown(text):
    lines = read(text)
    return lines, lines_of(lines)


# --- characters -------------------------------------------------------------------------------------------


def test_words_of_lines_are_found_with_their_kinds():
    chars = characters(["The Bridge", "3 trams, don’t", "—"])
    assert chars.lengths.tolist() == [10, 14, 1]
    assert chars.word_line.tolist() == [0, 0, 1, 1, 1, 1]
    assert chars.word_lengths.tolist() == [3, 6, 1, 5, 3, 1]
    assert chars.numbers[0] == word_number("the") == word_number("THE")


@given(st.lists(st.text(min_size=1).filter(lambda line: not set("\n") & set(line)), min_size=1, max_size=8))
def test_equal_words_have_equal_numbers_wherever_they_stand(lines):
    once, twice = characters(lines), characters(["x", *lines])
    assert once.numbers.tolist() == twice.numbers[1:].tolist()
    assert once.stems.tolist() == twice.stems[1:].tolist()
    assert ((once.numbers >= 0) & (once.numbers < 1 << BITS)).all()


def test_the_stem_of_a_word_is_that_of_its_forms():
    codes = np.frombuffer("deployeddeployment".encode("utf-32-le"), np.uint32)
    _, stems = hashes(codes, np.array([0, 8]), np.array([8, 18]))
    assert stems[0] == stems[1]


def test_every_listed_word_is_marked():
    marks = table()
    for bit, kind in enumerate(KINDS):
        assert all(marks[word_number(word)] >> bit & 1 for word in WORDS[kind].split())


# --- features ---------------------------------------------------------------------------------------------


@given(st.lists(LINES, max_size=30).map("\n".join))
def test_features_are_finite_and_named(text):
    lines, local = shown(text) if read(text).texts else (None, None)
    if lines is None:
        return
    table_ = features(local, np.arange(len(lines)), np.zeros(len(lines), np.float32))
    assert table_.shape == (len(lines), len(NAMES))
    assert np.isfinite(table_).all()


@given(st.lists(LINES.filter(str.strip), min_size=2, max_size=20), st.data())
def test_lines_that_are_left_look_as_if_the_others_had_never_been(texts, data):
    lines = read("\n".join(texts))
    kept = sorted(data.draw(st.sets(st.sampled_from(range(len(lines))), min_size=1)))
    part = chosen(lines, kept)
    alone = measure(part.texts, part.prose, model().lexicon)
    ruled = np.zeros(len(kept), np.float32)
    seen = features(lines_of(lines), np.array(kept), ruled)
    assert np.allclose(seen, features(alone, np.arange(len(kept)), ruled), atol=1e-4)


def test_neighbours_place_and_cohesion_are_seen():
    lines, local = shown(f"{TEXT}\n\nHarbour bridge\n\nZygote quartz")
    row = dict(zip(NAMES, features(local, np.arange(len(lines)), np.zeros(len(lines), np.float32)).T, strict=True))
    assert row["prose_-1"][0] == 0
    assert row["prose_-1"][1] == 1
    assert row["prose_after"][-1] == 0
    assert row["foreign"][-1] == 1
    assert row["foreign"][-2] == 0
    assert row["spoken_of"][-2] == 1
    assert row["same"][0] == 0


# --- the model --------------------------------------------------------------------------------------------


def test_trees_add_up_the_leaves_that_a_row_falls_into():
    trees = Trees(
        features=np.array([[0, 1], [1, 0]]),
        borders=np.array([[0.5, 0.5], [2.0, np.inf]], np.float32),
        leaves=np.array([[1, 2, 3, 4], [10, 20, 30, 40]], np.float32),
        bias=0.5,
    )
    rows = np.array([[0, 0], [1, 0], [1, 3]], np.float32)
    assert trees.score(rows.T).tolist() == [1 + 10 + 0.5, 2 + 10 + 0.5, 4 + 20 + 0.5]
    assert trees.score(np.tile(rows, (1000, 1)).T).tolist() == trees.score(rows.T).tolist() * 1000
    questions = (trees.features, trees.borders, trees.leaves)
    assert compiled.scored(rows.T, questions, trees.bias).tolist() == trees.score(rows.T).tolist()


def test_the_file_says_where_it_comes_from_and_holds_no_objects():
    path = files("provenance.lines").joinpath("model.npz")
    assert len(path.read_bytes()) < 1_000_000
    about = model().about
    assert about["licence"] == "CC-BY-4.0"
    assert set(about["folds"]) == set(LEAST)
    for level, most in (("safe", 0.001), ("balanced", 0.008), ("strict", 0.03)):
        assert about["folds"][level]["body_loss"] <= most
    assert json.dumps(about)


def test_thresholds_rise_with_care():
    known = model()
    for least in (known.least, known.least_heading):
        assert least["safe"] > least["balanced"] > least["strict"] > 0


@pytest.mark.parametrize(
    "text",
    [
        "Short. " * 5,
        "\n".join(["Menu", "Search", "Home"] * 40),
        "Der Rat hat am Dienstag beschlossen, die alte Brücke am Hafen zu sperren und zu prüfen.\n" * 30,
        "市议会周二决定关闭港口的旧桥，此前工程师在四根缆索上发现了锈迹，担心桥面无法承受重型车辆。\n" * 60,
        "Городской совет решил во вторник закрыть старый мост в порту после осмотра его тросов.\n" * 30,
    ],
    ids=["short", "menu", "German", "Chinese", "Russian"],
)
def test_what_the_model_does_not_know_it_does_not_judge(text):
    lines, local = shown(text)
    assert judge(local, range(len(lines)), [0.0] * len(lines)) is None


def test_speakers_and_what_a_colon_opens_are_not_furniture():
    text = "\n".join(f"{'Post' if n % 2 else 'Vega'}\n{line}" for n, line in enumerate(ARTICLE * 2))
    lines, local = shown(text)
    judged = judge(local, range(len(lines)), [0.0] * len(lines))
    assert judged is not None
    assert not judged.chances[0::2].any()


@pytest.mark.parametrize("above", range(0, 9, 2))
def test_the_headline_stays_below_a_menu_of_any_length(above):
    menu = ["Home", "News", "Sport", "Weather", "Travel", "Food", "Culture", "Podcasts"][:above]
    byline = ["By Ada Lindqvist, Town Editor", "Updated 6:14 PM EDT, Tue March 12, 2024", "5 min read"]
    headline = "Rust shuts old harbour bridge"
    text = "\n\n".join([*menu, headline, *byline, *ARTICLE, "Most viewed", "House prices fall for third month"])
    for strictness in LEAST:
        assert headline in clean(text, strictness=strictness).text.split("\n")


def first_spared(rules, prose, titles):
    """Give which lines are spared as ledes."""
    spared = np.zeros(len(prose), np.bool_)
    ledes(np.array(rules, np.float32), prose, np.array(titles), spared)
    return spared.tolist()


def together(local, chances):
    """Give which paragraphs of a whole text are spared for the stems that they share."""
    count = len(chances)
    spared = np.zeros(count, np.bool_)
    room = (np.zeros((2, len(local.content)), np.int64), np.zeros((2, count), np.int64))
    belonging((local.holders, local.content, np.arange(count)), local.prose, chances, room, spared)
    return spared


def test_a_lede_and_paragraphs_between_others_are_spared_but_for_strict():
    prose = np.array([False, True, False, True])
    assert first_spared([0] * 4, prose, [True, False, False, False]) == [False, True, False, False]
    assert first_spared([0] * 4, prose, [False] * 4) == [False] * 4
    assert first_spared([0.9, 0, 0, 0], prose, [False] * 4) == [False, True, False, False]
    lines, local = shown("\n".join(ARTICLE))
    chances = np.zeros(len(lines))
    chances[[2, 11]] = 0.9
    spared = together(local, chances)
    assert spared[2]
    assert not spared[11]
    chances[3] = 0.9
    assert not together(local, chances)[2]
    judged = Judged(chances, np.zeros(len(lines), np.bool_), spared)
    assert 2 not in judged.places("balanced")
    assert 2 in judged.places("strict")


def test_the_article_is_left_and_what_a_rule_could_not_know_goes():
    junk = [
        "Want more stories like this one? Get our weekly email with the best of the week and never miss one.",
        "We may earn a commission if you buy something through the links on this page, at no cost to you.",
    ]
    cleaned = clean("\n\n".join([*ARTICLE, *junk]), strictness="strict")
    assert cleaned.text.startswith(TEXT)
    assert {removal.text.strip() for removal in cleaned.removals} == set(junk)
    assert clean(TEXT, strictness="strict").text == TEXT


@given(TEXTS, st.sampled_from(sorted(LEAST)))
def test_cleaning_an_article_with_anything_in_it_is_settled_and_leaves_most(noise, strictness):
    text = "\n".join([*ARTICLE[:6], noise, *ARTICLE[6:]])
    once = clean(text, strictness=strictness)
    assert clean(once.text, strictness=strictness).text == once.text
    judged = sum(len(removal.text) for removal in once.removals if removal.rule == MODEL)
    assert judged <= MOST[strictness] * len(text)


def test_most_of_a_text_is_not_taken_on_the_model_s_word(monkeypatch):
    settle = import_module("provenance.settle")
    monkeypatch.setattr(settle, "MOST", dict.fromkeys(LEAST, 0.0))
    text = "\n\n".join([*ARTICLE, "We may earn a commission if you buy something through the links on this page."])
    assert not any(removal.rule == MODEL for removal in clean(text, strictness="strict").removals)


# --- reasons ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Sign up and get the week in your inbox every Friday", "newsletter"),
        ("As an associate we earn a commission from purchases", "advertisement"),
        ("Follow us for more", "share"),
        ("Photo courtesy of the town archive", "caption"),
        ("All rights reserved by the Lindow Post", "copyright"),
        ("This site uses cookies; accept or change your settings", "page_furniture"),
        ("Ada Lindqvist is a writer who lives by the sea with two dogs", "author_bio"),
        ("See also the plan of the harbour", "related_headline"),
        ("Ten quiet beaches that nobody has told you about", "related_headline"),
        ("The end of it all.", "page_furniture"),
    ],
)
def test_reason(line, reason):
    lines = read(f"{TEXT}\n{line}")
    found = reason_of(lines, len(lines) - 1)
    assert found in Reason.__args__
    assert found == reason or (reason == "page_furniture" and found == "cookie_notice")


def test_what_stands_under_comments_is_a_comment():
    lines = read(f"{TEXT}\nComments\nNobody asked the ferrymen, as always.")
    assert reason_of(lines, len(lines) - 1) == "comments"


def test_short_lines_in_a_row_are_a_menu():
    lines = read("Sport\nWeather\nFood\nTravel")
    assert {reason_of(lines, number) for number in range(4)} == {"navigation"}


def test_places_of_features_are_those_of_their_names():
    assert [PLACE[name] for name in PLACE] == list(range(len(PLACE)))
