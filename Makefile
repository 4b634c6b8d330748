# Every way to build, prove and measure wirewatch. `make help` lists them.

# The first Python that will do and can make an environment; looked for only when it is needed.
PYTHON ?= $(shell for p in python3.11 python3.12 python3 python; do \
	$$p -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null \
	&& echo $$p && exit; done; echo python3)

# Bytecode that is not kept is compiled again at each start: seconds for spaCy.
unexport PYTHONDONTWRITEBYTECODE
SHELL := /bin/sh
.DEFAULT_GOAL := help

.PHONY: help setup demo test lint bench fuzz-query lock reference notices clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv as the lock says, with wirewatch in it; does nothing when that is done
	@$(PYTHON) tools/setup.py

demo: setup ## watch sample news become alerts; more with ARGS="--articles FILE"
	@.venv/bin/wirewatch demo $(ARGS)

test: setup ## run every test, with a real Kafka and Prometheus where they can be had; ARGS go to pytest
	@.venv/bin/python -m tools.fetch_kafka || true
	@.venv/bin/python -m tools.fetch_prometheus || true
	@.venv/bin/pytest $(ARGS)

lint: setup ## check style, types, and that the core imports nothing of the shell
	@failed=; for linter in "ruff check" "ruff format --check" mypy lint-imports; do \
		echo "lint: $$linter"; .venv/bin/$$linter || failed="$$failed [$$linter]"; \
	done; test -z "$$failed" || { echo "lint: failed:$$failed" >&2; exit 1; }

bench: setup ## measure again every figure that the documentation gives
	@.venv/bin/python -m bench.run_all $(ARGS)

CASES ?= 1000000
SEED ?= 1
fuzz-query: setup ## compare queries with a naive reader of them; CASES=1000000 SEED=1
	@.venv/bin/python -m bench.fuzz_query --cases $(CASES) --seed $(SEED)

UV_COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --no-emit-find-links
lock: setup ## pin every package again, after a change of dependencies in pyproject.toml
	$(UV_COMPILE) pyproject.toml --output-file requirements/runtime.lock
	$(UV_COMPILE) pyproject.toml --group dev --constraint requirements/runtime.lock --output-file requirements/dev.lock
	echo hatchling | $(UV_COMPILE) - --no-annotate --constraint requirements/dev.lock --output-file requirements/build.lock
	@$(PYTHON) tools/setup.py
	@.venv/bin/python -m tools.notices

reference: setup ## write the reference pages and the dashboards from the code
	@.venv/bin/python docs/make_reference.py
	@.venv/bin/python -m deploy.grafana.build

notices: setup ## write THIRD-PARTY-NOTICES.md from what is installed
	@.venv/bin/python -m tools.notices

clean: ## remove what was made here: the environment, what was fetched, caches
	rm -rf .venv .venv.unfinished .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
