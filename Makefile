# The commands of the house. `make help` lists them.

PORT ?= 8000
INSTANCE ?= instance
ROUNDS ?= 10
VENV ?= .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# What a process compiled is kept for the next: each one of the suite would compile the house anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-fast proof explore lint audit-dependencies format bench demo messages docs docs-pictures clean lock

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 22

run: $(STAMPS)/run ## serve the place on http://localhost:8000 (PORT=, INSTANCE=)
	@TIERSLIEU_DEMO=$${TIERSLIEU_DEMO:-1} TIERSLIEU_PLACE_NAME="$${TIERSLIEU_PLACE_NAME:-Tiers-lieu de Sophia}" \
	TIERSLIEU_INSTANCE="$(INSTANCE)" exec $(BIN)/tierslieu serve --port $(PORT)

test: $(STAMPS)/test ## the whole suite: SQLite, PostgreSQL, browser, other people's verifiers
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not proof" -rs

test-fast: $(STAMPS)/test ## the suite without browser and Node.js
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not proof and not browser and not node" -q

proof: $(STAMPS)/test ## the long proofs: races, kills, mutations
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m proof -rs

explore: $(STAMPS)/test ## properties with other examples, drawn anew in each round (ROUNDS=); not part of what must pass
	@for round in $$(seq $(ROUNDS)); do echo "round $$round of $(ROUNDS)"; \
		$(BIN)/python -m pytest -n 2 --dist loadgroup -m "hypothesis and not proof" -q --hypothesis-profile=explore; done

lint: $(STAMPS)/test ## the checks of form: style, types, layers, lock files, secrets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@if grep -nE 'https?://|--find-links|--index-url|--extra-index' requirements*.lock tests/interop/*.lock; then \
		echo "a lock file carries an address"; exit 1; fi
	$(BIN)/python .ci/find-secrets
	@echo "the form is right"

audit-dependencies: $(STAMPS)/audit ## ask which libraries have known advisories; says when nobody answered
	@$(BIN)/python .ci/audit-dependencies

format: $(STAMPS)/test ## put the code in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(STAMPS)/test ## renew the catalogue of messages from code and templates
	$(BIN)/python .ci/renew-messages

docs: $(STAMPS)/docs ## the site of the documentation, in build/site
	$(BIN)/python -m documentation

docs-pictures: $(STAMPS)/test ## take the pictures of the documentation anew, from a demonstration place
	$(BIN)/python -m documentation.pictures

bench: $(STAMPS)/test ## the measurements of docs/performance.md
	$(BIN)/python -m benchmarks

lock: ## renew the lock files (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --upgrade -q -o requirements.lock
	uv pip compile pyproject.toml --group build --group test --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --no-emit-find-links --upgrade -q -o requirements-test.lock
	echo "pip-audit>=2.10" | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --no-emit-find-links --upgrade -q -o tests/interop/audit.lock
	uv pip compile pyproject.toml --group docs --constraints requirements-test.lock --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -q -o requirements-docs.lock

clean: ## remove what the commands installed here (not the data)
	rm -rf $(VENV) build tests/interop/node_modules .mypy_cache .ruff_cache .hypothesis

# --- what the commands need -------------------------------------------------------------------

$(STAMPS)/system: .ci/system-packages
	@.ci/system-packages run
	@test -x $(BIN)/python || "$${PYTHON:-$$(.ci/find-python)}" -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/system-test: .ci/system-packages $(STAMPS)/system
	@.ci/system-packages test
	@touch $@

$(STAMPS)/run: $(STAMPS)/system requirements.lock pyproject.toml
	@echo "Installing what the place needs…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --use-pep517 --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/audit: $(STAMPS)/system tests/interop/audit.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --use-pep517 --require-hashes --no-deps \
		--upgrade --target $(VENV)/audit -r tests/interop/audit.lock
	@touch $@

$(STAMPS)/docs: $(STAMPS)/run requirements-docs.lock
	@echo "Installing what makes the documentation…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --use-pep517 --require-hashes -r requirements-docs.lock
	@touch $@

$(STAMPS)/test: $(STAMPS)/system-test $(STAMPS)/docs $(STAMPS)/audit requirements-test.lock tests/interop/package.json tests/interop/validator.lock
	@echo "Installing what the tests need…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --use-pep517 --require-hashes -r requirements-test.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --use-pep517 --require-hashes --no-deps \
		--upgrade --target $(VENV)/validator -r tests/interop/validator.lock
	@cd tests/interop && npm install --no-package-lock --no-audit --no-fund --silent
	@touch $@
