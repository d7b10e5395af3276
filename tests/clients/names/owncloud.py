"""owncloudcmd, the older client that Nextcloud's was made from, as Debian packages it."""

from __future__ import annotations

from pathlib import Path

from tests.clients.programs import Done, find, run
from tests.clients.trees import Tree, local_tree


class OwncloudCmd:
    """One device: `folder` is what it syncs."""

    def __init__(self, place: Path, url: str, user: str, password: str) -> None:
        self.folder, self.home = place / "files", place / "home"
        self.folder.mkdir(parents=True)
        self.url, self.user, self.password = f"{url}/remote.php/webdav/", user, password

    def sync(self) -> Done:
        """One run that must go well."""
        options = ["--non-interactive", "--trust", "-h", "--user", self.user, "--password", self.password]
        excluded = self.home / "excluded"  # the package of the program alone has no list, without which it ends
        excluded.parent.mkdir(exist_ok=True)
        excluded.write_text("*~\n")
        options += ["--exclude", str(excluded)]
        return run([find("owncloudcmd"), *options, str(self.folder), self.url], home=self.home).ok()

    def tree(self) -> Tree:
        return local_tree(self.folder)

    def write(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
