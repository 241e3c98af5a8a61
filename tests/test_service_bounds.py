"""What is more than any request has use for is refused before it costs anything."""

import pytest
from services import STORY, problem

from service import ServiceSettings, create_app
from service.jobs import intake


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(ServiceSettings(data=tmp_path_factory.mktemp("data"), rate=10**9)).test_client()


def json_of(body):
    return {"data": body.encode(), "content_type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        '{"documents": [' + "{}," * 100_000 + "1]}",
        '{"text": "a", "x": [' + "0," * 100_000 + "0]}",
        '{"text": "a", "x": [' + '"\\ud83d\\ude00",' * 30_000 + "0]}",
        '{"text": "a", "x": ' + '{"\\",[": 1, "b": "' * 30_000,
    ],
)
def test_a_body_of_very_many_values_is_refused_before_it_is_read(client, monkeypatch, body):
    monkeypatch.setattr("service.bodies.parsed", None)
    problem(client.post("/v1/check", **json_of(body)), 413)


def test_commas_and_brackets_of_a_text_are_no_values(client):
    text = 'a, [b] {c} \\ "d" ' * 10_000
    assert client.post("/v1/clean", json={"text": text}).get_json()["source"] == text


def test_documents_over_the_number_are_not_looked_at(client, monkeypatch):
    monkeypatch.setattr("service.schemas.validated", None)
    problem(client.post("/v1/check", json={"documents": [{}] * 101}), 422)


def test_the_texts_of_a_request_are_bounded_together(tmp_path):
    client = create_app(ServiceSettings(data=tmp_path, text_length=3_000, together=4_000)).test_client()
    story = (STORY * 12)[:2_500]
    assert client.post("/v1/check", json={"documents": [{"text": story}]}).status_code == 200
    problem(client.post("/v1/check", json={"documents": [{"text": story}] * 2}), 413)
    page = f"<script>{STORY * 90}</script><p title='{STORY * 9}'>{{}}</p>"
    pages = [{"html": page.format(story)}, {"html": page.format("short")}]
    assert client.post("/v1/check", json={"documents": pages}).status_code == 200
    problem(client.post("/v1/check", json={"html": page.format(story * 2)}), 413)


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "utf-7", "idna", "rot13", "zip", "a" * 99])
def test_only_charsets_of_the_web_are_read(client, charset):
    problem(client.post("/v1/clean", data=b"a", content_type=f"text/plain; charset={charset}"), 415)


def test_a_form_of_very_many_fields_is_refused(client):
    body = b"text=a&" * 100_000
    for path in ("/", "/compare"):
        problem(client.post(path, data=body, content_type="application/x-www-form-urlencoded"), 413)


def test_rows_come_in_blocks_of_any_size(tmp_path):
    lines = b'{"text": "a"}\n\nnot JSON\n' * 3
    for size in (1, 3, 7, 1000, len(lines)):
        folder = tmp_path / str(size)
        folder.mkdir()
        with intake.receiving(folder, ServiceSettings()) as rows:
            for start in range(0, len(lines), size):
                rows.take(lines[start : start + size])
        assert rows.count == 6
        assert (folder / "rows.jsonl").read_bytes() == lines
