"""Documents of the index over HTTP: conditions, replays, pages of the list."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services import CHOIR, STORY, problem

from service import ServiceSettings, create_app

NEW = {"id": "harbour", "text": STORY, "title": "Cranes", "published": "2025-01-02"}


@pytest.fixture(params=["sqlite", "redis"])
def app(tmp_path, request):
    index = f"{request.getfixturevalue('redis_server').url}" if request.param == "redis" else None
    app = create_app(ServiceSettings(data=tmp_path, index=index, rate=10**9))
    with app.extensions["provenance"].indexes.of("default") as opened:
        opened.remove([stored.id for _, stored in opened.scan()])
    return app


@pytest.fixture
def client(app):
    return app.test_client()


def test_a_document_is_put_given_and_removed(client):
    put = client.put("/v1/documents/harbour", json={"text": STORY, "title": "Cranes", "publisher": "Post"})
    assert put.status_code == 201
    got = client.get("/v1/documents/harbour")
    assert got.headers["ETag"] == put.headers["ETag"]
    body = got.get_json()
    assert (body["text"], body["title"], body["publisher"]) == (STORY, "Cranes", "Post")
    again = client.get("/v1/documents/harbour", headers={"If-None-Match": got.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    gone = client.delete("/v1/documents/harbour")
    assert (gone.status_code, gone.data) == (204, b"")
    problem(client.get("/v1/documents/harbour"), 404)
    problem(client.delete("/v1/documents/harbour"), 404)


def test_the_same_document_is_no_change_and_another_is(client):
    def put(**more):
        return client.put("/v1/documents/a", json={"text": STORY} | more)

    first, same, titled, other = put(), put(), put(title="Cranes"), put(text=CHOIR)
    assert [one.status_code for one in (first, same, titled, other)] == [201, 200, 200, 200]
    assert first.headers["ETag"] == same.headers["ETag"]
    assert len({one.headers["ETag"] for one in (same, titled, other)}) == 3
    assert client.get("/v1/documents/a").get_json()["text"] == CHOIR


def test_a_new_title_takes_a_document_away_at_no_time(app, client, monkeypatch):
    added = client.put("/v1/documents/a", json={"text": STORY, "title": "Cranes"}).get_json()["added"]
    with app.extensions["provenance"].indexes.of("default") as index:
        store = type(index.store)
    write, seen = store.write, []

    def watched(self, entries):
        given = write(self, entries)
        seen.append(client.get("/v1/documents/a").status_code)  # were it killed here, this is what would be left
        return given

    monkeypatch.setattr(store, "write", watched)
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    for title in ("Cranes torn off", "Three cranes"):
        answer = client.put("/v1/documents/a", json={"text": STORY, "title": title})
        assert (answer.status_code, answer.get_json()["added"]) == (200, added)
        got = client.get("/v1/documents/a")
        assert (got.get_json()["title"], got.get_json()["added"]) == (title, added)
        assert got.headers["ETag"] == answer.headers["ETag"]
    assert set(seen) == {200}


def test_conditions_on_writes(client):
    stale = client.put("/v1/documents/a", json={"text": STORY}, headers={"If-None-Match": "*"}).headers["ETag"]
    problem(client.put("/v1/documents/a", json={"text": CHOIR}, headers={"If-None-Match": "*"}), 412)
    fresh = client.put("/v1/documents/a", json={"text": CHOIR}, headers={"If-Match": stale}).headers["ETag"]
    problem(client.put("/v1/documents/a", json={"text": STORY}, headers={"If-Match": stale}), 412)
    problem(client.delete("/v1/documents/a", headers={"If-Match": stale}), 412)
    problem(client.put("/v1/documents/b", json={"text": STORY}, headers={"If-Match": "*"}), 412)
    assert client.get("/v1/documents/a").get_json()["text"] == CHOIR
    assert client.delete("/v1/documents/a", headers={"If-Match": fresh}).status_code == 204


def test_conditions_hold_for_adding_too(client):
    etag = client.post("/v1/documents", json=NEW, headers={"If-None-Match": "*"}).headers["ETag"]
    problem(client.post("/v1/documents", json=NEW, headers={"If-None-Match": "*"}), 412)
    problem(client.post("/v1/documents", json=NEW, headers={"If-Match": '"no"'}), 412)
    problem(client.post("/v1/documents", json=NEW | {"id": "new"}, headers={"If-Match": "*"}), 412)
    assert client.post("/v1/documents", json=NEW, headers={"If-Match": etag}).status_code == 200


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
def test_an_empty_condition_is_none(client, name):
    client.put("/v1/documents/harbour", json={"text": STORY})
    for method, path in (("PUT", "/harbour"), ("DELETE", "/harbour"), ("POST", "")):
        answer = client.open(
            f"/v1/documents{path}", method=method, json=NEW | {"title": "Other"}, headers={name: " "}
        )
        problem(answer, 400)
    assert client.get("/v1/documents/harbour").get_json()["title"] is None


def test_what_is_known_of_a_text_is_not_forgotten_when_it_is_added_again(client):
    about = {"title": "Cranes", "publisher": "Post", "published": "2025-01-02", "language": "en"}
    client.post("/v1/documents", json=NEW | about)
    again = client.post("/v1/documents", json={"id": "harbour", "text": STORY, "title": "Cranes torn off"})
    written = again.get_json()["written"]
    assert {name: written[name] for name in about} == about | {"title": "Cranes torn off"}
    got = client.get("/v1/documents/harbour")
    assert {name: got.get_json()[name] for name in about} == about | {"title": "Cranes torn off"}
    assert got.headers["ETag"] == again.headers["ETag"]


def test_of_those_who_change_one_version_one_does(app):
    etag = app.test_client().put("/v1/documents/a", json={"text": STORY}).headers["ETag"]

    def put(number):
        headers = {"If-Match": etag}
        return (
            app.test_client()
            .put("/v1/documents/a", json={"text": f"{CHOIR} {number}"}, headers=headers)
            .status_code
        )

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(put, range(4))) == [200, 412, 412, 412]


def test_a_document_is_checked_and_added_in_one_step(app):
    texts = [{"id": str(number), "text": STORY} for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: app.test_client().post("/v1/documents", json=one), texts))
    assert [one.status_code for one in answers] == [201] * 4
    verdicts = sorted(one.get_json()["verdict"] for one in answers)
    assert verdicts == ["derived"] * 3 + ["original"]


def test_the_earlier_text_of_an_id_is_told_of_as_stored(client):
    client.put("/v1/documents/harbour", json={"text": STORY, "title": "Cranes"})
    found = client.post(
        "/v1/check", json={"id": "harbour", "text": f"{STORY} Two more fell on Tuesday."}
    ).get_json()
    (other,) = {row["b"] for row in found["relations"]}
    assert found["stored"][other]["title"] == "Cranes"


def test_adding_says_where_and_refuses_another_text(client):
    first = client.post("/v1/documents", json=NEW)
    assert (first.status_code, first.headers["Location"]) == (201, "/v1/documents/harbour")
    assert first.get_json()["written"]["title"] == "Cranes"
    assert client.post("/v1/documents", json=NEW).status_code == 200
    problem(client.post("/v1/documents", json=NEW | {"text": CHOIR}), 409)


def test_a_request_sent_again_is_answered_again_and_not_done_again(client):
    headers = {"Idempotency-Key": "6f1c"}
    first = client.post("/v1/documents", json=NEW, headers=headers)
    client.delete("/v1/documents/harbour")
    again = client.post("/v1/documents", json=NEW, headers=headers)
    assert (again.status_code, again.data, again.headers["ETag"]) == (201, first.data, first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    problem(client.get("/v1/documents/harbour"), 404)
    problem(client.post("/v1/documents", json=NEW | {"title": "Other"}, headers=headers), 409)
    problem(client.post("/v1/documents", json=NEW, headers={"Idempotency-Key": "é"}), 400)


def test_the_list_is_given_in_pages(client):
    names = [f"document {number}" for number in range(7)]
    for name in names:
        client.put(f"/v1/documents/{name}", json={"text": f"{STORY} {name}"})
    client.delete("/v1/documents/document 3")
    seen, cursor = [], None
    while True:
        page = client.get(
            "/v1/documents", query_string={"limit": 2} | ({"cursor": cursor} if cursor else {})
        ).get_json()
        assert len(page["documents"]) <= 2
        assert all("text" not in one for one in page["documents"])
        seen += [one["id"] for one in page["documents"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [name for name in names if name != "document 3"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=", "cursor=x", "cursor=1&cursor=2", "cursor=-1"]
)
def test_wrong_pages_are_named(client, query):
    name = query.partition("=")[0]
    assert problem(client.get(f"/v1/documents?{query}"), 422)["errors"][0]["pointer"] == f"#/{name}"


def test_where_all_are_gone_the_list_is_empty(client):
    client.put("/v1/documents/a", json={"text": STORY})
    client.delete("/v1/documents/a")
    assert client.get("/v1/documents").get_json() == {"documents": [], "next": None}


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return create_app(ServiceSettings(data=tmp_path_factory.mktemp("data"), rate=10**9)).test_client()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=500))
def test_any_name_is_an_address(one, name):
    address = f"/v1/documents/{quote(name, safe='')}"
    assert one.put(address, json={"text": STORY}).status_code in {200, 201}
    assert one.get(address).get_json()["id"] == name
    assert one.delete(address).status_code == 204


@pytest.mark.parametrize("name", ["a\nb", "\x00", "a" * 501])
def test_names_that_none_may_have(one, name):
    problem(one.put(f"/v1/documents/{quote(name, safe='')}", json={"text": STORY}), 422)
