# The two commands: `make results` runs the whole analysis, `make test` runs all the tests.
# For everyday work `make quick` runs the unit tests; `make campaign PART=... SEED=1` runs long tests into campaign/PART.csv.
# Each builds .venv from the lock first.

export PYTHONDONTWRITEBYTECODE =
PYTHON ?= python3
UV_VERSION = 0.13.9
ENVIRONMENT = .venv/.from-lock

# A worker that is idle takes tests of the other; whole runs come first (tests/conftest.py).
PYTEST = PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/python -m pytest -n 2 --dist worksteal
SEED ?= 1

.PHONY: results test quick campaign

results: $(ENVIRONMENT)
	.venv/bin/snakemake --cores all
	@echo "Done. Open results/6_report/index.html; reviewers start at docs/reviewers_guide.md."

test: $(ENVIRONMENT)
	$(PYTEST)
	@echo "Done. What each test proves is its name; the tables in tests/ are worked cases."

quick: $(ENVIRONMENT)
	$(PYTEST) --ignore tests/workflow -m "not slow"

campaign: $(ENVIRONMENT)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" PYTHONPATH=tests .venv/bin/python -m campaign "$(PART)" "$(SEED)"

$(ENVIRONMENT): uv.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	VIRTUAL_ENV="$(CURDIR)/.venv" .venv/bin/uv sync --frozen --inexact --group test --compile-bytecode --quiet --active
	.venv/bin/python -m compileall -q workflow/sonimage
	.venv/bin/python -c "import matplotlib.font_manager, sonimage.cox.risk_sets"
	@touch $@
