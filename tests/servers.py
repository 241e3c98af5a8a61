"""A Redis server of the tests' own, on a free port and in a folder of theirs."""

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
import redis


class Server:
    """One redis-server that can be killed, and started again with what it wrote down."""

    def __init__(self, folder, *options):
        if shutil.which("redis-server") is None:
            pytest.fail("the tests need redis-server: .ci/services installs it")
        self.folder = folder
        self.options = ("--save", "", "--appendonly", "yes", "--appendfsync", "always", *options)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = None

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--dir", str(self.folder), *self.options]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(200):
            try:
                with self.client() as client:
                    client.ping()
                    return self
            except redis.RedisError:
                time.sleep(0.05)  # it is loading what it wrote down
        raise AssertionError((self.folder / "redis.log").read_text())

    def client(self, **options):
        return redis.Redis(port=self.port, socket_timeout=5, **options)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def serving(folder, *options):
    """Give a running server, and end it."""
    server = Server(folder, *options)
    try:
        yield server.start()
    finally:
        server.kill()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    """Give one server for all tests that do it no harm."""
    with serving(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def own_server(tmp_path):
    """Give a server that a test may harm."""
    with serving(tmp_path) as server:
        yield server
