# On a machine with Python (3.11 or later), make and git, `make demo` is all there is to type.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Wheels only, every one of a known hash: nothing is built but this project, by a backend from the lock.
INSTALL := $(PIP) install --require-hashes --only-binary :all: --requirement
PROJECT := $(PIP) install --no-deps --no-index --no-build-isolation --editable .

# One resolution for every platform and for the oldest Python supported: no pin asks for a newer one.
LOCK := build/lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-annotate --no-header --extra service pyproject.toml build/lock/backend.in
BACKEND := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")

# A file's tests stay in one process of as many as there are processors, so that what it sets up is set up once.
TESTS := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# What drives a browser or whole processes, starts a cluster or tries the libraries that adapters are for takes its time,
# and comes with `make test`; so does what needs a server.
SLOW := test_adapters.py test_benchmarks.py test_cli_clean.py test_cli_process.py test_dedup_kills.py test_dedup_ray.py \
	test_report_browser.py test_report_display.py test_report_links.py test_service_batches.py test_service_browser.py \
	test_service_hostile.py test_service_limits.py test_service_malformed.py test_service_running.py \
	test_service_schema.py test_stores_kills.py

.DEFAULT_GOAL := help
.PHONY: setup demo test check bench soak lock help

setup: $(VENV)/run ## make .venv with what the program needs

demo: setup ## audit the five seed articles; the report is demo/report.html
	$(BIN)/provenance audit seeds --out demo

test: $(VENV)/dev ## run all tests, after seeing to the programs they need
	.ci/services
	$(TESTS) -m "not soak"

check: $(VENV)/dev ## format, lint, types and quick tests, in under a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(TESTS) -m "not soak and not server" --hypothesis-profile quick $(addprefix --ignore tests/,$(SLOW))

bench: $(VENV)/dev ## run every benchmark, beside the tools it compares with
	$(INSTALL) requirements-bench.txt
	set -e; for one in $(sort $(wildcard benchmarks/*.py)); do echo "== $$one"; $(BIN)/python $$one; done

soak: $(VENV)/dev ## run all tests with long counts; takes its time
	.ci/services
	$(BIN)/python -m pytest --hypothesis-profile soak

lock: ## pin the newest versions of all that is needed, with their hashes
	.ci/venv build/lock $(PYTHON)
	build/lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	build/lock/bin/python -c '$(BACKEND)' > build/lock/backend.in
	$(LOCK) --upgrade --output-file requirements.txt
	cp requirements.txt requirements-dev.txt
	$(LOCK) --extra dev --output-file requirements-dev.txt
	cp requirements-dev.txt requirements-bench.txt
	$(LOCK) --extra dev --extra bench --output-file requirements-bench.txt

help: ## show this
	@sed -n 's/^\([a-z]*\):.* ## /\1\t/p' Makefile | expand -t 8

$(VENV)/run: requirements.txt pyproject.toml
	.ci/venv $(VENV) $(PYTHON)
	$(INSTALL) requirements.txt
	$(PROJECT)
	$(BIN)/python .ci/kernels
	touch $@

$(VENV)/dev: requirements-dev.txt pyproject.toml
	.ci/venv $(VENV) $(PYTHON)
	$(INSTALL) requirements-dev.txt
	$(PROJECT)
	$(BIN)/python .ci/kernels
	touch $@ $(VENV)/run
