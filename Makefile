SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PIP := -m pip --disable-pip-version-check install --quiet
INSTALL := $(BIN)/python $(PIP)
# A lock names all there is. With --no-deps pip resolves nothing: it would try the newest release of
# a package that another one wants with an extra, which the lock does not know.
LOCKED := $(INSTALL) --no-deps --require-hashes

.PHONY: help demo init load test test-long test-quick test-rest coverage test-trust test-dashboard test-engines \
  test-newest reports check status dashboard report docs sample-report site lint format chaos bench lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/$(if $(findstring --open,$(ARGS)),.dashboard,.ready) ## the whole way on a simulated Airmeet: no keys, no network; ARGS=--open
	@$(BIN)/airmeet demo $(ARGS)

init: .venv/.ready ## ask for the keys of your account, prove them, keep them
	@$(BIN)/airmeet init $(ARGS)

load: .venv/.ready ## load what is due, then build the reports; ARGS="--since 2026-01-01"
	@$(BIN)/airmeet load $(ARGS)

reports: .venv/.ready ## build the reports from what is loaded
	@$(BIN)/airmeet reports $(ARGS)

check: .venv/.ready ## prove keys, hosts and destination
	@$(BIN)/airmeet check $(ARGS)

status: .venv/.ready ## what is loaded, pending, failed and final, and how fresh
	@$(BIN)/airmeet status $(ARGS)

dashboard: .venv/.dashboard ## the reports in the browser; ARGS="--port 9000"
	@$(BIN)/airmeet dashboard $(ARGS)

report: .venv/.dashboard ## one HTML file to mail; ARGS="--since 2026-01-01 --people"
	@$(BIN)/airmeet report $(ARGS)

PYTEST := $(BIN)/python -m pytest -n 4 --dist worksteal

# The main job and every part of it. The rest is what takes long or needs a browser or a server.
QUICK := tests/main_job tests/contract tests/simulator tests/reports tests/export tests/unattended \
  tests/deploy tests/test_workplace.py

# What is left out has targets of its own: further examples of a sweep and walks of minutes, engines
# other than DuckDB, which need packages and servers, and pages in a browser.
RULES := not long and not engine and not browser

test: .venv/.dev ## the test suite: every rule
	@$(PYTEST) -m "$(RULES)" $(ARGS)

test-long: .venv/.dev ## further examples of its sweeps: communities, fault schedules, moments to die
	@$(PYTEST) -m long $(ARGS)

test-quick: .venv/.dev ## the main job and every part of it: the suite to run all the time
	@$(PYTEST) $(QUICK) -m "$(RULES) and not slow" $(ARGS)

# And of the rest what is quick and tests rules that nothing else does; of the dashboard what needs no
# browser.
COVERED := $(QUICK) $(filter-out %/test_postgres.py %/test_ducklake.py,$(wildcard tests/communities/test_*.py)) \
  tests/trust/test_destination_lock.py tests/rebuild/test_changes.py tests/values tests/privacy/test_policy.py tests/privacy/test_addresses.py \
  tests/trust/test_deduplicate.py tests/trust/test_network.py tests/trust/test_token_refusals.py \
  $(filter-out %/test_app.py %/test_keyboard.py %/test_guard.py,$(wildcard tests/dashboard/test_*.py)) \
  tests/recordings tests/webhooks tests/gateway/test_series.py tests/writing/test_gateway_kinds.py

coverage: .venv/.dev ## the main job and every part of it, slow tests too, with a floor of branch coverage
	@$(PYTEST) $(COVERED) -m "not long" --cov --cov-report=term $(ARGS)

test-rest: .venv/.dev ## what is in other folders than the quick suite's
	@$(PYTEST) $(addprefix --ignore=,$(QUICK)) -m "$(RULES)" $(ARGS)

test-trust: .venv/.dev ## kills, faults, 15 fault schedules, Postgres, and further examples of them
	@$(PYTEST) tests/trust $(ARGS)

test-dashboard: .venv/.dev ## pages in headless Chromium
	@$(PYTEST) -m "browser and not long" $(ARGS)

EMULATORS := fakesnow bqemulator
test-engines: .venv/.engines $(EMULATORS:%=.venv-%/.ready) ## all that runs on another engine than DuckDB; Parsons and schemathesis
	@$(PYTEST) -m "engine and not long" $(ARGS)

# Not among what must pass: a failure here says what to mend before a bound in pyproject.toml is raised.
# dlt bounds others, too: the second step takes the newest of the three whatever it says.
NEWEST := .venv-newest/bin/python
test-newest: ## the suite with the newest dlt, duckdb and sqlglot, whatever our bounds say
	@test -x $(NEWEST) || $(PYTHON) -m venv .venv-newest
	@$(NEWEST) $(PIP) --upgrade \
	  --upgrade-strategy eager -r <($(PYTHON) -m tools.newest)
	@$(NEWEST) $(PIP) --upgrade --no-deps dlt duckdb sqlglot
	@$(NEWEST) $(PIP) --no-deps --no-build-isolation --editable .
	@$(NEWEST) -m pip --disable-pip-version-check list | grep -E '^(dlt|duckdb|sqlglot|pandas|pyarrow) '
	@$(NEWEST) -m pytest -n 2 --dist worksteal --no-cov --tb=short $(ARGS)

docs: .venv/.dev ## write the pages of docs/ that are generated anew
	@$(BIN)/python -m tools.tables_docs
	@$(BIN)/python -m tools.checks_docs
	@$(BIN)/python -m tools.privacy_docs
	@$(BIN)/python -m tools.destinations_docs
	@$(BIN)/python -m tools.commands_docs
	@$(BIN)/python -m tools.push_docs
	@$(BIN)/python -m tools.settings_docs

site: .venv/.dev ## docs/ as a site in site/; a link that leads nowhere fails
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

sample-report: .venv/.dev demo ## write docs/sample-report.html and the picture anew, from the demo
	@$(BIN)/python -m tools.sample_report
	@$(BIN)/python -m tools.screenshot

chaos: .venv/.dev ## 1,000 seeded fault schedules; SCHEDULES=50 for fewer
	@SCHEDULES=$(or $(SCHEDULES),1000) $(BIN)/python -m tests.chaos

lint: .venv/.dev ## ruff and mypy, both strict; sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --nocolor --disable-progress-bar transforms

format: .venv/.dev ## write the code as ruff and sqlfluff have it
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --nocolor --disable-progress-bar transforms

bench: .venv/.dev ## measure against a rest_api pipeline and the bare floor
	@$(BIN)/python -m benchmarks $(ARGS)

# Versions and hashes, and no index: whoever installs chooses where from.
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --no-emit-index-url \
  --no-header --no-annotate --generate-hashes
lock: .venv/.dev ## write the lock files anew, with the newest versions that the bounds allow
	@$(INSTALL) uv
	@$(COMPILE) pyproject.toml --extra dev -o requirements-dev.lock
	@$(COMPILE) pyproject.toml --extra setup --extra postgres -c requirements-dev.lock -o requirements.lock
	@$(COMPILE) pyproject.toml --extra setup --extra postgres --extra dashboard -c requirements-dev.lock -o requirements-dashboard.lock
	@$(COMPILE) pyproject.toml --extra dev --extra engines --extra peers -c requirements-dev.lock -o requirements-engines.lock
	@for name in $(EMULATORS); do \
	  $(COMPILE) --no-config requirements-$$name.in -o requirements-$$name.lock || exit; \
	done

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	@$(PYTHON) -m venv .venv

# hatchling builds the editable install: it is pinned in both locks.
.venv/.ready: requirements.lock pyproject.toml | .venv/bin/python
	@echo "setting up .venv (once)"
	@$(LOCKED) -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dashboard: requirements-dashboard.lock .venv/.ready
	@echo "setting up the dashboard (once)"
	@$(LOCKED) -r requirements-dashboard.lock
	@touch $@

.venv/.engines: requirements-engines.lock .venv/.dev
	@echo "setting up other engines (once)"
	@$(LOCKED) -r requirements-engines.lock
	@touch $@

# Versions that neither the project nor the other takes: the tests start these as servers.
$(EMULATORS:%=.venv-%/.ready): .venv-%/.ready: requirements-%.lock
	@echo "setting up $* (once)"
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) --no-deps --require-hashes -r $<
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.ready
	@echo "setting up the tools of the tests (once)"
	@$(LOCKED) -r requirements-dev.lock
	@touch $@
