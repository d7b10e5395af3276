#!/bin/sh
# `make cluster`: everything from a fresh checkout to a cluster on this machine; see docs/operations/cluster.md.
#   scripts/cluster.sh                    three replicas, two workers
#   scripts/cluster.sh run --web 5 ...    python -m deploy.cluster run --help
set -eu
cd "$(dirname "$0")/.."
. scripts/need.sh
scripts/bootstrap.sh --dev # SeaweedFS is among what the tests need
need_cluster
# Debian starts what it installs; ours have ports and folders of their own and do not mind.
need_minio
scripts/frontend.sh
exec .venv/bin/python -m deploy.cluster "$@"
