# What there is to do: `make help`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest
WORKERS ?= 2
# What the tests of one file share is set up once, not once by each worker; tests/conftest.py has the slow files first.
BY_FILE := --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo run test long quick kills fleet sequences year check format lint types layers needed letters bench bench-mail scaling requirements clean

help: ## Show what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/run.stamp: pyproject.toml requirements/run.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Fascicle needs Python 3.11 or newer: make PYTHON=python3.11 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/run.stamp ## Show the example series on a fast calendar: pages, feeds, letters
	$(BIN)/fascicle demo $(ARGS)

run: $(VENV)/run.stamp ## Serve with ./config.yaml
	$(BIN)/fascicle init
	$(BIN)/fascicle serve

needed:
	@scripts/need-browser
	@scripts/need-nginx
	@scripts/need-readers
	@scripts/need-dovecot
	@scripts/need-postfix

test: $(VENV)/dev.stamp needed ## Set up what the tests need and run them, but for the long ones
	$(PYTEST) -n $(WORKERS) $(BY_FILE) -m "not long" $(ARGS)

long: $(VENV)/dev.stamp ## Run the long tests in their short form: years, kills at every step, a fleet of workers
	$(PYTEST) -n $(WORKERS) --maxschedchunk 1 -m long $(ARGS)

quick: $(VENV)/dev.stamp ## Run the tests that take less than a few seconds
	$(PYTEST) -n $(WORKERS) $(BY_FILE) -m "not slow and not long and not browser" $(ARGS)

kills: $(VENV)/dev.stamp ## Kill workers five hundred times at random, and a replay hundreds of times
	FASCICLE_KILLS=500 $(PYTEST) tests/dispatch/kills/test_random_moments.py $(ARGS)
	FASCICLE_KILLS=200 $(PYTEST) tests/program/test_kills.py $(ARGS)

fleet: $(VENV)/dev.stamp ## Send an edition of 200,000 with four workers, one killed and one cut off
	FASCICLE_FLEET=200000 $(PYTEST) tests/fleet $(ARGS)

sequences: $(VENV)/dev.stamp ## Edit plans in thousands of random ways instead of a hundred
	FASCICLE_EXAMPLES=3000 $(PYTEST) tests/scheduler/test_plan_stateful.py $(ARGS)

year: $(VENV)/dev.stamp ## Live through thousands of random years of releases and letters instead of a hundred
	FASCICLE_EXAMPLES=3000 $(PYTEST) tests/sending/year $(ARGS)

check: lint types layers test long ## All that CI runs: format, lint, types, import layers, documentation, tests

format: $(VENV)/dev.stamp ## Put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/dev.stamp
	$(BIN)/mypy

layers: $(VENV)/dev.stamp
	$(BIN)/lint-imports

letters: $(VENV)/dev.stamp ## Write every letter in every state and language to build/letters, and take pictures of them
	PYTHONPATH=. $(BIN)/python scripts/letter-pictures.py build/letters

bench: $(VENV)/dev.stamp ## Measure, each beside a baseline of the same run: docs/benchmarks.md says what was seen
	@for each in serve plan lint release editions importing deliver lateness documents publish signing schedule; do echo "== $$each"; PYTHONPATH=. $(BIN)/python benchmarks/$$each.py || exit 1; done

bench-mail: $(VENV)/dev.stamp ## Measure mail end to end beside smtp-source; ARGS="--quick --json"
	@scripts/need-postfix
	@PYTHONPATH=. $(BIN)/python benchmarks/mailing.py $(ARGS)

scaling: $(VENV)/dev.stamp ## Live a day of many series and readers, and say what it is at ten million
	@PYTHONPATH=. $(BIN)/python benchmarks/scaling.py $(ARGS)

requirements: $(VENV)/dev.stamp ## Write the hashed requirement files anew from pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml requirements/build.in -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml requirements/build.in --group dev -o requirements/dev.txt

clean: ## Remove what was set up here
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
