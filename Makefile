# Every target works in a fresh checkout: it installs what it needs first.
.DEFAULT_GOAL := help
.PHONY: help run cluster test chaos lint bench

help: ## say what there is
	@echo "make run    start everything on this machine (HOST, PORT, DATA_DIR and .env.example say how)"
	@echo "make cluster  start PostgreSQL, Redis, RabbitMQ, an S3 store, HAProxy, three replicas and two workers"
	@echo "make test   install what the tests need, then lint and all tests (GROUPS=\"fast races\" for some)"
	@echo "make chaos  ten minutes of killed, frozen and cut off parts of a cluster under load, with a report"
	@echo "make lint   style, types, borders"
	@echo "make bench  measure against nginx, rclone, WsgiDAV and copyparty"

run:
	@exec scripts/run.sh

cluster:
	@exec scripts/cluster.sh

test:
	@exec scripts/test.sh $(GROUPS)

chaos:
	@exec scripts/chaos.sh

lint:
	@exec scripts/lint.sh

bench:
	@exec scripts/bench.sh
