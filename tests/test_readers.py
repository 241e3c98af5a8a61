"""Sources in, documents and rejections out."""

import gzip
import io
import json
import os
import tracemalloc
from pathlib import Path

import pytest
import zstandard

from provenance.config import Limits
from provenance.errors import SettingsError
from provenance.model import Document
from provenance.readers import ReadOptions, read
from provenance.readers import html as pages


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


# --- what is read ---------------------------------------------------------------------------------------


def test_text_is_kept_as_it_stands(tmp_path):
    path = put(tmp_path, "a.txt", "Line one\r\n\r\nline two\n")
    assert only(path) == Document("a.txt", "Line one\r\n\r\nline two\n", source=path)


def test_a_document_of_one_word_is_a_document(tmp_path):
    assert only(put(tmp_path, "a.txt", "word")).text == "word"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\0\0", "utf-32-le"),
        (b"\0\0\xfe\xff", "utf-32-be"),
    ],
)
def test_a_byte_order_mark_says_the_encoding_and_is_no_text(tmp_path, mark, encoding):
    assert only(put(tmp_path, "a.txt", mark + "Größe €".encode(encoding))).text == "Größe €"


def test_old_text_is_read_when_its_encoding_is_said(tmp_path):
    path = put(tmp_path, "a.txt", "café “quoted”".encode("cp1252"))
    assert only(path, ReadOptions(encoding="cp1252")).text == "café “quoted”"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.zst"])
def test_packed_files_are_known_by_their_bytes(tmp_path, pack, name):
    assert only(put(tmp_path, name, pack(b"some words\n" * 5000))).text == "some words\n" * 5000


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_members_and_frames_that_follow_each_other_are_one(tmp_path, pack):
    assert only(put(tmp_path, "a.txt", pack(b"one ") + pack(b"two ") + pack(b"three"))).text == "one two three"


def test_gzip_padded_with_zeros_is_whole(tmp_path):
    assert only(put(tmp_path, "a.txt.gz", gzip.compress(b"some words") + b"\0" * 5000)).text == "some words"


def test_zstd_may_open_with_a_skippable_frame(tmp_path):
    skippable = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    assert only(put(tmp_path, "a.txt", skippable + zstandard.compress(b"some words"))).text == "some words"


def test_records_take_the_fields_they_are_told_and_keep_the_others(tmp_path):
    record = {
        "body": "Some words.",
        "nr": 7,
        "head": "A title",
        "outlet": "The Paper",
        "link": "https://paper.example/a",
        "day": "2026-01-02",
        "lang": "en",
        "tags": ["x", {"y": None}],
        "source": "wire",
    }
    options = ReadOptions(
        text_field="body",
        id_field="nr",
        title_field="head",
        publisher_field="outlet",
        url_field="link",
        date_field="day",
        language_field="lang",
    )
    path = put(tmp_path, "a.jsonl", json.dumps(record) + "\n")
    assert only(path, options) == Document(
        id="7",
        text="Some words.",
        title="A title",
        publisher="The Paper",
        url="https://paper.example/a",
        published="2026-01-02",
        language="en",
        source=f"{path}:1",
        extra={"nr": 7, "tags": ["x", {"y": None}], "source": "wire"},
    )


def test_a_record_without_text_may_have_a_page(tmp_path):
    document = only(put(tmp_path, "a.jsonl", '{"id": "a", "text": null, "html": "<p>Some words"}'))
    assert (document.text, document.html, document.extra) == ("<p>Some words", True, {})


def test_a_record_with_both_is_read_by_its_text(tmp_path):
    document = only(put(tmp_path, "a.jsonl", '{"id": "a", "text": "words", "html": "<p>words"}'))
    assert (document.text, document.html, document.extra) == ("words", False, {"html": "<p>words"})


@pytest.mark.parametrize("record", ['{"text": "a"}', '{"id": null, "text": "a"}', '{"id": "", "text": "a"}'])
def test_a_record_without_id_is_called_by_its_place(tmp_path, record):
    path = put(tmp_path, "a.jsonl", f"\n{record}\n")
    assert only(path).id == f"{path}:2"


def test_a_field_that_is_no_text_stays_among_the_unknown(tmp_path):
    document = only(put(tmp_path, "a.jsonl", '{"id": "a", "text": "words", "title": ["x"], "published": 2026}'))
    assert (document.title, document.published, document.extra) == (None, "2026", {"title": ["x"]})


def test_records_may_open_with_a_mark_and_end_in_any_way(tmp_path):
    path = put(tmp_path, "a.jsonl", b'\xef\xbb\xbf{"text": "a"}\r\n \n{"text": "b"}')
    assert [item.text for item in read([path])] == ["a", "b"]


def test_a_json_file_may_be_one_array_of_records(tmp_path):
    records = b'\n[\n  {"id": "a", "text": "words"},\n  7,\n  {"text": "\\ud800"},\n  {"text": "more"}\n]\n'
    path = put(tmp_path, "a.json", records)
    first, number, half, last = read([path])
    assert (first.id, last.id, last.text) == ("a", f"{path}:4", "more")
    assert number.error == "record 2 is not a JSON object but a number"
    assert half.error.startswith("record 3 has a lone surrogate")


@pytest.mark.parametrize(
    ("content", "wrong"),
    [(b'[{"text": "words"}', "an array of records that is not JSON"), (b" [ ]", "no record in it")],
)
def test_an_array_that_is_no_good_is_said(tmp_path, content, wrong):
    path = put(tmp_path, "a.json", content)
    assert only(path).source == path
    assert wrong in only(path).error


def test_surrogate_pairs_are_characters(tmp_path):
    assert only(put(tmp_path, "a.jsonl", '{"text": "\\ud83d\\ude00"}')).text == "\U0001f600"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"text": "words"}\n', (False, "words")),
        (b'\xef\xbb\xbf \n{"text": "words"}\n', (False, "words")),
        (b"<!DOCTYPE html><p>words", (True, "<!DOCTYPE html><p>words")),
        (b"<?xml version='1.0'?><!-- a --><HTML>words", (True, "<?xml version='1.0'?><!-- a --><HTML>words")),
        (b"words <b>and</b> words", (False, "words <b>and</b> words")),
        (b"<3 words", (False, "<3 words")),
    ],
)
def test_what_has_no_known_ending_is_known_by_how_it_begins(tmp_path, content, kind):
    document = only(put(tmp_path, "a", content))
    assert (document.html, document.text) == kind


def test_standard_input(monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(b'{"text": "words"}\n{"id": "b", "text": "more"}\n'))
    monkeypatch.setattr("sys.stdin", stdin)
    assert [(item.id, item.source) for item in read(["-"])] == [("-:1", "-:1"), ("b", "-:2")]


# --- folders and ids -------------------------------------------------------------------------------------


def test_a_folder_is_read_in_order_without_what_is_hidden_or_unknown(tmp_path):
    names = [
        "b.txt",
        "a/z.htm",
        "a/c.txt",
        ".hidden.txt",
        ".git/x.txt",
        "picture.png",
        "n.ndjson.gz",
        "report.json",
    ]
    for name in names:
        put(tmp_path, name, gzip.compress(b'{"id": "n", "text": "x"}') if name.endswith("gz") else "words")
    assert [item.id for item in read([str(tmp_path)])] == ["b.txt", "n", "a/c.txt", "a/z.htm"]


def test_a_format_that_is_said_chooses_among_the_files_of_a_folder(tmp_path):
    for name in ("a.txt", "b.html"):
        put(tmp_path, name, "words")
    assert [item.id for item in read([str(tmp_path)], ReadOptions(format="html"))] == ["b.html"]


def test_ids_are_told_from_the_folder_that_holds_all_sources(tmp_path, monkeypatch):
    for name in ("monday/a.txt", "tuesday/a.txt"):
        put(tmp_path, name, "words")
    monkeypatch.chdir(tmp_path)
    assert [item.id for item in read(["monday"])] == ["a.txt"]
    assert [item.id for item in read(["monday", "tuesday"])] == ["monday/a.txt", "tuesday/a.txt"]
    assert [item.id for item in read(["monday/a.txt", "./tuesday/a.txt"])] == ["monday/a.txt", "tuesday/a.txt"]
    assert [item.id for item in read([Path("monday")], ReadOptions(root="."))] == ["monday/a.txt"]


def test_a_link_in_circles_is_not_followed(tmp_path):
    put(tmp_path, "a/b.txt", "words")
    (tmp_path / "a/loop").symlink_to(tmp_path, target_is_directory=True)
    assert [item.id for item in read([str(tmp_path)])] == ["a/b.txt"]


def test_a_name_that_is_no_unicode_can_still_be_reported(tmp_path):
    name = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(name)).write_bytes(b"words")
    document = only(os.fsdecode(name))
    assert document.id == "caf\ufffd.txt"
    document.source.encode()


# --- bounds and options ---


def test_records_are_read_as_they_are_asked_for(tmp_path):
    line = json.dumps({"text": "words " * 2000}).encode() + b"\n"
    path = put(tmp_path, "a.jsonl.gz", gzip.compress(line * 3000))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read([path], ReadOptions(limits=Limits(document_bytes=50_000_000)))) == 3000
        assert tracemalloc.get_traced_memory()[1] < 5_000_000  # of 36 MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("changed", [{"format": "pdf"}, {"encoding": "no-such"}, {"encoding": "base64"}])
def test_options_that_make_no_sense_are_refused(changed):
    with pytest.raises(SettingsError):
        ReadOptions(**changed)


# --- pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<p>Größe €".encode(), "Größe €"),
        (b"\xef\xbb\xbf" + "<p>Größe".encode(), "Größe"),
        ("\ufeff<p>Größe".encode("utf-16-le"), "Größe"),
        ('<meta charset="iso-8859-1"><p>“Größe”'.encode("cp1252"), "“Größe”"),
        ('<meta charset="iso-8859-1"><p>Größe'.encode(), "Größe"),
        ('<meta charset="utf-16"><p>Größe'.encode(), "Größe"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>Новости'.encode("koi8-r"),
            "Новости",
        ),
        ('<meta charset="gb2312"><p>朱镕基'.encode("gb18030"), "朱镕基"),
        ('<meta charset="iso-2022-jp"><p>日本語'.encode("iso-2022-jp"), "日本語"),
        ('<meta charset="no-such"><p>Größe'.encode("cp1252"), "Größe"),
        ('<meta charset="base64"><p>Größe'.encode("cp1252"), "Größe"),
        ('<meta charset="punycode"><p>Größe'.encode("cp1252"), "Größe"),
        ("<p>Größe".encode("cp1252"), "Größe"),
        ('<meta charset="utf-8"><p>Größe und Länge '.encode() + b"\xff!", "Größe und Länge \ufffd!"),
        ("<p>Größe".encode("cp1252") + b"\x81", "Größe\ufffd"),
    ],
)
def test_a_page_is_decoded_as_a_browser_would(page, words):
    assert words in pages.decode(page)


def test_a_page_is_a_document_of_markup(tmp_path):
    path = put(tmp_path, "a.html", "<p>Größe")
    assert only(path) == Document("a.html", "<p>Größe", html=True, source=path)
