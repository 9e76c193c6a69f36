# The commands to remember: make demo, make test, make check, make bench, make torture.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
MADANG_DATA ?= ./var
REFERENCE := $(wildcard ../shared/data)
export MADANG_REFERENCE_DATA ?= $(abspath $(REFERENCE))

.PHONY: setup demo test check bench torture clean

setup: $(VENV)/.installed  ## a virtual environment with everything, pinned by hash

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) scripts/check_python.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: setup  ## sample programmes, then the site on http://127.0.0.1:$(PORT)
	$(BIN)/madang demo --data $(MADANG_DATA) --port $(PORT)

check: setup  ## lint, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check  ## everything on SQLite, then what touches the database once more on PostgreSQL
	$(BIN)/python -m pytest -n auto
	$(BIN)/python -m pytest -n auto --database postgresql -m "not browser" tests/apps tests/kernel tests/web

bench: setup  ## ratios within one run, written into docs/benchmarks.md
	$(BIN)/python -m tests.bench --write

torture: setup  ## processes, database, disk and mail fail while presses come in; hours; the table goes into docs/faults.md
	$(BIN)/python -m tests.torture --write

clean:
	rm -rf $(VENV) build dist staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
