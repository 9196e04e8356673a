# Everything here sets itself up: it needs Python 3.11 or later, make, git and a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Tests run side by side; `make test PYTEST_ARGS="-k words"` runs what you name, one by one.
PYTEST_ARGS ?= --numprocesses auto --maxprocesses 4

ARTICLE := 2025-12-03-bremmer-ukraine-peace-push
DEMO := .demo
# The demonstration keeps to its own folder: nothing is read from or written to the user's home.
DEMO_HOME := "$(CURDIR)/$(DEMO)"
DEMO_FL := env HOME=$(DEMO_HOME) XDG_CACHE_HOME=$(DEMO_HOME) XDG_CONFIG_HOME=$(DEMO_HOME) \
	XDG_DATA_HOME=$(DEMO_HOME) XDG_STATE_HOME=$(DEMO_HOME) \
	$(BIN)/fl --no-input --ledger $(DEMO)/ledger.db

.PHONY: help demo test docs check format format-check lint types layers clean

help:
	@echo "make demo    one article's forecasts, scored, in a fresh ledger"
	@echo "make test    the tests, on SQLite and on a PostgreSQL of their own"
	@echo "make check   formatting, lint, types and layers"
	@echo "make docs    write down what the commands say now: docs/cli.md, README.md, ..."
	@echo "make format  put the code into its form"
	@echo "make clean   remove what the others made"

demo: $(READY)
	@rm -rf $(DEMO)
	@mkdir $(DEMO)
	@$(DEMO_FL) import forecasts/$(ARTICLE).toml
	@echo
	@$(DEMO_FL) calibration --source bremmer-ukraine-peace-push

test: $(READY)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

docs: $(READY)
	@$(BIN)/python -m forecast_ledger.cli.reference > docs/cli.md.new && mv docs/cli.md.new docs/cli.md
	@PYTHONPATH=. $(BIN)/python -m tests.readme
	@PYTHONPATH=. $(BIN)/python -m tests.reading

check: format-check lint types layers

format: $(READY)
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

format-check: $(READY)
	@$(BIN)/ruff format --check

lint: $(READY)
	@$(BIN)/ruff check

types: $(READY)
	@$(BIN)/mypy

layers: $(READY)
	@$(BIN)/lint-imports

$(READY): pyproject.toml
	@echo "Setting up $(VENV), once; this takes a minute or two ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable ".[dev,postgres]"
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache \
		.ruff_cache .coverage
	find src tests migrations -name __pycache__ -type d -prune -exec rm -rf {} +
