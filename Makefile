# Every command anyone runs. `make check` is exactly what CI runs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PY := $(BIN)/python
# Build tools come first and pinned, so that nothing is built with a tool that was not checked.
PIP := $(PY) -m pip -qq --disable-pip-version-check
PINNED := install --no-deps --require-hashes
DEMO ?= var/demo
HOST ?= 127.0.0.1
PORT ?= 8000
# Two workers: the machine that the figures in this project are given for has two cores.
WORKERS ?= 2
PYTEST := $(BIN)/pytest -q
PARALLEL := -n $(WORKERS) --dist loadfile

.PHONY: help setup runtime assets messages demo run test quick check format lint types imports translations \
	conformance pages sqlite postgresql bench bundle torture pins clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- setting up -------------------------------------------------------------------------------------------------

setup: .venv/.dev assets messages ## everything a developer needs, in .venv and in the static folders

runtime: .venv/.runtime assets messages

.venv/pyvenv.cfg:
	@python=$$(tools/find_python.sh); echo "Making .venv with $$python"; "$$python" -m venv .venv

.venv/.runtime: requirements/build.txt requirements/runtime.txt pyproject.toml | .venv/pyvenv.cfg
	@echo "Installing what the program runs on"
	@$(PIP) $(PINNED) -r requirements/build.txt
	@$(PIP) $(PINNED) --no-build-isolation -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements/build.txt requirements/dev.txt pyproject.toml | .venv/pyvenv.cfg
	@echo "Installing what the program runs on and what it is tested with"
	@$(PIP) $(PINNED) -r requirements/build.txt
	@$(PIP) $(PINNED) --no-build-isolation -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch .venv/.runtime $@

assets: node_modules/.copied

node_modules/.copied: package-lock.json $(wildcard tools/assets.*)
	@echo "Installing the front-end packages and copying what pages use"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@node tools/assets.mjs
	@touch $@

messages: .venv/.runtime
	@$(PY) -m tools.messages compile

# ---- running ----------------------------------------------------------------------------------------------------

demo: runtime ## a running hospital with its people and files at http://127.0.0.1:8000
	@tools/demo.sh "$(DEMO)" "$(HOST)" "$(PORT)"

run: runtime ## the program on ./var, empty on the first start
	@$(BIN)/yidang serve --data var --host $(HOST) --port $(PORT)

# ---- checking ---------------------------------------------------------------------------------------------------

test: system-packages setup ## every test on SQLite; installs what tests need, the browser included
	@$(PYTEST) $(PARALLEL)

.PHONY: system-packages
system-packages:
	@tools/system_packages.sh test

quick: setup lint types ## what to run before every commit, in less than 90 seconds
	@$(PYTEST) $(PARALLEL) -m "not slow and not browser" --without-database --maxfail=5

check: system-packages setup lint types imports translations pages sqlite postgresql ## exactly what CI runs

lint: .venv/.dev ## format, ruff and the rules of the house
	@$(BIN)/ruff format --check --quiet . || { echo "Run make format."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(PY) -m tools.lint

format: .venv/.dev ## put the code in form and mend what ruff can mend
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .

types: .venv/.dev
	@$(BIN)/mypy --no-error-summary yidang config tools

imports: .venv/.dev
	@$(BIN)/lint-imports > .venv/imports.log 2>&1 || { cat .venv/imports.log; exit 1; }

translations: .venv/.dev ## every sentence of the interface is there in Chinese
	@$(PY) -m tools.messages check

pages: setup ## the generated pages of docs/ say what the code says
	@$(PY) -m tools.pages --check

conformance: setup ## write the generated pages: conformance, settings
	@$(PY) -m tools.pages

sqlite:
	@$(PYTEST) $(PARALLEL) --database=sqlite

postgresql:
	@$(PYTEST) $(PARALLEL) --database=postgresql -m "not browser and not sqlite and (postgres or not slow)"

# One attack: ONLY=kill|answers|power|faults|flips|bucket|backup|clock; kill and answers also with DATABASE=postgresql. The same again: SEED=…. Other than the usual number of points: N=….
torture: system-packages setup ## the long attack suite: kills, power cuts, faults, damage; hours
	@TORTURE_SEED="$(SEED)" TORTURE_N="$(N)" TORTURE_DATABASE="$(DATABASE)" $(PYTEST) tests/torture/test_long.py tests/torture/test_history.py -m torture -s --timeout=0 $(if $(ONLY),-k $(ONLY))

# ---- measuring and keeping --------------------------------------------------------------------------------------

bench: setup ## the figures of docs/developer/benchmarks.md, with this machine's facts beside them
	@$(PY) -m bench $(BENCH)

bundle: setup ## one archive in dist/ that installs the program where there is no network, tried out
	@$(PY) -m tools.bundle $(BUNDLE)

pins: ## write the pinned requirements again; needs uv, UPGRADE=--upgrade for new versions
	@tools/pin.sh $(UPGRADE)

clean: ## remove what was made: environments, caches, compiled messages; never var/
	@rm -rf .venv node_modules yidang/ui/static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@find yidang config tests tools bench -name __pycache__ -prune -exec rm -rf {} + -o -name '*.mo' -delete
