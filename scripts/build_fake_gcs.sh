#!/bin/sh
# Builds fake-gcs-server, an emulator of Google Cloud Storage, from its Go module into .cache/bin, for the storage tests.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache/bin
CGO_ENABLED=0 GOBIN="$PWD/.cache/bin" exec go install "github.com/fsouza/fake-gcs-server@${FAKE_GCS_VERSION:-latest}"
