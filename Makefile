# What people type here. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

setup: ## install what the pipeline needs on this Debian or Ubuntu machine (root or sudo)
	@infra/setup.sh

setup-dev: ## the same with the packages for tests and checks
	@infra/setup.sh dev

demo: setup ## make the invented sample, run everything on it, search it, prove it
	@$(BIN)/iimm demo demo

test: setup-dev ## the whole test suite, against real servers
	@$(BIN)/pytest tests

check: setup-dev ## style, types, directions of imports, tests, and the command line without development packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests
	infra/smoke.sh

drills: setup-dev ## ten kill -9 at random instants of the full sample, each followed by a rerun
	$(BIN)/python tests/drills/kills.py

drill-restore: setup-dev ## the sample backed up, its data folder lost, restored elsewhere, and compared
	$(BIN)/python tests/drills/restore.py

drill-s3: setup-dev ## 50 kills and ten stops of the S3 server during an intake from S3 to S3
	$(BIN)/python tests/drills/s3_kills.py

bench-engine: setup-dev ## the engine against bare pebble
	$(BIN)/python -m benchmarks.engine

bench-near-pairs: setup-dev ## exact near-duplicate search against brute force
	$(BIN)/python -m benchmarks.near_pairs

.PHONY: help setup setup-dev demo test check drills drill-restore drill-s3 bench-engine bench-near-pairs
