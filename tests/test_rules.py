import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import TEXTS

from provenance.clean import clean
from provenance.model import Reason
from provenance.rules import RULES, findings, read
from provenance.rules.phrases import phrases
from provenance.rules.reading import _UNEVEN, _numberless, chosen, ends_in_stop, is_prose, key, paragraphs

CASES = [
    {"file": path.stem, **case}
    for path in sorted((Path(__file__).parent / "cases/clean").glob("*.json"))
    for case in json.loads(path.read_text("utf-8"))
]


def removed(case):
    """Give the lines that cleaning takes from a case's text, each with the reason."""
    found = clean(case["text"], strictness=case.get("strictness", "balanced"))
    return [
        {"reason": removal.reason, "text": line.strip()}
        for removal in found.removals
        for line in removal.text.splitlines()
        if line.strip()
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['file']}: {case['name']}")
def test_case(case):
    as_wanted = removed(case) == case["removed"]
    assert as_wanted != case.get("known_failure", False), removed(case)


def test_digits_of_every_script_are_folded_and_what_begins_like_them_is_left():
    digits = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isdecimal()]
    assert {_numberless(f"{digit}x{digit}{digit}") for digit in digits} == {"0x0"}
    assert _numberless("é 12\nय 3\n\ud800😀") == "é 0\nय 0\n\ud800😀"


def test_negatives_are_as_many_as_positives():
    positive = sum(bool(case["removed"]) for case in CASES)
    assert len(CASES) >= 190
    assert len(CASES) - positive >= 0.4 * len(CASES)
    assert len({case["language"] for case in CASES}) >= 10


def test_the_reasons_are_those_of_the_model():
    assert {rule.reason for rule in RULES} <= set(Reason.__args__)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_phrase_belongs_to_a_rule_of_its_reason():
    reasons = {rule.name: rule.reason for rule in RULES}
    for name, reason in phrases().reasons.items():
        assert reasons[name] == reason


@given(TEXTS)
def test_lines_partition_the_text(text):
    lines = read(text)
    assert list(lines.starts[1:]) == list(lines.ends[:-1])
    for start, end, line in zip(lines.starts, lines.ends, lines.texts, strict=True):
        assert text[start:end].lstrip().startswith(line) or text[start:end].strip() == line
    if len(lines):
        assert not text[: lines.starts[0]].strip()
        assert lines.ends[-1] == len(text)


@given(TEXTS)
def test_findings_are_lines_of_the_text(text):
    lines = read(text)
    for _, found in findings(lines):
        assert 0 <= found.first < found.last <= len(lines)
        assert 0 < found.confidence <= 1


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        ("- Advertisement -", "advertisement"),
        ("12 Comments:", "0 comments"),
        ("★", "★"),
        ("Don’t miss", "don't miss"),
    ],
)
def test_key(line, folded):
    assert key(line) == folded


@pytest.mark.parametrize("line", ["The end.", "He said “no.”", "終わり。", "Really?)", "نعم؟"])
def test_stops(line):
    assert ends_in_stop(line)


@pytest.mark.parametrize("line", ["The end", "Title:", "A, b", "终"])
def test_no_stop(line):
    assert not ends_in_stop(line)
    assert not is_prose(line)


@given(st.text(st.sampled_from("0129٣३½²a .\n’é")))
def test_each_number_is_folded_to_one_zero(text):
    assert _numberless(text) == re.sub(r"\d+", "0", text)


def test_all_white_space_but_blanks_and_breaks_is_uneven():
    spaces = {chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()}
    assert set(_UNEVEN) == {*(spaces - {" ", "\n"}), "  "}


@given(TEXTS, st.data())
def test_what_lines_are_by_themselves_is_the_same_when_others_are_gone(text, data):
    lines = read(text)
    kept = sorted(data.draw(st.sets(st.sampled_from(range(len(lines))))) if len(lines) else [])
    part = chosen(lines, kept)
    alone = read("\n".join(part.texts))
    assert part.where(paragraphs) == alone.where(paragraphs) == paragraphs(part)
    assert part.each(len) == alone.each(len)
    assert list(findings(part)) == list(findings(alone))
