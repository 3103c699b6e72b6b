# Bellhop. `make run` and `make test` need Python 3.11+ and make, nothing else; everything lands in .venv.

.DEFAULT_GOAL := help
.PHONY: help run dev test check format catalogue bench chaos parts clean venv browser
SHELL := /bin/sh

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Another Python: make run PYTHON=/opt/python3.13/bin/python3
PYTHON ?=

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: .venv/.run-ready ## Start broker, web and worker on this machine; Ctrl-C stops them
	@exec $(BIN)/python deploy/run.py

dev: .venv/.run-ready ## The same, reloading when a file changes
	@exec $(BIN)/python deploy/run.py --dev

test: .venv/.test-ready browser ## Run every test, browser tests included
	@$(BIN)/python -m pytest

check: .venv/.test-ready ## Check format, lint, types, templates and translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint templates --check --quiet
	$(BIN)/djlint templates --lint --quiet
	@$(BIN)/python -m tests.support.catalogue --check

format: .venv/.test-ready ## Put code and templates into shape
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .
	$(BIN)/djlint templates --reformat --quiet || true

catalogue: .venv/.test-ready ## Collect the sentences of the pages for translation
	@$(BIN)/python -m tests.support.catalogue

bench: .venv/.test-ready ## Measure the click and the hand-over beside the plain way
	@$(BIN)/python -m tests.bench

# The same again: make chaos SEED=1234. What it proved is written to docs/reliability.md.
chaos: .venv/.test-ready ## Prove the promise under faults, the long way
	@$(BIN)/python -m pytest tests/chaos --long --timeout=3600 --record $(if $(SEED),--seed=$(SEED))

# What is fetched is unpacked into .parts/ and installed nowhere. A part that cannot be had is named, and ends this.
parts: .venv/.test-ready ## Try the real parts of Debian: Redis, nginx, Prometheus, PgBouncer, Postfix, Exim
	@$(BIN)/python -m tests.parts.debian
	@$(BIN)/python -m pytest tests/parts --parts

clean: ## Remove what can be made again; the data folder stays
	rm -rf .venv .parts node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. Each stamp is newer than what it was made from, so that a repeat costs nothing.

venv: .venv/bin/python

.venv/bin/python:
	@found="$(PYTHON)"; \
	for python in $${found:-python3 python3.14 python3.13 python3.12 python3.11}; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then chosen=$$python; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
		version=$$($${found:-python3} --version 2>/dev/null); \
		echo "Bellhop needs Python 3.11 or newer, and $${found:-python3} is $${version:-not there}." \
			"Install one, or name it: make run PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! $$chosen -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "This Python cannot make environments. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; \
	fi; \
	$$chosen -m venv --clear .venv

.venv/.run-ready: requirements.txt | .venv/bin/python
	@echo "Installing Bellhop's parts into .venv (once; a minute or so) ..."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.test-ready: tests/requirements.txt .venv/.run-ready
	@echo "Installing the parts for tests and checks (once) ..."
	@$(PIP) -r tests/requirements.txt
	@touch $@

# axe-core, which looks for barriers in the pages, comes from npm; Chromium from the distribution.
browser: .venv/.test-ready node_modules/.package-lock.json
	@$(BIN)/python -m tests.support.browser

node_modules/.package-lock.json: package-lock.json
	@command -v npm >/dev/null || { \
		echo "The browser tests need npm. On Debian and Ubuntu: sudo apt-get install npm" >&2; exit 1; }
	npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@
