# What a developer types. `make` alone prints the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# The newest Python that will do; PYTHON=… names another one.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$python; break; }; done)
UV := $(shell command -v uv 2>/dev/null)
# What decides whether an installation is still good.
RECIPE := pyproject.toml hatch_build.py package-lock.json cellbank/__init__.py
SOURCES := cellbank tests tools hatch_build.py $(wildcard migrations benchmarks)

.PHONY: help run install test check fix bench front-end clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A demonstration bank lives in the checkout, apart from a real one of the same user.
run: export CELLBANK_HOME ?= $(CURDIR)/.cellbank
run: $(VENV)/.installed  ## serve a demonstration bank on http://127.0.0.1:8000
	@$(BIN)/cellbank db upgrade >/dev/null
	@$(BIN)/cellbank serve --demo-if-empty

install: $(VENV)/.installed-dev  ## install everything a developer needs into .venv

# Test banks live in memory where there is some: they are as durable as real ones, and a shared disk is slow to say so.
test check: export PYTEST_DEBUG_TEMPROOT ?= $(shell [ -w /dev/shm ] && echo /dev/shm || echo $${TMPDIR:-/tmp})
test: $(VENV)/.installed-dev  ## run the tests
	$(BIN)/python -m pytest -m "not wheel" -n auto --dist loadfile

check: $(VENV)/.installed-dev  ## lint, types, import contracts, house rules, schema, catalogues, the built wheel
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/lint.py
	$(BIN)/python -m cellbank.toolkit.i18n.extract --check
	$(BIN)/python -m pytest -q tests/contracts $(wildcard tests/migrations) tests/entrypoints/test_wheel.py

fix: $(VENV)/.installed-dev  ## let ruff repair and format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# BENCH="--vials 10000,1000000" and the like go to the benchmark of the bank.
bench: $(VENV)/.installed-dev  ## measure; numbers, not tests
	for file in $$(grep -l __main__ benchmarks/*.py | grep -v -e /bare -e /bank); do \
		name=$${file%.py}; echo "== $$name"; $(BIN)/python -m "$${name//\//.}"; done
	$(BIN)/python -m benchmarks.bank $(BENCH)

front-end: $(VENV)/.installed-dev  ## fetch the front-end files named in package-lock.json, if they are not there
	$(BIN)/python hatch_build.py

clean:  ## remove what was built; the bank's data stays
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache cellbank/toolkit/html/static/vendor

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "cellbank needs Python 3.11 or newer, and none was found; install it, or run: make PYTHON=/path/to/python3" >&2; \
		exit 1; fi
ifdef UV
	$(UV) venv -q --allow-existing --python "$$(command -v $(PYTHON))" $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

$(VENV)/.installed: $(VENV)/bin/python $(RECIPE)
	$(call install_with,.)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python $(RECIPE)
	$(call install_with,.[dev])
	@touch $(VENV)/.installed $@

ifdef UV
install_with = $(UV) pip install -q --python $(BIN)/python -e '$(1)'
else
install_with = $(BIN)/python -m pip install -q --disable-pip-version-check -e '$(1)'
endif
