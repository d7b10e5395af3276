#!/bin/sh
# `make bench`: measures this product and its peers on this machine; see benchmarks/.
set -eu
cd "$(dirname "$0")/.."
scripts/bootstrap.sh --dev
exec .venv/bin/python -m benchmarks "$@"
