# One command for each thing to do. Each sets up what it needs and says so while that takes long.

.DEFAULT_GOAL := help
SHELL := /bin/bash
export UV_PROJECT_ENVIRONMENT := .venv
export PATH := $(CURDIR)/.tools/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
unexport PYTHONDONTWRITEBYTECODE
PYTHON := .venv/bin/python
READY := .venv/ready
WHAT ?= assignments
FUNCTION ?= maintenance
EVENT ?= events/$(FUNCTION).json
STACK ?= fairsplit

.PHONY: help setup run demo replay export import-evidently invoke test check format bench simulate build deploy token clean

help:  ## what there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 18

$(READY): uv.lock pyproject.toml local/bootstrap.py local/engine_install.py local/engine_package/package-lock.json
	@python3 local/bootstrap.py
	@$(PYTHON) -m local.engine_install
	@touch $@

setup: $(READY)  ## install everything that the other commands need

run: setup  ## start the service on http://127.0.0.1:8000
	@$(PYTHON) -m local

demo: setup  ## an example experiment with simulated visitors, on the running service
	@$(PYTHON) -m local.demo

replay: setup  ## a real experiment of 64,000 customers, on the running service
	@$(PYTHON) -m local.replay

export: setup  ## a CSV file: make export EXPERIMENT=checkout-button WHAT=assignments [FILE=…] [URL=…] [RAW=1]
	@$(PYTHON) -m local.export $(EXPERIMENT) --what $(WHAT) $(if $(FILE),--file "$(FILE)") $(if $(URL),--url $(URL)) $(if $(RAW),--raw)

import-evidently: setup  ## drafts from CloudWatch Evidently: make import-evidently FILE=export.json [URL=…] [DRY_RUN=1]
	@$(PYTHON) -m local.evidently $(FILE) $(if $(URL),--url $(URL)) $(if $(DRY_RUN),--dry-run)

invoke: setup  ## run one function of the running service: make invoke FUNCTION=maintenance
	@$(PYTHON) -m local.invoke $(FUNCTION) $(EVENT)

test: setup  ## all tests
	@$(PYTHON) -m tests.clients.installing
	@$(PYTHON) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: setup  ## format, lint, types, layers, template
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy layers/common/fairsplit local tests benchmarks
	@for name in functions/*/; do .venv/bin/mypy $${name}handler.py || exit 1; done
	@.venv/bin/lint-imports
	@.venv/bin/cfn-lint template.yaml
	@.venv/bin/sam validate --lint --region us-east-1 --template-file template.yaml

format: setup  ## format all code
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

bench: setup  ## measure, as ratios of two things in one run
	@$(PYTHON) -m benchmarks

simulate: setup  ## how often the statistics are right, in experiments whose truth is known
	@$(PYTHON) -m benchmarks.statistics

requirements: setup
	@uv export --quiet --frozen --no-default-groups --no-emit-project --no-hashes --prune boto3 --no-header --no-annotate \
		--output-file layers/common/requirements.txt

build: requirements  ## build for Lambda, into .aws-sam/
	@python3.13 -c "" 2>/dev/null || echo "No python3.13 here: the layer gets no byte-code, so cold starts take longer."
	@.venv/bin/sam build

deploy: build  ## deploy to the AWS account of your credentials
	@.venv/bin/sam deploy --guided --stack-name $(STACK)

token: setup  ## make the first admin token of a deployed stack: make token STACK=fairsplit
	@$(PYTHON) -m local.first_token $(STACK)

clean:  ## remove everything that can be made again, but no data
	@rm -rf .venv .tools .aws-sam .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
