"""The five seed articles, audited and held against their labels."""

import json
from pathlib import Path

import pytest

import provenance

LABELS = json.loads((Path(__file__).parent / "cases/seeds.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def texts(seeds: Path) -> dict[str, str]:
    return {path.name: path.read_bytes().decode("utf-8") for path in sorted(seeds.glob("*.txt"))}


@pytest.fixture(scope="module")
def report(texts: dict[str, str]) -> dict:
    return provenance.audit({"id": name, "text": text} for name, text in texts.items()).to_dict()


def shared(a: dict, b: dict) -> int:
    return max(0, min(a["end"], b["end"]) - max(a["start"], b["start"]))


def test_junk_is_removed_and_nothing_else(report: dict, texts: dict[str, str]) -> None:
    for document in report["documents"]:
        text = texts[document["id"]]
        junk = [row for row in LABELS["junk"] if row["doc"] == document["id"]]
        labelled = {place for row in junk for place in range(row["start"], row["end"])}
        removed = set()
        for removal in document["removals"]:
            assert text[removal["start"] : removal["end"]] == removal["text"]
            removed |= set(range(removal["start"], removal["end"]))
        assert labelled <= removed
        assert not [text[place] for place in removed - labelled if not text[place].isspace()]


@pytest.mark.parametrize("junk", LABELS["junk"], ids=lambda row: f"{row['doc'][:3]}-{row['start']}")
def test_junk_is_removed_for_the_right_reason(report: dict, junk: dict) -> None:
    (document,) = [row for row in report["documents"] if row["id"] == junk["doc"]]
    (removal,) = [row for row in document["removals"] if shared(row, junk)]
    assert removal["reason"] == junk["reason"]


@pytest.mark.parametrize("heading", LABELS["headings"], ids=lambda row: f"{row['doc'][:3]}-{row['start']}")
def test_headings_stay(report: dict, heading: dict) -> None:
    (document,) = [row for row in report["documents"] if row["id"] == heading["doc"]]
    assert not [removal for removal in document["removals"] if shared(removal, heading)]


def test_only_the_rewritten_pair_is_derived(report: dict) -> None:
    derived = [sorted((row["a"], row["b"])) for row in report["relations"] if row["derived"]]
    assert derived == LABELS["derived"]
    assert [cluster["documents"] for cluster in report["clusters"]] == LABELS["derived"]


@pytest.mark.parametrize("passage", LABELS["passages"], ids=lambda row: row["name"])
def test_rewritten_passages_are_aligned(report: dict, passage: dict) -> None:
    def meets(side: dict, wanted: dict) -> bool:
        return side["doc"] == wanted["doc"] and shared(side, wanted) > 0.3 * (wanted["end"] - wanted["start"])

    assert any(
        meets(a, passage["a"]) and meets(b, passage["b"])
        for match in report["matches"]
        for a, b in ((match["a"], match["b"]), (match["b"], match["a"]))
    )


def test_few_matches_elsewhere(report: dict) -> None:
    """Independent reports of one event share a sentence's facts here and there, but no row of passages."""
    pairs = [sorted((match["a"]["doc"], match["b"]["doc"])) for match in report["matches"]]
    assert len([pair for pair in pairs if pair not in LABELS["derived"]]) <= 4


def test_matches_stand_where_they_say(report: dict, texts: dict[str, str]) -> None:
    for match in report["matches"]:
        for side in (match["a"], match["b"]):
            assert texts[side["doc"]][side["start"] : side["end"]] == side["text"]
            assert len(side["text"]) <= 900


@pytest.mark.parametrize("credit", LABELS["credits"], ids=lambda row: f"{row['doc'][:3]}-{row['start']}")
def test_credits_are_found(report: dict, credit: dict) -> None:
    (document,) = [row for row in report["documents"] if row["id"] == credit["doc"]]
    assert any(shared(found, credit) for found in document["credits"])
