# People and machines use the same words. Each makes what it needs first: .venv, from the hash-locked files.
.DEFAULT_GOAL := help
.PHONY: help run demo test coverage check bench docs package mutants lock
PYTHON ?=
export PYTHON
RUN := .venv/bin/python

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: ## start a clinic's own install, or go on with it; ARGS="--port 8001"
	@scripts/bootstrap.sh requirements.lock
	@$(RUN) manage.py start $(ARGS)

demo: ## open a fictional clinic in the browser; ARGS="--lan" lets a phone take part
	@scripts/bootstrap.sh requirements.lock
	@$(RUN) manage.py demo $(ARGS)

test: ## run everything: style, types, import rules, all tests on SQLite and PostgreSQL, in a browser
	@scripts/bootstrap.sh requirements-dev.lock
	@scripts/test.sh

coverage: ## the same, and which lines no test reached
	@scripts/bootstrap.sh requirements-dev.lock
	@COVERAGE=true scripts/test.sh

check: ## style, types and import rules alone
	@scripts/bootstrap.sh requirements-dev.lock
	@scripts/check.sh

bench: ## run every benchmark; each writes its results beside its README
	@scripts/bootstrap.sh requirements-dev.lock
	@scripts/bench.sh

docs: ## build the manual as a site in build/site; WITH=zensical builds it with that
	@scripts/bootstrap.sh requirements-dev.lock
	@$(RUN) scripts/site.py $(WITH)

package: ## build wheel and source distribution, try each in an empty environment, measure
	@scripts/bootstrap.sh requirements-dev.lock
	@$(RUN) benchmarks/package/run.py

mutants: ## say which small changes to PACKAGE no test notices, in an hour at most; or DRAW=200 SEED=7, REPORT=yes
	@scripts/bootstrap.sh requirements-dev.lock
	@$(RUN) scripts/mutants.py $(if $(PACKAGE),--package $(PACKAGE)) $(if $(DRAW),--draw $(DRAW)) \
		$(if $(SEED),--seed $(SEED)) $(if $(AGAIN),--again) $(if $(REPORT),--report)

lock: ## resolve the dependencies anew and write the hash-locked files
	@scripts/bootstrap.sh requirements-dev.lock
	@scripts/lock.sh
