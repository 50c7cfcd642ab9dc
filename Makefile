# Everything a person types. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV := $(CURDIR)/.tools/uv
# The environment made by `uv sync` is used as it is: nothing is resolved while something runs.
PYTHON := $(CURDIR)/backend/.venv/bin/python
export UV_PYTHON_PREFERENCE ?= system
# As in the image: start-up time that no process spends again.
export UV_COMPILE_BYTECODE ?= 1

##@ Try it
.PHONY: demo demo-reset digest
demo: setup ## Start HN Pal against a simulated Telegram, with a chat page in the browser
	@$(PYTHON) -m rehearsal.demo

demo-reset: ## Forget everything that the demo remembers
	@rm -rf .demo && echo "The demo starts afresh next time."

digest: setup ## Print today's digest in the terminal
	@$(PYTHON) -m rehearsal.demo --print-digest

##@ Work on it
.PHONY: setup test lint format
setup: .tools/uv backend/.venv/.synced ## Install uv and the locked environment inside the clone

.tools/uv: scripts/install_uv.py
	@python3 scripts/install_uv.py && touch $@

backend/.venv/.synced: .tools/uv backend/pyproject.toml backend/uv.lock
	@echo "Installing the locked environment into backend/.venv ..."
	@cd backend && $(UV) sync --frozen --quiet
	@touch $@

test: setup tools ## Run every test that this machine can run
	@scripts/test

lint: setup tools scripts/linters/.venv/.synced rehearsal/.venv/.synced ## Check style, types, playbooks and Terraform
	@cd backend && .venv/bin/ruff check . ../rehearsal ../scripts && .venv/bin/ruff format --check . ../rehearsal ../scripts
	@cd backend && .venv/bin/mypy
	@cd rehearsal && .venv/bin/mypy
	@scripts/lint_infrastructure

scripts/linters/.venv/.synced: .tools/uv scripts/linters/pyproject.toml scripts/linters/uv.lock
	@echo "Installing the locked linters into scripts/linters/.venv ..."
	@cd scripts/linters && $(UV) sync --frozen --quiet
	@touch $@

format: setup ## Rewrite the code in the project's style
	@cd backend && .venv/bin/ruff format . ../rehearsal ../scripts && .venv/bin/ruff check --fix . ../rehearsal ../scripts

##@ Measure it
.PHONY: bench bench-reading bench-bot bench-host
bench: bench-reading bench-bot ## Measure everything that is promised; fails when a bound is missed

bench-reading: setup ## Extraction, the pipeline's pace, memory, cost
	@cd backend && PYTHONPATH=.. .venv/bin/python -m bench.reading --json ../bench-reading.json $(PARTS)

bench-bot: setup ## Start, updates a second, fan-out to 10,000 readers, takeover, kills: some 13 minutes
	@cd backend && PYTHONPATH=.. .venv/bin/python -m bench.bot --json ../bench-bot.json $(PARTS)

bench-host: tools rehearsal/.venv/.synced ## A fresh host, no-op runs, ten updates under load: seconds and silences
	@rehearsal/.venv/bin/python -m rehearsal.bench_host --json bench-host.json $(if $(KEEP),--keep)

##@ Run it on a host
.PHONY: tools
tools: ansible/.venv/.synced ## Install the locked Ansible tools into ansible/.venv

ansible/.venv/.synced: .tools/uv ansible/pyproject.toml ansible/uv.lock
	@echo "Installing the locked Ansible into ansible/.venv ..."
	@cd ansible && $(UV) sync --frozen --quiet
	@touch $@

.PHONY: infra destroy secrets
infra: ## Make the bare host on AWS, or bring it up to date: plan, question, apply (YES=1 answers)
	@terraform/create.sh

destroy: ## Take the host down; the data goes only if you say so twice
	@terraform/destroy.sh

secrets: tools ## Ask for the bot's token and the rest, and keep them encrypted in ansible/secrets
	@cd ansible && .venv/bin/python make_secrets.py

##@ Rehearse it
ROLES ?= lock base docker s3fs backup app
SYSTEM ?= debian:13
.PHONY: rehearse test-roles
rehearse: tools rehearsal/.venv/.synced ## The whole production path on this machine (STEPS=deploy,update KEEP=1)
	@rehearsal/.venv/bin/python -m rehearsal run $(if $(STEPS),--steps $(STEPS)) $(if $(KEEP),--keep) $(if $(AGAIN),--again)

test-roles: tools rehearsal/.venv/.synced ## Each role alone on a bare host of its own (ROLES="base docker" SYSTEM=debian:12)
	@scripts/test_roles $(SYSTEM) $(ROLES)

rehearsal/.venv/.synced: .tools/uv rehearsal/pyproject.toml rehearsal/uv.lock
	@echo "Installing the locked environment into rehearsal/.venv ..."
	@cd rehearsal && $(UV) sync --frozen --quiet --group host --group types
	@touch $@

##@ Help
.PHONY: help
help: ## List every target
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z-]*:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
