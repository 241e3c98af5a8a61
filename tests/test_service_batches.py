"""Batches in one process: taken in as they come, worked on once, the same as the command line's audit."""

import gzip
import io
import json
import subprocess
import sys
import time

import pytest
from flask.testing import FlaskClient
from services import CHOIR, STORY, problem

from provenance.errors import StoreError
from provenance.index import Index
from provenance.model import Document
from provenance.report.audit import Audit
from service import ServiceSettings, create_app
from service.jobs import folders, run
from service.jobs.queue import queue_of, sweep

NDJSON = "application/x-ndjson"
ROWS = [
    {"id": "a", "text": STORY, "publisher": "Lindow Post", "published": "2025-01-02"},
    {"id": "b", "text": f"{STORY}\n\nShare this article on Facebook\n\n{CHOIR}"},
    {"text": CHOIR, "title": "Choir"},
    {"id": "d", "html": f"<html><body><p>{CHOIR}</p></body></html>"},
]
LINES = (
    "".join(json.dumps(row) + "\n" for row in ROWS).encode() + b"not JSON\n" + b'{"id": "a", "text": "again"}\n'
)


class Whole(FlaskClient):
    """A client that reads answers to their end, as those over a wire do."""

    def open(self, *given, **named):
        return super().open(*given, buffered=True, **named)


@pytest.fixture
def settings(tmp_path):
    return ServiceSettings(data=tmp_path / "data", rate=10**9)


@pytest.fixture
def client(settings):
    app = create_app(settings)
    app.test_client_class = Whole
    return app.test_client()


@pytest.fixture
def work(settings):
    """Give what does the work of the workers: on every batch, once."""

    def done():
        return [run.work(folder, settings) for folder in folders.Folders(settings.data / "batches").all()]

    return done


def hand_in(client, data=LINES, content_type=NDJSON, path="/v1/batches", **headers):
    answer = client.post(path, data=data, content_type=content_type, headers=headers)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/v1/batches/{answer.get_json()['id']}"
    return answer.headers["Location"]


def test_a_batch_from_end_to_end(client, work):
    place = hand_in(client)
    waiting = client.get(place)
    assert (waiting.get_json()["state"], waiting.get_json()["rows"]) == ("queued", 6)
    assert waiting.headers["Retry-After"]
    for part in ("results", "report.json", "report.html"):
        assert problem(client.get(f"{place}/{part}"), 409)
    assert work() == [True]
    assert work() == [False]
    done = client.get(place).get_json()
    assert (done["state"], done["progress"]["share"], done["error"]) == ("done", 1, None)
    assert done["summary"] == {"documents": 4, "rejected": 2, "derived": 4}
    rows = [json.loads(line) for line in client.get(f"{place}/results").data.splitlines()]
    assert [row.get("id") for row in rows] == ["a", "b", "rows.jsonl:3", "d", None, None]
    assert [row["verdict"] for row in rows] == ["derived"] * 4 + ["rejected"] * 2
    assert rows[1]["removals"][0]["reason"] == "share"
    assert {match["kind"] for match in rows[0]["matches"]} == {"copied"}
    for part in ("results", "report.json", "report.html"):  # it holds texts: no browser is to keep it
        assert client.get(f"{place}/{part}").headers["Cache-Control"] == "no-store"
    page = client.get(f"{place}/report.html")
    assert page.content_type == "text/html; charset=utf-8"
    assert "Lindow Post" in page.text
    assert "sandbox allow-scripts" in page.headers["Content-Security-Policy"]
    assert "'sha256-" in page.headers["Content-Security-Policy"]
    assert client.delete(place).status_code == 204
    for path in (place, f"{place}/results"):
        problem(client.get(path), 404)


def test_results_equal_the_command_lines_audit(client, settings, work, tmp_path):
    with Index.open(settings.index_url) as index:
        index.add(Document("known", CHOIR, publisher="Archive", published="2020-01-01"))
    place = hand_in(client, path="/v1/batches?strictness=strict")
    assert work() == [True]
    over_http = client.get(f"{place}/report.json").get_json()
    (tmp_path / "rows.jsonl").write_bytes(LINES)
    command = [sys.executable, "-m", "provenance", "audit", "rows.jsonl", "--out", "out", "--strictness", "strict"]
    command += ["--index", f"sqlite:{settings.data / 'index.db'}", "--namespace", "default"]
    subprocess.run(command, check=True, capture_output=True, timeout=300, cwd=tmp_path)
    told = json.loads((tmp_path / "out" / "report.json").read_bytes())
    # Only the command line knows the file itself, and how it was read.
    assert told["parameters"].pop("reading")["encoding"] is None
    assert [row["source"] for row in over_http.pop("inputs")]
    assert told.pop("inputs")
    assert over_http == told
    assert any("known" in (row["a"], row["b"]) for row in over_http["relations"])


def test_a_packed_batch_is_the_same(client, work):
    places = [hand_in(client), hand_in(client, gzip.compress(LINES), **{"Content-Encoding": "gzip"})]
    assert work() == [True, True]
    one, two = (client.get(f"{place}/report.json").get_json() for place in places)
    assert one == two


def form(*files, **fields):
    return fields | {"files": [(io.BytesIO(data), name) for name, data in files]}


def test_files_of_a_form_are_documents(client, work):
    files = [
        ("a.txt", STORY.encode()),
        ("b.html", f"<meta charset=windows-1252><p>{STORY} Grüße</p>".encode("cp1252")),
        ("c.jsonl", LINES[: LINES.index(b"\n")]),  # whose last line is not ended
        (
            "d.jsonl.gz",
            gzip.compress(b'{"id": "e", "text": "more"}\n') + gzip.compress(b'{"id": "f", "text": "more"}'),
        ),
        ("g.txt.gz", gzip.compress(CHOIR.encode())),
        ("h.png", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("", b""),
    ]
    place = hand_in(client, form(*files, label="Monday", strictness="safe"), "multipart/form-data")
    assert work() == [True]
    about = client.get(place).get_json()
    assert (about["label"], about["strictness"], about["rows"]) == ("Monday", "safe", 7)
    report = client.get(f"{place}/report.json").get_json()
    assert [row["id"] for row in report["documents"]] == ["a.txt", "b.html", "a", "e", "f", "g.txt.gz"]
    assert "Grüße" in report["documents"][1]["text"]
    assert [row["source"] for row in report["rejected"]] == ["h.png"]


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"", NDJSON, 422),
        (b"\n \r\n\n", NDJSON, 422),
        (LINES, "application/json", 415),
        (b"--x\r\nContent-Dis", "multipart/form-data; boundary=x", 400),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422),
        (LINES, "multipart/form-data", 400),
        (form(("a.txt", b"a"), strictness="no"), "multipart/form-data", 422),
    ],
)
def test_what_is_no_batch_leaves_nothing_behind(client, settings, data, content_type, status):
    problem(client.post("/v1/batches", data=data, content_type=content_type), status)
    assert not [path for path in (settings.data / "batches").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        ({"rows": 5}, LINES),
        ({"batch_bytes": len(LINES) - 1}, LINES),
        ({"page_length": 100}, b'{"text": "' + b"a" * 100_100 + b'"}'),
        ({"page_length": 100}, b'{"text": "' + b"a" * 100_100 + b'"}\n'),
    ],
)
@pytest.mark.parametrize("packing", ["identity", "gzip"])
def test_limits_of_a_batch(tmp_path, limits, data, packing):
    client = create_app(ServiceSettings(data=tmp_path, **limits)).test_client()
    body = gzip.compress(data) if packing == "gzip" else data
    answer = client.post("/v1/batches", data=body, content_type=NDJSON, headers={"Content-Encoding": packing})
    problem(answer, 413)
    assert not list((tmp_path / "batches").rglob("rows.jsonl"))


def test_a_form_that_unpacks_to_too_much(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path, batch_bytes=1_000_000, page_length=1_000)).test_client()
    for name in ("a.jsonl.gz", "a.txt.gz"):
        files = form((name, gzip.compress(b"\n" * 50_000_000)))
        problem(client.post("/v1/batches", data=files, content_type="multipart/form-data"), 413)


def test_too_many_that_wait(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path, pending=2)).test_client()
    hand_in(client)
    hand_in(client)
    refused = client.post("/v1/batches", data=LINES, content_type=NDJSON)
    problem(refused, 429)
    assert refused.headers["Retry-After"]


def test_a_batch_sent_again_is_one_batch(client):
    once = {"Idempotency-Key": "monday"}
    places = {hand_in(client, **once) for _ in range(3)}
    assert len(places) == 1
    assert len(client.get("/v1/batches").get_json()["batches"]) == 1
    problem(client.post("/v1/batches", data=LINES + b"\n", content_type=NDJSON, headers=once), 409)


def test_a_form_sent_again_is_one_batch_whatever_its_boundary(client):
    once = {"Idempotency-Key": "tuesday"}
    part = b'--%s\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n%s\r\n--%s--\r\n'
    sent = {
        hand_in(
            client, part % (name, STORY.encode(), name), f"multipart/form-data; boundary={name.decode()}", **once
        )
        for name in (b"one", b"two")
    }
    assert len(sent) == 1


def test_the_list_is_given_in_pages(client):
    places = [hand_in(client) for _ in range(5)]
    seen, query = [], {"limit": 2}
    while query:
        page = client.get("/v1/batches", query_string=query).get_json()
        seen += [f"/v1/batches/{one['id']}" for one in page["batches"]]
        query = {"limit": 2, "cursor": page["next"]} if page["next"] else None
    assert sorted(seen) == sorted(places)
    problem(client.get("/v1/batches?cursor=x"), 422)


@pytest.mark.parametrize(
    "name", ["x", "..", "1795290157-4656325a589dcac9", ".1795290157-4656325a589dcac9", "%2e%2e%2f%2e%2e"]
)
def test_there_is_no_batch_of_another_name(client, name):
    hand_in(client)
    problem(client.get(f"/v1/batches/{name}"), 404)
    problem(client.delete(f"/v1/batches/{name}"), 404)


# --- workers ----------------------------------------------------------------------------------------------


def the_folder(settings):
    (folder,) = folders.Folders(settings.data / "batches").all()
    return folder


def test_who_is_worked_on_is_left_alone(client, settings, work):
    place = hand_in(client)
    with folders.working(the_folder(settings)) as mine:
        assert mine
        assert client.get(place).get_json()["state"] == "running"
        assert work() == [False]
    assert client.get(place).get_json()["state"] == "queued"
    assert work() == [True]


def test_an_attempt_that_was_cut_off_is_made_again(client, work, monkeypatch):
    place = hand_in(client)
    plain = run.results

    def cut(found):
        yield from list(plain(found))[:2]
        raise KeyboardInterrupt  # as a process ends that is killed

    monkeypatch.setattr(run, "results", cut)
    with pytest.raises(KeyboardInterrupt):
        work()
    assert client.get(place).get_json()["state"] == "queued"
    monkeypatch.setattr(run, "results", plain)
    assert work() == [True]
    assert len(client.get(f"{place}/results").data.splitlines()) == 6


def test_a_batch_that_ends_every_process_is_given_up(client, settings, work):
    place = hand_in(client)
    (the_folder(settings) / "attempts").write_bytes(b"." * run.ATTEMPTS)
    assert work() == [True]
    failed = client.get(place).get_json()
    assert (failed["state"], "never came to an end" in failed["error"]) == ("failed", True)
    problem(client.get(f"{place}/results"), 409)


def test_an_index_that_does_not_answer_is_asked_again(client, work, monkeypatch):
    place = hand_in(client)
    plain = run.audit

    def away(*_given, **_named):
        raise StoreError("gone")

    monkeypatch.setattr(run, "audit", away)
    with pytest.raises(StoreError):
        work()
    monkeypatch.setattr(run, "audit", plain)
    assert client.get(place).get_json()["state"] == "queued"
    assert work() == [True]


def test_an_index_that_is_away_for_days_costs_no_batch(client, work, monkeypatch):
    place = hand_in(client)
    plain = run.audit

    def away(*_given, **_named):
        raise StoreError("redis://secret:6379 does not answer")

    monkeypatch.setattr(run, "audit", away)
    for _ in range(2 * run.ATTEMPTS):
        with pytest.raises(StoreError):
            work()
    assert "secret" not in client.get(place).text
    monkeypatch.setattr(run, "audit", plain)
    assert work() == [True]


def test_a_batch_removed_while_its_report_is_written_does_not_come_back(client, settings, work, monkeypatch):
    place = hand_in(client)
    plain = Audit.write

    def removed(audit, folder):
        assert client.delete(place).status_code == 204
        return plain(audit, folder)

    monkeypatch.setattr(Audit, "write", removed)
    assert work() == [False]
    problem(client.get(place), 404)
    assert not [path for path in (settings.data / "batches").rglob("*") if path.is_file()]


def test_a_batch_removed_while_it_is_worked_on(client, settings, work, monkeypatch):
    place = hand_in(client)
    plain = run.audit

    def removed(*given, **named):
        assert client.delete(place).status_code == 204
        return plain(*given, **named)

    monkeypatch.setattr(run, "audit", removed)
    assert work() == [False]
    problem(client.get(place), 404)
    assert not [path for path in (settings.data / "batches").rglob("*") if path.is_file()]


def test_progress_is_told(client, settings, monkeypatch):
    place = hand_in(client)
    folder = the_folder(settings)
    with folders.working(folder):
        (folder / "progress.json").write_text('{"stage": "compare", "share": 0.7}')
        assert client.get(place).get_json()["progress"] == {"stage": "compare", "share": 0.7}
        (folder / "progress.json").write_text('{"stage": ')
        assert client.get(place).get_json()["progress"] == {"stage": "", "share": 0.0}
    told = []
    monkeypatch.setattr(run, "OFTEN", 0.0)
    monkeypatch.setattr(type(folder), "write_text", lambda _path, text: told.append(json.loads(text)["share"]))
    assert run.work(folder, settings)
    assert told == sorted(told)
    assert len([share for share in told if 0 < share <= run.STAGES["read"]]) >= 4, "each document that is cleaned"
    assert told[-1] == run.STAGES["report"]


def test_the_queue_is_swept(client, settings):
    places = [hand_in(client) for _ in range(3)]
    queue = queue_of(settings)
    assert len(queue.huey) == 3
    queue.huey.flush()  # the messages are lost, the batches are not
    assert sweep(queue, settings) == 3
    while task := queue.huey.dequeue():
        queue.huey.execute(task)
    assert [client.get(place).get_json()["state"] for place in places] == ["done"] * 3
    assert sweep(queue, settings) == 0


def test_what_is_past_its_time_is_removed(client, settings, work):
    place = hand_in(client)
    work()
    folder = the_folder(settings)
    meta = json.loads((folder / "meta.json").read_bytes())
    cut_off = folder.with_name(".1795290157-4656325a589dcac9")
    cut_off.mkdir()
    folders.put(folder / "meta.json", meta | {"made": time.time() - 31 * 86_400})
    sweep(queue_of(settings), settings)
    problem(client.get(place), 404)
    assert cut_off.exists()
    assert not list(folders.Folders(settings.data / "batches").leftovers(60.0))
