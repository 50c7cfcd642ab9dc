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
PYTHON_FOLDERS := backend simulators demo rehearsal scripts

# Another destination than production, such as DESTINATION=staging: its inventory, secrets, bot and Terraform state.
ifneq ($(filter-out production,$(DESTINATION)),)
export DESTINATION
export ANSIBLE_INVENTORY := $(CURDIR)/inventory/$(DESTINATION)
endif

##@ Try it
.PHONY: demo demo-reset digest check-model
demo: setup ## Start HN Pal against a simulated Telegram, with a chat page in the browser (MODEL=simulated)
	@$(PYTHON) -m demo $(if $(filter simulated,$(MODEL)),--simulated-model)

demo-reset: ## Forget everything that the demo remembers
	@python3 -m demo --reset

digest: setup ## Print today's digest in the terminal
	@$(PYTHON) -m demo --print-digest

check-model: setup ## Ask the model of OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL one story's questions: does it do?
	@cd backend && $(PYTHON) -m app.check_model

##@ Publish it
.PHONY: publish
# What the demo exported, live or of the sample day.
FROM ?= $(firstword $(wildcard .demo/live/data/exports .demo/sample/data/exports) .demo/sample/data/exports)
SITE ?= site
ADDRESS ?= http://127.0.0.1:8000/
SAMPLE_NOTICE := Sample day: its sites, people and facts are invented.
NOTICE ?= $(if $(findstring .demo/sample,$(FROM)),$(SAMPLE_NOTICE))
publish: setup ## Make a website of exported days (FROM=folder SITE=folder ADDRESS=https://… TITLE=… TO=git-remote BRANCH=…)
	@cd backend && $(PYTHON) -m app.website $(abspath $(FROM)) $(abspath $(SITE)) --address '$(ADDRESS)' $(if $(TITLE),--title '$(TITLE)') $(if $(NOTICE),--notice '$(NOTICE)')
	@$(if $(TO),scripts/publish.py '$(SITE)' '$(TO)' $(if $(BRANCH),--branch '$(BRANCH)'),echo "Look at it: cd $(SITE) && python3 -m http.server")

##@ Work on it
.PHONY: setup test test-real-model lint format
setup: .tools/uv backend/.venv/.synced ## Install uv and the locked environment inside the clone

.tools/uv: scripts/install_uv.py
	@python3 scripts/install_uv.py && touch $@

backend/.venv/.synced: .tools/uv backend/pyproject.toml backend/uv.lock
	@echo "Installing the locked environment into backend/.venv ..."
	@cd backend && $(UV) sync --frozen --quiet
	@touch $@

test: setup tools rehearsal/.venv/.synced ## Run every test that this machine can run
	@scripts/test

test-real-model: setup ## What readers would see of a real model of 270 million parameters (PyPI, npm, Node.js)
	@cd backend && PYTHONPATH=.. .venv/bin/python -m bench.real_model

lint: setup tools scripts/linters/.venv/.synced rehearsal/.venv/.synced ## Check style, types, playbooks and Terraform
	@$(MAKE) --jobs=2 --output-sync=target --no-print-directory lint-ansible lint-terraform lint-python lint-files

.PHONY: lint-python lint-ansible lint-terraform lint-files
lint-python:
	@backend/.venv/bin/ruff check $(PYTHON_FOLDERS) && backend/.venv/bin/ruff format --check $(PYTHON_FOLDERS)
	@cd backend && .venv/bin/mypy
	@cd rehearsal && .venv/bin/mypy

lint-ansible:
	@scripts/lint_ansible

lint-terraform:
	@scripts/lint_terraform

lint-files:
	@scripts/check_commit_messages.py
	@scripts/lint_files

scripts/linters/.venv/.synced: .tools/uv scripts/linters/pyproject.toml scripts/linters/uv.lock
	@echo "Installing the locked linters into scripts/linters/.venv ..."
	@cd scripts/linters && $(UV) sync --frozen --quiet
	@touch $@

format: setup ## Rewrite the code in the project's style
	@backend/.venv/bin/ruff format $(PYTHON_FOLDERS) && backend/.venv/bin/ruff check --fix $(PYTHON_FOLDERS)

pictures: setup ## Take the README's pictures of the digest; needs Chromium
	@$(PYTHON) -m demo.pictures

.PHONY: hooks release
hooks: setup ## Check style and commit messages before each commit, with git's own hooks
	@git config core.hooksPath scripts/hooks && echo "git runs scripts/hooks/ from now on."

release: ## Check, date the changelog, commit and tag (VERSION=1.2.3, DRY_RUN=1)
	@test -n "$(VERSION)" || { echo "make release VERSION=1.2.3; this is $$(sed -n 's/^__version__ = "\(.*\)"/\1/p' backend/app/__init__.py)"; exit 2; }
	@$(if $(DRY_RUN),,$(MAKE) lint test)
	@scripts/release.py make $(VERSION) $(if $(DRY_RUN),--dry-run)

##@ Measure it
.PHONY: bench bench-reading bench-bot bench-faults bench-peers bench-growth bench-host
bench: bench-reading bench-bot ## Measure everything that is promised; fails when a bound is missed

bench-reading: setup ## Extraction, the pipeline's pace, memory, cost
	@cd backend && PYTHONPATH=.. .venv/bin/python -m bench.reading --json ../bench-reading.json $(PARTS)

bench-bot: setup ## Start, updates a second, fan-out to 10,000 readers, takeover, kills: some 13 minutes
	@cd backend && PYTHONPATH=.. .venv/bin/python -m bench.bot --json ../bench-bot.json $(PARTS)

bench-faults: setup ## Faults and strangers: what they cost everybody else (PARTS="kills 504" READERS=900 PROBES=off)
	@cd backend && PYTHONPATH=.. .venv/bin/python -m bench.faults --json ../bench-faults.json $(PARTS)

bench-peers: setup ## Beside the smallest bots of two libraries: lost, twice, CPU, memory, silence
	@cd backend && PYTHONPATH=.. .venv/bin/python -m bench.peers --json ../bench-peers.json $(PARTS)

bench-growth: setup ## What readers cost as their number grows (PARTS="rows round-1000 round-100000")
	@cd backend && PYTHONPATH=.. .venv/bin/python -m bench.growth --json ../bench-growth.json $(PARTS)

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

.PHONY: logs console maintenance audit
logs: tools ## Follow the bot's log on the host (HOST=name if there are several)
	@cd ansible && .venv/bin/python on_host.py logs

console: tools ## Open psql on the host, or python or a shell beside the app (WHAT=psql|python|shell)
	@cd ansible && .venv/bin/python on_host.py console $(WHAT)

maintenance: tools ## Keep what readers send until it ends (ON=1 FOR=2h, OFF=1), or show whether it is on
	@cd ansible && .venv/bin/python on_host.py maintenance $(if $(ON),on)$(if $(OFF),off) $(if $(FOR),--for '$(FOR)')

audit: tools ## Who ran which play on the host, when, and with what result; newest first
	@cd ansible && .venv/bin/ansible-playbook audit.yml

##@ Rehearse it
ROLES ?= $(notdir $(wildcard ansible/roles/*))
SYSTEM ?= debian:13
.PHONY: rehearse test-roles try-aws
rehearse: tools rehearsal/.venv/.synced ## The whole production path on this machine (STEPS=deploy,update KEEP=1 HOST=ssh://user@address SYSTEM=debian:12 SEED=n)
	@rehearsal/.venv/bin/python -m rehearsal run $(if $(STEPS),--steps $(STEPS)) $(if $(KEEP),--keep) $(if $(AGAIN),--again)

try-aws: tools rehearsal/.venv/.synced ## Everything on a real AWS account once: price, question, run, destroy, report
	@rehearsal/.venv/bin/python -m rehearsal.try_aws

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
