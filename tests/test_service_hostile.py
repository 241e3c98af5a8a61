"""What nobody sends who means well: no crash, no status of 5xx, no long wait, no growing memory."""

import os
import re
import socket
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from attacks import attacks, changed
from services import STORY, running

PATIENCE = 2.0  # seconds of a processor that an input may take
MEMORY = 800_000_000  # bytes that one process may ever have taken


def sent(port, request):
    """Send a request as it stands, and no more; give the answer, empty where there is none."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        with suppress(BrokenPipeError, ConnectionResetError, OSError):  # it has heard enough
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while block := connection.recv(65_536):
                answer += block if len(answer) < 65_536 else b""
    return answer


def refused_well(answer):
    """Tell whether an answer is none of a server that fails: below 500, or one that says when to come again."""
    head = answer.partition(b"\r\n\r\n")[0]
    status = int(head.split()[1]) if head else 0
    return status < 500 or (status == 503 and b"\r\nRetry-After: " in head)


def peak(pid):
    """Give the bytes that a process had in memory when it had most."""
    return 1_024 * int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1])


def spent(pids):
    """Give the seconds of a processor that processes have used; the clock would measure what else runs here."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(row[11]) + int(row[12]) for row in fields) / os.sysconf("SC_CLK_TCK")


def survives(folder, inputs):
    """Send inputs to a service and see that it lives; give how many, the slowest, and the most memory taken."""
    slowest, count = (0.0, None), 0
    with running(folder, "--workers", "1", "--rate", "1000000", "--batch-workers", "0") as service:
        processes = service.children("web")
        for count, one in enumerate(inputs, 1):  # noqa: B007 (told at the end)
            before = spent(processes)
            answer = sent(service.port, one.request)
            assert refused_well(answer), (answer[:300], one.told, one.request[:300])
            slowest = max(slowest, (spent(processes) - before, one.told), key=lambda row: row[0])
        assert service.children("web") == processes
        assert all(row["event"] != "unexpected error" for row in service.lines())
        assert service.ask("POST", "/v1/clean", {"text": STORY})[0] == 200
        most = max(map(peak, processes))
    assert most < MEMORY
    return {"inputs": count, "seconds": slowest[0], "of": str(slowest[1]), "bytes": most}


def told(record, found):
    """Note what was measured with the test's outcome (pytest --junitxml), and give the slowest input's seconds."""
    for name, value in found.items():
        record(name, value)
    return found["seconds"]


def test_known_attacks(tmp_path, record_property):
    told(record_property, survives(tmp_path / "data", attacks()))


def test_known_attacks_changed(tmp_path, record_property):
    told(record_property, survives(tmp_path / "data", changed(100)))


@pytest.mark.soak
@pytest.mark.parametrize("inputs", [attacks, partial(changed, 2_000)], ids=["known", "two thousand changed"])
def test_no_attack_takes_long(tmp_path, record_property, inputs):
    assert told(record_property, survives(tmp_path / "data", inputs())) < PATIENCE
