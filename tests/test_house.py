"""What stands around the code: lock files, Makefile, container, pipeline; each in step with the others."""

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from provenance.cli import main

LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-bench.txt"]
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^ ;]+)(?: ; [^\\]+)? \\$")


def name_of(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace("_", "-")


def pins(path):
    return dict(found.groups() for line in path.read_text("utf-8").splitlines() if (found := PIN.match(line)))


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def dockerfile(root):
    """Give the instructions of the Dockerfile as (word, rest)."""
    text = (root / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


# --- lock files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_pins_and_hashes_and_nothing_of_where_they_came_from(root, name):
    for line in (root / name).read_text("utf-8").splitlines():
        is_hash = re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line)
        assert not line or line.startswith("# The following packages") or is_hash or PIN.match(line), line


def test_the_locks_have_all_that_the_project_asks_for(root, project):
    extras = project["project"]["optional-dependencies"]
    run = [*project["project"]["dependencies"], *extras["service"], *project["build-system"]["requires"]]
    assert {name_of(requirement) for requirement in run} <= pins(root / LOCKS[0]).keys()
    assert {name_of(requirement) for requirement in [*run, *extras["dev"]]} <= pins(root / LOCKS[1]).keys()


def test_what_is_tested_is_what_runs(root):
    assert pins(root / LOCKS[0]).items() <= pins(root / LOCKS[1]).items()


# --- Makefile and pipeline -------------------------------------------------------------------------------


def test_the_makefile_has_what_the_readme_of_any_project_promises(root):
    done = subprocess.run(["make", "-s", "help"], cwd=root, capture_output=True, text=True, check=True)
    listed = {line.split()[0] for line in done.stdout.splitlines()}
    assert listed == {"setup", "demo", "test", "check", "bench", "soak", "lock", "help"}
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(phony.split()) == listed


def test_the_pipeline_runs_the_tests(root):
    script = root / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "exec make test" in script.read_text("utf-8").splitlines()


@pytest.mark.parametrize("script", ["run", "install", "services", "venv"])
def test_the_scripts_are_sound(root, script):
    assert (root / ".ci" / script).stat().st_mode & 0o111
    subprocess.run(["bash", "-n", root / ".ci" / script], check=True)


def test_the_version_is_said_once_more_and_the_same(project):
    import provenance

    assert provenance.__version__ == project["project"]["version"]


# --- container -------------------------------------------------------------------------------------------


def test_the_container_copies_what_is_there_and_not_ignored(root, dockerfile):
    allowed = {line[1:] for line in (root / ".dockerignore").read_text("utf-8").splitlines() if line[0] == "!"}
    copied = set()
    for word, rest in dockerfile:
        if word == "COPY" and not rest.startswith("--from"):
            copied |= set(shlex.split(rest)[:-1])
    assert copied == allowed
    for name in copied:
        assert (root / name).exists(), name


def test_the_container_has_all_that_the_build_needs(dockerfile, project):
    copied = " ".join(rest for word, rest in dockerfile if word == "COPY")
    needed = [
        project["project"]["readme"],
        *project["project"]["license-files"],
        "pyproject.toml",
        "requirements.txt",
    ]
    packages = [name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]]
    for name in needed + packages:
        assert name in copied.split(), name


def test_the_container_runs_a_command_of_this_project(dockerfile):
    words = dict(dockerfile)
    assert json.loads(words["ENTRYPOINT"])[2].endswith('exec provenance "$@"')
    name, *arguments = json.loads(words["CMD"])
    context = main.commands[name].make_context(
        name, arguments, parent=click.Context(main, **main.context_settings)
    )
    assert context.params["host"] == "0.0.0.0"  # noqa: S104 (in a container)
    assert str(context.params["port"]) == words["EXPOSE"]
    assert f"127.0.0.1:{words['EXPOSE']}/readyz" in words["HEALTHCHECK"]


def test_the_container_has_its_kernels_compiled_where_a_start_looks_for_them(dockerfile):
    (compiled,) = [rest for word, rest in dockerfile if word == "RUN" and "NUMBA_CACHE_DIR" in rest]
    folder = compiled.partition("NUMBA_CACHE_DIR=")[2].split()[0]
    (copied,) = [rest for word, rest in dockerfile if word == "COPY" and rest.startswith("--from")]
    assert folder.startswith(copied.split()[-1])
    environment = " ".join(rest for word, rest in dockerfile if word == "ENV")
    looked = environment.partition("NUMBA_CACHE_DIR=")[2].split()[0]
    assert Path(looked).name == Path(folder).name
    assert f"cp -R {folder} {Path(looked).parent};" in dict(dockerfile)["ENTRYPOINT"]


@pytest.fixture(scope="module")
def compose(root):
    return yaml.safe_load((root / "compose.yaml").read_text("utf-8"))["services"]


def test_no_container_may_more_than_it_needs(compose):
    for name, one in compose.items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "network_mode", "pid", "cap_add", "devices"} & one.keys(), name
        # The image says who runs it, and how its health is told, where the file does not.
        assert one["image"] == "provenance" or int(one["user"].split(":")[0]) > 0, name
        assert one["image"] == "provenance" or one["healthcheck"]["test"], name
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", [])), name
    assert {"service", "worker", "redis"} == compose.keys()
    assert compose["service"]["depends_on"]["redis"]["condition"] == "service_healthy"


def test_the_containers_run_commands_of_this_project(compose):
    for name in ("service", "worker"):
        command, *arguments = compose[name]["command"]
        environment = compose[name]["environment"]
        context = main.commands[command].make_context(
            command, arguments, parent=click.Context(main, **main.context_settings)
        )
        assert environment["PROVENANCE_REDIS"].startswith("redis://redis:")
        assert context.params["batch_workers"] == {"service": 0, "worker": 1}[name]
    keeps = " ".join(compose["redis"]["command"])
    assert "--appendfsync always" in keeps
    assert "noeviction" in keeps


def test_the_container_is_built_in_stages_from_the_lock_and_not_run_by_root(dockerfile, project):
    stages = [rest for word, rest in dockerfile if word == "FROM"]
    assert len(stages) == 2
    floor = tuple(map(int, re.search(r"(\d+)\.(\d+)", project["project"]["requires-python"]).groups()))
    for stage in stages:
        assert tuple(map(int, re.search(r"python:(\d+)\.(\d+)-slim", stage).groups())) >= floor
    assert any(
        "--require-hashes" in rest and "requirements.txt" in rest for word, rest in dockerfile if word == "RUN"
    )
    assert int(dict(dockerfile)["USER"]) > 0
