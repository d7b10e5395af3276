"""nextcloudcmd, the Nextcloud desktop client without its window, as Debian packages it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.clients.programs import Done, find, run
from tests.clients.trees import Tree, local_tree


class NextcloudCmd:
    """One device: `folder` is what it syncs, `home` holds its settings. It remembers in `folder` what it has seen."""

    def __init__(self, place: Path, url: str, user: str, password: str, *, top: str = "/") -> None:
        """`top` is the folder of the account that it syncs."""
        self.folder, self.home = place / "files", place / "home"
        self.folder.mkdir(parents=True)
        self.url, self.user, self.password, self.top = url, user, password, top

    def try_sync(
        self, *, url: str = "", seconds: float = 120, retries: int = 3, environment: Mapping[str, str] | None = None
    ) -> Done:
        """One run, as it goes."""
        options = ["--non-interactive", "--trust", "-h", "--max-sync-retries", str(retries)]
        options += ["--path", self.top] if self.top != "/" else []
        credentials = ["--user", self.user, "--password", self.password]
        command = [find("nextcloudcmd"), *options, *credentials, str(self.folder), url or self.url]
        own = {"QT_LOGGING_RULES": "*.debug=false"}
        return run(command, home=self.home, seconds=seconds, environment={**own, **(environment or {})})

    def sync(self, *, seconds: float = 120, environment: Mapping[str, str] | None = None) -> Done:
        """One run that must go well."""
        return self.try_sync(seconds=seconds, environment=environment).ok()

    def tree(self) -> Tree:
        return local_tree(self.folder)

    def conflicts(self) -> list[str]:
        return sorted(path for path in self.tree() if "conflicted copy" in path)

    def write(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
