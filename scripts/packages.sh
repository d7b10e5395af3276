#!/bin/sh
# Installs the Debian packages of programs that are missing, all in one go; says what to do where it may not.
#   scripts/packages.sh 'COMMAND ...|PACKAGE ...' ...    COMMAND: a name, a path or a pattern; one of them is enough
set -eu
missing=""
for need in "$@"; do
    there=""
    for command in ${need%%|*}; do
        ! command -v "$command" >/dev/null 2>&1 || there=yes
    done
    [ -n "$there" ] || missing="$missing ${need#*|}"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "MISSING:$missing. Please run: sudo apt-get install$missing" >&2
    exit 1
fi
echo "=== installing Debian packages:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=600 $missing; }
install >/dev/null || { apt-get update -qq && install >/dev/null; }
