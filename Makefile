# `make demo` and `make test` work from a fresh clone; everything made lies in build/ (the engine in your data folder).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# An interpreter first on the PATH that is not the system's (pyenv, conda) crashes the one inside QGIS.
export PATH := /usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
export QT_QPA_PLATFORM ?= offscreen
# Qt warns without it, as under cron and in containers.
export XDG_RUNTIME_DIR ?= $(CURDIR)/build/runtime
BUILD := $(CURDIR)/build
PY := $(BUILD)/venv/bin/python
export QGIS_PLUGINPATH := $(BUILD)/plugins
export QGIS_CUSTOM_CONFIG_PATH := $(BUILD)/qgis-profile
export PRITHVI_QGIS_UV := $(BUILD)/tools/bin/uv
# Make's own commands fetch no Python; the engine's installation does where the user agreed.
ifeq ($(PRITHVI_QGIS_FETCH_PYTHON),)
export UV_PYTHON_DOWNLOADS := never
endif
# Certificates that the organisation added to the system count, as they do for pip; without any, uv has its own.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
endif
# VARIANT: 0 automatic, 1 CUDA, 2 CPU.
VARIANT ?= 0
WHEELHOUSE ?=
OUTPUT ?= $(BUILD)/bundle

.PHONY: help demo docs bench test engine bundle stage zip lint format typecheck scan lock i18n screenshots clean system tools dev
help:  ## show this
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: engine  ## segment the demo scene: build/demo/mask.tif and picture.png
	@/usr/bin/python3 tools/demo.py

bench: demo  ## time the demo scene in every way: build/bench/figures.json and report.html
	@mkdir -p $(BUILD)/bench && qgis_process run prithvi:benchmark --INPUT=$(BUILD)/demo/scene.tif \
		--OUTPUT=$(BUILD)/bench/figures.json --REPORT=$(BUILD)/bench/report.html

test: lint typecheck scan suites  ## every check and every test (SUITES, PYTEST, JOBS)

.PHONY: check suites
check: dev stage  ## lint, types and unit tests, in three minutes
	@$(MAKE) -j 3 -O lint typecheck unit

.PHONY: unit
unit: dev stage
	@mkdir -p $(BUILD)/junit
	@PYTHONPATH=$(BUILD)/plugins $(PY) -m pytest -q -p no:pytest_qgis -n 2 --dist loadfile tests/unit

suites: dev engine
	@tools/setup/test.sh

engine: stage $(PRITHVI_QGIS_UV)  ## install the engine (VARIANT=0|1|2, WHEELHOUSE=folder)
	@VARIANT='$(VARIANT)' WHEELHOUSE='$(WHEELHOUSE)' tools/setup/engine.sh

# PYTHON: 3.11 to 3.14, empty: the engine's. ARCHITECTURE: x86_64 or aarch64, empty: this machine's.
bundle: stage $(PRITHVI_QGIS_UV)  ## what a machine without a network needs (VARIANT, PYTHON, ARCHITECTURE, MODELS, PART_SIZE_MB, OUTPUT)
	@VARIANT='$(VARIANT)' PYTHON='$(PYTHON)' ARCHITECTURE='$(ARCHITECTURE)' MODELS='$(MODELS)' \
		PART_SIZE_MB='$(PART_SIZE_MB)' OUTPUT='$(OUTPUT)' tools/setup/bundle.sh

stage: system  ## the plugin as QGIS sees it, in build/plugins, by symbolic links
	@mkdir -p $(BUILD) && mkdir -p -m 700 $(BUILD)/runtime
	@/usr/bin/python3 tools/setup/stage.py link $(BUILD)/plugins

zip: system  ## build/prithvi_qgis-VERSION.zip for the plugin manager
	@/usr/bin/python3 tools/setup/stage.py zip $(BUILD)

lint: dev  ## ruff, and who may import whom
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(BUILD)/venv/bin/lint-imports --no-cache

format: dev  ## put the code into shape
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

typecheck: dev  ## mypy
	@$(PY) -m mypy --cache-dir $(BUILD)/mypy

scan: dev  ## what the plugin repository scans for: bandit, secrets
	@tools/setup/scan.sh

lock: $(PRITHVI_QGIS_UV)  ## renew every lock from its .in file
	@tools/setup/lock.sh

i18n:  ## renew the translations in resources/i18n from the source
	@/usr/bin/python3 tools/i18n/update.py

docs: $(PRITHVI_QGIS_UV)  ## the documentation as a site, in build/site
	@tools/setup/docs.sh

screenshots: demo  ## renew docs/images in a QGIS window that nobody sees
	@PYTHONPATH=$(QGIS_PLUGINPATH) /usr/bin/python3 tools/screenshots.py

clean:  ## remove build/ (not the engine in your data folder)
	@rm -rf $(BUILD)

system:
	@tools/setup/system.sh

.PHONY: test-system
test-system:
	@tools/setup/system.sh tests

tools: $(PRITHVI_QGIS_UV)
$(PRITHVI_QGIS_UV): resources/engine/bootstrap.lock | system
	@tools/setup/uv.sh

dev: $(BUILD)/venv/ready
$(BUILD)/venv/ready: tools/setup/dev.lock $(PRITHVI_QGIS_UV) | test-system
	@tools/setup/dev.sh
