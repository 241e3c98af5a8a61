"""The client, against the application over a socket."""

import threading

import pytest
from services import CHOIR, STORY
from werkzeug.serving import make_server

from service import ServiceSettings, create_app
from service.client import Client, ServiceError
from service.jobs import folders, run
from service.keys import Keys


@pytest.fixture
def settings(tmp_path):
    return ServiceSettings(data=tmp_path, keys=True)


@pytest.fixture
def client(settings):
    token = Keys(settings.data / "keys.db").add("post")[1]
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Client(f"http://127.0.0.1:{server.server_port}", token)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_documents(client):
    added = client.add({"id": "a/b", "text": STORY}, once="monday")
    assert client.add({"id": "a/b", "text": STORY}, once="monday") == added
    assert client.put("a/b", {"text": STORY, "title": "Cranes"})["title"] == "Cranes"
    assert client.get("a/b")["text"] == STORY
    assert client.check({"text": STORY})["verdict"] == "derived"
    client.remove("a/b")
    with pytest.raises(ServiceError, match="404: There is no document of this id"):
        client.get("a/b")


def test_texts(client):
    assert client.clean({"text": STORY})["text"] == STORY
    assert client.compare(STORY, {"text": f"{CHOIR}\n\n{STORY}"})["spans"]


def test_batches(client, settings):
    name = client.hand_in([{"text": STORY}, {"text": CHOIR}])
    for folder in folders.Folders(settings.data / "batches").all():
        run.work(folder, settings)
    assert [line["verdict"] for line in client.results(name)] == ["original", "original"]
    failed = client.hand_in([{"text": STORY}])
    (folder,) = [one for one in folders.Folders(settings.data / "batches").all() if one.name == failed]
    folders.put(folder / "failed.json", {"error": "too hard", "finished": 0.0})
    with pytest.raises(ServiceError, match="409: too hard"):
        list(client.results(failed))


def test_what_is_refused_says_why(client):
    stranger = Client(client.url)
    with pytest.raises(ServiceError, match="401: A key is needed"):
        stranger.check({"text": STORY})
    with pytest.raises(ServiceError, match="422: The body: must have either text or html"):
        client.check({})


def test_a_busy_service_is_asked_again(tmp_path):
    app = create_app(ServiceSettings(data=tmp_path, at_once=1, patience=0.01))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    client = Client(f"http://127.0.0.1:{server.server_port}")
    try:
        with app.extensions["provenance"].gate.passed("another"), pytest.raises(ServiceError, match="503"):
            Client(client.url, patience=0.5).clean({"text": "a"})
        place = app.extensions["provenance"].gate.passed("another")
        place.__enter__()
        release = threading.Timer(0.5, place.__exit__, (None, None, None))
        release.start()
        assert client.clean({"text": "a"})["text"] == "a"
        release.join()
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
