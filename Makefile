# The words of the house. `make help` lists them; CI uses the same ones and nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export TACTFUL_HOME ?= $(CURDIR)/.tactful
export PIP_DISABLE_PIP_VERSION_CHECK := 1
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

.PHONY: help
help:  ## list these words
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' \
	  || { echo 'tactful needs Python 3.11 to 3.14: set it with  make PYTHON=python3.11 ...' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	# Torch first and by pip: what depends on it must find it in place. It trains and exports; it never serves.
	$(BIN)/pip install -q -c constraints.txt torch==2.13.0
	$(BIN)/pip install -q -c constraints.txt -e '.[encoder,train,postgres]'
	@touch $@

$(READY_DEV): $(READY)
	$(BIN)/pip install -q -c constraints.txt -e '.[encoder,train,postgres,dev]'
	@touch $@

.PHONY: setup run demo test check train browser postgres clean openapi
setup: $(READY)  ## make .venv with the exact versions of constraints.txt; gives .venv/bin/tactful

$(TACTFUL_HOME)/.prepared: $(READY) $(wildcard fixtures/*.csv fixtures/messages/*.csv) $(wildcard model/*.py model/tone/*.py training/*.py)
	@$(BIN)/tactful encoder export
	@$(BIN)/tactful train-default
	@mkdir -p $(TACTFUL_HOME) && touch $@

train: $(TACTFUL_HOME)/.prepared  ## verify and export the encoder once, train the default bundle from fixtures/

run: $(TACTFUL_HOME)/.prepared  ## start everything: queue, API, workers, console, with sample conversations
	@$(BIN)/tactful up --demo

openapi: $(READY)  ## write docs/openapi.json as the routes have it now
	@$(BIN)/tactful openapi > docs/openapi.json

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

clean:  ## remove what make made (the data folder .tactful stays)
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
