# What people type here. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
TESTS := tests -n 2 --dist loadfile

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

setup: ## install what the pipeline needs on this Debian or Ubuntu machine (root or sudo)
	@infra/setup.sh

setup-dev: ## the same with the packages for tests and checks
	@infra/setup.sh dev

demo: setup ## make the invented sample, run everything on it, search it, prove it
	@$(BIN)/iimm demo demo

test: setup-dev ## the whole test suite, against real servers
	@$(BIN)/pytest $(TESTS)

check: setup-dev ## style, types, directions of imports, tests, and the command line without development packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(TESTS)
	infra/smoke.sh

drills: setup-dev ## ten kill -9 at random instants of the full sample, each followed by a rerun
	$(BIN)/python tests/drills/kills.py

drill-s3: setup-dev ## 50 kills and ten stops of the S3 server during an intake from S3 to S3
	$(BIN)/python tests/drills/s3_kills.py

drill-restore: setup-dev ## the sample backed up, its data folder lost, restored elsewhere, and compared
	$(BIN)/python tests/drills/restore.py

drill-mutations: setup-dev ## 20,000 damaged files through intake and stages
	$(BIN)/python tests/drills/mutations.py

drill-bombs: setup-dev ## files made to eat time, memory and disk, each beside a harmless twin
	$(BIN)/python tests/drills/drill_bombs.py --all

drill-extremes: setup-dev ## 20 GB files, 100,000 files, 200,000 members, hard names; EXTREMES="--sparse-gb 2" scales
	$(BIN)/python tests/drills/extremes.py $(EXTREMES)

drill-api: setup-dev ## the interface for programs, asked by schemathesis for long; EXAMPLES=2000 asks for more
	$(BIN)/python tests/drills/api.py

drill-page: setup-dev ## the page of a sample, scanned by wapiti (GPL, in an environment of its own)
	$(BIN)/python tests/drills/page.py

coverage: setup-dev ## the evidence pack through the whole graph, watched from outside; writes docs/coverage.md
	$(BIN)/python -m benchmarks.coverage

bench-intake: setup-dev ## intake and contents against bare digests, bagit.py and Tika's server
	$(BIN)/python -m benchmarks.intake

bench-contents-steps: setup-dev ## where the time of contents goes, by step and by format
	$(BIN)/python -m benchmarks.contents_steps

bench-engine: setup-dev ## the engine against bare pebble
	$(BIN)/python -m benchmarks.engine

bench-near-pairs: setup-dev ## exact near-duplicate search against brute force
	$(BIN)/python -m benchmarks.near_pairs

bench-burmese: setup-dev ## everything promised of Burmese in one run; PARTS="burmese languages" does these alone
	$(BIN)/python -m benchmarks.all_burmese $(PARTS)

bench-ocr: setup-dev ## Burmese pages clean, askew, pressed and photographed against Tesseract as it comes
	$(BIN)/python -m benchmarks.ocr

bench-names: setup-dev ## persons, units, organisations and roles against simple patterns and an English model
	$(BIN)/python -m benchmarks.names

bench-search: setup-dev ## the search page under twenty readers over a million segments; SEARCH="--segments 20000" scales
	$(BIN)/python -m benchmarks.search $(SEARCH)

bench-search-burmese: setup-dev ## Burmese names in sentences without spaces against the analysers that need no plug-in
	$(BIN)/python -m benchmarks.search_burmese

.PHONY: $(shell grep -oE '^[a-z0-9-]+:' $(MAKEFILE_LIST) | tr -d :)
