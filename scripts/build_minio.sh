#!/bin/sh
# Builds MinIO from its source into .cache/bin/minio, for the storage tests. Needs Go and its module proxy;
# takes about six minutes on two cores. MinIO publishes no tagged Go module, so @latest is the newest commit.
set -eu
cd "$(dirname "$0")/.."
if [ -x .cache/bin/minio ] && [ "${1:-}" != "--force" ]; then
    echo ".cache/bin/minio is there already (--force builds it again)"
    exit 0
fi
command -v go >/dev/null || { echo "Go is missing: https://go.dev/dl/" >&2; exit 1; }
mkdir -p .cache/bin
CGO_ENABLED=0 GOBIN="$PWD/.cache/bin" GOFLAGS=-trimpath exec go install "github.com/minio/minio@${MINIO_VERSION:-latest}"
