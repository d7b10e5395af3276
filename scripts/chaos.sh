#!/bin/sh
# `make chaos`: ten minutes of faults in a whole cluster (CHAOS_SECONDS, CHAOS_SEED), with a report in CHAOS_REPORT.
set -eu
cd "$(dirname "$0")/.."
CHAOS_SECONDS=${CHAOS_SECONDS:-600}
CHAOS_REPORT=${CHAOS_REPORT:-var/chaos-report.txt}
export CHAOS_SECONDS CHAOS_REPORT
. scripts/need.sh
scripts/bootstrap.sh --dev
need_cluster
need_minio # a full disk is tried with it only
say "faults for $CHAOS_SECONDS s; the report will be in $CHAOS_REPORT"
exec .venv/bin/python -m pytest -q -s tests/chaos/test_cluster.py "$@"
