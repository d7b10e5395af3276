"""What groups need of the machine, and the steps that bring it, beside the groups that do not wait for them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from tests.runner.groups import Group
from tests.runner.schedule import Task

# Name of a program (or a path with *) -> the Debian packages that bring it. Without a required one a group fails.
REQUIRED = {
    "postgresql": ("/usr/lib/postgresql/*/bin/initdb initdb", "postgresql"),
    "redis": ("redis-server", "redis-server"),
    "rabbitmq": ("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"),
    "haproxy": ("haproxy /usr/sbin/haproxy", "haproxy"),
    "promtool": ("promtool", "prometheus"),
    "unzip": ("unzip", "unzip"),
    "curl": ("curl", "curl"),
    "nextcloudcmd": ("nextcloudcmd", "nextcloud-desktop-cmd"),
    "owncloudcmd": ("owncloudcmd", "owncloud-client-cmd"),
    "litmus": ("litmus", "litmus"),
    "restic": ("restic", "restic"),
    "wrk": ("wrk", "wrk"),
    "nginx": ("nginx /usr/sbin/nginx", "nginx-light"),
    "jq": ("jq", "jq"),
    "rsync": ("rsync", "rsync"),
    "chromium": ("chromium", "chromium fonts-noto-color-emoji fonts-noto-cjk"),
}
# The tests of these say loudly that they are skipped where there is none.
OPTIONAL = {
    "buildah": ("buildah", "buildah"),
    "debootstrap": ("debootstrap", "debootstrap"),
    "swift": ("swift-proxy-server", "swift-proxy swift-account swift-container swift-object"),
}
# Everything else, each by a script that does nothing when its work is done; `optional:` ones may fail.
SCRIPTS = {
    "frontend": "scripts/frontend.sh",
    "kustomize": "optional: command -v kubectl || command -v kustomize || scripts/build_kustomize.sh",
    "azurite": "optional: [ -x .cache/azurite/node_modules/.bin/azurite-blob ] || scripts/install_azurite.sh",
    "fake-gcs": "optional: [ -x .cache/bin/fake-gcs-server ] || scripts/build_fake_gcs.sh",
    "minio": "optional: [ -x .cache/bin/minio ] || scripts/build_minio.sh",
}
SECONDS = 1500  # of one step: MinIO is compiled in six minutes, Chromium is downloaded


def steps(groups: Iterable[Group]) -> list[Task]:
    """The steps that these groups need, in the order in which they should start."""
    wanted = {need for group in groups for need in group.needs}
    tasks = []
    if required := [name for name in REQUIRED if name in wanted]:
        tasks.append(_packages("packages", [REQUIRED[name] for name in required], optional=False))
    if optional := [name for name in OPTIONAL if name in wanted]:
        tasks.append(_packages("optional packages", [OPTIONAL[name] for name in optional], optional=True))
    for name, script in SCRIPTS.items():
        if name in wanted:
            command = script.removeprefix("optional: ")
            tasks.append(_task(name, f"({command}) || true" if command != script else command))
    return tasks


def task_of(group: Group) -> Task:
    """The group as a task that waits for the steps it needs."""
    kinds = {"packages": REQUIRED, "optional packages": OPTIONAL}
    after = [kind for kind, names in kinds.items() if any(need in names for need in group.needs)]
    after += [need for need in group.needs if need in SCRIPTS]
    python = ("-m" in group.command[:1]) * (sys.executable,)
    command = [*python, *(sys.executable if word == "{python}" else word for word in group.command)]
    variables = {"PYTEST_ADDOPTS": f"-o cache_dir=.pytest_cache/{group.name}", **group.variables}
    return Task(
        group.name,
        command,
        group.cores,
        group.seconds,
        after=tuple(after),
        alone=group.alone,
        background=group.background,
        variables=variables,
    )


def _packages(name: str, needs: list[tuple[str, str]], *, optional: bool) -> Task:
    words = " ".join(f"'{command}|{packages}'" for command, packages in needs)
    return _task(name, f"scripts/packages.sh {words}" + " || true" * optional)


def _task(name: str, script: str) -> Task:
    return Task(name, ["sh", "-c", script], cores=0.4, seconds=SECONDS)
