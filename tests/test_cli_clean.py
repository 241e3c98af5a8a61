"""`provenance clean` as a filter: several processes, windows, the ledger's file, Markdown; its documentation."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tracemalloc
from collections import deque
from pathlib import Path

import pytest
from commands import ARTICLE, OTHER, process, records, run
from test_adapters import NOTE, PAGE, house

from provenance.clean import clean
from provenance.cli import stream
from provenance.model import Document, Rejected

AD = "\n\n- Advertisement -\n\n"
ROWS = [{"id": str(n), "text": f"{ARTICLE}{AD}Ending {n} of the story."} for n in range(130)]


def jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


# --- several processes ------------------------------------------------------------------------------------


def test_several_processes_give_what_one_gives_in_its_order():
    lines = jsonl(ROWS[:60]) + "{bad\n" + jsonl(ROWS[60:])
    one, two = (run("clean", "--jobs", jobs, stdin=lines) for jobs in (1, 2))
    assert one.stdout == two.stdout
    assert one.stderr == two.stderr
    assert "-:61: line 61 is not JSON" in one.stderr
    assert [row["id"] for row in records(two.stdout)] == [row["id"] for row in ROWS]


def kills(items):
    """Work on items that ends its process, as the system does for want of memory, at some of them."""
    if any(item.id.startswith("deadly") for item in items):
        os.kill(os.getpid(), signal.SIGKILL)
    return [(item, item.id) for item in items]


def test_what_kills_its_worker_is_rejected_by_name_and_the_rest_goes_on():
    ids = [f"d{number}" for number in range(4 * stream.TOGETHER)]
    ids[7], ids[3 * stream.TOGETHER] = "deadly one", "deadly two"
    items = [Document(name, "text", source=f"rows.jsonl:{name}") for name in ids]
    done = [one for chunk in stream._spread(kills, items, 2) for one in chunk]
    rejected = [one for one in done if isinstance(one, Rejected)]
    assert rejected == [Rejected(f"rows.jsonl:{ids[n]}", stream.KILLED) for n in (7, 3 * stream.TOGETHER)]
    assert [one.source.partition(":")[2] if one in rejected else one[1] for one in done] == ids


def test_a_worker_killed_from_outside_costs_no_document(tmp_path):
    rows = tmp_path / "rows.jsonl"
    many = [{"id": f"{row['id']}-{time}", "text": row["text"]} for time in range(6) for row in ROWS]
    rows.write_text(jsonl(many), "utf-8")
    with process("clean", "--jobs", "2", rows) as running:
        seen = running.stdout.readline()  # so there are workers, and more to do than fits in a pipe
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text("ascii").split()
        worker = next(pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(int(worker), signal.SIGKILL)
        out, complaints = running.stdout.read(), running.stderr.read()
        assert running.wait() == 0
    assert [json.loads(line)["id"] for line in (seen + out).splitlines()] == [row["id"] for row in many]
    assert b"killed" not in complaints


def test_few_documents_are_read_ahead():
    asked = 0

    def endless():
        nonlocal asked
        while True:
            asked += 1
            yield Document(str(asked), ARTICLE)

    results = stream.cleaned(endless(), "balanced", jobs=2)
    for number in range(1, 200):
        document, _ = next(results)
        assert document.id == str(number)
        assert asked <= number + (stream.AHEAD * 2 + 1) * stream.TOGETHER
    results.close()
    asked = 0
    next(stream.cleaned(endless(), "balanced"))
    assert asked == 1


def test_memory_does_not_grow_with_the_input():
    def peak(count):
        tracemalloc.start()
        results = stream.cleaned((Document(str(n), ARTICLE + AD) for n in range(count)), "balanced")
        deque(results, maxlen=0)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(20)  # what is loaded once
    assert peak(400) < peak(50) + 200_000


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text(jsonl(ROWS * 20), "utf-8")
    with process("clean", "--jobs", "2", rows) as running:
        assert json.loads(running.stdout.readline())["id"] == "0"
        running.stdout.close()
        assert (running.wait(), running.stderr.read().decode()) == (0, "")


# --- what a publisher repeats -----------------------------------------------------------------------------


def test_a_house_s_own_lines_are_looked_for_among_so_many_documents():
    rows = [*house(), {"text": OTHER, "publisher": "Other"}]
    alone, whole, halves = (run("clean", "--house", n, stdin=jsonl(rows)) for n in (0, 100, 2))
    assert all(NOTE in row["text"] for row in records(alone.stdout)[:5])
    assert not any(NOTE in row["text"] for row in records(whole.stdout))
    assert [row["key"] for row in records(whole.stdout)[:5]] == [0, 1, 2, 3, 4]
    assert records(whole.stdout)[0]["removals"][0]["documents"] == 5
    assert halves.stdout == alone.stdout


def test_windows_keep_rejected_inputs_in_their_place():
    items = [
        Document("a", ARTICLE),
        Rejected("x", "bad"),
        Document("b", OTHER),
        Document("c", OTHER),
        Rejected("y", ""),
    ]
    results = list(stream.cleaned(items, "balanced", house=2))
    assert [one.source if isinstance(one, Rejected) else one[0].id for one in results] == ["a", "x", "b", "c", "y"]


# --- the ledger -------------------------------------------------------------------------------------------


def test_the_ledger_has_a_row_for_each_document_and_rebuilds_it(tmp_path):
    path = tmp_path / "ledger.jsonl"
    done = run("clean", "--format", "text", "--ledger", path, stdin=jsonl(ROWS[:2]) + "{bad\n")
    first, second, rejected = records(path.read_text("utf-8"))
    assert [first["id"], second["id"]] == ["0", "1"]
    assert rejected == {"source": "-:3", "error": rejected["error"]}
    text = clean(ROWS[0]["text"]).text
    assert first["left"] == len(text)
    for removal in first["removals"]:
        text = text[: removal["start"]] + removal["text"] + text[removal["start"] :]
    assert text == ROWS[0]["text"]
    assert first["characters"] == len(text)
    gone = sum(row["characters"] - row["left"] for row in (first, second))
    total = first["characters"] + second["characters"]
    assert done.stderr.splitlines()[-1] == (
        f"provenance: 2 documents, 1 rejected; {gone:,} of {total:,} characters removed: advertisement 2"
    )


def test_a_ledger_that_cannot_be_written_is_an_error(tmp_path):
    done = run("clean", "--ledger", tmp_path / "no" / "ledger", stdin=ARTICLE)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "No such file or directory" in done.stderr


def test_bad_rows_are_counted():
    done = run("clean", stdin="{bad\n" * 3 + jsonl(ROWS[:1]))
    assert done.exit_code == 0
    assert done.stderr.splitlines()[-1] == "provenance: 3 inputs could not be used"


def test_several_documents_are_divided_by_comments(tmp_path):
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    (tmp_path / "b--c.txt").write_text(OTHER, "utf-8")
    written = run("clean", "--format", "markdown", tmp_path).stdout
    assert written.startswith("<!-- a.html -->\n\n# Storm\n\nThe harbour")
    assert "\n\n<!-- b- -c.txt -->\n\nPrices for wheat" in written


# --- the documentation ------------------------------------------------------------------------------------


def blocks(root, language):
    text = (root / "docs" / "preprocessing.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def workplace(tmp_path):
    import gzip

    (tmp_path / "articles.jsonl.gz").write_bytes(gzip.compress(jsonl(ROWS[:5]).encode()))
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text(jsonl(ROWS[:3]), "utf-8")
    return tmp_path


def test_the_documented_commands_run(root, workplace):
    lines = [line for block in blocks(root, "sh") for line in block.splitlines() if "provenance clean" in line]
    assert len(lines) == 5
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHON": sys.executable}
    for line in lines:
        command = line.replace("provenance clean", f"{shlex.quote(sys.executable)} -m provenance clean")
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=workplace,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stderr)
    assert records((workplace / "clean.jsonl").read_text("utf-8"))[0]["id"] == "0"
    assert len(records((workplace / "ledger.jsonl").read_text("utf-8"))) == 5


@pytest.mark.parametrize("number", range(4))
def test_the_documented_python_runs_and_says_the_truth(root, workplace, number):
    block = blocks(root, "python")[number]
    if "from datasets import" in block:
        pytest.importorskip("datasets", reason="an extra of 280 MB")
    checks = re.findall(r"^(\S.*?)  # ('.*')$", block, re.MULTILINE)
    code = block + "".join(f"\nassert {what} == {told}, {what}" for what, told in checks)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=workplace,
        env=os.environ | {"PYTHONPATH": str(root), "HF_HOME": str(workplace)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert checks or (workplace / "out").exists()


def test_the_documented_settings_are_those_of_the_adapter(root):
    (settings,) = [block for block in blocks(root, "python") if "ITEM_PIPELINES" in block]
    assert "provenance.adapters.scrapy.ProvenancePipeline" in settings
    source = (root / "provenance" / "adapters" / "scrapy.py").read_text("utf-8")
    for name in re.findall(r"PROVENANCE_\w+", settings):
        assert f'"{name}"' in source


@pytest.mark.parametrize("place", ["a.jsonl", "in/ledger.jsonl"])
def test_a_ledger_is_never_written_over_a_source(tmp_path, place):
    (tmp_path / "in").mkdir()
    source = tmp_path / "a.jsonl"
    source.write_text(json.dumps({"id": "a", "text": ARTICLE}) + "\n", "utf-8")
    before = source.read_bytes()
    done = run("clean", source, tmp_path / "in", "--ledger", tmp_path / place)
    assert done.exit_code == 2
    assert "lies among the sources" in done.stderr
    assert source.read_bytes() == before


def test_texts_of_standard_input_come_without_headings():
    texts = ["The tide was out.", "The tide was in."]
    done = run("clean", "--format", "text", stdin=jsonl({"text": text} for text in texts))
    assert done.stdout == "The tide was out.\n\nThe tide was in.\n"


@pytest.mark.parametrize(
    ("separator", "between"), [("---\\n", "---\n"), ("\\0", "\0"), ("", ""), ("\\\\n", "\\n")]
)
def test_texts_are_divided_as_asked_for(separator, between, tmp_path):
    (tmp_path / "a.txt").write_text("Rain fell.\n\nThe river rose.", "utf-8")
    (tmp_path / "b.txt").write_text("Snow fell.\n", "utf-8")
    written = run("clean", "--format", "text", "--separator", separator, tmp_path).stdout
    assert written == f"Rain fell.\n\nThe river rose.\n{between}Snow fell.\n"


def test_the_texts_of_one_file_come_without_headings_and_of_several_with(tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text(jsonl([{"id": "x", "text": "Rain fell."}, {"id": "y", "text": "Snow fell."}]), "utf-8")
    assert run("clean", "--format", "text", rows).stdout == "Rain fell.\n\nSnow fell.\n"
    (tmp_path / "z.txt").write_text("Hail fell.", "utf-8")
    assert run("clean", "--format", "text", tmp_path).stdout.startswith("==> x <==\nRain fell.\n\n==> y <==\n")


def test_a_separator_is_for_texts():
    refused = run("clean", "--separator", "x", stdin="a")
    assert refused.exit_code == 2
    assert "--format text" in refused.stderr
