"""`provenance index`: every command, in a file and in Redis; and the audit against an index."""

import json

import pytest
from commands import records, run
from indexes import EACH
from newspaper import article

from provenance.model import Document
from provenance.readers import read
from provenance.stores import same_place


@pytest.fixture
def folder(tmp_path):
    """Give a folder of six articles."""
    place = tmp_path / "articles"
    place.mkdir()
    for number in range(6):
        (place / f"{number}.txt").write_text(article(number))
    return place


@pytest.fixture(params=EACH[1:])
def place(request, tmp_path):
    """Give the options that name an index of this test's own."""
    name = request.node.name[:50].translate(str.maketrans("[]", "__"))
    if request.param == "redis":
        return ("--index", request.getfixturevalue("redis_server").url, "--namespace", name)
    return ("--index", f"sqlite:{tmp_path / 'index.db'}", "--namespace", name)


def done(*arguments, status=0):
    result = run("index", *arguments)
    assert result.exit_code == status, result.stderr
    return records(result.stdout)


def test_an_index_from_its_beginning_to_its_end(folder, place, tmp_path):
    assert done("add", folder, *place) == [{"added": 6}]
    assert done("add", folder, *place) == [{"known": 6}]
    (figures,) = done("stats", *place)
    assert (figures["documents"], figures["header"]["shingle"], figures["removed"]) == (6, 5, 0)
    (tmp_path / "again.txt").write_text(article(2, told=1))
    (row,) = done("check", tmp_path / "again.txt", *place)
    assert [(one["b"], one["derived"]) for one in row["relations"]] == [("2.txt", True)]
    assert row["stored"]["2.txt"]["source"].endswith("2.txt")
    assert done("check", tmp_path / "again.txt", "--fail-on", "derived", *place, status=1)
    (row,) = done("verify", *place)
    assert (row["documents"], row["faults"]) == (6, 0)
    assert done("export", tmp_path / "all.parquet", *place) == [{"documents": 6, "lost": 0}]
    assert done("remove", "1.txt", "2.txt", *place) == [{"removed": 2}]
    assert done("remove", "1.txt", *place, status=2) == [{"removed": 0}]
    assert done("check", tmp_path / "again.txt", *place)[0]["relations"] == []
    assert done("import", tmp_path / "all.parquet", *place) == [{"known": 4, "added": 2}]
    assert done("expire", "1d", *place) == [{"removed": 0}]
    assert done("compact", *place)[0]["documents"] == 6
    assert done("verify", *place)[0]["faults"] == 0
    assert done("expire", "0s", *place) == [{"removed": 6}]
    assert done("stats", *place)[0]["documents"] == 0


def test_an_id_with_another_text_is_an_error_unless_replaced(folder, place):
    done("add", folder / "1.txt", *place)
    (folder / "1.txt").write_text(article(40))
    result = run("index", "add", folder / "1.txt", *place)
    assert (result.exit_code, records(result.stdout)) == (2, [{"conflict": 1}])
    assert "1.txt: it is in the index with another text" in result.stderr
    assert done("add", folder / "1.txt", "--replace", *place) == [{"replaced": 1}]


def test_without_texts(folder, place):
    assert done("add", folder, "--no-text", "--jobs", "1", *place) == [{"added": 6}]
    (row,) = done("check", folder / "3.txt", "--id-field", "x", *place)[:1]
    assert row["relations"] == [], "a document is no answer to itself"
    assert done("stats", *place)[0]["header"]["text"] is False
    assert "keeps no texts" in run("index", "migrate", "--to", "memory:none", *place).stderr


def test_an_index_is_migrated_into_a_new_one(folder, place, tmp_path):
    done("add", folder, *place)
    new = ("--index", f"sqlite:{tmp_path / 'new.db'}")
    assert done("migrate", "--to", new[1], *place) == [{"added": 6}]
    assert done("verify", *new)[0]["faults"] == 0
    same = run("index", "migrate", "--to", place[1], "--to-namespace", place[3], *place)
    assert same.exit_code == 2


def test_an_index_is_not_migrated_into_itself(folder, tmp_path):
    file, link = tmp_path / "index.db", tmp_path / "link.db"
    done("add", folder, "--index", f"sqlite:{file}")
    link.symlink_to(file)
    for same in (file, link, tmp_path / "articles" / ".." / "index.db"):
        result = run("index", "migrate", "--index", f"sqlite:{file}", "--to", f"sqlite:{same}")
        assert result.exit_code == 2
        assert "a place of its own" in result.stderr
    own = ("--index", f"sqlite:{file}", "--to", f"sqlite:{link}", "--to-namespace", "new")
    assert done("migrate", *own) == [{"added": 6}]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("redis://host", "redis://HOST:6379/0", True),
        ("redis://me:word@host/1", "redis://host/?db=1", True),
        ("redis://host/1", "redis://host/2", False),
        ("redis://host:1/", "redis://host:2/", False),
        ("sqlite:a.db", "sqlite:./a.db", True),
        ("sqlite:a.db", "redis://a.db", False),
        ("memory:a", "memory:b", False),
    ],
)
def test_one_place_is_known_by_its_names(one, other, same):
    assert same_place(one, other) is same


def test_whether_texts_are_kept_is_said_when_an_index_is_begun(folder, place):
    done("add", folder, *place)
    result = run("index", "add", folder, "--no-text", *place)
    assert result.exit_code == 2
    assert "keeps texts" in result.stderr
    assert "without --no-text" in result.stderr


def test_an_audit_is_held_against_an_index(folder, place, tmp_path):
    done("add", folder, *place)
    (tmp_path / "again.txt").write_text(article(2, told=1))
    out = tmp_path / "report"
    options = [*place[:2], "--namespace", place[3], "--out", out, "--fail-on", "derived"]
    result = run("audit", tmp_path / "again.txt", *options)
    assert result.exit_code == 1, result.stderr
    report = json.loads((out / "report.json").read_text())
    assert [(row["a"], row["b"]) for row in report["relations"] if row["derived"]] == [("again.txt", "2.txt")]
    assert [row["id"] for row in report["documents"]] == ["again.txt"]


def test_clean_takes_out_what_stored_articles_repeat(place, tmp_path):
    rows = [{"id": str(n), "text": article(n, notice=True), "publisher": "The House"} for n in range(6)]
    for name, some in (("old", rows[:5]), ("new", rows[4:])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in some))
    done("add", tmp_path / "old.jsonl", *place)
    for more in ((), ("--house", "10"), ("--jobs", "2")):
        result = run("clean", tmp_path / "new.jsonl", *place, *more)
        assert result.exit_code == 0, result.stderr
        removals = [row["removals"] for row in records(result.stdout)]
        assert [[(one["reason"], one["documents"]) for one in row] for row in removals] == [
            [("repeated_block", 5 if not more or more[0] == "--jobs" else 6)],
            [("repeated_block", 6)],
        ], "the stored one is not counted twice"


def test_what_is_not_there_is_named_in_one_line(tmp_path):
    for arguments in (
        ("stats", "--index", f"sqlite:{tmp_path / 'none.db'}"),
        ("verify", "--index", "redis://127.0.0.1:1/0"),
        ("stats", "--index", "nowhere"),
        ("expire", "soon", "--index", "memory:x"),
        ("add", tmp_path / "none.txt", "--index", "memory:x"),
    ):
        result = run("index", *arguments)
        assert result.exit_code == 2
        assert "Traceback" not in result.stderr
        assert result.stderr.strip()


def test_no_index_is_begun_where_there_is_nothing_to_add(tmp_path):
    path = tmp_path / "new.db"
    assert run("index", "add", tmp_path / "none.txt", "--index", f"sqlite:{path}").exit_code == 2
    assert not path.exists()


def test_the_index_can_be_named_by_the_environment(folder, tmp_path):
    env = {"PROVENANCE_INDEX": f"sqlite:{tmp_path / 'index.db'}"}
    assert run("index", "add", folder, env=env).exit_code == 0
    assert records(run("index", "stats", env=env).stdout)[0]["documents"] == 6


def test_what_is_damaged_is_told_and_the_rest_exported(folder, tmp_path):
    import sqlite3

    path = tmp_path / "index.db"
    done("add", folder, "--index", f"sqlite:{path}")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE document SET record = x'00' WHERE place = (SELECT min(place) FROM document)")
    db.close()
    result = run("index", "verify", "--index", f"sqlite:{path}")
    assert result.exit_code == 1
    assert "document number 1" in result.stderr
    assert done("export", tmp_path / "left.parquet", "--index", f"sqlite:{path}", status=1) == [
        {"documents": 5, "lost": 1}
    ]


def test_what_is_damaged_is_passed_over_repaired_and_dropped(folder, place, tmp_path):
    import sqlite3

    import redis

    done("add", folder, *place)
    url, name = place[1], place[3]
    if url.startswith("sqlite:"):
        with sqlite3.connect(url.partition(":")[2]) as db:
            db.execute("UPDATE document SET record = x'00' WHERE place = (SELECT min(place) FROM document)")
        db.close()
    else:
        with redis.Redis.from_url(url) as client:
            client.hset(f"provenance:{{{name}}}:docs", "1", b"\0")
    (tmp_path / "again.txt").write_text(article(0))
    result = run("index", "check", tmp_path / "again.txt", *place)
    assert result.exit_code == 0, result.stderr
    assert "document number 1 of the index is passed over" in result.stderr
    result = run("index", "repair", *place)
    assert (result.exit_code, records(result.stdout)) == (1, [{"unread": 1, "removed": 0}])
    assert "0.txt: its record cannot be read" in result.stderr
    assert done("repair", "--drop", *place) == [{"unread": 1, "removed": 1}]
    assert done("verify", *place)[0]["faults"] == 0
    assert done("add", folder, *place) == [{"added": 1, "known": 5}]


def test_of_many_of_one_id_the_last_is_written(place, tmp_path):
    rows = [{"id": "1", "text": f"{article(1)} Edition {number}."} for number in range(30)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert done("add", tmp_path / "rows.jsonl", "--replace", *place) == [{"superseded": 29, "added": 1}]
    assert done("add", tmp_path / "rows.jsonl", *place, status=2) == [{"conflict": 29, "known": 1}]


def test_an_export_without_texts_begins_an_index_without_them(folder, place, tmp_path):
    done("add", folder, "--no-text", *place)
    done("export", tmp_path / "bare.parquet", *place)
    new = ("--index", f"sqlite:{tmp_path / 'new.db'}")
    assert done("import", tmp_path / "bare.parquet", *new) == [{"added": 6}]
    assert done("import", tmp_path / "bare.parquet", *new) == [{"known": 6}]
    assert done("stats", *new)[0]["header"]["text"] is False
    done("add", folder, *place[:3], f"{place[3]}.texts")
    done("export", tmp_path / "all.parquet", *place[:3], f"{place[3]}.texts")
    newest = ("--index", f"sqlite:{tmp_path / 'newest.db'}")
    assert done("import", tmp_path / "all.parquet", "--no-text", *newest) == [{"added": 6}]
    assert done("stats", *newest)[0]["header"]["text"] is False
    (tmp_path / "none.parquet").write_text("no Parquet")
    result = run("index", "import", tmp_path / "none.parquet", "--index", f"sqlite:{tmp_path / 'unmade.db'}")
    assert result.exit_code == 2
    assert not (tmp_path / "unmade.db").exists()


def test_the_documents_of_a_folder_are_what_readers_give(folder):
    assert [type(one) for one in read([str(folder)])] == [Document] * 6
