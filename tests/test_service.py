"""The service over HTTP: the same answers as the other doors, and every error as a problem."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service.routes import verdict

from provenance import __version__
from provenance.clean import clean
from provenance.errors import SettingsError
from provenance.model import AuditedDocument, Cleaned, Document, DocumentRelation
from provenance.pipeline import audit
from provenance.readers import read
from provenance.report.audit import Audit
from service import ServiceSettings, create_app

SEEDS = Path(__file__).parent.parent / "seeds"
STORY = (
    "The harbour of Lindow was closed on Monday after a storm tore three cranes from their rails and threw "
    "two of them into the basin, the harbour master Ilse Brandt said. Nobody was hurt, but the cranes will be "
    "missing for weeks, and eleven freighters have been sent on to Kessel and Arnau."
)
CHOIR = (
    "A choir of two hundred voices sang in the old theatre on Sunday evening, and the mayor, who had once been "
    "a tenor there, sang with them until the lamps went out shortly before midnight."
)


@pytest.fixture(scope="module")
def client():
    return create_app().test_client()


def problem(response, status):
    """Give the body of a response that must be a problem of this status."""
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body = json.loads(response.data)
    assert {"type", "title", "status", "detail", "instance"} <= body.keys()
    assert body["status"] == status
    assert "Traceback" not in response.text
    return body


# --- answers ----------------------------------------------------------------------------------------------


def test_health(client):
    body = client.get("/healthz").get_json()
    assert body == {"status": "ok", "version": __version__, "documents": 0}


def test_clean_gives_the_ledger(client):
    text = f"{STORY}\n\nShare this article on Facebook\n\n{CHOIR}\n"
    body = client.post("/v1/clean", json={"text": text}).get_json()
    found = clean(text)
    assert body["source"] == text
    assert body["text"] == found.text
    assert [text[row["start"] : row["end"]] for row in body["removals"]] == [
        row["text"] for row in body["removals"]
    ]
    assert [row["rule"] for row in body["removals"]] == [row.rule for row in found.removals]


def test_a_body_may_be_the_text_itself(client):
    told = client.post("/v1/clean", json={"text": STORY, "publisher": "Post", "strictness": "strict"})
    plain = client.post(
        "/v1/clean?publisher=Post&strictness=strict", data=STORY.encode(), content_type="text/plain; charset=utf-8"
    )
    assert plain.status_code == 200
    assert plain.get_json() == told.get_json()


def test_a_body_may_be_a_page_in_its_own_encoding(client):
    page = f"<html><head><meta charset=windows-1252><title>Über</title></head><body><p>{STORY} Grüße</p></body>"
    told = client.post("/v1/clean", json={"html": page})
    raw = client.post("/v1/clean", data=page.encode("cp1252"), content_type="text/html")
    assert raw.status_code == told.status_code == 200
    assert raw.get_json() == told.get_json()
    assert "Grüße" in raw.get_json()["source"]


def test_check_compares_with_the_corpus_that_is_served():
    client = create_app([Document("archive-1", STORY), Document("archive-2", CHOIR)]).test_client()
    assert client.get("/healthz").get_json()["documents"] == 2
    body = client.post("/v1/check", json={"text": STORY}).get_json()
    assert body["verdict"] == "derived"
    assert [row["id"] for row in body["documents"]] == ["document"]
    assert [{row["a"], row["b"]} for row in body["relations"] if row["derived"]] == [{"document", "archive-1"}]


def test_a_document_is_not_compared_with_its_namesake_in_the_corpus():
    client = create_app([Document("story", STORY)]).test_client()
    body = client.post("/v1/check", json={"id": "story", "text": STORY}).get_json()
    assert body["verdict"] == "original"
    assert len(body["rejected"]) == 1


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([STORY, STORY], "derived"),
        ([STORY, CHOIR], "original"),
        ([STORY], "original"),
        (["Word."], "insufficient_text"),
        (["Word.", "Word."], "insufficient_text"),
    ],
)
def test_the_verdict_of_a_check(client, documents, expected):
    rows = [{"id": str(number), "text": text} for number, text in enumerate(documents)]
    assert client.post("/v1/check", json={"documents": rows}).get_json()["verdict"] == expected


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["same_event", "shares_passages", "rewritten!"], "derived"),
        (["same_event", "shares_passages", "unrelated"], "shares_passages"),
        (["same_event", "unrelated", "insufficient_text"], "same_event"),
        (["unrelated"], "original"),
        ([], "original"),
    ],
)
def test_the_verdict_is_the_strongest_relation(kinds, expected):
    relations = tuple(
        DocumentRelation("a", "b", kind.rstrip("!"), 0.5, kind.endswith("!"), 0.1, None, "") for kind in kinds
    )
    row = AuditedDocument(Document("a", STORY), Cleaned(STORY, STORY), (), "")
    assert verdict(Audit("0", {}, (row,), relations=relations)) == expected


def test_a_check_of_many_names_those_without_id_and_rejects_an_id_met_twice(client):
    rows = [{"text": STORY}, {"id": 7, "text": CHOIR}, {"id": "7", "text": STORY}]
    body = client.post("/v1/check", json={"documents": rows}).get_json()
    assert [row["id"] for row in body["documents"]] == ["document-1", "7"]
    assert len(body["rejected"]) == 1


def test_compare_gives_the_relation_with_its_passages(client):
    body = client.post("/v1/compare", json={"a": STORY, "b": {"html": f"<body><p>{STORY}</p></body>"}}).get_json()
    assert body["derived"] is True
    assert body["spans"]
    for span in body["spans"]:
        assert STORY[span["a"]["start"] : span["a"]["end"]] == span["a"]["text"] == span["b"]["text"]
    assert client.post("/v1/compare", json={"a": STORY, "b": CHOIR}).get_json()["derived"] is False


def test_the_seeds_through_every_door_give_the_same(client, tmp_path):
    command = [sys.executable, "-m", "provenance", "audit", str(SEEDS), "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    cli = json.loads((tmp_path / "report.json").read_bytes())

    python = json.loads(json.dumps(audit(read([str(SEEDS)])).to_dict()))
    # Only the command line knows the files themselves, and how they were read.
    assert [row["source"] for row in python.pop("inputs")] == [row["source"] for row in cli.pop("inputs")]
    assert cli["parameters"].pop("reading")["encoding"] is None
    assert python == cli

    documents = [{"id": path.name, "text": path.read_bytes().decode()} for path in sorted(SEEDS.glob("*.txt"))]
    http = client.post("/v1/check", json={"documents": documents}).get_json()
    assert http.pop("verdict") == "derived"
    assert http.keys() - {"inputs"} == cli.keys()
    for row in (*cli["documents"], *http["documents"]):
        del row["source"]  # where a document was read; over HTTP it was read nowhere
    for part in ("version", "parameters", "rejected", "documents", "matches", "relations", "clusters"):
        assert http[part] == cli[part], part


def test_an_answer_may_hold_what_utf8_cannot(client, monkeypatch):
    from service import routes

    monkeypatch.setattr(routes, "clean_text", lambda *_, **__: Cleaned("\ud800", "\ud800"))
    assert client.post("/v1/clean", json={"text": "x"}).get_json()["text"] == "\ud800"


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1//check", 404),
        ("GET", "/%ff%fe", 404),
        ("GET", "/v1/check", 405),
        ("DELETE", "/healthz", 405),
        ("POST", "/v1/check", 415),
        ("POST", "/v1/clean", 415),
    ],
)
def test_wrong_addresses_methods_and_types(client, method, path, status):
    response = client.open(path, method=method)
    body = problem(response, status)
    assert body["instance"].isascii()
    if status == 405:
        assert response.headers["Allow"]


MALFORMED = {
    "nothing": b"",
    "a word": b"word",
    "cut": b'{"text": "abc',
    "two values": b'{"text": "a"} {}',
    "NaN": b'{"text": "a", "x": NaN}',
    "infinity": b'{"text": "a", "x": -Infinity}',
    "too large a number": b'{"text": "a", "x": 1e999}',
    "thousands of digits": b'{"text": "a", "x": ' + b"9" * 10_000 + b"}",
    "not UTF-8": b'{"text": "caf\xe9"}',
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep within": b'{"text": "a", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "control character": b'{"text": "a\x00b"}',
}


@pytest.mark.parametrize("path", ["/v1/check", "/v1/clean", "/v1/compare"])
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_json(client, path, body):
    problem(client.post(path, data=body, content_type="application/json"), 400)


WRONG = [
    ("/v1/check", [], "#", "The body must be an object; it is an array."),
    ("/v1/check", None, "#", "The body must be an object; it is null."),
    ("/v1/check", {}, "#", "The body must have either text or html."),
    ("/v1/check", {"text": 1}, "#/text", "text must be a string; it is a number."),
    ("/v1/check", {"text": True}, "#/text", "text must be a string; it is a boolean."),
    ("/v1/check", {"text": "a", "html": "b"}, "#", "The body must have either text or html, not both."),
    ("/v1/check", {"text": "a", "id": []}, "#/id", "id must be a string; it is an array."),
    ("/v1/check", {"text": "a", "title": {}}, "#/title", "title must be a string; it is an object."),
    ("/v1/check", {"documents": {}}, "#/documents", "documents must be an array."),
    ("/v1/check", {"documents": []}, "#/documents", "documents must hold at least one document."),
    ("/v1/check", {"documents": ["a"]}, "#/documents/0", "documents.0 must be an object; it is a string."),
    (
        "/v1/check",
        {"documents": [{"text": "a"}, {"text": 2.5}]},
        "#/documents/1/text",
        "documents.1.text must be a string; it is a number.",
    ),
    ("/v1/check", {"documents": [{"id": "1"}]}, "#/documents/0", "documents.0 must have either text or html."),
    (
        "/v1/check",
        {"text": "a", "strictness": "no"},
        "#/strictness",
        "strictness must be one of safe, balanced, strict.",
    ),
    ("/v1/check", {"text": "a\ud800"}, "#/text", "text holds half of a surrogate pair at code point 1."),
    ("/v1/clean", {"html": "\udfff"}, "#/html", "html holds half of a surrogate pair at code point 0."),
    ("/v1/clean", {"text": "a", "publisher": 3}, "#/publisher", "publisher must be a string; it is a number."),
    ("/v1/compare", {"a": "x"}, "#/b", "b is missing."),
    ("/v1/compare", {"a": 5, "b": "x"}, "#/a", "a must be an object; it is a number."),
    ("/v1/compare", {"a": "x", "b": {"text": None}}, "#/b", "b must have either text or html."),
]


@pytest.mark.parametrize(("path", "body", "pointer", "detail"), WRONG)
def test_wrong_fields_are_named(client, path, body, pointer, detail):
    found = problem(client.post(path, data=json.dumps(body), content_type="application/json"), 422)
    assert found["detail"] == detail
    assert found["errors"] == [{"pointer": pointer, "detail": detail}]


def test_more_documents_than_the_limit():
    client = create_app(settings=ServiceSettings(documents=2)).test_client()
    body = problem(client.post("/v1/check", json={"documents": [{"text": "a"}] * 3}), 422)
    assert "at most 2" in body["detail"]


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"\xff\xfe\x00", "text/plain; charset=utf-8", 400),
        (b"caf\xe9", "text/plain", 400),
        (b"%PDF-1.7", "text/plain", 400),
        (b"abc", "text/plain; charset=no-such", 415),
        (b"abc", "text/plain; charset=base64", 415),
        (b"abc", "application/xml", 415),
        (b"", "text/plain", 200),
    ],
)
def test_text_bodies(client, data, content_type, status):
    response = client.post("/v1/clean", data=data, content_type=content_type)
    if status == 200:
        assert response.status_code == 200
    else:
        problem(response, status)


def test_a_packed_body_is_not_taken_for_text(client):
    packed = gzip.compress(json.dumps({"text": STORY}).encode())
    headers = {"Content-Encoding": "gzip"}
    problem(client.post("/v1/check", data=packed, content_type="application/json", headers=headers), 415)


def test_an_unexpected_error_is_a_problem_and_its_message_stays_out_of_the_log(monkeypatch, caplog):
    from service import routes

    def fail(*_args, **_options):
        raise RuntimeError("secret words of a document")

    monkeypatch.setattr(routes, "audit", fail)
    body = problem(create_app().test_client().post("/v1/check", json={"text": "a"}), 500)
    assert "secret" not in json.dumps(body)
    assert "RuntimeError" in caplog.text
    assert "in fail" in caplog.text
    assert "secret words" not in caplog.text.replace('RuntimeError("secret words of a document")', "")


def test_an_error_of_the_package_says_what_is_wrong(monkeypatch):
    from service import routes

    def refuse(*_args, **_options):
        raise SettingsError("no such setting")

    monkeypatch.setattr(routes, "audit", refuse)
    assert (
        problem(create_app().test_client().post("/v1/check", json={"text": "a"}), 422)["detail"]
        == "no such setting"
    )


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
NAMES = st.sampled_from(
    ["text", "html", "id", "title", "url", "published", "language", "strictness", "a", "b", "x"]
)
RECORDS = st.dictionaries(NAMES, VALUES, max_size=4)
BODIES = RECORDS | st.fixed_dictionaries({"documents": st.lists(RECORDS, max_size=3) | VALUES}) | VALUES


@given(st.sampled_from(["/v1/check", "/v1/clean", "/v1/compare"]), BODIES)
def test_any_json_is_answered_or_refused(path, body):
    response = create_app().test_client().post(path, data=json.dumps(body), content_type="application/json")
    if response.status_code != 200:
        problem(response, 422)


@pytest.mark.parametrize("path", ["/healthz", "/nowhere"])
def test_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"
