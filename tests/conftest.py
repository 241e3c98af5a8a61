import json
from functools import partial
from pathlib import Path

import jsonschema
import pytest
from browsers import opened
from hypothesis import HealthCheck, settings

from provenance.report.audit import Audit

pytest_plugins = ["servers", "indexes"]

ROOT = Path(__file__).resolve().parent.parent

# Deadlines measure the machine. The same examples every time: a red build is a change's own fault, and
# `make soak` is where new examples are looked for.
settings.register_profile("quick", max_examples=25, derandomize=True, deadline=None)
settings.register_profile("ci", max_examples=40, derandomize=True, deadline=None)
settings.register_profile("soak", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def seeds() -> Path:
    """Give the folder of the five seed articles."""
    return ROOT / "seeds"


@pytest.fixture
def run(tmp_path):
    """Give what opens a page in a real browser: run(page, *flags, scripts=True) gives what it prints."""
    return partial(opened, tmp_path)


SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "provenance/report/schema.json").read_text("utf-8")))


@pytest.fixture(autouse=True, scope="session")
def every_report_keeps_to_its_schema():
    """Validate every report that a test makes, whatever the test is about."""
    plain = Audit.to_dict

    def validated(audit):
        report = plain(audit)
        SCHEMA.validate(json.loads(json.dumps(report)))
        return report

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Audit, "to_dict", validated)
        yield
