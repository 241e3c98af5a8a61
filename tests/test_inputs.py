"""What a run went by: the digest of every file's own bytes, the options, the weights and the libraries."""

import gzip
import hashlib
import io
import json
import sys
from pathlib import Path

import pytest
from commands import ARTICLE, OTHER, run

import provenance
from provenance.config import Limits
from provenance.readers import ReadOptions, read
from provenance.report.made_with import WEIGHTS

RECORDS = "".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in (("a", ARTICLE), ("b", OTHER)))
FILES = {
    "plain.txt": ARTICLE.encode(),
    "marked.txt": b"\xef\xbb\xbf" + OTHER.encode(),
    "wide.txt": ("\ufeff" + ARTICLE + "It was the third storm of the year.").encode("utf-16-le"),
    "rows.jsonl": (RECORDS + "{}\n").encode(),
    "packed.jsonl.gz": gzip.compress(RECORDS.replace('"a"', '"c"').replace('"b"', '"d"').encode()),
    "broken.txt": b"%PDF-1.7\n" + b"\0" * 500_000,
    "empty.txt": b"",
}
COUNTS = {"rows.jsonl": 2, "packed.jsonl.gz": 2, "broken.txt": 0, "empty.txt": 0}


def digest(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    place = tmp_path_factory.mktemp("inputs")
    for name, data in FILES.items():
        (place / name).write_bytes(data)
    (place / "theirs.txt").write_text(ARTICLE)
    (place / "decisions").write_text("[]")
    paths = [place / name for name in FILES]
    done = run("audit", *paths, "--out", place / "old")
    assert done.exit_code == 0
    more = [
        "--against",
        place / "theirs.txt",
        "--review",
        place / "decisions",
        "--baseline",
        place / "old/report.json",
    ]
    done = run("audit", *paths, *more, "--encoding", "utf-8", "--title-field", "headline", "--out", place / "new")
    assert done.exit_code == 0
    return json.loads((place / "new/report.json").read_bytes()), place


def test_every_file_has_the_digest_of_its_bytes(report):
    found, place = report
    rows = {(row["role"], Path(row["source"]).name): row for row in found["inputs"]}
    for name, data in FILES.items():
        row = rows.pop(("batch", name))
        assert (row["sha256"], row["bytes"]) == (digest(data), len(data)), name
        assert row["documents"] == COUNTS.get(name, 1)
    for role, path in (("against", "theirs.txt"), ("review", "decisions"), ("baseline", "old/report.json")):
        row = rows.pop((role, Path(path).name))
        assert row["sha256"] == digest((place / path).read_bytes())
        assert row["documents"] == (role == "against")
    assert not rows
    assert sum(row["documents"] for row in found["inputs"]) == len(found["documents"] + found["compared_with"])


def test_the_page_shows_the_digests_of_files(report):
    _, place = report
    page = (place / "new/report.html").read_text("utf-8")
    assert all(digest(data) in page for data in FILES.values())


def test_the_parameters_say_what_the_run_was_made_with(report):
    found, _ = report
    reading = found["parameters"]["reading"]
    assert (reading["encoding"], reading["title_field"], reading["text_field"]) == ("utf-8", "headline", "text")
    assert reading["limits"]["document_bytes"] > 0
    assert not any(str(value).startswith("/") for value in reading.values())
    package = Path(provenance.__file__).parent
    assert found["parameters"]["weights"] == {name: digest((package / name).read_bytes()) for name in WEIGHTS}
    assert found["parameters"]["libraries"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert all(found["parameters"]["libraries"].values())


def test_no_file_of_weights_is_left_out():
    package = Path(provenance.__file__).parent
    data = {path.relative_to(package).as_posix() for end in ("*.json", "*.npz") for path in package.rglob(end)}
    assert data - {"report/schema.json", "vectors.json"} == set(WEIGHTS)


def test_a_pipe_that_is_not_read_to_its_end_has_no_digest(monkeypatch):
    options = ReadOptions(limits=Limits(document_bytes=10_000))

    def noted(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        files = []
        list(read(["-"], options, files.append))
        return files[0]

    assert noted(ARTICLE.encode()).sha256 == digest(ARTICLE.encode())
    assert (noted(b"").sha256, noted(b"").size) == (digest(b""), 0)
    big = b"a" * 1_000_000
    assert noted(big).sha256 is None
