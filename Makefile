# make test sets everything up first. Another Python: make setup PYTHON=python3.13
# A PyTorch without CUDA, which is a tenth of the size: make setup CPU=1 (it needs uv)
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed
ARGS ?=
PYTEST_ARGS ?= -m "not slow and not browser"
CPU ?=

.PHONY: help setup run bench test check notebooks-test unit-test outputs outputs-check readme docs wheel clean
.NOTPARALLEL:

help:
	@echo 'make setup           an environment in $(VENV), with the versions of constraints.txt (CPU=1: without CUDA, by uv)'
	@echo 'make run             execute all notebooks into results/ (options: ARGS="--only 00,04")'
	@echo 'make test            check, outputs-check and unit-test'
	@echo 'make check           are the notebooks clean, and modules, README and badges up to date?'
	@echo 'make notebooks-test  run every cell of every notebook by nbdev-test (outputs-check runs them, too)'
	@echo 'make unit-test       run tests/ (the slow ones too: PYTEST_ARGS=)'
	@echo 'make outputs         execute the notebooks and keep their outputs'
	@echo 'make outputs-check   execute them, and compare every output with the committed one'
	@echo 'make bench           measure it beside the way of the post that this book reproduces (an hour, or ARGS="--rounds 1")'
	@echo 'make readme          README.md from nbs/index.ipynb'
	@echo 'make docs            the site, in _site/html'
	@echo 'make wheel           a wheel and an sdist in dist/'
	@echo 'make clean           remove what was built (not $(VENV))'

setup: $(STAMP)

$(STAMP): settings.ini setup.py pyproject.toml constraints.txt
	@printf '\n== An environment in %s ==\n' '$(VENV)'
	@[ -x $(BIN)/pip ] || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "Python 3.11 or later is needed: make setup PYTHON=python3.13")'
	[ -x $(BIN)/pip ] || $(PYTHON) -m venv --clear $(VENV)
	$(if $(CPU),uv pip install -q --python $(BIN)/python --torch-backend=cpu,$(BIN)/python -m pip install -q) -c constraints.txt -e ".[dev]"
	@touch $@

run: setup
	$(BIN)/mnist-fundamentals run $(ARGS)

bench: setup
	$(BIN)/python benchmarks/run.py $(ARGS)

test: check outputs-check unit-test

check: setup
	@printf '\n== Are the notebooks clean, and the modules, README.md and badges up to date? ==\n'
	@$(BIN)/python tools/check.py
	@$(BIN)/python tools/badges.py --check
	@$(BIN)/python tools/readme.py --check

notebooks-test: setup
	@printf '\n== Every cell of every notebook ==\n'
	@$(BIN)/nbdev-test --n-workers 1 --timing

unit-test: setup
	@printf '\n== The tests in tests/ ==\n'
	@OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

outputs: setup
	$(BIN)/python tools/outputs.py

outputs-check: setup
	@printf '\n== Every output, executed again and compared with the committed one ==\n'
	@$(BIN)/python tools/outputs.py --check

readme: setup
	$(BIN)/python tools/readme.py

docs: setup
	$(BIN)/python tools/docs.py

wheel: setup
	$(BIN)/python -m build --no-isolation

clean:
	rm -rf build dist results _proc _site *.egg-info .pytest_cache .hypothesis .ruff_cache
	find mnist_fundamentals nbs tests tools -name __pycache__ -prune -exec rm -rf {} +
	find nbs \( -name .ipynb_checkpoints -o -name .last_checked \) -prune -exec rm -rf {} +
