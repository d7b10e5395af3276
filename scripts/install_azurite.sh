#!/bin/sh
# Installs Azurite, the emulator of Azure Blob Storage, into .cache/azurite, for the storage tests. Needs npm.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache/azurite
exec npm install --no-audit --no-fund --ignore-scripts --prefix .cache/azurite "azurite@${AZURITE_VERSION:-3.37.0}"
