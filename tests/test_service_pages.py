"""The pages as they are sent: what was pasted comes back, nothing goes or is replaced without a word."""

import io
import re

import pytest
from services import CHOIR, STORY

from service import ServiceSettings, create_app

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADDRESS = "https://paper.example/cranes"


@pytest.fixture
def app(tmp_path):
    return create_app(ServiceSettings(data=tmp_path, rate=10**9, text_length=2_000, at_once=1, patience=0.01))


@pytest.fixture
def client(app):
    return app.test_client()


def sent(client, path, **fields):
    return client.post(path, data=fields, headers=BROWSER, content_type="multipart/form-data")


def field(page, name):
    return re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n([^<]*)</textarea>', page)[1]


def marked(page, name):
    """Give what is said beside a field that it is wrong."""
    assert re.search(rf'name="{name}"[^>]* aria-invalid="true" aria-describedby="wrong-{name}"', page)
    return re.search(rf'id="wrong-{name}">([^<]+)<', page)[1]


def test_a_text_that_is_too_long_comes_back_with_the_reason_beside_it(client):
    long = STORY * 20
    answer = sent(client, "/", text=long, title="Cranes", url=ADDRESS, strictness="safe", keep="1")
    assert (answer.status_code, answer.content_type) == (413, "text/html; charset=utf-8")
    assert field(answer.text, "text") == long
    assert "2,000 characters" in marked(answer.text, "text")
    assert 'role="alert"' in answer.text
    assert f'value="{ADDRESS}"' in answer.text
    assert 'value="Cranes"' in answer.text
    assert 'value="safe" selected' in answer.text
    assert 'name="keep" value="1" checked' in answer.text


def test_a_field_that_is_too_long_is_named_and_the_text_comes_back(client):
    answer = sent(client, "/", text=STORY, publisher="P" * 3_000)
    assert answer.status_code == 422
    assert field(answer.text, "text") == STORY
    assert "2000" in marked(answer.text, "publisher")


def test_a_busy_service_gives_the_text_back(app, client):
    with app.extensions["provenance"].gate.passed("another"):
        check = sent(client, "/", text=STORY)
        compare = sent(client, "/compare", a=STORY, b=CHOIR)
    assert (check.status_code, field(check.text, "text")) == (503, STORY)
    assert (compare.status_code, field(compare.text, "a"), field(compare.text, "b")) == (503, STORY, CHOIR)
    assert check.headers["Retry-After"]
    assert client.post("/", data={"text": STORY}, headers=BROWSER).status_code == 200


def test_one_of_two_texts_is_missing(client):
    answer = sent(client, "/compare", a=STORY, b=" ")
    assert (answer.status_code, field(answer.text, "a")) == (422, STORY)
    assert "Paste a text" in marked(answer.text, "b")


def test_what_comes_back_is_text(client):
    answer = sent(client, "/", text="</textarea><script>alert(1)</script>" * 100)
    assert answer.status_code == 413
    assert "<script>alert" not in answer.text


def test_another_text_of_an_address_is_replaced_only_when_that_is_said(client):
    def stored():
        return client.get(f"/v1/documents/{ADDRESS}").get_json()

    assert "was added as" in sent(client, "/", text=STORY, url=ADDRESS, title="Cranes", keep="1").text
    other = sent(client, "/", text=CHOIR, url=ADDRESS, keep="1").text
    assert "It was not added: another text" in other
    assert (stored()["text"], stored()["title"]) == (STORY, "Cranes")
    assert 'name="replace"' in other
    assert "was added as" in sent(client, "/", text=CHOIR, url=ADDRESS, keep="1", replace="1").text
    assert (stored()["text"], stored()["title"]) == (CHOIR, None)


def test_the_same_text_added_again_keeps_what_is_known_of_it(client):
    sent(client, "/", text=STORY, url=ADDRESS, title="Cranes", keep="1")
    again = sent(client, "/", text=STORY, url=ADDRESS, publisher="Post", keep="1")
    assert 'name="replace"' not in again.text
    stored = client.get(f"/v1/documents/{ADDRESS}").get_json()
    assert (stored["title"], stored["publisher"]) == ("Cranes", "Post")


def test_a_batch_is_removed_only_after_a_question(client):
    files = {"files": [(io.BytesIO(STORY.encode()), "a.txt")], "label": "Monday"}
    place = client.post("/batches", data=files, headers=BROWSER).headers["Location"]
    assert "<form" not in client.get(place).text
    asked = client.get(f"{place}/remove", headers=BROWSER)
    assert asked.status_code == 200
    assert "Remove Monday?" in asked.text
    assert client.get(place).status_code == 200
    assert sent(client, f"{place}/remove").status_code == 303
    assert client.get(f"{place}/remove", headers=BROWSER).status_code == 404


def test_nothing_but_what_pages_are_dressed_in_is_kept_by_a_browser(client):
    kept = {
        path: client.get(path).headers["Cache-Control"] for path in ("/", "/docs", "/healthz", "/openapi.json")
    }
    assert set(kept.values()) == {"no-store"}
    assert "immutable" in client.get("/static/page.css").headers["Cache-Control"]
