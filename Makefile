# Every chore in one command. Only Python 3.11 or newer and make are assumed; `make help` lists the targets.

.DEFAULT_GOAL := help
# Two installations into one environment get in each other's way.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
VENV := .venv
PY := $(VENV)/bin/python
STAMPS := $(VENV)/.stamps
PIP := $(PY) -m pip --disable-pip-version-check --no-input install -qq
EVAL_DIR := var/eval
DEBIAN_PACKAGES := chromium fonts-noto-cjk curl

# Extras of pyproject.toml, separated by blanks or commas: make serve EXTRAS=sentence-transformers
comma := ,
EXTRA_STAMPS := $(patsubst %,$(STAMPS)/extra-%,$(subst $(comma), ,$(EXTRAS)))

# An environment that was moved, or whose Python is gone, is made anew.
USABLE := $(shell [ "$$(cat $(STAMPS)/home 2>/dev/null)" = "$(CURDIR)" ] && $(PY) -c '' 2>/dev/null && echo yes)
ifneq ($(USABLE),yes)
$(shell rm -rf $(STAMPS))
endif

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: serve
serve: $(STAMPS)/base $(EXTRA_STAMPS) ## set everything up and start the app on http://127.0.0.1:7860 (PORT=, HOST=, EXTRAS=)
	@exec $(VENV)/bin/policy-assistant serve $(if $(HOST),--host '$(HOST)') $(if $(PORT),--port '$(PORT)')

.PHONY: install
install: $(STAMPS)/base $(EXTRA_STAMPS) ## the set-up of make serve without starting the app, index included
	@$(VENV)/bin/policy-assistant index

.PHONY: test
test: $(STAMPS)/base $(STAMPS)/extra-test browser ## the whole test suite, with what it needs (ARGS= for pytest)
	@$(PY) -m pytest $(ARGS)

.PHONY: lint
lint: $(STAMPS)/base $(STAMPS)/extra-dev $(STAMPS)/extra-eval ## ruff and mypy --strict
	@$(PY) -m ruff check .
	@$(PY) -m mypy --strict

.PHONY: fix
fix: $(STAMPS)/base $(STAMPS)/extra-dev ## let ruff correct what it can
	@$(PY) -m ruff check --fix .

# Of the held-out questions only totals are shown and kept: whoever reads them starts tuning to them.
.PHONY: eval
eval: $(STAMPS)/base $(STAMPS)/extra-eval ## score the answers; reports in var/eval
	@mkdir -p $(EVAL_DIR)/dev $(EVAL_DIR)/test
	@echo "dev: $(EVAL_DIR)/dev/report.html"
	@$(VENV)/bin/policy-assistant eval answers eval/gold/dev.jsonl --report $(EVAL_DIR)/dev
	@echo "test: $(EVAL_DIR)/test/report.md (totals only)"
	@$(VENV)/bin/policy-assistant eval answers eval/gold/test.jsonl > $(EVAL_DIR)/test/report.md
	@cat $(EVAL_DIR)/test/report.md
	@$(VENV)/bin/python -m eval.attacks eval/gold/dev.jsonl > $(EVAL_DIR)/attacks.txt && head -20 $(EVAL_DIR)/attacks.txt
	@$(VENV)/bin/python -m eval.attacks.lying eval/gold/dev.jsonl > $(EVAL_DIR)/lying.txt && head -3 $(EVAL_DIR)/lying.txt

.PHONY: bench
bench: $(STAMPS)/base ## time and memory, as ratios measured in one run
	@$(PY) -m eval.bench $(ARGS)

.PHONY: clean
clean: ## remove the environment, the index, reports and caches; records in var stay
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
	@rm -rf var/index var/exemplars $(EVAL_DIR)
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- what the targets stand on ----

# The first Python that is new enough; a name may be there and still not run (version managers leave such).
$(STAMPS)/venv:
	@found=; clear=; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && found=$$python && break; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "no Python 3.11 or newer found: install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! $$found -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	    echo "$$found lacks venv and ensurepip: install them (Debian, Ubuntu: apt-get install python3-venv), or name another Python: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if [ -e $(PY) ] || [ -L $(PY) ]; then $(PY) -c '' 2>/dev/null || clear=--clear; fi; \
	$$found -m venv $$clear $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

# Exact versions, checked against their hashes; setuptools among them, so that the last step fetches nothing.
$(STAMPS)/base: $(STAMPS)/venv pyproject.toml requirements.lock
	@echo "Installing into $(VENV); this takes some minutes the first time."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@echo "$(CURDIR)" > $(STAMPS)/home
	@touch $@

$(STAMPS)/extra-%: $(STAMPS)/base constraints.txt
	@echo "Installing the extra $* into $(VENV)."
	@$(PIP) -c constraints.txt -e '.[$*]'
	@touch $@

.PHONY: browser
browser:
	@has_fonts() { [ -n "$$(fc-list :lang=zh-cn 2>/dev/null)" ] || dpkg -s fonts-noto-cjk >/dev/null 2>&1; }; \
	command -v chromium >/dev/null && command -v curl >/dev/null && has_fonts && exit 0; \
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo='sudo -n'; fi; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	    echo "Installing the Debian packages $(DEBIAN_PACKAGES)."; \
	    $$sudo apt-get update -qq >/dev/null && \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN_PACKAGES) >/dev/null && exit 0; \
	fi; \
	echo "the tests need a browser, Chinese fonts and curl, which could not be installed here: install the packages $(DEBIAN_PACKAGES) (Debian: apt-get install $(DEBIAN_PACKAGES)), then run make test again" >&2; exit 1
