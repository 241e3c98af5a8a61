"""What the API does is what its description says: Schemathesis asks the running service what it can think of."""

import subprocess
import sys

import pytest
from services import STORY, running

from service.keys import SCOPES, Keys

# A condition that does not hold is no fault of a request whose form is right.
SETTINGS = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 429, "5xx"]
"""


def kept_to(folder, cases):
    """Ask so many cases of each operation, with all checks; fail with what is told of what went wrong."""
    data = folder / "data"
    data.mkdir()
    token = Keys(data / "keys.db").add("post", SCOPES)[1]
    (folder / "schemathesis.toml").write_text(SETTINGS)
    with running(data, "--rate", "1000000000") as service:
        key = {"Authorization": f"Bearer {token}"}
        assert service.ask("PUT", "/v1/documents/known", {"text": STORY}, key)[0] == 201
        start = "from schemathesis.cli import schemathesis; schemathesis()"
        command = [sys.executable, "-c", start, "run", f"{service.url}/openapi.json", "--no-color"]
        command += [
            "--header",
            f"Authorization: {key['Authorization']}",
            "--max-examples",
            str(cases),
            "--seed",
            "1",
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        unexpected = [row for row in service.lines() if row["event"] == "unexpected error"]
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert not unexpected


def test_the_service_keeps_to_its_description(tmp_path):
    kept_to(tmp_path, 10)


@pytest.mark.soak
def test_the_service_keeps_to_its_description_in_a_thousand_cases_of_each_operation(tmp_path):
    kept_to(tmp_path, 1_000)
