# Two commands set everything up: `make demo` and `make test`. Both make .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RESULTS := demo-results

.PHONY: demo test test-hub fast fuzz lint bench docs wheels release clean

demo: $(VENV)/.base
	$(BIN)/salbench demo --out $(RESULTS)

# by files in two processes, in the order of tests/conftest.py; together they take up to 12 GB
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not gpu and not browser and not fuzz"

# optional: backbones of KerasHub and KerasCV as encoders
test-hub: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[hub]" keras-cv
	$(BIN)/python -m pytest tests/keras_saliency/backbones/test_hub.py

fast: $(VENV)/.dev
	$(BIN)/python -m pytest

# 5,000 damaged files of every kind that is read
fuzz: $(VENV)/.dev
	$(BIN)/python -m pytest -m fuzz tests/faults/test_damaged_files.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/run_all.py --write

# the site, in build/site; needs npm besides, for the page that predicts in the browser
docs: .venv-docs/.docs
	.venv-docs/bin/python web/build.py

.venv-docs/.docs: pyproject.toml
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[docs]"
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11 to 3.13 is needed, found %s. Fix: make PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,tensorflow,jax,onnx]"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ./keras-saliency-weights
	@touch $@ $(VENV)/.base

# wheel and source archive of both distributions
wheels: $(VENV)/.dev
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python -m build --outdir dist keras-saliency-weights

# both distributions as an index shall show them: make release ADDRESS=https://HOST/OWNER/keras-saliency
release: $(VENV)/.dev
	rm -rf build/release dist
	$(BIN)/python release/prepare.py "$(ADDRESS)" build/release
	$(BIN)/python -m build --outdir dist build/release
	$(BIN)/python -m build --outdir dist build/release/keras-saliency-weights
	$(BIN)/python -m twine check --strict dist/*

clean:
	rm -rf $(VENV) .venv-docs web/node_modules build dist *.egg-info keras-saliency-weights/build keras-saliency-weights/*.egg-info
