"""The comparison of tools measures what it says, on a folder so small that one can tell by hand."""

import gzip
import importlib.util
import json
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def cleaning(root):
    spec = importlib.util.spec_from_file_location("cleaning", root / "benchmarks" / "cleaning.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pages(tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "1.html.gz").write_bytes(gzip.compress(b"<p>a b c d e</p>"))
    row = {"id": "1", "main_content": "a b c d", "present": ["A  b"], "absent": ["d e", "x"]}
    (tmp_path / "truth.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    return tmp_path


def test_a_tool_is_judged_by_words_shingles_and_snippets(cleaning, pages):
    tally = cleaning.judge(lambda _: "a b c d e", pages, None)
    assert tally.words == pytest.approx(8 / 9)
    assert tally.shingles == pytest.approx(2 / 3)
    assert (tally.leak, tally.kept, tally.failed) == (0.5, 1.0, 0)


def test_a_tool_that_fails_is_counted(cleaning, pages):
    def fail(_page):
        raise ValueError

    tally = cleaning.judge(fail, pages, None)
    assert (tally.words, tally.shingles, tally.kept, tally.failed) == (0.0, 0.0, 0.0, 1)


def test_the_script_tells_pages_from_lines(root, pages, tmp_path):
    script = [sys.executable, str(root / "benchmarks" / "cleaning.py")]
    done = subprocess.run([*script, pages, "--only", "Provenance"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split()[0] == "Provenance"
    lines = tmp_path / "lines"
    lines.mkdir()
    page = {"id": "1", "lines": [{"text": "x" * 90, "label": "body"}, {"text": "Advertisement", "label": "junk"}]}
    (lines / "extracted.jsonl.gz").write_bytes(gzip.compress(json.dumps(page).encode()))
    done = subprocess.run([*script, lines], capture_output=True, text=True, check=True)
    table = {line[:22].strip(): line[22:].split() for line in done.stdout.splitlines()[1:]}
    assert table["Provenance balanced"][:3] == ["1.000", "1.000", "0.0000"]
    assert table["keep everything"] == ["0.933", "0.000", "0.0000"]
    done = subprocess.run([*script, root], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")


def test_articles_in_furniture_lose_what_is_counted(root, tmp_path):
    script = [sys.executable, str(root / "benchmarks" / "furniture.py")]
    body = "The council of Lindow met on Tuesday to talk about the bridge, which has been closed since the spring."
    rows = [{"title": "Council meets on the bridge", "text": f"{body}\nAdvertisement\n{body}"}]
    (tmp_path / "articles.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    done = subprocess.run([*script, tmp_path / "articles.jsonl"], capture_output=True, text=True, check=True)
    table = [line.split() for line in done.stdout.splitlines()[1:]]
    assert len(table) == 12
    lost = round(len("Advertisement") / (len(rows[0]["title"]) + 2 * len(body) + len("Advertisement")), 4)
    assert table[0] == ["none", "safe", f"{lost:.4f}", "0", "0", "1", "1", "0.000"]  # its own line, not furniture
    removed = [float(row[-1]) for row in table]
    assert removed[:3] == [0, 0, 0]
    for at in (3, 6, 9):
        assert 0 < removed[at] <= removed[at + 1] <= removed[at + 2] <= 1
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert "--help" in done.stdout
