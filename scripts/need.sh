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

# need_minio: the object store of a cluster, where Go can build it
need_minio() {
    if [ ! -x .cache/bin/minio ] && [ -z "${MINIO_BIN:-}" ] && command -v go >/dev/null 2>&1; then
        say "building MinIO, once, in some minutes (SeaweedFS is used when it cannot be built)"
        scripts/build_minio.sh || say "MinIO could not be built; SeaweedFS is used"
    fi
}
