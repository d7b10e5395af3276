#!/bin/sh
# `make together` and `make fuzz`: the long versions of two tests of tests/clients, each with a report in var/.
#   scripts/clients.sh together   TOGETHER_SECONDS (300), TOGETHER_SEED
#   scripts/clients.sh fuzz       FUZZ_SECONDS (300), FUZZ_SEED
set -eu
cd "$(dirname "$0")/.."
. scripts/need.sh
scripts/bootstrap.sh --dev
what=$1
shift
case $what in
together)
    need nextcloudcmd nextcloud-desktop-cmd
    need_cluster
    TOGETHER_SECONDS=${TOGETHER_SECONDS:-300}
    TOGETHER_REPORT=${TOGETHER_REPORT:-var/together-report.txt}
    export TOGETHER_SECONDS TOGETHER_REPORT
    ;;
fuzz)
    FUZZ_SECONDS=${FUZZ_SECONDS:-300}
    FUZZ_REPORT=${FUZZ_REPORT:-var/fuzz-report.txt}
    export FUZZ_SECONDS FUZZ_REPORT
    ;;
esac
exec .venv/bin/python -m pytest -q -s "tests/clients/$what" "$@"
