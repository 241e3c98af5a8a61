"""The command line: what goes where, with which exit status."""

import gzip
import json
from importlib import import_module

import pytest
from commands import ARTICLE, OTHER, records, run

from provenance import __version__


@pytest.fixture
def articles(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in {"a.txt": ARTICLE, "b.txt": OTHER, "copy.txt": ARTICLE}.items():
        (folder / name).write_text(text, "utf-8")
    return folder


# --- the program -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [(), ("clean",), ("audit",), ("compare",), ("serve",), ("worker",), ("keys", "add")]
)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_says_what_it_does(arguments, option):
    done = run(*arguments, option)
    assert done.exit_code == 0
    assert done.stdout.startswith("Usage: ")
    assert done.stderr == ""


def test_the_version_is_that_of_the_package():
    done = run("--version")
    assert (done.exit_code, done.stdout) == (0, f"provenance {__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such",),
        ("clean", "--no-such"),
        ("clean", "--format", "pdf"),
        ("clean", "--fail-on", "derived"),
        ("clean", "--encoding", "no-such"),
        ("audit",),
        ("compare", "one"),
        ("serve", "--port", "70000"),
        ("serve", "--host", "0.0.0.0"),  # noqa: S104
        ("serve", "--host", "192.0.2.1"),
        ("serve", "--host", "example.org"),
    ],
)
def test_wrong_usage_is_an_error_on_standard_error(arguments):
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


# --- clean -----------------------------------------------------------------------------------------------


def test_clean_gives_a_record_with_its_ledger_for_each_document(articles):
    done = run("clean", articles)
    assert (done.exit_code, done.stderr) == (0, "")
    rows = records(done.stdout)
    assert [row["id"] for row in rows] == ["a.txt", "b.txt", "copy.txt"]
    assert [row["text"] for row in rows] == [ARTICLE, OTHER, ARTICLE]
    assert [row["removals"] for row in rows] == [[], [], []]


def test_clean_reads_standard_input_and_keeps_the_fields_it_does_not_know():
    record = {
        "id": 7,
        "text": ARTICLE,
        "title": "Storm",
        "desk": "coast",
        "removals": "of another time",
        "é": [1.5],
    }
    (row,) = records(run("clean", stdin=json.dumps(record)).stdout)
    assert row["desk"] == "coast"
    assert row["é"] == [1.5]
    assert row["removals"] == []
    assert (row["id"], row["title"], row["text"], row["publisher"]) == (7, "Storm", ARTICLE, None)


def test_what_clean_gives_it_can_take(seeds):
    once = run("clean", seeds).stdout
    twice = run("clean", stdin=once).stdout
    assert [row["text"] for row in records(twice)] == [row["text"] for row in records(once)]
    assert all(row["removals"] == [] for row in records(twice))


def test_the_removals_of_the_seeds_are_what_is_missing(seeds):
    for row in records(run("clean", seeds).stdout):
        rebuilt = row["text"]
        for removal in row["removals"]:
            rebuilt = rebuilt[: removal["start"]] + removal["text"] + rebuilt[removal["start"] :]
        assert rebuilt == (seeds / row["id"]).read_bytes().decode()


def test_clean_reads_the_fields_it_is_told_from_packed_records(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps({"body": ARTICLE, "key": "k", "day": "2026-01-02"}).encode()))
    done = run("clean", path, "--text-field", "body", "--id-field", "key", "--date-field", "day")
    (row,) = records(done.stdout)
    assert (row["key"], row["day"], row["body"]) == ("k", "2026-01-02", ARTICLE)


def test_clean_gives_plain_text_under_headings_where_there_is_more_than_one(articles):
    assert run("clean", articles / "a.txt", "--format", "text").stdout == ARTICLE
    done = run("clean", articles / "a.txt", articles / "b.txt", "--format", "text")
    assert done.stdout == f"==> a.txt <==\n{ARTICLE}\n==> b.txt <==\n{OTHER}"


def test_clean_gives_a_table(articles):
    lines = run("clean", articles, "--format", "table").stdout.splitlines()
    assert lines[1].split() == [str(len(ARTICLE)), "0", "a.txt:", "nothing"]
    assert lines[-1] == "all: nothing"


def test_a_page_is_cleaned_to_its_text(tmp_path):
    paragraphs = "".join(f"<p>{line}</p>" for line in ARTICLE.split("\n\n"))
    (tmp_path / "a.html").write_text(f"<html><body><article>{paragraphs}</article></body></html>", "utf-8")
    (row,) = records(run("clean", tmp_path / "a.html").stdout)
    assert row["text"].split() == ARTICLE.split()


# --- exit statuses and bad input -------------------------------------------------------------------------


@pytest.fixture
def mixed(articles):
    """Give sources of every bad kind, with three good documents among them."""
    bad = {
        "empty.txt": b"",
        "binary.txt": b"some\0words",
        "broken.txt": b"caf\xe9 au lait",
        "rows.jsonl": b'{bad\n{"id": 1}\n{"text": "\\ud800"}\n{"id": "word", "text": "word"}\n',
    }
    for name, content in bad.items():
        (articles / name).write_bytes(content)
    return [articles, articles / "missing.txt"]


COMPLAINTS = [
    ("binary.txt: ", "binary, not text: a NUL at byte 4"),
    ("broken.txt: ", "not UTF-8 at byte 3"),
    ("empty.txt: ", "empty"),
    ("rows.jsonl:1: ", "line 1 is not JSON"),
    ("rows.jsonl:2: ", "line 2 has no text"),
    ("rows.jsonl:3: ", "line 3 has a lone surrogate"),
    ("missing.txt: ", "no such file or folder"),
]


@pytest.mark.parametrize("command", ["clean", "audit"])
def test_bad_input_is_named_and_the_rest_is_done(mixed, tmp_path, command):
    out = ("--out", tmp_path / "out", "--format", "json") if command == "audit" else ()
    done = run(command, *mixed, *out)
    assert done.exit_code == 2
    lines = done.stderr.splitlines()[: len(COMPLAINTS)]
    for line, (source, wrong) in zip(lines, COMPLAINTS, strict=True):
        assert line.startswith("provenance: ")
        assert source in line
        assert wrong in line
    rows = records(done.stdout)
    ids = [row["id"] for row in (rows if command == "clean" else rows[0]["documents"])]
    assert ids == ["a.txt", "b.txt", "copy.txt", "word"]


@pytest.mark.parametrize("command", ["clean", "audit"])
def test_nothing_but_bad_input_is_an_error(tmp_path, command):
    out = ("--out", tmp_path / "out") if command == "audit" else ()
    done = run(command, tmp_path / "missing.txt", *out)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[0] == f"provenance: {tmp_path / 'missing.txt'}: no such file or folder"


@pytest.mark.parametrize("command", ["clean", "audit"])
def test_what_is_wrong_inside_a_source_is_a_warning_and_a_source_that_is_not_there_an_error(
    mixed, tmp_path, command
):
    out = ("--out", tmp_path / "out") if command == "audit" else ()
    folder, missing = mixed
    assert run(command, folder, *out).exit_code == 0
    assert run(command, folder / "a.txt", folder / "empty.txt", *out).exit_code == 0
    assert run(command, folder, *out, "--fail-on", "rejected").exit_code == 1
    # As of grep(1), the error goes before what was found elsewhere.
    assert run(command, folder, missing, *out, "--fail-on", "rejected").exit_code == 2


def test_what_is_compared_with_must_be_there(articles, tmp_path):
    missing = tmp_path / "missing"
    done = run("audit", articles, "--against", missing, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[0] == f"provenance: {missing}: no such file or folder"
    assert (tmp_path / "out" / "report.json").exists()


def test_findings_set_the_status_when_they_are_asked_for(mixed, seeds, articles):
    assert run("clean", mixed[0], "--fail-on", "rejected").exit_code == 1
    assert run("clean", articles / "a.txt", "--fail-on", "rejected", "--fail-on", "removed").exit_code == 0
    assert run("clean", seeds, "--fail-on", "removed").exit_code == 1


def test_a_name_cannot_act_on_the_terminal(tmp_path):
    done = run("clean", tmp_path / "a\n\x1b[2Jb.txt")
    assert done.stderr == f"provenance: {tmp_path}/a\\n\\x1b[2Jb.txt: no such file or folder\n"


@pytest.mark.parametrize(
    ("arguments", "environment", "shown"),
    [
        (("clean",), {}, False),
        (("clean",), {"PROVENANCE_DEBUG": "0"}, False),
        (("clean", "--debug"), {}, True),
        (("--debug", "clean"), {}, True),
        (("clean",), {"PROVENANCE_DEBUG": "1"}, True),
    ],
)
def test_an_unexpected_error_is_one_line_and_no_finding(monkeypatch, arguments, environment, shown):
    def fail(*_arguments, **_options):
        raise ZeroDivisionError("of the\ntest")

    # The package has a function of the same name, so the module is had by its full name.
    monkeypatch.setattr(import_module("provenance.clean"), "clean", fail)
    done = run(*arguments, stdin=ARTICLE, env=environment)
    assert (done.exit_code, done.stdout) == (2, "")
    first, *rest = done.stderr.splitlines()
    assert first == "provenance: unexpected ZeroDivisionError: of the\\ntest (--debug shows where)"
    assert any(line.startswith("Traceback") for line in rest) == shown == bool(rest)


def test_an_id_met_twice_is_said_and_its_record_kept():
    rows = [{"id": "x", "text": ARTICLE}, {"id": "y", "text": OTHER}, {"id": "x", "text": OTHER}]
    done = run("clean", "--fail-on", "rejected", stdin="\n".join(map(json.dumps, rows)))
    assert done.exit_code == 0
    assert [row["id"] for row in records(done.stdout)] == ["x", "y", "x"]
    assert done.stderr == "provenance: -:3: the id 'x' was given before; it is kept\n"


# --- audit -----------------------------------------------------------------------------------------------


def test_audit_writes_the_report_and_says_where(articles, tmp_path):
    out = tmp_path / "deep" / "out"
    done = run("audit", articles, "--out", out)
    assert done.exit_code == 0
    assert done.stderr.splitlines()[-1] == f"report: {out / 'report.html'}"
    assert "exact 1.00  a.txt and copy.txt" in done.stdout
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert [row["id"] for row in report["documents"]] == ["a.txt", "b.txt", "copy.txt"]
    assert (out / "report.html").stat().st_size > 1000


def test_audit_gives_the_report_or_its_relations_as_json(articles, tmp_path):
    whole = json.loads(run("audit", articles, "--out", tmp_path / "1", "--format", "json").stdout)
    rows = records(run("audit", articles, "--out", tmp_path / "2", "--format", "jsonl").stdout)
    assert whole == json.loads((tmp_path / "1" / "report.json").read_text("utf-8"))
    assert rows == whole["relations"]


def test_audit_fails_on_what_it_is_asked_to(articles, seeds, tmp_path):
    out = ("--out", tmp_path / "out")
    assert run("audit", articles, *out, "--fail-on", "derived").exit_code == 1
    assert run("audit", articles / "a.txt", articles / "b.txt", *out, "--fail-on", "derived").exit_code == 0
    assert run("audit", seeds, *out, "--fail-on", "removed").exit_code == 1
    (articles / "empty.txt").write_text("")
    assert run("audit", articles, *out, "--fail-on", "rejected").exit_code == 1


def test_audit_compares_with_an_archive_of_files_of_the_same_names(articles, tmp_path):
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "b.txt").write_text(ARTICLE, "utf-8")
    arguments = (articles / "a.txt", "--against", archive, "--out", tmp_path / "out", "--format", "jsonl")
    done = run("audit", *arguments)
    assert done.stderr.count("\n") == 1
    derived = [{row["a"], row["b"]} for row in records(done.stdout) if row["derived"]]
    assert derived == [{"articles/a.txt", "archive/b.txt"}]


def test_a_second_document_of_an_id_is_rejected(tmp_path):
    rows = [{"id": "x", "text": ARTICLE}, {"id": "x", "text": OTHER}]
    done = run("audit", "-", "--out", tmp_path, "--format", "json", stdin="\n".join(map(json.dumps, rows)))
    assert len(json.loads(done.stdout)["documents"]) == 1
    assert done.stderr.startswith("provenance: -:2: ")


def test_a_report_that_cannot_be_written_is_an_error(articles, tmp_path):
    (tmp_path / "file").write_text("words")
    done = run("audit", articles, "--out", tmp_path / "file" / "out")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith("provenance: ")


def test_very_many_rejections_are_counted_and_not_all_named(tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text(f'{{"id": "a", "text": {json.dumps(ARTICLE)}}}\n' + "{\n" * 200, "utf-8")
    done = run("audit", rows, "--out", tmp_path / "out")
    assert done.stderr.count("is not JSON") == 50
    assert "and 150 more that could not be used" in done.stderr
    assert len(json.loads((tmp_path / "out/report.json").read_text("utf-8"))["rejected"]) == 200
