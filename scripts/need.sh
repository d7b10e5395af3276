# Read by other scripts: `. scripts/need.sh`.

say() { printf '\n=== %s\n' "$*" >&2; }

# need COMMAND PACKAGE...: the Debian packages that bring COMMAND (a path, a pattern or a name)
need() {
    command=$1
    shift
    for found in $command; do
        command -v "$found" >/dev/null 2>&1 && return 0
    done
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing Debian packages: $*"
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
            { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }
    else
        say "MISSING: $command. Please run: sudo apt-get install $*"
        return 1
    fi
}

# need_cluster: the servers of `make cluster`
need_cluster() {
    need "/usr/lib/postgresql/*/bin/initdb initdb" postgresql
    need redis-server redis-server
    need /usr/lib/rabbitmq/bin/rabbitmq-server rabbitmq-server
    need "haproxy /usr/sbin/haproxy" haproxy
}
