"""Indexes of a test's own, in every store."""

import pytest

from provenance.index import Index

KINDS = ["memory", "sqlite", "redis"]
EACH = [*KINDS[:2], pytest.param("redis", marks=pytest.mark.server)]


@pytest.fixture
def place(tmp_path, request):
    """Give a function from the kind of a store to an address and a namespace of this test's own."""

    def given(kind, name="one"):
        own = f"{request.node.name[:50].translate(str.maketrans('[]', '__'))}.{name}"
        if kind == "redis":
            return request.getfixturevalue("redis_server").url, own
        return (f"sqlite:{tmp_path / 'index.db'}" if kind == "sqlite" else f"memory:{tmp_path}"), own

    return given


@pytest.fixture(params=EACH)
def kind(request):
    return request.param


@pytest.fixture
def index(place, kind):
    with Index.open(*place(kind)) as opened:
        yield opened
