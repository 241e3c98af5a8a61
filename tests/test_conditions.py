"""What lets a run fail, and what is the same when it is run again."""

import json
import os
import random
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from audits import sample
from commands import ARTICLE, OTHER, run
from test_review import pair

from provenance.errors import SettingsError
from provenance.model import Document
from provenance.pipeline import audit
from provenance.report.baseline import since
from provenance.report.conditions import MEASURES, condition, met
from provenance.report.decisions import read_decisions
from provenance.report.review import reviewed
from provenance.report.write import write

FILES = ["pairs.csv", "provenance.jsonld", "report.html", "report.json", "report.md", "report.sarif"]


# --- conditions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("derived", True),
        ("derived>1", False),
        ("derived >= 1", True),
        ("matches>0", True),
        ("matches>1", False),
        ("junk>0.08", True),
        ("junk>=.09", False),
        ("removed>=2", True),
        ("rejected", True),
        ("rejected>1", False),
        ("new", True),
        ("undecided", True),
        ("stale", False),
    ],
)
def test_a_condition_holds_or_not(text, holds):
    assert bool(met([condition(text)], sample())) == holds


@pytest.mark.parametrize(
    "text", ["", "nothing", "derived<1", "derived>", "derived>x", "derived=1", ">1", "junk>1e3"]
)
def test_what_is_no_condition_is_an_error_that_names_them(text):
    with pytest.raises(SettingsError, match="derived, new, undecided, matches, removed, junk, rejected, stale"):
        condition(text)


def test_the_same_condition_is_said_once_with_its_value():
    assert met([condition("derived"), condition("derived>0")], sample()) == ["derived is 1 (derived>0)"]
    assert set(MEASURES) == {"derived", "new", "undecided", "matches", "removed", "junk", "rejected", "stale"}


def test_what_a_reviewer_rejected_and_what_is_not_new_fails_no_run():
    conditions = [condition(name) for name in ("derived", "new", "undecided")]
    assert met(conditions, reviewed(sample(), [pair("reject")])) == []
    assert met(conditions, reviewed(sample(), [pair("confirm")])) == [
        "derived is 1 (derived>0)",
        "new is 1 (new>0)",
    ]
    known = since(sample(), sample().to_dict())
    assert met([condition("new")], known) == []
    first, *rest = sample().relations
    before = replace(sample(), relations=(replace(first, derived=False), *rest))
    assert met([condition("new")], since(sample(), before.to_dict())) == ["new is 1 (new>0)"]


# --- the same again ---------------------------------------------------------------------------------------


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_runs_differ_in_their_time_stamps_only_and_source_date_epoch_fixes_those(articles, tmp_path):
    def written(name, epoch):
        assert run("audit", articles, "--out", tmp_path / name, env={"SOURCE_DATE_EPOCH": epoch}).exit_code == 0
        return contents(tmp_path / name)

    one, two, later = written("1", "1700000000"), written("2", "1700000000"), written("3", "1800000000")
    assert sorted(one) == FILES
    assert one == two
    assert {name for name in one if one[name] != later[name]} == {"provenance.jsonld"}
    stamped = one["provenance.jsonld"].replace(b"2023-11-14T22:13:20+00:00", b"2027-01-15T08:00:00+00:00")
    assert stamped == later["provenance.jsonld"]


def test_without_source_date_epoch_it_is_now(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    before = datetime.now(UTC).replace(microsecond=0)
    record = json.loads((write(sample(), tmp_path) / "provenance.jsonld").read_text("utf-8"))
    (end,) = [row["endTime"] for row in record["@graph"] if row["@type"] == "Activity"]
    assert before <= datetime.fromisoformat(end) <= datetime.now(UTC)


@pytest.mark.parametrize("epoch", ["today", "1.5", "99999999999999999999"])
def test_a_source_date_epoch_that_is_no_time_is_an_error(articles, tmp_path, epoch):
    done = run("audit", articles, "--out", tmp_path / "out", env={"SOURCE_DATE_EPOCH": epoch})
    assert done.exit_code == 2
    assert "SOURCE_DATE_EPOCH is not a time in seconds" in done.stderr
    assert not (tmp_path / "out").exists()


def in_any_order(report):
    """Give a report with its lists sorted, and the two sides of each pair too."""
    report = json.loads(json.dumps(report))

    def plain(value):
        return json.dumps(value, sort_keys=True)

    for row in (*report["matches"], *report["relations"]):
        row["a"], row["b"] = sorted((row["a"], row["b"]), key=plain)
    return {name: sorted(value, key=plain) if isinstance(value, list) else value for name, value in report.items()}


def test_the_order_of_the_input_changes_nothing_but_order(seeds):
    documents = [Document(path.name, path.read_bytes().decode("utf-8")) for path in sorted(seeds.glob("*.txt"))]
    mixed = documents[0].text[:1500] + documents[3].text[500:1800]
    documents += [Document("mixed", mixed), Document("copy", documents[4].text), Document("part", mixed[:900])]
    first = in_any_order(audit(documents).to_dict())
    for seed in range(2):
        turned = random.Random(seed).sample(documents, len(documents))
        assert in_any_order(audit(turned).to_dict()) == first


# --- the command line -------------------------------------------------------------------------------------


@pytest.fixture
def articles(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in (("a.txt", ARTICLE), ("b.txt", OTHER), ("copy.txt", ARTICLE)):
        (folder / name).write_text(text, "utf-8")
    return folder


def test_a_run_fails_on_conditions_and_says_which(articles, tmp_path):
    out = ("--out", tmp_path / "out")
    done = run("audit", articles, *out, "--fail-on", "derived", "--fail-on", "matches>10", "--fail-on", "junk>0.2")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[0] == "provenance: --fail-on: derived is 1 (derived>0)"
    assert "matches" not in done.stderr
    assert run("audit", articles, *out, "--fail-on", "matches>10", "--fail-on", "junk>0.2").exit_code == 0
    wrong = run("audit", articles, *out, "--fail-on", "copies")
    assert wrong.exit_code == 2
    assert "is not NAME, NAME>NUMBER or NAME>=NUMBER" in wrong.stderr


def decision(articles, **fields):
    row = {
        "decision": "reject",
        "a": {"doc": "a.txt"},
        "b": {"doc": "copy.txt"},
        "reviewer": "R",
        "date": "2025-03-01",
    }
    path = articles.parent / "decisions.jsonl"
    path.write_text(json.dumps({**row, **fields}) + "\n", "utf-8")
    return path


def test_a_review_is_applied_shown_and_counted(articles, tmp_path):
    done = run(
        "audit", articles, "--out", tmp_path / "out", "--review", decision(articles), "--fail-on", "derived"
    )
    assert done.exit_code == 0
    assert "decisions  1: 1 applied, 1 reject" in done.stdout
    report = json.loads((tmp_path / "out/report.json").read_text("utf-8"))
    assert [(row["derived"], row["decision"]) for row in report["relations"]] == [(False, "reject")]
    assert "1 applied, 1 reject" in (tmp_path / "out/report.md").read_text("utf-8")


def test_a_stale_decision_is_named_and_can_fail_the_run(articles, tmp_path):
    stale = decision(articles, a={"doc": "a.txt", "sha256": "0" * 64})
    done = run("audit", articles, "--out", tmp_path / "out", "--review", stale, "--fail-on", "stale")
    assert done.exit_code == 1
    assert (
        "decision 1 is stale: the text of 'a.txt' has changed, and the decision quotes none of it" in done.stderr
    )
    assert "stale" in (tmp_path / "out/report.md").read_text("utf-8")


def test_a_baseline_shows_what_is_new(articles, tmp_path):
    run("audit", articles, "--out", tmp_path / "old")
    (articles / "again.txt").write_text(OTHER, "utf-8")
    old = ("--baseline", tmp_path / "old/report.json")
    done = run("audit", articles, "--out", tmp_path / "out", *old, "--fail-on", "new")
    assert done.exit_code == 1
    assert "changes    documents +1 -0, relations +1 -0" in done.stdout
    changed = json.loads((tmp_path / "out/report.json").read_text("utf-8"))["changes"]
    assert changed["documents"]["new"] == ["again.txt"]
    assert [(row["a"], row["b"]) for row in changed["relations"]["new"]] == [("again.txt", "b.txt")]
    (articles / "again.txt").unlink()
    assert run("audit", articles, "--out", tmp_path / "out", *old, "--fail-on", "new").exit_code == 0


@pytest.mark.parametrize("option", ["--review", "--baseline"])
def test_a_file_that_cannot_be_used_ends_the_run_before_the_work(articles, tmp_path, option):
    (tmp_path / "file").write_text("{")
    done = run("audit", articles, "--out", tmp_path / "out", option, tmp_path / "file")
    assert done.exit_code == 2
    assert str(tmp_path / "file") in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_documented_decision_and_conditions_are_those_there_are(root, tmp_path):
    text = (root / "docs/records.md").read_text("utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    (tmp_path / "decisions.jsonl").write_text(example, "utf-8")
    (read,) = read_decisions(tmp_path / "decisions.jsonl")
    assert (read.kind, read.of_pair) == ("reject", True)
    part = text[text.index("## In CI") :]
    assert set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)) == set(MEASURES)


def test_a_source_date_epoch_is_refused_before_libraries_that_read_it_fail(articles, tmp_path):
    command = [sys.executable, "-m", "provenance", "audit", articles, "--out", tmp_path / "out"]
    done = subprocess.run(
        command, env=os.environ | {"SOURCE_DATE_EPOCH": "abc"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "provenance: SOURCE_DATE_EPOCH is not a time in seconds: 'abc'\n")
