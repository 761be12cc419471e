# The two commands of the README are `make run` and `make test`; the rest serves those who change the code.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
RIVALS := .venv/.rivals

.PHONY: run test check format screenshot reading routines bench bench-accuracy bench-wire bench-coaching clean

run: .venv/.runtime
	$(BIN)/palmpace

# Each worker, and each program that a test starts, would else compile every module anew where Python is told not to keep
# what it has compiled.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(INSTALLED)
	$(BIN)/pytest -n $$($(BIN)/python -c 'import os; print(1 + (os.cpu_count() or 1))') --dist worksteal  # some wait for a broker or a screen

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshot: $(INSTALLED)
	$(BIN)/python docs/screenshot.py docs/pictures

reading: $(RIVALS)
	$(BIN)/python docs/constants.py docs/how-palmpace-reads-a-hand.md
	$(BIN)/python docs/reading.py docs/reading.svg

routines: $(INSTALLED)
	$(BIN)/python docs/shipped.py docs/routines.md
	$(BIN)/palmpace routines schema >docs/routine.schema.json

bench: $(INSTALLED) $(RIVALS)
	$(BIN)/python -m bench.real_input
	$(BIN)/python -m bench.dashboard
	$(BIN)/python -m bench.replay
	$(BIN)/python -m bench.shelf
	$(BIN)/python -m bench.history
	$(BIN)/python -m bench.analyze_speed

bench-accuracy: $(RIVALS)
	$(BIN)/python -m bench.accuracy --write docs/accuracy.md

bench-wire: $(INSTALLED)
	$(BIN)/python -m bench.formats --write docs/wire.md
	$(BIN)/python -m bench.scale --write docs/wire.md
	$(BIN)/python -m bench.fuzz --write docs/wire.md

bench-coaching: $(INSTALLED)
	$(BIN)/python -m bench.coaching --write docs/coaching.md
	$(BIN)/python -m bench.real_cues

clean:
	rm -rf .venv

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Palmpace needs Python 3.11 or newer; name one with: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "Python's venv is missing; on Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }

.venv/.runtime: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[report]'
	@touch $@

$(INSTALLED): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ .venv/.runtime

$(RIVALS): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	@touch $@ .venv/.runtime
