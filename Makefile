# Every target sets itself up: it creates .venv and installs what constraints.txt pins, the first time and whenever that
# has changed. Otherwise it starts at once and needs no network.

VENV_PYTHON := .venv/bin/python
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 python

# Never in parallel, even with -j: the targets share .venv, and the dashboard needs the terminal for itself.
.NOTPARALLEL:

.PHONY: help demo test check format snapshots screenshots animation backtest bench soak release-check clean program tools

help: ## show this help
	@sed -n 's/^\([a-z-]*\):.*## /make \1 # /p' Makefile | while IFS='#' read -r target text; do \
		printf '%-22s%s\n' "$$target" "$$text"; done

demo: program ## open the dashboard on a simulated DeepWriter API
	@exec $(VENV_PYTHON) -m app --demo

test: export PYTHONDONTWRITEBYTECODE := # compiling the tests anew takes five seconds in each process
test: check ## run all checks and tests
	$(VENV_PYTHON) -m pytest --quiet --numprocesses auto --dist worksteal -m "not long"

check: tools ## run the linter, the type checker and the import contracts
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy
	$(VENV_PYTHON) -m mypy .ci/install.py .ci/release_check.py
	.venv/bin/lint-imports --no-cache

format: tools ## format the code and fix what the linter can fix
	$(VENV_PYTHON) -m ruff check --fix-only .
	$(VENV_PYTHON) -m ruff format .

snapshots: tools ## update the expected snapshots of the screens
	$(VENV_PYTHON) -m pytest --quiet tests/snapshots --snapshot-update

screenshots: tools ## draw the screenshots for the documentation
	$(VENV_PYTHON) -m tests.screenshots

animation: tools ## record the animation for the README (takes a minute)
	$(VENV_PYTHON) -m tests.animation

backtest: tools ## measure the accuracy of forecasts on finished jobs
	$(VENV_PYTHON) -m tests.backtest

bench: tools ## measure startup, key latency, CPU, memory and terminal output
	$(VENV_PYTHON) -m tests.bench

SECONDS := 600

soak: tools ## fuzz answers and settings, then run dwtop against a failing API (SECONDS=600)
	$(VENV_PYTHON) -m tests.soak --seconds $(SECONDS)

release-check: tools ## build the wheel and the sdist, install them with each installer, and run them
	$(VENV_PYTHON) .ci/release_check.py

clean: ## remove .venv, builds and caches
	rm -rf .venv build dist snapshot_report.html .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

program:
	@$(call install,)

tools:
	@$(call install,dev)

# Use the first Python that is new enough and has the modules that some systems package separately. The one in .venv
# comes first, since it is almost always there.
define install
for python in $(PYTHON) $(VENV_PYTHON) $(PYTHONS); do \
	if "$$python" -c 'import sys, ensurepip, fcntl, sqlite3, ssl, venv; sys.exit(sys.version_info < (3, 11))' \
		2>/dev/null; then exec "$$python" .ci/install.py $(1); fi; done; \
for python in $(PYTHON) $(PYTHONS); do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "make: $$python lacks venv, ssl or sqlite3; on Debian and Ubuntu, run: sudo apt install python3-venv" >&2; \
		exit 1; fi; done; \
echo "make: no Python 3.11 or newer found; install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1
endef
