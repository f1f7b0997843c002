# Every word CI uses is a word here. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export MUHATAP_HOME ?= $(CURDIR)/.muhatap

.DEFAULT_GOAL := help
.PHONY: help install demo test check schema bench lock clean

help: ## List the words
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## Make .venv with the locked dependencies and the muhatap command

$(VENV)/.installed: requirements-dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install ## Load the example community, compute, rank, then serve (ARGS=--no-serve ends after the tables)
	@$(BIN)/muhatap demo $(ARGS)

test: install ## Run the tests on the embedded engines
	$(BIN)/python -m pytest $(ARGS)

check: install ## Lint, types, layers, schema drift
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/muhatap schema --check

schema: install ## Write schema.graphql from the code
	$(BIN)/muhatap schema > schema.graphql.new && mv schema.graphql.new schema.graphql

bench: install ## Measure against the named peers (ARGS=quality|votes|influence|import|live|attacks)
	$(BIN)/muhatap bench $(ARGS)

lock: ## Resolve the dependencies again: hashes, wheels only but for pyspark, no index lines
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --only-binary :all: --extra embedded pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --only-binary :all: --extra embedded --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --only-binary :all: --no-binary pyspark --extra embedded --extra spark -c requirements.txt pyproject.toml -o requirements-spark.txt

clean: ## Remove what install and the demo made
	rm -rf $(VENV) .muhatap
