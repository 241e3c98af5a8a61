"""The service's API in one process: the same answers as the other doors, and every error as a problem."""

import gzip
import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services import CHOIR, STORY, problem

from provenance import __version__
from provenance.clean import clean
from provenance.errors import SettingsError, StoreError
from provenance.model import AuditedDocument, Cleaned, Document, DocumentRelation
from provenance.pipeline import audit
from provenance.readers import read
from provenance.report.audit import Audit
from service import ServiceSettings, checks, create_app

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(ServiceSettings(data=tmp_path_factory.mktemp("data"), rate=10**9)).test_client()


@pytest.fixture
def own(tmp_path):
    """Give a client of a service whose index is empty."""
    return create_app(ServiceSettings(data=tmp_path)).test_client()


# --- answers ----------------------------------------------------------------------------------------------


def test_health_and_readiness(client):
    assert client.get("/healthz").get_json() == {"status": "ok", "version": __version__}
    assert client.get("/readyz").get_json() == {"status": "ready", "checks": {"index": True, "disk": True}}


def test_a_service_without_its_index_is_not_ready(tmp_path):
    (tmp_path / "index.db").write_bytes(b"this is no index" * 100)
    client = create_app(ServiceSettings(data=tmp_path)).test_client()
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["checks"]) == (503, {"index": False, "disk": True})
    answer = client.post("/v1/check", json={"text": STORY})
    assert problem(answer, 503)["detail"] == "The index cannot be reached just now."
    assert answer.headers["Retry-After"]
    assert client.get("/healthz").status_code == 200


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


def test_a_check_finds_what_was_added_and_adds_nothing(own):
    own.put("/v1/documents/harbour", json={"text": STORY, "publisher": "Lindow Post", "published": "2025-01-02"})
    body = own.post("/v1/check", json={"id": "new", "text": STORY}).get_json()
    assert body["verdict"] == "derived"
    assert [row["id"] for row in body["documents"]] == ["new"]
    assert [{row["a"], row["b"]} for row in body["relations"]] == [{"new", "harbour"}]
    assert body["stored"]["harbour"]["publisher"] == "Lindow Post"
    for match in body["matches"]:
        sides = {match[side]["doc"]: match[side] for side in "ab"}
        assert (
            sides["harbour"]["text"] == sides["new"]["text"] == STORY[sides["new"]["start"] : sides["new"]["end"]]
        )
    assert own.get("/v1/documents/new").status_code == 404


def test_a_document_is_no_answer_to_itself(own):
    own.put("/v1/documents/story", json={"text": STORY})
    body = own.post("/v1/check", json={"id": "story", "text": STORY}).get_json()
    assert (body["verdict"], body["relations"], body["stored"]) == ("original", [], {})


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
    assert checks.verdict(Audit("0", {}, (row,), relations=relations)) == expected


def test_a_check_of_many_names_those_without_id_and_rejects_an_id_met_twice(client):
    rows = [{"text": STORY}, {"id": 7, "text": CHOIR}, {"id": "7", "text": STORY}]
    body = client.post("/v1/check", json={"documents": rows}).get_json()
    assert [row["id"] for row in body["documents"]] == ["#1", "7"]
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
    assert (http.pop("verdict"), http.pop("stored")) == ("derived", {})
    assert http["parameters"].pop("index") == "default"
    assert http.keys() - {"inputs"} == cli.keys()
    for row in (*cli["documents"], *http["documents"]):
        del row["source"]  # where a document was read; over HTTP it was read nowhere
    for part in ("version", "parameters", "rejected", "documents", "matches", "relations", "clusters"):
        assert http[part] == cli[part], part


def test_an_answer_may_hold_what_utf8_cannot(client, monkeypatch):
    monkeypatch.setattr(checks, "clean_text", lambda *_, **__: Cleaned("\ud800", "\ud800"))
    assert client.post("/v1/clean", json={"text": "x"}).get_json()["text"] == "\ud800"


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_body_may_be_packed(client, coding, pack):
    plain = json.dumps({"text": STORY}).encode()
    packed = {"data": pack(plain), "content_type": "application/json", "headers": {"Content-Encoding": coding}}
    assert (
        client.post("/v1/clean", **packed).get_json() == client.post("/v1/clean", json={"text": STORY}).get_json()
    )
    packed["data"] = pack(plain)[:-9]
    problem(client.post("/v1/clean", **packed), 400)
    packed["data"] = plain
    problem(client.post("/v1/clean", **packed), 400)


def test_several_packed_members_are_one_body(client):
    parts = [b'{"text": "a', b'b"', b"}"]
    data = b"".join(map(gzip.compress, parts))
    headers = {"Content-Encoding": "gzip"}
    answer = client.post("/v1/clean", data=data, content_type="application/json", headers=headers)
    assert answer.get_json()["source"] == "ab"


def test_what_a_body_unpacks_to_is_limited(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path, body_bytes=100_000)).test_client()
    packed = gzip.compress(b'{"text": "' + b" " * 90_000_000 + b'"}')
    headers = {"Content-Encoding": "gzip"}
    problem(client.post("/v1/clean", data=packed, content_type="application/json", headers=headers), 413)


def test_the_description_names_every_route_and_is_a_page_too(client):
    made = client.get("/openapi.json").get_json()
    assert made["openapi"] == "3.1.0"
    assert {"/v1/check", "/v1/documents/{id}", "/v1/batches/{id}/report.html", "/readyz"} <= made["paths"].keys()
    refs = {word.strip('",}') for word in json.dumps(made).split() if word.startswith('"#/components/schemas/')}
    assert {ref.removeprefix("#/components/schemas/").strip('"}]') for ref in refs} <= made["components"][
        "schemas"
    ].keys()
    page = client.get("/docs").text
    assert all(path in page for path in made["paths"])


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1//check", 404),
        ("GET", "/%ff%fe", 404),
        ("GET", "/v1/check", 405),
        ("DELETE", "/healthz", 405),
        ("TRACE", "/v1/check", 405),
        ("OPTIONS", "/v1/check", 405),
        ("POST", "/v1/check", 415),
        ("POST", "/v1/clean", 415),
        ("POST", "/v1/batches", 415),
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
    ("/v1/check", {}, "#", "The body: must have either text or html."),
    ("/v1/check", {"text": 1}, "#/text", "text: input should be a valid string."),
    ("/v1/check", {"text": "a", "html": "b"}, "#", "The body: must have either text or html, not both."),
    ("/v1/check", {"text": "a", "id": []}, "#/id", "id: input should be a valid string."),
    ("/v1/check", {"text": "a", "id": "a\nb"}, "#/id", "id: string should match pattern"),
    ("/v1/check", {"text": "a", "title": {}}, "#/title", "title: input should be a valid string."),
    ("/v1/check", {"documents": {}}, "#/documents", "documents: input should be a valid list."),
    ("/v1/check", {"documents": []}, "#/documents", "documents: list should have at least 1 item"),
    ("/v1/check", {"documents": ["a"]}, "#/documents/0", "documents.0: input should be"),
    ("/v1/check", {"documents": [{"text": "a"}, {"text": 2.5}]}, "#/documents/1/text", "documents.1.text: input"),
    ("/v1/check", {"text": "a", "strictness": "no"}, "#/strictness", "strictness: input should be 'safe', "),
    ("/v1/check", {"text": "a\ud800"}, "#/text", "The body holds half of a surrogate pair"),
    ("/v1/check", {"text": "a", "\ud800": 1}, "#", ""),
    ("/v1/clean", {"html": "\udfff"}, "#/html", "The body holds half of a surrogate pair"),
    ("/v1/clean", {"text": "a", "publisher": 3}, "#/publisher", "publisher: input should be a valid string."),
    ("/v1/compare", {"a": "x"}, "#/b", "b: field required."),
    ("/v1/compare", {"a": 5, "b": "x"}, "#/a", "a: input should be"),
    ("/v1/compare", {"a": "x", "b": {"text": None}}, "#/b", "b: must have either text or html."),
]


@pytest.mark.parametrize(("path", "body", "pointer", "detail"), WRONG)
def test_wrong_fields_are_named(client, path, body, pointer, detail):
    found = problem(client.post(path, data=json.dumps(body), content_type="application/json"), 422)
    assert found["detail"].startswith(detail)
    assert found["errors"][0]["pointer"] == pointer


def test_limits_on_documents(tmp_path):
    settings = ServiceSettings(data=tmp_path, documents=2, text_length=10, page_length=20)
    client = create_app(settings).test_client()
    body = problem(client.post("/v1/check", json={"documents": [{"text": "a"}] * 3}), 422)
    assert "at most 2" in body["detail"]
    for record, pointer in (({"text": "a" * 11}, "#/text"), ({"html": "a" * 21}, "#/html")):
        assert problem(client.post("/v1/check", json=record), 413)["errors"][0]["pointer"] == pointer
        several = {"documents": [{"text": "a"}, record]}
        assert (
            problem(client.post("/v1/check", json=several), 413)["errors"][0]["pointer"]
            == f"#/documents/1/{pointer[2:]}"
        )
    problem(client.post("/v1/compare", json={"a": "a" * 11, "b": "b"}), 413)
    problem(client.put("/v1/documents/a", json={"text": "a" * 11}), 413)
    assert client.post("/v1/check", json={"text": "a" * 10}).status_code == 200


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


def test_an_unknown_packing_is_refused(client):
    answer = client.post(
        "/v1/check", data=b"x", content_type="application/json", headers={"Content-Encoding": "br"}
    )
    assert problem(answer, 415)
    assert answer.headers["Accept-Encoding"] == "gzip, deflate"


def test_an_unexpected_error_is_a_problem_and_its_message_stays_out_of_the_log(own, monkeypatch, caplog):
    def fail(*_args, **_options):
        raise RuntimeError("secret words of a document")

    monkeypatch.setattr(checks, "audit", fail)
    body = problem(own.post("/v1/check", json={"text": "a"}), 500)
    assert "secret" not in json.dumps(body)
    (record,) = [one for one in caplog.records if one.getMessage() == "unexpected error"]
    assert record.error == "RuntimeError"
    assert "in fail" in record.where
    assert "secret words" not in record.where.replace('RuntimeError("secret words of a document")', "")


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (SettingsError("no such setting"), 422, "no such setting"),
        (StoreError("redis://10.0.0.1 is gone"), 503, "The index cannot be reached just now."),
    ],
)
def test_errors_of_the_package(own, monkeypatch, error, status, detail):
    def refuse(*_args, **_options):
        raise error

    monkeypatch.setattr(checks, "audit", refuse)
    assert problem(own.post("/v1/check", json={"text": "a"}), status)["detail"] == detail


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
NAMES = st.sampled_from(
    ["text", "html", "id", "title", "url", "published", "language", "strictness", "a", "b", "x"]
)
RECORDS = st.dictionaries(NAMES, VALUES, max_size=4)
BODIES = RECORDS | st.fixed_dictionaries({"documents": st.lists(RECORDS, max_size=3) | VALUES}) | VALUES


@given(st.sampled_from(["/v1/check", "/v1/clean", "/v1/compare", "/v1/documents"]), BODIES)
def test_any_json_is_answered_or_refused(client, path, body):
    response = client.post(path, data=json.dumps(body), content_type="application/json")
    if response.status_code not in {200, 201}:
        assert problem(response, response.status_code)["status"] in {409, 422}
