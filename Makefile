# Every target works in a fresh checkout: it installs what it needs first.
.DEFAULT_GOAL := help
.PHONY: help run cluster test test-all mutations chaos together fuzz lint bench

help: ## say what there is
	@echo "make run    start everything on this machine (HOST, PORT, DATA_DIR and .env.example say how)"
	@echo "make cluster  start PostgreSQL, Redis, RabbitMQ, an S3 store, HAProxy, three replicas and two workers"
	@echo "make test   the gate: install what the tests need, then lint and tests (GROUPS=\"fast races\" for some)"
	@echo "make test-all  the gate, then everything that takes long"
	@echo "make mutations  deliberate faults in the product, one by one: the tests must notice each (ONLY=word for some)"
	@echo "make chaos  ten minutes of killed, frozen and cut off parts of a cluster under load, with a report"
	@echo "make together  five minutes of two Nextcloud clients and a browser on one account while replicas are killed"
	@echo "make fuzz   five minutes of hostile requests to the endpoints of the sync clients (FUZZ_SECONDS, FUZZ_SEED)"
	@echo "make lint   style, types, borders"
	@echo "make bench  measure against nginx, rclone, WsgiDAV and copyparty"

run:
	@exec scripts/run.sh

cluster:
	@exec scripts/cluster.sh

test:
	@exec scripts/test.sh $(GROUPS)

test-all:
	@exec scripts/test.sh --all

mutations:
	@scripts/bootstrap.sh --dev && exec .venv/bin/python -m tests.runner.mutations $(ONLY)

chaos:
	@exec scripts/chaos.sh

together:
	@exec scripts/clients.sh together

fuzz:
	@exec scripts/clients.sh fuzz

lint:
	@exec scripts/lint.sh

bench:
	@exec scripts/bench.sh
