#!/bin/sh
# Writes requirements*.lock anew: what requirements*.txt and constraints.txt pin, with the hashes of every file that the
# index has of each version, so that an install takes exactly those bytes on any platform. Run it after a change of a pin,
# and read the difference: a hash that changed while its version did not is an alarm.
#   scripts/lock.sh [requirements.lock ...]
set -eu
cd "$(dirname "$0")/.."
PIP_TOOLS=pip-tools==7.6.2
# Hashes must be the index's, never those of files that happen to lie on this machine.
unset PIP_FIND_LINKS PIP_NO_INDEX

# What packages need on older Pythons than the one that resolves here: Debian 12 has 3.11.2.
old_python() {
    cat <<'LINES'
async-timeout==5.0.1 ; python_full_version < "3.11.3" \
    --hash=sha256:39e3809566ff85354557ec2398b55e096c8364bacac9405a7a1fa429e77fe76c \
    --hash=sha256:d9321a7a3d5a6a5e187e824d2fa0793ce379a202935782d555d6e9d2735677d3
LINES
}

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3.11}" -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check "$PIP_TOOLS" >&2

for lock in ${*:-requirements.lock requirements-otel.lock requirements-dev.lock requirements-node.lock}; do
    echo "lock: $lock" >&2
    "$tools/bin/python" -m piptools compile --quiet --generate-hashes --allow-unsafe --no-strip-extras --no-annotate \
        --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --resolver=backtracking \
        --output-file "$tools/lock" "${lock%.lock}.txt" >&2
    {
        echo "# Made by scripts/lock.sh from ${lock%.lock}.txt and constraints.txt. Do not edit."
        cat "$tools/lock"
        ! grep -q '^redis==' "$tools/lock" || old_python
    } >"$lock"
    rm "$tools/lock"
done
