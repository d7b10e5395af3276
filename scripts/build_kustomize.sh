#!/bin/sh
# Builds kustomize from its Go module into .cache/bin/kustomize, for the tests of deploy/kubernetes on machines without
# kubectl. Needs Go and its module proxy; takes about a minute.
set -eu
cd "$(dirname "$0")/.."
[ -x .cache/bin/kustomize ] && [ "${1:-}" != "--force" ] && exit 0
command -v go >/dev/null || { echo "Go is missing: https://go.dev/dl/" >&2; exit 1; }
mkdir -p .cache/bin
CGO_ENABLED=0 GOBIN="$PWD/.cache/bin" GOFLAGS=-trimpath exec go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1
