#!/bin/sh
# Makes .venv and installs the pinned packages into it, each only as the bytes whose hash a lock file names
# (scripts/lock.sh makes those); does nothing when they are there already.
#   scripts/bootstrap.sh         what the product needs
#   scripts/bootstrap.sh --dev   what tests and lint need as well
set -eu
cd "$(dirname "$0")/.."
lock=requirements.lock
[ "${1:-}" = "--dev" ] && lock=requirements-dev.lock

say() { echo "bootstrap: $*" >&2; }

find_python() {
    for name in "${PYTHON:-}" python3.13 python3.12 python3.11 python3 python3.14; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

# The stamp names what is installed: of the two sets, the larger one covers the smaller.
want=$(sha256sum <"$lock" | cut -d' ' -f1)
have=$(cat .venv/.installed 2>/dev/null || true)
both=$(sha256sum <requirements-dev.lock | cut -d' ' -f1)
[ "$have" = "$want" ] || [ "$have" = "$both" ] && [ -x .venv/bin/python ] && exit 0

if [ ! -x .venv/bin/python ]; then
    python=$(find_python)
    if [ -z "$python" ]; then
        say "Python 3.11 or newer is needed: apt-get install python3 python3-venv"
        exit 1
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        package="$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            say "installing the Debian package $package, which makes virtual environments"
            apt-get install -y -qq "$package" >&2 || { apt-get update -qq >&2 && apt-get install -y -qq "$package" >&2; }
        else
            say "Python cannot make virtual environments here. Please run: sudo apt-get install $package"
            exit 1
        fi
    fi
    say "making .venv with $("$python" --version)"
    "$python" -m venv .venv
fi

say "installing the packages of $lock"
# pip compiles on one core, and that takes a third of the installation.
.venv/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes --requirement "$lock" >&2
.venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null || true # not all of what packages bring is for this Python
echo "$want" > .venv/.installed
