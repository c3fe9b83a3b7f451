# Brobygger. Two commands are enough: `make demo` and `make test`.
#   make PYTHON=python3.12 demo    another Python        make HOUSE=familiesupporten PORT=8001 demo    the other house

PYTHON ?= python3
HOUSE ?= ditrum
PORT ?= 8000
export HOUSE PORT
RUN = .venv/bin/python
NEEDS = "Brobygger needs Python 3.11 or newer with its venv module. On Debian or Ubuntu: sudo apt-get install python3 python3-venv. If it has another name: make PYTHON=python3.12 demo"
READY = import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

help:            ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

demo: ready      ## a running house with invented families, until Ctrl-C
	@$(RUN) manage.py demo

demo-reset: ready ## throw the demo's data away and start afresh
	@$(RUN) manage.py demo --reset

test: ready      ## the whole suite on SQLite and PostgreSQL side by side, journeys and all
	@$(RUN) -m tests.run

check: ready     ## what the machine can say by reading alone: style, types, imports, rules of the house, words
	@$(RUN) -m pytest -q tests/house

fix: ready       ## let ruff put right what it can
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .

words: ready     ## collect the texts into the Danish catalogue, and say what lacks its Danish
	@$(RUN) manage.py words

journeys: ready  ## only the whole walks in a real browser
	@$(RUN) -m tests.run --only sqlite -- -m journey

promises: ready  ## run the proofs and print the sentences we may publish
	@$(RUN) -m tests.run --only sqlite -- -p tests.promises_plugin -m promise -q

bench: ready     ## the measures, as ratios within one run
	@$(RUN) -m tests.bench

# Set up once, and again whenever the lock file or the Danish changes.
ready: .venv/ready locale/da/LC_MESSAGES/django.mo

.venv/ready: requirements.lock
	@$(PYTHON) -c '$(READY)' 2>/dev/null || { echo $(NEEDS) >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check uv
	@.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
	@touch $@

locale/da/LC_MESSAGES/django.mo: locale/da/LC_MESSAGES/django.po .venv/ready
	@$(RUN) manage.py words --compile

.PHONY: help demo demo-reset test check fix words journeys promises bench ready
