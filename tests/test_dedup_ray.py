"""The same on a Ray cluster of three nodes, simulated on this machine: the same result, a node lost or not."""

import threading
import time

import pytest
from corpora import corpus
from test_dedup import read, write_parquet

from provenance.dedup import dedup
from provenance.engine.settings import DedupSettings

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, of threads and sockets it leaves to its end
TEXTS, _ = corpus(200, seed=2)
FILES = 24


@pytest.fixture(scope="module")
def cluster():
    import ray
    from ray.cluster_utils import Cluster

    own = {"num_cpus": 1, "object_store_memory": 100 << 20}
    made = Cluster(initialize_head=True, head_node_args={**own, "include_dashboard": False})
    made.nodes = [made.add_node(**own) for _ in range(2)]
    ray.init(made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """Give the sources, and where they were deduplicated without Ray: in a process of its own, as Daft has it."""
    import subprocess
    import sys

    place = tmp_path_factory.mktemp("corpus")
    for number in range(FILES):
        write_parquet(place / "in" / f"{number:02}.parquet", TEXTS[number::FILES])
    command = [sys.executable, "-m", "provenance", "dedup", str(place / "in"), "-o", str(place / "out")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return place


def assert_same(one, other):
    for part in ("kept", "removed"):
        files = sorted(path.name for path in (one / part).iterdir())
        assert files == sorted(path.name for path in (other / part).iterdir())
        assert read(one, part) == read(other, part)
    assert (one / "clusters.parquet").read_bytes() == (other / "clusters.parquet").read_bytes()


def test_three_nodes_give_what_one_machine_gives(cluster, local, tmp_path):
    done = dedup(DedupSettings((str(local / "in"),), address=cluster.address), str(tmp_path / "out"))
    assert done.removed > 20
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
    dedup(DedupSettings((str(local / "in"),), address=cluster.address), str(tmp_path / "out"))
    killer.join()
    assert lost
    assert_same(tmp_path / "out", local / "out")
