"""Answers kept under Idempotency-Keys: given again for a day, forgotten after, and never searched through."""

import sqlite3
import time

import pytest

from provenance.errors import StoreError
from service import once
from service.once import Given, Once
from service.problems import Problem

ANSWER = Given(201, {"Content-Type": "application/json"}, b'{"a": 1}' * 1_000)


@pytest.fixture
def kept(tmp_path):
    return Once(tmp_path / "once.db")


def rows(kept):
    with sqlite3.connect(kept.path) as db:
        found = db.execute("SELECT tenant, key FROM given ORDER BY made").fetchall()
    db.close()
    return found


def test_an_answer_is_given_again_to_who_got_it(kept):
    kept.keep("post", "a", b"request", ANSWER)
    again = kept.given("post", "a", b"request")
    assert (again.status, again.body) == (ANSWER.status, ANSWER.body)
    assert again.headers == {**ANSWER.headers, "Idempotency-Replayed": "true"}
    assert kept.given("times", "a", b"request") is None
    assert kept.given("post", None, b"request") is None
    assert (kept.has("post", "a"), kept.has("times", "a")) == (True, False)
    with pytest.raises(Problem):
        kept.given("post", "a", b"another")
    kept.keep("post", "a", b"another", ANSWER)
    assert kept.given("post", "a", b"another") is not None
    assert kept.path.stat().st_size < 60_000


def test_old_answers_are_forgotten_little_by_little(kept, monkeypatch):
    now = time.time()
    for number in range(3 * once.FORGOTTEN):
        monkeypatch.setattr("time.time", lambda at=now - once.KEPT - 100 + number: at)
        kept.keep("times", str(number), b"", ANSWER)
    monkeypatch.setattr("time.time", lambda: now)
    assert kept.given("times", "0", b"") is None
    for left in (2, 1, 0):
        kept.keep("post", "new", b"", ANSWER)
        assert len(rows(kept)) == left * once.FORGOTTEN + 1
    assert rows(kept) == [("post", "new")]


def test_a_tenant_has_so_many_answers_and_no_more(kept, monkeypatch):
    monkeypatch.setattr(once, "MOST", 5)
    kept.keep("times", "a", b"", ANSWER)
    for number in range(12):
        kept.keep("post", str(number), b"", ANSWER)
    assert rows(kept) == [("times", "a"), *(("post", str(number)) for number in range(7, 12))]


def test_no_answer_is_read_to_find_another(kept):
    kept.keep("post", "a", b"", ANSWER)
    with sqlite3.connect(kept.path) as db:
        for query, values in ((once.OLD, (0, 1)), (once.OVER, ("post", 1, 1)), (once.FIND, ("post", "a", 0))):
            plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}", values)]
            assert all("INDEX" in step and "SCAN" not in step for step in plan), plan
            assert not any("TEMP" in step for step in plan), plan
    db.close()


def test_a_file_of_before_is_taken_over(kept):
    with sqlite3.connect(kept.path) as db:
        db.execute(
            "CREATE TABLE answer (tenant TEXT, key TEXT, request BLOB, PRIMARY KEY (tenant, key)) WITHOUT ROWID"
        )
    db.close()
    kept.keep("post", "a", b"", ANSWER)
    assert rows(kept) == [("post", "a")]


def test_a_file_that_is_none_is_an_error_of_ours(kept):
    kept.path.write_bytes(b"no database" * 1_000)
    for ask in (lambda: kept.given("post", "a", b""), lambda: kept.keep("post", "a", b"", ANSWER)):
        with pytest.raises(StoreError, match=r"once\.db"):
            ask()
