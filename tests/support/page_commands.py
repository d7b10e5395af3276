"""Which shell blocks of the pages tests run as they stand (tests/documents/test_run_pages.py), and why the others do not.

`tests/documents/test_commands.py` fails when a block is in neither list, and when an entry has no block any more.
"""

# Pages whose blocks are run one after the other in one shell, on a product of their own.
RUN = (
    "README.md",
    "docs/guide/search.md",
    "docs/operations/deploying.md",
    "docs/operations/first_administrator.md",
    "docs/operations/importing.md",
    "docs/operations/manage.md",
    "docs/operations/service.md",
    "docs/operations/storage.md",
    "docs/operations/to_postgresql.md",
    "docs/operations/troubleshooting.md",
    "docs/protocols/rest.md",
    "docs/protocols/rest_accounts.md",
    "docs/protocols/webdav.md",
    "docs/releases/README.md",
)

DOCKER = "needs Docker's daemon; tests/image runs every role, tests/deploy checks the files"
KUBERNETES = "needs a cluster; tests/deploy/test_kubernetes.py checks the files"
ROOT_OF_MACHINE = "changes the system: users, units, web servers; tests/documents/test_service.py checks unit and proxy"
STARTS = "tests/starts runs it in a clean clone"
CLUSTER = "tests/cluster and tests/starts run these commands on a cluster; their options are parsed by tests/documents"

# (page, first line of the block): the reason.
NOT_RUN = {
    ("README.md", "make run"): STARTS,
    (
        "README.md",
        "# where it listens, what people type to reach it, where everything is kept (./var without it)",
    ): STARTS,
    ("docs/operations/cluster.md", "make cluster"): STARTS,
    ("docs/operations/cluster.md", ".venv/bin/python -m deploy.cluster status"): CLUSTER,
    ("docs/operations/deploying.md", "docker build --tag dropbox_clone ."): DOCKER,
    (
        "docs/operations/deploying.md",
        "docker run --detach --name dropbox_clone --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --stop-timeout 10 \\",
    ): DOCKER,
    ("docs/operations/deploying.md", "cd deploy/compose"): DOCKER,
    ("docs/operations/deploying.md", "cd deploy/kubernetes"): KUBERNETES,
    (
        "docs/operations/deploying.md",
        "docker compose exec --no-TTY postgresql pg_dump --username=dropbox_clone --format=custom dropbox_clone > dropbox_clone.dump",
    ): DOCKER,
    (
        "docs/operations/deploying.md",
        "docker exec dropbox_clone python -c \"import sqlite3; sqlite3.connect('/data/db.sqlite3').backup(sqlite3.connect('/data/backup.sqlite3'))\"",
    ): DOCKER,
    (
        "docs/operations/service.md",
        "sudo useradd --system --create-home --home-dir /srv/dropbox_clone --shell /usr/sbin/nologin dropbox_clone",
    ): ROOT_OF_MACHINE,
    (
        "docs/operations/service.md",
        "sudo cp deploy/systemd/dropbox_clone.service /etc/systemd/system/",
    ): ROOT_OF_MACHINE,
    (
        "docs/operations/service.md",
        "sudo cp deploy/nginx/dropbox_clone.conf /etc/nginx/sites-enabled/",
    ): ROOT_OF_MACHINE,
    ("docs/operations/service.md", "sudo cp deploy/caddy/Caddyfile /etc/caddy/Caddyfile"): ROOT_OF_MACHINE,
    ("docs/operations/service.md", "cd /srv/dropbox_clone/app"): ROOT_OF_MACHINE,
    ("docs/performance.md", "make bench"): "takes 40 minutes; tests/live/test_benchmarks.py runs its small size",
}
