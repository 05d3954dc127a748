# make demo, make test: everything else is for those who work on it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check pytest nightly model crossvalidate clean

demo: .venv/installed
	$(BIN)/triage demo --out build/demo

test: check pytest

check: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pytest: .venv/installed
	sh tests/servers.sh
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not nightly"

nightly: .venv/installed
	sh tests/servers.sh
	$(BIN)/python -m pytest -n auto --dist loadgroup

# The shipped models, from the train part of the fixtures.
model: .venv/installed
	$(BIN)/triage train --name base
	$(BIN)/triage train --name embed

# How well the whole pipeline decides, each mail judged by a model that has not seen it; some five minutes.
crossvalidate: .venv/installed
	$(BIN)/python benchmarks/crossvalidate.py

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[embeddings]" --group dev
	touch $@

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
