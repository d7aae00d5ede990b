# A machine with Python >= 3.11, git and make is enough: uv is fetched into .tools when there is none.

PYTHON ?= python3
SYSTEM_UV := $(shell command -v uv 2>/dev/null)
UV := $(or $(SYSTEM_UV),.tools/bin/uv)
READY := .venv/.ready
BIN := .venv/bin
WORKERS ?= 3

# What Python compiled is kept, also where containers ask for the opposite: a worker starts in a third of the time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check lint kill bench bench-understanding clean

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/'

demo: $(READY) ## try offportal without any account: a page at http://127.0.0.1:8080
	@$(BIN)/offportal demo

test: lint ## every check: ruff, mypy, import-linter, pytest
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -r s --durations 10

check: lint ## what to run while working: lint and the tests without a network or a disk
	$(BIN)/pytest tests/unit

lint: $(READY) ## style, types and the arrows of the layout
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

kill: $(READY) ## power cuts: a worker killed at 50 moments while 200 replies come in (takes minutes)
	OFFPORTAL_KILL_POINTS=50 $(BIN)/pytest -s tests/acceptance/test_kill.py

bench: $(READY) ## how fast it is on this machine (takes minutes); BENCH="loop sending" for parts
	@$(BIN)/python -m tests.bench $(BENCH)

bench-understanding: $(READY) ## how well and how fast replies are understood on this machine
	@$(BIN)/python -m tests.bench understanding

clean: ## forget the environment and all caches
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml uv.lock $(if $(SYSTEM_UV),,.tools/bin/uv)
	$(UV) sync --locked --extra sandbox
	@touch $@

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11; name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .tools || { echo "no venv: on Debian, apt-get install python3-venv" >&2; exit 1; }
	.tools/bin/pip install --quiet uv
