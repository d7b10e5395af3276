#!/bin/sh
# `make run`: everything from a fresh checkout to a running product.
set -eu
cd "$(dirname "$0")/.."
scripts/bootstrap.sh
scripts/frontend.sh
exec .venv/bin/python -m dropbox_clone.supervisor
