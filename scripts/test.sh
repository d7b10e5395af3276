#!/bin/sh
# `make test`: installs what the tests need, then runs lint and every group of tests; fails when any of them fails.
#   scripts/test.sh              everything
#   scripts/test.sh fast races   only these groups (lint fast postgresql processes conformance races chaos
#                                cluster clients e2e image firststart)
set -eu
cd "$(dirname "$0")/.."
. scripts/need.sh
python=.venv/bin/python
slow="conformance or races or chaos or cluster or clients or e2e or processes or image or firststart"
groups="${*:-lint fast postgresql processes conformance races chaos cluster clients e2e image firststart}"
failed=""

wants() { case " $groups " in *" $1 "*) return 0 ;; *) return 1 ;; esac }

any() {
    for one in "$@"; do ! wants "$one" || return 0; done
    return 1
}

# group NAME COMMAND...: pytest's exit code 5 is a group that has no tests
group() {
    name=$1
    shift
    wants "$name" || return 0
    say "$name"
    started=$(date +%s)
    code=0
    PYTEST_ADDOPTS="-o cache_dir=.pytest_cache/$name" # of its own: groups run side by side
    export PYTEST_ADDOPTS
    "$@" || code=$?
    if [ "$code" = 1 ] && [ "${CI:-}" = true ] && [ "$name" != lint ]; then
        say "$name: SOMETHING FAILED; once more what failed (a test that passes now is flaky: mend it)"
        code=0
        "$@" --last-failed --last-failed-no-failures none || code=$?
    fi
    [ "$code" = 0 ] || [ "$code" = 5 ] || failed="$failed $name"
    echo "=== $name took $(($(date +%s) - started)) s" >&2
}

scripts/bootstrap.sh --dev
if wants postgresql || wants races || wants chaos; then
    need "/usr/lib/postgresql/*/bin/initdb initdb" postgresql
fi
if wants cluster || wants chaos; then
    need_cluster
fi
if wants processes; then
    need redis-server redis-server
    need promtool prometheus # for its promtool
fi
if wants fast; then
    need unzip unzip
    # deploy/kubernetes is rendered by kubectl or kustomize; its tests say so loudly where there is neither
    command -v kubectl >/dev/null 2>&1 || command -v kustomize >/dev/null 2>&1 || scripts/build_kustomize.sh || true
fi
if wants image; then
    need buildah buildah || true # its tests say so loudly where it cannot be had
    need debootstrap debootstrap || true
    need "/usr/lib/postgresql/*/bin/initdb initdb" postgresql
fi
if wants conformance; then
    # Servers of which a test says loudly when they are not there (tests/conformance/test_backends.py).
    need swift-proxy-server swift-proxy swift-account swift-container swift-object || true
    [ -x .cache/azurite/node_modules/.bin/azurite-blob ] || ! command -v npm >/dev/null || scripts/install_azurite.sh || true
    [ -x .cache/bin/fake-gcs-server ] || ! command -v go >/dev/null || scripts/build_fake_gcs.sh || true
fi
if wants clients; then
    need nextcloudcmd nextcloud-desktop-cmd
    need owncloudcmd owncloud-client-cmd
    need litmus litmus
    need "/usr/lib/postgresql/*/bin/initdb initdb" postgresql
    need restic restic # rclone is among what the tests need of PyPI
    need_cluster
fi
if wants e2e; then
    need "chromium" chromium fonts-noto-color-emoji fonts-noto-cjk
fi
if { wants e2e || wants processes || wants clients; } && [ -f package.json ]; then
    scripts/frontend.sh
fi

run() {
    case $1 in
    lint) group lint scripts/lint.sh ;;
    fast) group fast $python -m pytest -n 2 -m "not ($slow)" ;;
    postgresql) group postgresql $python -m tests.servers.postgresql $python -m pytest -n 2 -m "postgresql and not ($slow)" ;;
    processes) group processes $python -m pytest -n 2 --dist loadfile -m processes ;;
    *) group "$1" $python -m pytest -m "$1" ;;
    esac
}

# in_background GROUPS...: this script with those of them that are wanted, in a session of its own, while the foreground
# does something else; `join` shows what it said. No group of either uses more than one core for long.
in_background() {
    chosen=""
    for one in "$@"; do ! wants "$one" || chosen="$chosen $one"; done
    said=$(mktemp)
    setsid scripts/test.sh $chosen >"$said" 2>&1 &
    behind=$!
    trap 'kill -- -$behind 2>/dev/null; exit 130' INT TERM
}

join() {
    code=0
    wait "$behind" || code=$?
    trap - INT TERM
    cat "$said"
    broken=$(sed -n 's/^=== FAILED://p' "$said")
    [ "$code" = 0 ] || failed="$failed${broken:-$chosen}"
    rm "$said"
}

for name in lint fast postgresql processes; do run "$name"; done
# Each side takes about a quarter of an hour.
if any conformance clients && any races image firststart e2e; then
    in_background conformance clients
    for name in races image firststart e2e; do run "$name"; done
    join
else
    for name in conformance clients races image firststart e2e; do run "$name"; done
fi
for name in chaos cluster; do run "$name"; done # alone: they demand answers within seconds

if [ -n "$failed" ]; then
    say "FAILED:$failed"
    exit 1
fi
say "all groups passed: $groups"
