"""`provenance compare`: two documents in, their passages out."""

import json

import pytest
from commands import ARTICLE, OTHER, run


@pytest.fixture
def articles(tmp_path):
    for name, text in {"a.txt": ARTICLE, "b.txt": OTHER, "copy.txt": ARTICLE}.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_compare_shows_the_passages(articles):
    done = run("compare", articles / "a.txt", articles / "copy.txt")
    assert done.exit_code == 0
    assert done.stdout.startswith("exact, derived, score 1.00")
    assert "\x1b" not in done.stdout
    assert run("compare", articles / "a.txt", articles / "copy.txt", "--fail-on", "derived").exit_code == 1
    assert run("compare", articles / "a.txt", articles / "b.txt", "--fail-on", "derived").exit_code == 0


def test_compare_labels_both_sides_of_each_passage(seeds):
    names = ("002_b426e6508086df65.txt", "003_7f76c1e5c6cfafe7.txt")
    paths = [seeds / name for name in names]
    spans = json.loads(run("compare", *paths, "--format", "json").stdout)["spans"]
    verdict, *blocks = run("compare", *paths).stdout.split("\n\n")
    assert verdict.splitlines()[0].endswith(f", {len(spans)} passages")
    assert verdict.splitlines()[1:3] == [f"A  {names[0]}", f"B  {names[1]}"]
    assert len(blocks) == len(spans) > 1
    for number, (block, span) in enumerate(zip(blocks, spans, strict=True), 1):
        head, a, b = block.splitlines()
        assert head == f"{number}  {span['kind']} {span['score']:.2f}"
        for label, line in (("a", a), ("b", b)):
            side = span[label]
            assert line == f"{label.upper()}  {side['start']}-{side['end']}  {' '.join(side['text'].split())}"


PARAGRAPHS = "".join(f"<p>{line}</p>" for line in ARTICLE.replace("“", "").replace("”", "").split("\n\n"))
ELSEWHERE = {  # articles in scripts of their own, and the encodings that pages of theirs come in
    "cp1252": (PARAGRAPHS + "<p>Die Fähre „Möwe“ lag in der Straße.", "iso-8859-1"),
    "cp1256": (
        "<p>أغلق ميناء المدينة يوم الثلاثاء بعد أن قطعت العاصفة حبال عبارتين كبيرتين قرب المنارة القديمة في البحر",
        "windows-1256",
    ),
    "cp932": (
        "<p>火曜日、嵐で二隻のフェリーが係留から外れ、町の港は閉鎖されたと港湾当局が発表した。",
        "shift_jis",
    ),
    "utf-16": (PARAGRAPHS, None),
    "koi8-r": ("<p>Порт города был закрыт во вторник после того, как шторм сорвал с якорей два парома", "koi8-r"),
}


@pytest.mark.parametrize("codec", ELSEWHERE)
def test_a_page_is_the_same_in_every_encoding(tmp_path, codec):
    page, declared = ELSEWHERE[codec]
    head = f'<meta charset="{declared}">' if declared else ""
    (tmp_path / "old.html").write_bytes(f"{head}{page}".encode(codec))
    (tmp_path / "new.html").write_text(page, "utf-8")
    done = run("compare", tmp_path / "old.html", tmp_path / "new.html", "--format", "json")
    relation = json.loads(done.stdout)
    assert (relation["kind"], relation["derived"]) == ("exact", True)
    assert all(span["a"] == span["b"] for span in relation["spans"])
    out = ("--out", tmp_path / "out", "--format", "json")
    report = json.loads(run("audit", tmp_path / "old.html", tmp_path / "new.html", *out).stdout)
    new, old = sorted(report["documents"], key=lambda row: row["id"])
    assert new["text"] == old["text"]
    assert [row["kind"] for row in report["relations"]] == ["exact"]


def test_line_ends_make_no_difference_and_are_kept(tmp_path):
    windows = ARTICLE.replace("\n", "\r\n")
    (tmp_path / "dos.txt").write_bytes(windows.encode())
    (tmp_path / "unix.txt").write_bytes(ARTICLE.encode())
    paths = (tmp_path / "dos.txt", tmp_path / "unix.txt")
    relation = json.loads(run("compare", *paths, "--format", "json").stdout)
    assert (relation["kind"], relation["derived"]) == ("exact", True)
    for span in relation["spans"]:
        for side, text in (("a", windows), ("b", ARTICLE)):
            assert span[side]["text"] == text[span[side]["start"] : span[side]["end"]]
        assert span["a"]["text"].split() == span["b"]["text"].split()
    report = json.loads(run("audit", *paths, "--out", tmp_path / "out", "--format", "json").stdout)
    assert [row["text"] for row in report["documents"]] == [windows, ARTICLE]
    assert [row["kind"] for row in report["relations"]] == ["exact"]


def test_compare_gives_what_python_gives(seeds):
    import provenance

    names = ("002_b426e6508086df65.txt", "003_7f76c1e5c6cfafe7.txt")
    texts = [(seeds / name).read_bytes().decode() for name in names]
    relation = provenance.compare(*texts)
    shown = json.loads(run("compare", *(seeds / name for name in names), "--format", "json").stdout)
    assert (shown["a"], shown["b"]) == names
    assert (shown["kind"], shown["score"], shown["derived"]) == (relation.kind, relation.score, relation.derived)
    spans = [((s["a"]["start"], s["a"]["end"]), (s["b"]["start"], s["b"]["end"])) for s in shown["spans"]]
    assert spans == [((s.a.start, s.a.end), (s.b.start, s.b.end)) for s in relation.spans]
    for span in shown["spans"]:
        for side, text in zip("ab", texts, strict=True):
            assert span[side]["text"] == text[span[side]["start"] : span[side]["end"]]


def test_compare_looks_at_the_text_of_a_page(articles, tmp_path):
    paragraphs = "".join(f"<p>{line}</p>" for line in ARTICLE.split("\n\n"))
    (tmp_path / "a.html").write_text(f"<body>{paragraphs}</body>", "utf-8")
    done = run("compare", articles / "a.txt", tmp_path / "a.html", "--format", "json")
    assert json.loads(done.stdout)["derived"]


def test_compare_takes_one_document_a_side(articles, tmp_path):
    done = run("compare", articles, articles / "a.txt")
    assert (done.exit_code, done.stderr.splitlines()[0].endswith("audit takes many")) == (2, True)
    done = run("compare", tmp_path / "missing.txt", articles / "a.txt")
    assert (done.exit_code, done.stderr.endswith("no such file or folder\n")) == (2, True)


def test_a_word_is_not_a_duplicate_of_a_word(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("word")
    done = run("compare", tmp_path / "a.txt", tmp_path / "b.txt", "--format", "json", "--fail-on", "derived")
    assert (done.exit_code, json.loads(done.stdout)["kind"]) == (0, "insufficient_text")
