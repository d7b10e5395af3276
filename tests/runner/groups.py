"""The groups: what each runs, what it needs, how much of the machine it takes, and what it is about.

To add one, add a line here and a row to docs/testing.md (tests/runner/test_groups.py compares the two).
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Folders of tests that run in process, on SQLite and once more on PostgreSQL; only what is `long` starts a product.
IN_PROCESS = (
    "accounts",
    "architecture",
    "benchmarks",
    "common",
    "console",
    "contributing",
    "deploy",
    "documents",
    "files",
    "isolation",
    "platform",
    "protocols",
    "runner",
    "scenario",
    "search",
    "sharing",
    "storage",
    "upgrade",
)
# What asks by queries and actions that the gate tries on PostgreSQL already: `postgresql-long` tries it there too, and
# `isolation-long` what asks everything.
ENDPOINTS = (
    *("accounts/api", "accounts/web", "console", "files/api", "files/web", "sharing/api", "sharing/web", "protocols"),
    *("files/access", "platform/test_hostile_routes.py"),  # ask all of them
)
# Of one action each, without other threads: `postgresql-long` tries them on PostgreSQL.
ACTIONS = ("accounts/actions", "files/actions", "sharing/actions")
# Seconds for one test of a group in the background, which may get a tenth of a core for minutes.
PATIENCE = ("--timeout", "900")
CORES = 3.2  # more than two: most groups wait for a server now and then
CLUSTER = ("postgresql", "redis", "rabbitmq", "haproxy")


@dataclass(frozen=True)
class Group:
    """One command. `cores` is what it uses most of the time; after `seconds` it is given up as hung.

    A group that is `alone` demands answers within seconds, so nothing runs beside it. One in the `background` computes,
    waits for nothing, and takes what the others leave of the cores from the beginning on, one at a time; its `seconds`
    are generous, for it may get very little.
    """

    name: str
    command: tuple[str, ...]
    cores: float
    seconds: int
    needs: tuple[str, ...] = ()  # of tests/runner/installation.py
    alone: bool = False
    background: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()  # of a long group: beginnings of paths; CI runs it when one of them changed


def _pytest(
    *folders: str, only: str = "not long", workers: int = 0, spread: str = "load", without: tuple[str, ...] = ()
) -> tuple[str, ...]:
    several = ("-n", str(workers), "--dist", spread) if workers else ()
    chosen = ("-m", only) if only else ()
    # pytest does not ignore a folder that is an argument itself.
    folders = tuple(folder for folder in folders if folder not in without)
    ignored = (f"--ignore=tests/{folder}" for folder in without)
    return ("-m", "pytest", "--durations=25", *several, *chosen, *ignored, *(f"tests/{folder}" for folder in folders))


def _on_postgresql(*folders: str, only: str, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    tests = _pytest(*folders, only=f"postgresql and not long{only}", workers=2, without=without)
    return ("-m", "tests.servers.postgresql", "{python}", *tests)


# In the order in which they start. Together they are `make test`.
GATE = (
    Group(
        "live",
        _pytest("live", workers=2, spread="loadfile"),
        cores=1.3,
        seconds=1800,
        needs=("postgresql", "redis", "curl", "frontend"),
    ),
    Group("starts", _pytest("starts"), cores=0.8, seconds=1800, needs=(*CLUSTER, "frontend")),
    Group(
        "clients",
        _pytest("clients", without=("clients/together",)),
        cores=0.8,
        seconds=1800,
        needs=(*CLUSTER, "nextcloudcmd", "owncloudcmd", "litmus", "restic", "frontend"),
        variables={"FUZZ_SECONDS": "5", "MANY_FILES": "300", "DRILL_FILES": "150"},
    ),
    Group("cluster", _pytest("cluster", "chaos"), cores=1.0, seconds=1800, needs=(*CLUSTER, "frontend")),
    Group("conformance", _pytest("conformance"), cores=0.7, seconds=1500),
    Group(
        "kills",
        _pytest("kills"),
        cores=1.2,
        seconds=1500,
        variables={"CHAOS_KILLS": "4", "MOVE_FILES": "50", "PURGED_FILES": "4000"},
    ),
    Group("e2e", _pytest("e2e"), cores=0.9, seconds=1500, needs=("chromium", "frontend")),
    Group("lint", ("scripts/lint.sh",), cores=1.0, seconds=1500, needs=("frontend",)),
    Group(
        "fast",
        (*_pytest(*IN_PROCESS, workers=2), *PATIENCE),
        cores=1.8,
        seconds=3000,
        background=True,
        needs=("unzip", "promtool", "redis", "haproxy", "kustomize"),
        variables={"ISOLATION_REQUESTS": "250", "ISOLATION_SHARE": "3"},
    ),
    Group(
        "postgresql",
        (*_on_postgresql(*IN_PROCESS, only=" and not action", without=(*ENDPOINTS, "isolation")), *PATIENCE),
        cores=1.8,
        seconds=3000,
        needs=("postgresql", "unzip"),
        background=True,
    ),
    Group("races", _pytest("races"), cores=2.0, seconds=900, needs=("postgresql",), variables={"RACE_SECONDS": "3"}),
)

# What `make test-all` adds, and CI where the subject changed.
LONG = (
    Group(
        "conformance-long",
        _pytest("conformance", only="long"),
        cores=0.8,
        seconds=1800,
        needs=("azurite", "fake-gcs", "minio", "swift"),
        subjects=("storage/", "files/blobs/", "tests/conformance/", "tests/servers/", "requirements.txt"),
    ),
    Group(
        "live-long",
        _pytest("live", only="long", workers=2, spread="loadfile"),
        cores=1.3,
        seconds=2700,
        needs=("postgresql", "redis", "wrk", "frontend"),
        variables={"UPGRADE_NODES": "100000"},
        subjects=(
            *("tests/live/", "deploy/previous_release", "search/"),
            *("accounts/migrations/", "files/migrations/", "sharing/migrations/"),
        ),
    ),
    Group(
        "postgresql-long",
        _on_postgresql(*ENDPOINTS, *ACTIONS, only=""),
        cores=1.8,
        seconds=2400,
        needs=("postgresql", "unzip"),
        subjects=(
            *(
                "accounts/actions/",
                "accounts/api/",
                "accounts/web/",
                "files/actions/",
                "files/api/",
                "files/web/",
                "sharing/actions/",
                "sharing/api/",
                "sharing/web/",
                "protocols/",
            ),
            *("dropbox_clone/postgresql/", "accounts/migrations/", "files/migrations/", "sharing/migrations/"),
        ),
    ),
    Group(
        "documents-long",
        _pytest("documents", only="long"),
        cores=0.9,
        seconds=1200,
        needs=("postgresql", "nginx", "jq", "rsync", "curl", "frontend"),
        subjects=(
            "docs/",
            "tests/documents/",
            "deploy/nginx/",
            "deploy/systemd/",
            "accounts/management/",
            "files/management/",
        ),
    ),
    Group(
        "image",
        _pytest("image", only=""),
        cores=1.0,
        seconds=1800,
        needs=("postgresql", "buildah", "debootstrap"),
        subjects=("Dockerfile", ".dockerignore", "requirements", "constraints.txt", "tests/image/", "package"),
    ),
    Group(
        "kills-long",
        _pytest("kills", only=""),
        cores=1.2,
        seconds=2400,
        variables={"CHAOS_KILLS": "50", "MOVE_KILLS": "6"},
        subjects=("files/blobs/", "storage/", "files/maintenance/", "tests/kills/", "dropbox_clone/sqlite/"),
    ),
    Group(
        "races-long",
        _pytest("races", only=""),
        cores=2.0,
        seconds=900,
        needs=("postgresql",),
        variables={"RACE_SECONDS": "60"},
        subjects=("files/tree/", "files/actions/", "tests/races/"),
    ),
    Group(
        "isolation-long",
        ("-m", "tests.servers.postgresql", "{python}", *_pytest("isolation", only="")),
        cores=1.0,
        seconds=3600,
        needs=("postgresql",),
        subjects=(
            *("files/blobs/", "files/access/", "files/queries/", "search/", "sharing/", "accounts/queries"),
            "tests/isolation/",
        ),
    ),
    Group(
        "access-long",
        _pytest(
            "files/access",
            "files/actions/test_mounts_property.py",
            "files/tree/test_tree_property.py",
            "accounts/chain",
            only="long",
            workers=2,
        ),
        cores=1.8,
        seconds=3600,
        subjects=(
            *("accounts/models/", "files/access/", "files/actions/", "files/tree/", "files/queries/", "search/"),
            *("accounts/policies.py", "sharing/actions/", "sharing/queries/"),
            *("tests/files/access/", "tests/files/actions/test_mounts_property.py", "tests/files/tree/"),
            *("accounts/chain/", "tests/accounts/chain/"),
        ),
    ),
    Group(
        "clients-long",
        _pytest(
            "clients/together",
            "clients/mounts/test_together.py",
            "clients/dav",
            "clients/fuzz",
            "clients/nextcloud/test_many.py",
            "clients/nextcloud/test_ransomware.py",
            only="",
        ),
        cores=2.0,
        seconds=3600,
        needs=(*CLUSTER, "nextcloudcmd", "frontend"),
        variables={"TOGETHER_SECONDS": "300", "FUZZ_SECONDS": "300"},
        subjects=("protocols/", "tests/clients/"),
    ),
    Group(
        "chaos-long",
        _pytest("chaos", only=""),
        cores=2.0,
        seconds=3000,
        alone=True,
        needs=(*CLUSTER, "minio", "frontend"),
        variables={"CHAOS_SECONDS": "600"},
        subjects=(
            "deploy/",
            "dropbox_clone/web_server/",
            "dropbox_clone/admission/",
            "dropbox_clone/supervisor",
            "tests/chaos/",
            "tests/cluster/",
        ),
    ),
)
