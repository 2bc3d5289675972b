# What each command does stands in README.md; how, in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup demo services stop test lint check prove screens bench bench-peers walkthrough faults lock clean

help:  ## these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14

demo:  ## the service with demonstration data, on 127.0.0.1
	@exec scripts/demo.sh

test:  ## the whole suite
	@exec scripts/test.sh

lint:  ## every linter
	@exec scripts/lint.sh

check:  ## lint and test, with coverage
	@scripts/lint.sh
	@exec scripts/test.sh --cov --cov-report=term:skip-covered

setup:  ## what is missing of packages, .venv and messages
	@exec scripts/setup.sh test

services:  ## private PostGIS and Redis, migrated, policy loaded, left running
	@exec scripts/ready.sh

stop:  ## stop them
	@scripts/services.sh stop dev
	@scripts/services.sh stop test
	@scripts/services.sh stop bench

prove:  ## the same tests at the counts of the issues, into docs/proofs.md
	@exec scripts/prove.sh

screens:  ## every page at two widths in two languages, as one contact sheet
	@exec scripts/screens.sh

bench:  ## our benchmarks beside their floors
	@exec scripts/bench.sh own

bench-peers:  ## the same beside peers
	@exec scripts/bench.sh peers

walkthrough:  ## the main job without a browser: AOI=file [CASE=…]
	@exec scripts/walkthrough.sh "$(AOI)" "$(CASE)"

faults:  ## put faults into a copy of the tree; every one must be caught
	@exec scripts/faults.sh

lock:  ## requirements/*.in into requirements/*.txt
	@exec scripts/lock.sh

clean:  ## remove all that these commands made
	@exec scripts/clean.sh
