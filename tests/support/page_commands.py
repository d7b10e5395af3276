"""Which shell blocks of the pages are run as they stand (tests/documents/test_run_pages.py), and why others are not.

`tests/documents/test_commands.py` fails when a block is in neither list, and when an entry has no block any more.
"""

from tests.support.pages import Block

# Pages whose blocks are run one after the other in one shell, on a product of their own.
RUN = (
    "README.md",
    "docs/guide/search.md",
    "docs/operations/audit.md",
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

# (page, beginning of the block): the reason.
NOT_RUN = {
    ("README.md", "make run"): STARTS,
    ("README.md", "# where it listens"): STARTS,
    ("docs/operations/cluster.md", "make cluster"): STARTS,
    ("docs/operations/cluster.md", ".venv/bin/python -m deploy.cluster status"): CLUSTER,
    ("docs/operations/deploying.md", "docker build"): DOCKER,
    ("docs/operations/deploying.md", "docker run"): DOCKER,
    ("docs/operations/deploying.md", "cd deploy/compose"): DOCKER,
    ("docs/operations/deploying.md", "cd deploy/kubernetes"): KUBERNETES,
    ("docs/operations/deploying.md", "docker compose exec"): DOCKER,
    ("docs/operations/deploying.md", "docker exec"): DOCKER,
    ("docs/operations/service.md", "sudo useradd"): ROOT_OF_MACHINE,
    ("docs/operations/service.md", "sudo cp deploy/systemd"): ROOT_OF_MACHINE,
    ("docs/operations/service.md", "sudo cp deploy/nginx"): ROOT_OF_MACHINE,
    ("docs/operations/service.md", "sudo cp deploy/caddy"): ROOT_OF_MACHINE,
    ("docs/operations/service.md", "cd /srv/dropbox_clone/app"): ROOT_OF_MACHINE,
    ("docs/performance.md", "make bench"): "takes 40 minutes; tests/live/test_benchmarks.py runs its small size",
}


def is_run(block: Block) -> bool:
    return block.page in RUN and not any(covers(key, block) for key in NOT_RUN)


def covers(key: tuple[str, str], block: Block) -> bool:
    return block.page == key[0] and block.text.startswith(key[1])
