#!/bin/sh
# `make test`: the gate. tests/runner/groups.py says what it is made of, docs/testing.md explains it.
#   scripts/test.sh                 the gate
#   scripts/test.sh --all           the gate and what is long (make test-all)
#   scripts/test.sh --ci            the gate and the long groups whose subject changed (.ci/run)
#   scripts/test.sh fast races      only these groups
set -eu
cd "$(dirname "$0")/.."
scripts/bootstrap.sh --dev
exec .venv/bin/python -m tests.runner "$@"
