"""What the API does is what its description says: Schemathesis asks the running service what it can think of."""

import re
import subprocess
import sys
from collections import Counter

import pytest
from services import STORY, running

from service.keys import SCOPES, Keys

# A condition that does not hold is no fault of a request whose form is right.
SETTINGS = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 429, "5xx"]
"""


def kept_to(folder, cases, phases):
    """Ask so many cases of each operation, with all checks; give how many requests of each route were answered."""
    data = folder / "data"
    data.mkdir()
    token = Keys(data / "keys.db").add("post", SCOPES)[1]
    (folder / "schemathesis.toml").write_text(SETTINGS)
    with running(data, "--rate", "1000000000") as service:
        key = {"Authorization": f"Bearer {token}"}
        assert service.ask("PUT", "/v1/documents/known", {"text": STORY}, key)[0] == 201
        start = "from schemathesis.cli import schemathesis; schemathesis()"
        command = [sys.executable, "-c", start, "run", f"{service.url}/openapi.json", "--no-color", "--seed", "1"]
        command += ["--header", f"Authorization: {key['Authorization']}"]
        command += ["--max-examples", str(cases), "--phases", phases]
        with (folder / "told.log").open("wb") as told:
            done = subprocess.run(command, cwd=folder, stdout=told, stderr=told, check=False)
        unexpected = [row for row in service.lines() if row["event"] == "unexpected error"]
        figures = service.ask("GET", "/metrics", headers=key)[2].decode()
    assert done.returncode == 0, (folder / "told.log").read_text()[-8_000:]
    assert not unexpected
    return counted(figures)


def counted(figures):
    """Give the number of requests by route, of the figures that the service tells."""
    found = Counter()
    for route, number in re.findall(r'provenance_requests_total\{.*route="([^"]*)".*\} ([0-9.e+]+)', figures):
        found[route] += int(float(number))
    return found


def test_the_service_keeps_to_its_description(tmp_path):
    assert kept_to(tmp_path, 10, "coverage,fuzzing,stateful")


@pytest.mark.soak
@pytest.mark.parametrize(("cases", "phases"), [(1_000, "coverage,fuzzing"), (50, "stateful")])
def test_the_service_keeps_to_its_description_in_a_thousand_cases_of_each_operation(
    tmp_path, record_property, cases, phases
):
    found = kept_to(tmp_path, cases, phases)
    for route, count in found.items():
        record_property(route, count)
    assert len(found) > 10
