"""What cannot be read is said, with its place, and the rest is read."""

import gzip
import os
import re
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from provenance.config import Limits
from provenance.model import Document, Rejected
from provenance.readers import ReadOptions, Unopened, read
from provenance.readers import html as pages
from provenance.readers.text import decode


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def only(path, options=None):
    (found,) = read([path], options or ReadOptions())
    return found


def documents(found):
    return [item for item in found if isinstance(item, Document)]


# --- what is rejected ------------------------------------------------------------------------------------

BAD_FILES = {
    "empty": ("a.txt", b"", "empty"),
    "white": ("a.txt", b" \n\t\n", "empty"),
    "white page": ("a.html", b" \n", "empty"),
    "no records": ("a.jsonl", b"\n\n", "empty"),
    "a NUL": ("a.txt", b"some\0words", "NUL at byte 4"),
    "controls": ("a.txt", b"\x01\x02\x03\x04words", "control characters"),
    "binary page": ("a.html", b"<p>\0\0\0\0words", "NUL"),
    "PDF": ("a.txt", b"%PDF-1.7 ...", "a PDF"),
    "PNG page": ("a.html", b"\x89PNG\r\n\x1a\n", "a PNG image"),
    "broken UTF-8": ("a.txt", b"0123456789 caf\xe9 au lait", r"byte 14 \(0xE9\).*--encoding cp1252"),
    "broken after a mark": ("a.txt", b"\xef\xbb\xbfcaf\x81", r"byte 6 \(0x81\)"),
    "cut UTF-16": ("a.txt", b"\xff\xfea\0b", "UTF-16-LE at byte 4"),
    "encoded surrogate": ("a.txt", b"words \xed\xa0\x80", "byte 6"),
    "over the limit": ("a.txt", b"x" * 101, "over the limit of 100 bytes"),
    "page over the limit": ("a.html", b"x" * 101, "over the limit of 100 bytes"),
    "cut gzip": ("a.txt", gzip.compress(bytes(range(65, 91)) * 3)[:-9], "gzip data end early"),
    "cut zstd": ("a.txt", zstandard.compress(bytes(range(65, 91)) * 3)[:-9], "zstd data end early"),
    "damaged gzip": ("a.txt", gzip.compress(b"words")[:-8] + b"\0" * 8, "gzip data are damaged"),
    "damaged zstd": ("a.txt", b"\x28\xb5\x2f\xfd" + b"\xff" * 30, "zstd data are damaged"),
    "rubbish after gzip": ("a.txt", gzip.compress(b"words") + b"rubbish", "gzip data are damaged"),
    "gzip bomb": ("a.jsonl", gzip.compress(b"\n" * 1_000_000), "unpack to over 200 times"),
    "zstd bomb": ("a.jsonl", zstandard.compress(b"\n" * 1_000_000), "unpack to over 200 times"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_said_and_the_rest_is_read(tmp_path, case):
    name, content, wrong = BAD_FILES[case]
    bad, good = put(tmp_path, name, content), put(tmp_path, "good.txt", "words")
    rejected, document = read([bad, good], ReadOptions(limits=Limits(document_bytes=100)))
    assert rejected.source == bad
    assert re.search(wrong, rejected.error), rejected.error
    assert document.text == "words"


BAD_LINES = {
    "malformed": (b'{"text": "a",}', "is not JSON: .* at column 14"),
    "cut": (b'{"text": "a', "is not JSON"),
    "rubbish": (b"rubbish", "is not JSON"),
    "array": (b'["a"]', "not a JSON object but an array"),
    "string": (b'"a"', "not a JSON object but a string"),
    "null": (b"null", "not a JSON object but null"),
    "no text": (b'{"id": "a", "body": "words"}', "neither 'text' nor 'html' .*'body'"),
    "no field": (b"{}", "fields: none"),
    "null text": (b'{"text": null}', "has no text"),
    "number for text": (b'{"text": 5}', "a number in 'text'"),
    "array for text": (b'{"text": ["a"]}', "an array in 'text'"),
    "number for page": (b'{"html": 5}', "a number in 'html'"),
    "empty text": (b'{"text": ""}', "'text' is empty"),
    "white text": (b'{"text": " \\n"}', "'text' is empty"),
    "object for id": (b'{"id": {}, "text": "a"}', "an object in 'id'"),
    "boolean for id": (b'{"id": true, "text": "a"}', "a boolean in 'id'"),
    "lone surrogate": (b'{"text": "ab\\ud800"}', r"lone surrogate \(\\ud800\) at character 2 of 'text'"),
    "lone surrogate in id": (b'{"text": "a", "id": "\\uDFFF"}', r"lone surrogate \(\\udfff\)"),
    "lone surrogate deep": (b'{"text": "a", "x": [{"y": "\\ud800"}]}', "lone surrogate .* of 'x'"),
    "lone surrogate in a name": (b'{"text": "a", "\\ud800": 1}', "lone surrogate"),
    "broken UTF-8": (b'{"text": "caf\xe9"}', r"is not UTF-8 at its byte 13 \(0xE9\)"),
    "encoded surrogate": (b'{"text": "\xed\xa0\x80"}', "is not UTF-8 at its byte 10"),
    "NaN": (b'{"text": "a", "n": NaN}', "NaN"),
    "infinite": (b'{"text": "a", "n": 1e999}', "1e999 is too large"),
    "long number": (b'{"text": "a", "n": ' + b"9" * 9000 + b"}", "not JSON that can be kept"),
    "deep": (b'{"text": "a", "n": ' + b"[" * 101 + b"]" * 101 + b"}", "nested deeper than 100"),
    "very deep": (b'{"text": "a", "n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested deeper than 100"),
    "very deep and cut": (b"[" * 100_000, "nested deeper than 100"),
    "binary": (b"\0\0\0", "is not JSON"),
    "over the limit": (b'{"text": "' + b"x" * 300_000 + b'"}', "over the limit of 250,000 bytes"),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_a_bad_line_is_said_by_its_number_and_the_rest_is_read(tmp_path, case):
    line, wrong = BAD_LINES[case]
    path = put(tmp_path, "a.jsonl", b'{"id": "1", "text": "a"}\n\n' + line + b'\n{"id": "4", "text": "b"}\n')
    before, rejected, after = read([path], ReadOptions(limits=Limits(line_bytes=250_000)))
    assert (before.id, after.id) == ("1", "4")
    assert rejected.source == f"{path}:3"
    assert re.search(f"^line 3 .*{wrong}", rejected.error), rejected.error


def test_records_before_the_damage_are_given(tmp_path):
    packed = gzip.compress(b"".join(b'{"text": "words %d"}\n' % number for number in range(100_000)))
    *given_, rejected = read([put(tmp_path, "a.jsonl.gz", packed[: len(packed) // 2])])
    assert len(documents(given_)) > 1000
    assert "gzip data end early" in rejected.error
    assert f"not read beyond line {len(given_)}" in rejected.error


def test_missing_files_and_folders_without_documents(tmp_path):
    (tmp_path / "folder").mkdir()
    put(tmp_path, "folder/picture.png", "words")
    sources = [str(tmp_path / name) for name in ("missing.txt", "*.txt", "folder", "a\0b")]
    found = list(read(sources))
    assert [item.source for item in found] == sources
    assert [item.error.split(" (")[0] for item in found] == [
        "no such file or folder",
        "no such file or folder",
        "a folder without documents",
        "embedded null byte",
    ]
    assert [isinstance(item, Unopened) for item in found] == [True, True, False, True]


def test_standard_input_that_is_closed_is_said(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    assert only("-") == Unopened("-", "standard input is closed")


def test_what_may_not_be_opened_is_said(tmp_path, monkeypatch):
    # The superuser may open everything, so the system's answer is given in its place.
    bad, good = put(tmp_path, "bad.txt", "words"), put(tmp_path, "good.txt", "words")
    real = Path.open

    def refuse(path, *args, **extra):
        if path.name == "bad.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **extra)

    monkeypatch.setattr(Path, "open", refuse)
    assert next(iter(read([bad, good]))) == Unopened(bad, "not readable: permission denied")
    # Below a folder it was not asked for: the folder was.
    assert [item for item in read([str(tmp_path)]) if not isinstance(item, Document)] == [
        Rejected(bad, "not readable: permission denied")
    ]
    assert [item.id for item in documents(read([bad, good]))] == ["good.txt"]


def test_a_folder_that_may_not_be_listed_is_said(tmp_path, monkeypatch):
    put(tmp_path, "good.txt", "words")
    put(tmp_path, "shut/a.txt", "words")
    real = os.scandir

    def refuse(path):
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    document, rejected = read([str(tmp_path)])
    assert document.id == "good.txt"
    assert rejected == Rejected(str(tmp_path / "shut"), "not readable: permission denied")
    assert list(read([str(tmp_path / "shut")])) == [
        Unopened(str(tmp_path / "shut"), "not readable: permission denied")
    ]


def test_limits_are_met_exactly(tmp_path):
    options = ReadOptions(limits=Limits(document_bytes=20, line_bytes=20))
    assert only(put(tmp_path, "a.txt", b"x" * 20), options).text == "x" * 20
    line = b'{"text": "12345678"}'
    assert len(line) == 20
    for ending in (b"", b"\n", b"\r\n"):
        assert only(put(tmp_path, "a.jsonl", line + ending), options).text == "12345678"
        assert isinstance(only(put(tmp_path, "a.jsonl", b" " + line + ending), options), Rejected)


# --- laws ------------------------------------------------------------------------------------------------


@given(st.text())
def test_text_that_is_no_binary_comes_back(text):
    try:
        decoded = decode(text.encode())
    except ValueError:
        return
    assert decoded == text.removeprefix("\ufeff")


@given(st.binary())
def test_a_page_is_read_or_refused(page):
    try:
        pages.decode(page).encode("utf-8")
    except ValueError as refused:
        message = str(refused)
    else:
        message = "binary"
    assert message.startswith("binary")


@given(st.lists(st.binary(max_size=60)))
def test_no_bytes_break_the_reading_of_records(tmp_path_factory, lines):
    path = put(tmp_path_factory.mktemp("law"), "a.jsonl", b"\n".join(lines))
    for item in read([path]):
        assert isinstance(item, Document) or item.error
