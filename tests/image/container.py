"""One process in the image's files as an orchestrator would run it: read-only root, /tmp in memory, no privileges.

No engine is needed: unshare(1) makes the namespaces of mounts and processes, so that the process is the first of its
own and signals reach it as they reach the first process of a container. The network is the machine's, on loopback.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

USER = "10001"
# $1 the image's files, $2 the folder for /data or "-", then the environment and the command
_INSIDE = f"""
set -e
root=$1; data=$2; shift 2
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t tmpfs -o mode=1777,nosuid,nodev,size=64m tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
[ "$data" = - ] || mount --bind "$data" "$root/data"
exec chroot --userspec={USER}:{USER} --groups= "$root" \\
    /usr/bin/setpriv --no-new-privs --inh-caps=-all -- /usr/bin/env --chdir=/app --ignore-environment "$@"
"""


class Container:
    """`command` with `environment` and nothing else of this process's; its output is in `log`."""

    def __init__(
        self, files: Path, command: list[str], environment: dict[str, str], log: Path, data: Path | None = None
    ) -> None:
        self.log = log
        self._output = log.open("ab")
        variables = [f"{name}={value}" for name, value in environment.items()]
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        self.process = subprocess.Popen(
            [*namespaces, "sh", "-c", _INSIDE, "sh", str(files), str(data or "-"), *variables, *command],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
        )

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def first_process(self) -> int:
        """The id, outside, of the container's process 1."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])

    def wait(self, seconds: float) -> int:
        """The exit code. subprocess.TimeoutExpired, with nothing left running, when it does not end."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def stop(self, seconds: float = 15) -> tuple[int, float]:
        """SIGTERM to its first process, as an orchestrator does. The exit code, and how many seconds it took."""
        started = time.monotonic()
        os.kill(self.first_process, signal.SIGTERM)
        return self.wait(seconds), time.monotonic() - started

    def kill(self) -> None:
        """The kernel ends everything in the namespace with its first process."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._output.close()
