# Each target does its own set-up; python3 (3.11 or newer) and make are all it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run-ready
DEV_STAMP := $(VENV)/.dev-ready
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Where it is set, as in many images, each of the many processes would compile everything anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test soak lint chaos bench load snapshots texts pictures lock clean
.DEFAULT_GOAL := test

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tierwise needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q bot domain storage sandbox
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(RUN_STAMP)
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(RUN_STAMP)
	@$(BIN)/tierwise demo

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/benchmarks
	$(BIN)/python -m pytest -q tests/benchmarks

# What takes too long for every day: a million clients, a hundred thousand fuzzed payloads, and more.
soak: $(DEV_STAMP)
	$(BIN)/python -m pytest -m soak --durations=0

# Rewrites what people read in tests/**/__snapshots__; read the diff before you commit it.
snapshots: $(DEV_STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadgroup --snapshot-update

# Puts new texts of the code into the German catalogue, and drops those that went.
texts: $(DEV_STAMP)
	$(BIN)/python -m tests.catalogue

# Kills and freezes the clock's processes for half an hour; the seeds stand in the tests' names.
chaos: $(DEV_STAMP)
	$(BIN)/python -m pytest -v tests/chaos/test_chaos.py tests/chaos/long.py

bench: $(DEV_STAMP)
	$(BIN)/python -m benchmarks

# People ask over HTTP while a list is imported: every acknowledgement within 3 s, or it fails.
load: $(DEV_STAMP)
	$(BIN)/python -m benchmarks.load

# Draws the pictures of README.md and docs/ from the demo's own page.
pictures: $(DEV_STAMP)
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m tests.browser.pictures

# Resolves the dependencies of pyproject.toml anew. No index address is written.
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock: $(BIN)/python
	$(PIP) install pip-tools
	printf 'setuptools>=80\n' | $(LOCK) --output-file requirements.lock pyproject.toml -
	$(LOCK) --extra fleet --constraint requirements.lock --output-file requirements-fleet.lock pyproject.toml
	$(LOCK) --extra dev --extra fleet --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV)
