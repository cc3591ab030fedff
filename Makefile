# Every target does its own set-up: it makes .venv, and installs into it what constraints.txt pins, the first
# time and whenever that has changed; at any other time it starts at once and needs no network.

VENV_PYTHON := .venv/bin/python
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 python

# One thing at a time, whatever -j says: the targets share .venv, and the dashboard wants the terminal for itself.
.NOTPARALLEL:

.PHONY: help demo test check format snapshots screenshots moving-picture backtest bench bench-peers soak soak-simulated release-check clean program tools

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /make \1 # /p' Makefile | while IFS='#' read -r target text; do \
		printf '%-22s%s\n' "$$target" "$$text"; done

demo: program ## open the dashboard on a simulated DeepWriter API
	@exec $(VENV_PYTHON) -m app --demo

test: check ## run every check and the whole suite
	$(VENV_PYTHON) -m pytest --quiet --numprocesses auto --dist worksteal -m "not long"

check: tools ## look at style, types and who imports whom
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy
	$(VENV_PYTHON) -m mypy .ci/install.py .ci/release_check.py
	.venv/bin/lint-imports --no-cache

format: tools ## put the code into its usual form
	$(VENV_PYTHON) -m ruff check --fix-only .
	$(VENV_PYTHON) -m ruff format .

snapshots: tools ## take the screens as they are now for the right ones
	$(VENV_PYTHON) -m pytest --quiet tests/snapshots --snapshot-update

screenshots: tools ## draw the pictures of the documentation
	$(VENV_PYTHON) -m tests.screenshots

moving-picture: tools ## record the demo for the top of the README, which takes a minute
	$(VENV_PYTHON) -m tests.moving_picture

backtest: tools ## measure the forecasts against jobs whose end is known
	$(VENV_PYTHON) -m tests.backtest

bench: tools ## measure speed and quiet beside the least a program takes, a naive one, and the peers that are there
	$(VENV_PYTHON) -m tests.bench

bench-peers: tools ## install glances, posting and harlequin, and measure them, htop, btop and watch beside this one
	$(VENV_PYTHON) -m tests.bench.peers
	$(VENV_PYTHON) -m tests.bench peers

SECONDS := 600

soak: tools ## run the program for 10 min in bad weather, and see that nothing grows (SECONDS=120 for less)
	$(VENV_PYTHON) -m tests.soak --seconds $(SECONDS)

soak-simulated: tools ## the same for 30 days in simulated time, which takes minutes
	$(VENV_PYTHON) -m tests.soak --days 30

release-check: tools ## build wheel and sdist into dist, install them in every way and run them
	$(VENV_PYTHON) .ci/release_check.py

clean: ## remove everything that make and the tools have made
	rm -rf .venv build dist snapshot_report.html .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

program:
	@$(call install,)

tools:
	@$(call install,dev)

# The one in .venv goes before others, since it is there on every call but the first. A candidate counts if it can do
# all that is needed of it: on some systems a Python comes without the modules that make environments.
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
