"""The same on a Ray cluster of three nodes, simulated on this machine: the same result, a node lost or not.

Each run has a process of its own: where Daft runs is chosen once in a process.
"""

import subprocess
import sys
import threading
import time

import pytest
from corpora import corpus
from test_dedup import read, write_parquet

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, of threads and sockets it leaves to its end
TEXTS, _ = corpus(200, seed=2)
FILES = 24


@pytest.fixture(scope="module")
def cluster():
    from ray.cluster_utils import Cluster

    own = {"num_cpus": 1, "object_store_memory": 100 << 20}
    made = Cluster(initialize_head=True, head_node_args={**own, "include_dashboard": False})
    made.nodes = [made.add_node(**own) for _ in range(2)]
    yield made
    made.shutdown()


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """Give the sources, and where they were deduplicated without Ray."""
    place = tmp_path_factory.mktemp("corpus")
    for number in range(FILES):
        write_parquet(place / "in" / f"{number:02}.parquet", TEXTS[number::FILES])
    dedup(place / "in", place / "out")
    return place


def dedup(source, out, *options):
    command = [sys.executable, "-m", "provenance", "dedup", str(source), "-o", str(out), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def assert_same(one, other):
    for part in ("kept", "removed"):
        files = sorted(path.name for path in (one / part).iterdir())
        assert files == sorted(path.name for path in (other / part).iterdir())
        assert read(one, part) == read(other, part)
    assert (one / "clusters.parquet").read_bytes() == (other / "clusters.parquet").read_bytes()


def test_three_nodes_give_what_one_machine_gives(cluster, local, tmp_path):
    dedup(local / "in", tmp_path / "out", "--engine", "ray", "--address", cluster.address)
    assert len(read(tmp_path / "out", "removed")) > 20
    assert_same(tmp_path / "out", local / "out")


def test_a_node_lost_in_the_middle_loses_nothing(cluster, local, tmp_path):
    marks = tmp_path / "out" / ".work" / "prints"
    lost = []

    def kill():
        while not marks.exists() or len(list(marks.iterdir())) < 3:
            time.sleep(0.01)
        cluster.remove_node(cluster.nodes[1], allow_graceful=False)
        lost.append(len(list(marks.iterdir())))

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    dedup(local / "in", tmp_path / "out", "--engine", "ray", "--address", cluster.address)
    killer.join()
    assert lost
    assert_same(tmp_path / "out", local / "out")
