#!/bin/sh
# `make lint`: style, types and borders. Each tool says what is wrong and where.
set -eu
cd "$(dirname "$0")/.."
scripts/bootstrap.sh --dev
bin=.venv/bin
failed=0
check() {
    name=$1
    shift
    echo "== $name" >&2
    "$@" || { failed=1; echo "== $name: failed" >&2; }
}
check "ruff check" $bin/ruff check .
check "ruff format" $bin/ruff format --check .
check "mypy" $bin/mypy
check "import-linter" $bin/lint-imports --no-logo
check "migrations" $bin/python manage.py makemigrations --check --dry-run --settings tests.settings
exit $failed
