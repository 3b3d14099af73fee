# Everything a person types. `make` alone lists it. Name a Python of your own with: make demo PYTHON=/path/to/python3
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CODE := src tests benchmarks examples
PYTEST := $(BIN)/python -m pytest

.PHONY: help demo test check format-check lint types floors check-slow bench bundles bundles-smoke fuzz clean

help:
	@echo "make demo         read the example images, show the reports and open the reading room"
	@echo "make test         run the tests (all but the slow ones)"
	@echo "make check        what CI runs: format, lint, types, floors, tests"
	@echo "make check-slow   train two recipes again and compare the figures (needs ../shared/data, about an hour)"
	@echo "make bench        measure speed and size on this machine"
	@echo "make bundles      train every bundle again by its recipe (hours; needs ../shared/data; goes on where it was cut)"
	@echo "make bundles-smoke  the same for one epoch on a few patients (minutes)"
	@echo "make fuzz         read 100,000 damaged files (about half an hour)"
	@echo "make clean        remove what these commands made, the environment too"

# The environment. One stamp for reading, one for working on the code; the second holds all of the first.
$(BIN)/python:
	@python="$$(bash .ci/find-python)" && echo "Making the environment $(VENV) with $$python" && "$$python" -m venv $(VENV)

$(VENV)/.reading: pyproject.toml | $(BIN)/python
	@echo "Installing secondread (about a minute)"
	@$(PIP) install --quiet --editable '.[fast,serve]'
	@touch $@

$(VENV)/.working: pyproject.toml | $(BIN)/python
	@echo "Installing secondread with what training and testing need (a few minutes)"
	@$(PIP) install --quiet --editable '.[dev,fast,learn,postgres,serve]'
	@touch $(VENV)/.reading $@

demo: $(VENV)/.reading
	@$(BIN)/python examples/demo.py
	@$(BIN)/python examples/demo_room.py

test: $(VENV)/.working
	$(PYTEST) -m "not slow"

check: format-check lint types floors test

format-check: $(VENV)/.working
	$(BIN)/ruff format --check $(CODE)

lint: $(VENV)/.working
	$(BIN)/ruff check $(CODE)

types: $(VENV)/.working
	$(BIN)/mypy

floors: $(VENV)/.working
	$(BIN)/lint-imports

check-slow: $(VENV)/.working
	$(PYTEST) -m slow

bench: $(VENV)/.working
	$(BIN)/python benchmarks/import_time.py
	$(BIN)/python benchmarks/read_speed.py
	$(BIN)/python benchmarks/scan.py
	$(BIN)/python benchmarks/series_load.py
	$(BIN)/python benchmarks/decode.py
	$(BIN)/python benchmarks/write_results.py
	$(BIN)/python benchmarks/variants.py
	$(BIN)/python benchmarks/install_size.py

# In the order in which they start from each other. A finished bundle is taken into the tree; a cut training goes on.
BUNDLES := chest-xray-gate pneumoniamnist-28 chest-xray-pneumonia chest-xray-findings tuberculosis lung-nodule \
	head-ct-haemorrhage brain-tumour hippocampus dementia breast-ultrasound examination-gate
DATA := ../shared/data

bundles: $(VENV)/.working
	@for name in $(BUNDLES); do \
		$(BIN)/secondread train recipes/$$name.toml --data $(DATA) --out runs/$$name --resume && \
		$(BIN)/secondread assess runs/$$name/$$name --recipe recipes/$$name.toml --data $(DATA) && \
		cp runs/$$name/$$name/* src/secondread/bundles/$$name/ || exit 1; \
	done

bundles-smoke: $(VENV)/.working
	$(PYTEST) tests/learn/test_every_recipe.py

fuzz: $(VENV)/.working
	$(BIN)/python benchmarks/fuzz.py --cases 100000

clean:
	rm -rf $(VENV) build dist reports .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
