# Every target works in a fresh checkout: it installs what it needs first.
.DEFAULT_GOAL := help
.PHONY: help run test lint bench

help: ## say what there is
	@echo "make run    start everything on this machine (HOST, PORT, DATA_DIR and .env.example say how)"
	@echo "make test   install what the tests need, then lint and all tests (GROUPS=\"fast races\" for some)"
	@echo "make lint   style, types, borders"
	@echo "make bench  measure against nginx, rclone, WsgiDAV and copyparty"

run:
	@exec scripts/run.sh

test:
	@exec scripts/test.sh $(GROUPS)

lint:
	@exec scripts/lint.sh

bench:
	@exec scripts/bench.sh
