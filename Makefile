# make demo, make test: everything else is for those who work on it.
PYTHON ?= python3
BIN := .venv/bin

# Without compiled modules each process that tests and figures start would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check types style layers dangers dead docstrings pytest nightly pytest-postgresql torture bench model crossvalidate notebooks clean

demo: .venv/installed
	$(BIN)/triage demo --out build/demo

test: check pytest

# Two at a time: most of them use one core.
check: .venv/installed
	$(MAKE) --no-print-directory --jobs 2 --output-sync types style layers dangers dead docstrings

types:
	$(BIN)/mypy

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

layers:
	$(BIN)/lint-imports

dangers:
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml pipeline

dead:
	$(BIN)/vulture pipeline benchmarks notebooks tests/house/vulture_allowed.py
	$(BIN)/vulture pipeline benchmarks notebooks tests

docstrings:
	$(BIN)/python -m tests.house.docstrings

pytest: .venv/installed
	sh tests/servers.sh
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not nightly" --durations=40

# The whole suite with its ledgers on PostgreSQL.
pytest-postgresql: .venv/installed
	sh tests/servers.sh
	TRIAGE_TEST_ENGINE=postgresql $(BIN)/python -m pytest -n auto --dist loadgroup -m "not nightly"

nightly: .venv/installed pytest-postgresql torture
	sh tests/servers.sh
	$(BIN)/python -m pytest -n auto --dist loadgroup

# Faults of all kinds, counted, into docs/reliability.md (it says what they are); some 20 minutes on two cores.
torture: .venv/installed
	sh tests/servers.sh
	$(BIN)/python -m tests.torture $(TORTURE)

# All figures beside their peers, into benchmarks/RESULTS.md; some 50 minutes. BENCH="--quick" only sees whether all of it works.
bench: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	sh tests/servers.sh
	-command -v bogofilter >/dev/null || apt-get install -y -qq --no-install-recommends bogofilter >/dev/null
	$(BIN)/python benchmarks/bench.py $(BENCH)

# The shipped models, from the train part of the fixtures.
model: .venv/installed
	$(BIN)/triage train --name base
	$(BIN)/triage train --name embed

# The notebooks, executed anew, their outputs kept beside them; some three minutes. After `make model`, always.
notebooks: .venv/installed
	nice $(BIN)/python notebooks/make.py $(NOTEBOOKS)

# How well the whole pipeline decides, each mail judged by a model that has not seen it; some five minutes.
crossvalidate: .venv/installed
	$(BIN)/python benchmarks/crossvalidate.py

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[embeddings,postgresql]" --group dev
	touch $@

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
