"""Who may ask: keys and scopes, tenants, rates, other sites' pages; and what is on every answer and in no log."""

import base64
import dataclasses
import json
import logging
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from services import CHOIR, STORY, problem

from provenance.errors import SettingsError
from service import ServiceSettings, create_app, limits, logs
from service.keys import SCOPES, Keys

OPEN = {"/healthz", "/readyz", "/openapi.json", "/docs", "/static/<part>"}


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path / "keys.db")


@pytest.fixture
def app(tmp_path, keys):
    keys.add("unused")
    return create_app(ServiceSettings(data=tmp_path, keys=True))


def until(look):
    for _ in range(3_000):
        if look():
            return
        time.sleep(0.01)
    raise AssertionError(look)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def basic(token):
    return {"Authorization": "Basic " + base64.b64encode(f"anyone:{token}".encode()).decode()}


def test_every_route_but_a_few_asks_for_a_key(app):
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "x", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(path, method=method)
            if rule.rule in OPEN:
                assert answer.status_code in {200, 404}, rule
            else:
                assert problem(answer, 401), rule
                scheme = "Bearer" if path.startswith("/v1/") else "Basic"
                assert answer.headers["WWW-Authenticate"].startswith(scheme)


def test_a_key_is_good_until_it_is_revoked(app, keys):
    key, token = keys.add("post", label="news desk")
    client = app.test_client()
    for headers in (bearer(token), basic(token)):
        assert client.post("/v1/check", json={"text": STORY}, headers=headers).status_code == 200
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")
    for bad in (
        bearer(wrong),
        bearer(""),
        bearer("prov_x_y"),
        basic(wrong),
        {"Authorization": "Basic %%%"},
        {"Authorization": token},
    ):
        problem(client.post("/v1/check", json={"text": STORY}, headers=bad), 401)
    assert keys.revoke(key.id)
    assert not keys.revoke(key.id)
    problem(client.post("/v1/check", json={"text": STORY}, headers=bearer(token)), 401)
    (_, listed) = keys.all()
    assert (listed.tenant, listed.label, bool(listed.revoked)) == ("post", "news desk", True)


def test_no_key_is_kept(keys):
    token = keys.add("post")[1]
    secret = token.rpartition("_")[2]
    assert secret.encode() not in keys.path.read_bytes()
    assert keys.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("tenant", "scopes"),
    [("", ["check"]), ("A", ["check"]), ("../a", ["check"]), ("a" * 64, ["check"]), ("a", ["all"])],
)
def test_keys_that_make_no_sense(keys, tenant, scopes):
    with pytest.raises(SettingsError):
        keys.add(tenant, scopes)


ASKED = [
    ("check", "POST", "/v1/check"),
    ("check", "POST", "/v1/clean"),
    ("check", "POST", "/v1/compare"),
    ("check", "GET", "/"),
    ("read", "GET", "/v1/documents"),
    ("read", "GET", "/v1/documents/a"),
    ("write", "PUT", "/v1/documents/a"),
    ("write", "DELETE", "/v1/documents/a"),
    ("write", "POST", "/v1/documents"),
    ("batches", "POST", "/v1/batches"),
    ("batches", "GET", "/v1/batches"),
    ("batches", "GET", "/batches"),
    ("metrics", "GET", "/metrics"),
]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_allows_its_scope_only(app, keys, scope):
    headers, client = bearer(keys.add("post", [scope])[1]), app.test_client()
    for needed, method, path in ASKED:
        status = client.open(path, method=method, headers=headers).status_code
        assert (status == 403) == (needed != scope), (method, path, status)


def test_a_key_that_may_not_write_adds_nothing_by_a_page(app, keys):
    headers, client = basic(keys.add("post", ["check"])[1]), app.test_client()
    assert client.post("/", data={"text": STORY}, headers=headers).status_code == 200
    problem(client.post("/", data={"text": STORY, "keep": "1"}, headers=headers), 403)


def test_tenants_see_nothing_of_one_another(app, keys):
    client = app.test_client()
    one, two = (bearer(keys.add(tenant)[1]) for tenant in ("one", "two"))
    assert (
        client.put("/v1/documents/secret", json={"text": STORY, "title": "Cranes"}, headers=one).status_code == 201
    )
    batch = client.post(
        "/v1/batches", data=json.dumps({"text": CHOIR}), content_type="application/x-ndjson", headers=one
    )
    place = batch.headers["Location"]
    first, second = (client.post("/v1/check", json={"text": STORY}, headers=who).get_json() for who in (one, two))
    assert (first["verdict"], second["verdict"]) == ("derived", "original")
    assert (second["relations"], second["matches"], second["stored"]) == ([], [], {})
    for path in (
        "/v1/documents/secret",
        place,
        f"{place}/results",
        f"{place}/report.json",
        f"{place}/report.html",
    ):
        problem(client.get(path, headers=two), 404)
        assert client.get(path, headers=one).status_code in {200, 409}
    for path in ("/v1/documents/secret", place):
        problem(client.delete(path, headers=two), 404)
    assert client.get("/v1/documents", headers=two).get_json()["documents"] == []
    assert client.get("/v1/batches", headers=two).get_json()["batches"] == []
    again = {"Idempotency-Key": "same"}
    record = {"id": "a", "text": CHOIR}
    assert client.post("/v1/documents", json=record, headers=one | again).status_code == 201
    assert "Idempotency-Replayed" not in client.post("/v1/documents", json=record, headers=two | again).headers
    for path in ("/", "/batches"):
        assert "secret" not in client.get(path, headers=basic(two["Authorization"][7:])).text


def test_rates_are_each_clients_own(tmp_path, keys):
    one, two = (bearer(keys.add(tenant)[1]) for tenant in ("one", "two"))
    client = create_app(ServiceSettings(data=tmp_path, keys=True, rate=5)).test_client()
    for _ in range(5):
        assert client.get("/v1/documents", headers=one).status_code == 200
    refused = client.get("/v1/documents", headers=one)
    problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert client.get("/v1/documents", headers=two).status_code == 200
    statuses = [client.get("/v1/documents", headers=bearer("prov_guess")).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert client.get("/healthz").status_code == 200


def test_rates_are_shared_by_redis_and_hold_when_it_is_gone(tmp_path, own_server):
    settings = ServiceSettings(data=tmp_path, index="memory:rates", redis=own_server.url, rate=6, workers=2)
    clients = [create_app(settings).test_client() for _ in range(2)]
    statuses = [clients[number % 2].get("/v1/documents").status_code for number in range(8)]
    assert statuses == [200] * 6 + [429] * 2
    own_server.kill()
    for client in clients:  # each process allows its share
        assert [client.get("/v1/documents").status_code for _ in range(5)] == [200] * 3 + [429] * 2


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://[bad"}, False),
        ({"Host": "evil.example"}, False),
        ({"Host": "127.0.0.1:8000"}, True),
        ({"Host": "[::1]:8000"}, True),
    ],
)
def test_other_sites_pages_may_not_use_a_service_without_keys(tmp_path, headers, allowed):
    client = create_app(ServiceSettings(data=tmp_path)).test_client()
    status = client.post("/v1/clean", json={"text": "a"}, headers=headers).status_code
    assert status == (200 if allowed else 403)


def test_what_is_on_every_answer(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path)).test_client()
    for path in ("/", "/healthz", "/nowhere", "/docs", "/static/page.css", "/v1/check"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store" or path.startswith("/static/")
        assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-Id"])
    assert client.get("/healthz", headers={"X-Request-Id": "abcd-1234"}).headers["X-Request-Id"] == "abcd-1234"
    assert client.get("/healthz", headers={"X-Request-Id": "a b"}).headers["X-Request-Id"] != "a b"


def test_the_log_has_no_texts_no_keys_and_no_names_of_documents(app, keys, caplog):
    caplog.set_level(logging.INFO, "provenance.service")
    key, token = keys.add("post")
    client = app.test_client()
    client.put("/v1/documents/secret-name", json={"text": STORY}, headers=bearer(token))
    client.get("/v1/documents/secret-name?cursor=secret-word", headers=bearer(token))
    client.post("/v1/check", json={"text": STORY, "title": 5}, headers=bearer(token))
    client.get("/secret-path", headers=basic(token))
    told = [logs.Lines().format(record) for record in caplog.records if record.name == "provenance.service"]
    rows = [json.loads(line) for line in told]
    assert [(row["route"], row["status"]) for row in rows] == [
        ("/v1/documents/<name:document_id>", 201),
        ("/v1/documents/<name:document_id>", 200),
        ("/v1/check", 422),
        ("none", 404),
    ]
    assert {row["key"] for row in rows[:3]} == {key.id}
    for word in ("secret", "harbour", token, token[-43:], base64.b64encode(f"anyone:{token}".encode()).decode()):
        assert word not in "".join(told)


def test_an_error_in_the_log_has_no_message():
    record = logging.LogRecord(
        "provenance.service", logging.ERROR, "", 0, "failed", (), (ValueError, ValueError("secret"), None)
    )
    assert json.loads(logs.Lines().format(record))["error"] == "ValueError"
    assert "secret" not in logs.Lines().format(record)


def test_figures_for_prometheus(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path)).test_client()
    client.post("/v1/check", json={"text": STORY})
    client.open("/v1/check", method="BREW")
    told = client.get("/metrics").text
    assert re.search(r'provenance_requests_total\{method="POST",route="/v1/check",status="200"\} \d', told)
    assert 'method="other"' in told
    assert "BREW" not in told
    assert re.search(r'provenance_verdicts_total\{verdict="original"\} \d', told)


def test_a_busy_process_sends_away_who_waited_in_vain(tmp_path):
    app = create_app(ServiceSettings(data=tmp_path, at_once=1, patience=0.01))
    with app.extensions["provenance"].gate.passed("another"):
        answer = app.test_client().post("/v1/clean", json={"text": "a"})
        problem(answer, 503)
        assert answer.headers["Retry-After"]
    assert app.test_client().post("/v1/clean", json={"text": "a"}).status_code == 200


def test_a_trusted_proxy_says_who_asks(tmp_path):
    settings = ServiceSettings(data=tmp_path, rate=2, keys=True)
    for proxies, third in ((1, 401), (0, 429)):
        client = create_app(dataclasses.replace(settings, proxies=proxies)).test_client()
        guess = bearer("prov_guess")
        names = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
        statuses = [
            client.get("/v1/documents", headers=guess | {"X-Forwarded-For": name}).status_code for name in names
        ]
        assert statuses == [401, 401, third]


def test_a_service_without_keys_answers_nobody_through_a_proxy(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path)).test_client()
    for name in ("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"):
        problem(client.post("/v1/clean", json={"text": "a"}, headers={name: "192.0.2.1"}), 403)


def test_from_the_first_key_on_every_request_needs_one(tmp_path, keys):
    client = create_app(ServiceSettings(data=tmp_path)).test_client()
    assert client.post("/v1/clean", json={"text": "a"}).status_code == 200
    assert "securitySchemes" not in client.get("/openapi.json").get_json()["components"]
    key, token = keys.add("post")
    problem(client.post("/v1/clean", json={"text": "a"}), 401)
    assert client.post("/v1/clean", json={"text": "a"}, headers=bearer(token)).status_code == 200
    assert "securitySchemes" in client.get("/openapi.json").get_json()["components"]
    keys.revoke(key.id)
    problem(client.post("/v1/clean", json={"text": "a"}), 401)


def test_no_tenant_has_all_places_while_another_waits(tmp_path):
    gate = limits.Gate(ServiceSettings(data=tmp_path, at_once=2, patience=30.0))
    order, ends = [], threading.Semaphore(0)

    def work(tenant):
        with gate.passed(tenant):
            order.append(tenant)
            ends.acquire(timeout=30)

    with ThreadPoolExecutor(8) as pool:
        for _ in range(4):
            pool.submit(work, "greedy")
        until(lambda: len(order) == 2)  # alone, it has both places
        pool.submit(work, "modest")
        until(lambda: gate._waiting["modest"] == 1)
        ends.release()
        until(lambda: len(order) == 3)
        ends.release(4)
    assert order[:3] == ["greedy", "greedy", "modest"]
    assert len(order) == 5


def test_a_client_waits_for_its_own_minute_only():
    counted = limits.Minutes()
    assert [counted.hit("a", 3, 30.0) for _ in range(5)] == [0, 0, 0, 30, 30]
    assert counted.hit("b", 3, 31.0) == 0
    assert counted.hit("a", 3, 60.0) == 60  # all of the minute before still counts
    assert [counted.hit("a", 3, 90.0) for _ in range(3)] == [0, 0, 30]  # half of it
    assert counted.hit("a", 3, 300.0) == 0
