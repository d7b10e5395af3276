"""Those who work in a space of their team at the same time, each with a device that syncs the home."""

from __future__ import annotations

import hashlib
import os
import re
import time

from tests.clients.mounts.team import Member, below
from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.together.people import Device
from tests.clients.trees import FOLDER

# Of a folder that it takes for new where it may make none (nextcloudcmd 3.7).
REFUSED_FOLDER = re.compile(r'propagation of "([^"]+)" by .* have permission to add subfolders to that folder')


class Editor(Device):
    """Changes what is their own in the space: `files` are paths from the mount, which is called `mount` here."""

    def __init__(self, client: NextcloudCmd, member: Member, mount: str, name: str, seed: int) -> None:
        super().__init__(client, name, seed)
        self.member, self.mount = member, mount
        self.stored: set[str] = set()  # the hashes of all that they wrote

    def store(self, path: str, data: bytes) -> None:
        self.stored.add(hashlib.sha256(data).hexdigest())
        super().store(f"{self.mount}/{path}", data)

    def bring(self, source: str, target: str) -> None:
        super().bring(f"{self.mount}/{source}", f"{self.mount}/{target}")

    def remove(self, path: str) -> None:
        super().remove(f"{self.mount}/{path}")

    def mounted(self) -> dict[str, str]:
        """What the device holds of the space, but for the conflict copies of this device."""
        return {path: v for path, v in below(self.client.tree(), self.mount).items() if "conflicted copy" not in path}

    def left_over(self, there: dict[str, str]) -> set[str]:
        """What the device may hold that the space does not."""
        return set()

    def holds(self, there: dict[str, str]) -> bool:
        """Whether the device holds what the space does."""
        left_over = self.left_over(there)
        return {path: value for path, value in self.mounted().items() if path not in left_over} == there

    def _take_back(self, source: str, target: str) -> None:
        """The client names what it has put back by the paths of the device."""
        super()._take_back(source.removeprefix(f"{self.mount}/"), target.removeprefix(f"{self.mount}/"))


class Viewer(Editor):
    """May only read, and edits all the same: `written` are the hashes of all that they wrote."""

    def __init__(self, client: NextcloudCmd, member: Member, mount: str, name: str, seed: int) -> None:
        super().__init__(client, member, mount, name, seed)
        self.written: set[str] = set()
        self.editors: list[Editor] = []  # whose files the device gets
        self.refused_folders: set[str] = set()  # of the last run
        self._first_edit = int(time.time()) - 100_000

    def act(self) -> None:
        there = sorted(path for path, value in self.mounted().items() if value != "folder")
        if not there:
            return
        self.counter += 1
        data = f"{self.name} thinks otherwise, for the {self.counter}. time ".encode() + b"#" * self.counter
        path = self.random.choice(there)
        self.written.discard(self.mounted()[path])  # an edit that was not synced yet, and which this one replaces
        self.store(path, data)
        self._give_own_time(path)
        self.written.add(hashlib.sha256(data).hexdigest())
        self.acts["edit"] += 1

    def _give_own_time(self, path: str) -> None:
        """The client names a conflict copy by the second of the edit. Where two of a file fall into one, it loses the
        later edit and ends with an assertion (nextcloudcmd 3.7).
        """
        seconds = self._first_edit + 2 * self.counter
        os.utime(self.client.folder / self.mount / path, (seconds, seconds))

    def left_over(self, there: dict[str, str]) -> set[str]:
        """What the client takes for new and may not upload, and the folders that it keeps for that and for conflict
        copies: own edits of files that others have moved or deleted meanwhile, and versions of files whose folder
        others moved while the client fetched the next version (nextcloudcmd 3.7 forgets where they were). It forgets
        the folder as well when it has renamed it and a file in it is gone before it is fetched; that folder may stay
        empty, and counts only while the client itself says that it may not add it.
        """
        contents = self.stored.union(*(editor.stored for editor in self.editors))
        here = below(self.client.tree(), self.mount)
        files = {path for path, value in here.items() if value in contents and path not in there}
        kept = files | {path for path in here if "conflicted copy" in path}
        folders = {"/".join(parts[:depth]) for parts in (p.split("/") for p in kept) for depth in range(1, len(parts))}
        folders |= {path for path, value in here.items() if value == FOLDER and self._is_refused(path)}
        return files | (folders - there.keys())

    def _is_refused(self, path: str) -> bool:
        return any(f"{self.mount}/{path}/".startswith(f"{folder}/") for folder in self.refused_folders)

    def _note(self, code: int | str, output: str) -> None:
        self.refused_folders = set(REFUSED_FOLDER.findall(output))
        super()._note(code, output)

    def lost(self) -> set[str]:
        """What they wrote and their device holds no longer."""
        return self.written - set(self.client.tree().values())

    def end(self) -> bool:
        """A run fails by what may not be uploaded; whether all is well, the trees tell."""
        self.settle()
        return True
