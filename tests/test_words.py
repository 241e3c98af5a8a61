"""Texts as arrays."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import TEXTS

from provenance.model import Span
from provenance.tokens import tokens
from provenance.words import Incidence, Vocabulary, masked, passages, read, read_all

# What the arrays of `tokens` say of these characters, as a regular expression.
WORD = re.compile(r"(?:[^\W\d_]\.){2,}|\d+(?:[.,:]\d+)*|[^\W_]+")


def words_of(text: str) -> list[str]:
    vocabulary = Vocabulary()
    one = read(text, vocabulary)
    names = list(vocabulary)
    return [names[word] for word in one.words.tolist()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. Army's 1,800 men", ["the", "us", "army", "s", "1,800", "men"]),
        ("Über Straße", ["uber", "straße"]),
        ("Москва, сегодня", ["москва", "сегодня"]),
        ("北京市", ["北", "京", "市"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("so\u200bft\u00adhyphen", ["softhyphen"]),
        ("ＦＵＬＬ width", ["full", "width"]),
        ("U.S.A. won 3rd, 2.5m in J.K.Rowling's e.g.so", "usa won 3 rd 2.5 m in jk rowling s eg so".split()),
        ("don't l’homme", ["don", "t", "l", "homme"]),
        ("iPhone手机 2024年 人々", ["iphone", "手", "机", "2024", "年", "人", "々"]),
        ("アダム・スミス", list("アダムスミス")),
        ("বাংলাদেশের தமிழ்நாடு", ["বাংলাদেশের", "தமிழ்நாடு"]),
        ("เป็น ไทย", ["เ", "ป็", "น", "ไ", "ท", "ย"]),
        ("대통령은 정부가", ["대통령은", "정부가"]),
        ('צה"ל וג\'ורג\' אמר "שלום"', ["צהל", "וגורג", "אמר", "שלום"]),
        ("الحُكُومَة ٣٫٥", ["الحكومة", "٣٫٥"]),
        ("\u0e47 a\u0e47", ["a\u0e47"]),
        ("...", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


def stems_of(text: str) -> list[int]:
    return read(text, Vocabulary()).stems.tolist()


def test_letters_of_scripts_without_spaces_are_compared_in_pairs() -> None:
    assert stems_of("北京市 北京市 京")[:2] == stems_of("北京市 北京市 京")[3:5]
    assert [stem < 0 for stem in stems_of("ไทย ไทย")] == [False, False, True] * 2


def test_a_korean_noun_keeps_its_stem_with_any_particle() -> None:
    one, other, another = stems_of("정부는 정부가 경제")
    assert one == other != another


@given(st.text(alphabet=st.sampled_from("ab1 2.,:_é-\n'"), max_size=60))
def test_words_are_those_of_the_expression(text: str) -> None:
    found = tokens(text)
    assert list(zip(found.starts.tolist(), found.ends.tolist(), strict=True)) == [
        match.span() for match in WORD.finditer(text)
    ]
    expected = [match.group() for match in WORD.finditer(text)]
    folded = [word.replace(".", "") if not word[0].isdigit() else word for word in expected]
    assert words_of(text) == [word.replace("é", "e") for word in folded]


@given(st.text(alphabet=st.sampled_from("ab. 1北ท็י\"'"), max_size=60), st.integers(2, 4))
def test_a_text_read_in_parts_has_the_same_words(text: str, times: int) -> None:
    assert words_of("\n".join([text] * times)) == words_of(text) * times


def test_many_words_are_read_as_few() -> None:
    text = "The U.S. Army's 3rd man, 北京市.\n"
    assert words_of(text * 7_000) == words_of(text) * 7_000


def test_offsets_lead_back_to_the_source() -> None:
    source = "A zero\u200bwidth word, “quoted words here” and ﬁne ligatures."
    vocabulary = Vocabulary()
    one = read(source, vocabulary)
    found = [source[start:end] for start, end in zip(one.starts, one.ends, strict=True)]
    assert found[1] == "zero\u200bwidth"
    assert "ﬁne" in found
    assert [found[i] for i in np.flatnonzero(one.quoted)] == ["quoted", "words", "here"]


def test_a_list_of_names_is_told_from_prose() -> None:
    text = "John Smith (Leeds), Mary Brown (York), Ann Lee (Hull).\n\nThe team went to London on Friday by train."
    assert read(text, Vocabulary()).listed.tolist() == [True, False]


def test_passages_are_paragraphs() -> None:
    one = read("One two. Three four.\n\nFive six\nSeven.", Vocabulary())
    assert passages(one) == [(0, 4), (4, 6), (6, 7)]
    assert passages(read("", Vocabulary())) == [(0, 0)]


def test_masked_keeps_offsets() -> None:
    assert masked("keep DROP keep", [Span(0, 5), Span(9, 14)]) == "keep \n\n\n\n keep"


@given(st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    one = read(text, Vocabulary())
    assert len(one.words) == len(one.stems) == len(one.starts) == len(one.ends) == one.bounds[-1]
    assert (np.diff(one.bounds) > 0).all()
    assert (one.starts < one.ends).all()
    assert one.size == len(one.spans) == len(one.listed)
    for number, span in enumerate(one.spans):
        assert (one.starts[one.bounds[number] : one.bounds[number + 1]] >= span.start).all()


@given(st.lists(st.sampled_from(["John", "went", "home", '"so', 'far"', "1914", "U.S.", ".", "!\n"]), max_size=40))
def test_incidences_count_each_key_once_a_sentence(parts: list[str]) -> None:
    one = read(" ".join(parts), Vocabulary())
    sentence = np.repeat(np.arange(one.size), np.diff(one.bounds)).tolist()
    words = list(zip(sentence, one.stems.tolist(), one.quoted.tolist(), strict=True))
    assert entries(one.stemmed) == sorted({(row, stem) for row, stem, _ in words if stem >= 0})
    plain = [(row, stem) for row, stem, quoted in words if stem >= 0 and not quoted]
    pairs = {(row, stem << 32 | after) for (row, stem), (next_row, after) in pairwise(plain) if row == next_row}
    assert entries(one.paired) == sorted(pairs)


def entries(own: Incidence) -> list[tuple[int, int]]:
    assert (np.diff(own.keys) > 0).all()
    assert own.counts.tolist() == np.bincount(own.slots, minlength=len(own.keys)).tolist()
    return list(zip(own.rows.tolist(), own.keys[own.slots].tolist(), strict=True))


# What might run on into the text that follows it, or reach back into the one before.
EDGES = st.sampled_from(
    ["", " ", "At Inc.", "U.S", "U.S.", "5", ".5", "1,", '"Never closed', "Mr", "...", "¼ cup"]
)


def told(text, vocabulary):
    """Give all that a text says, with words and stems by their names."""
    words, stems = list(vocabulary), [*vocabulary.stems, None]
    pairs = {
        "stemmed": lambda key: (stems[key],),
        "paired": lambda key: (stems[key >> 32], stems[key & 0xFFFFFFFF]),
    }
    held = {}
    for name, named in pairs.items():
        one = getattr(text, name)
        rows = zip(one.rows.tolist(), one.slots.tolist(), strict=True)
        held[name] = sorted((row, *named(int(one.keys[slot])), int(one.counts[slot])) for row, slot in rows)
    places = [getattr(text, name).tolist() for name in ("starts", "ends", "bounds", "quoted", "listed")]
    names = [words[word] for word in text.words.tolist()], [stems[stem] for stem in text.stems.tolist()]
    return text.source, text.spans, text.flags, places, names, held


@given(st.lists(st.one_of(EDGES, TEXTS), max_size=6))
def test_texts_are_read_together_as_one_by_one(sources):
    one, every = Vocabulary(), Vocabulary()
    alone = [read(source, one) for source in sources]
    together = read_all(sources, every)
    assert [told(text, one) for text in alone] == [told(text, every) for text in together]
