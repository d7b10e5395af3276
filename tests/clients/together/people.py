"""Those who work on one account at the same time: devices that sync, and a person in the browser.

Everybody changes only what is their own, in folders that all share and in one of their own that moves about: there is
no conflict, and so there must be no conflict copy. `files` are the paths that must be there in the end, each with the
SHA-256 of its bytes.
"""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter

import requests

from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.trees import FOLDER, Remote, Tree

# nextcloudcmd 3.7.3 undoes a rename on its side when the answer to its MOVE is an error, also that of a proxy.
PUT_BACK = re.compile(r'Could not MOVE file "(.+?)" +to "(.+?)" +with error: .* and successfully restored it')
RUNS_TO_LEARN = 8
SHARED = ["shared", "shared/below", "shared/ü"]
STUCK = 100  # seconds: no run is that long
PATIENCE = 60.0  # seconds until a cluster whose replica was killed must answer
GONE = (502, 503, 504)


class Person(ABC):
    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.random = random.Random(f"{seed}/{name}")
        self.files: dict[str, str] = {}
        self.own = f"{name}'s"
        self.counter = 0
        self.acts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def act(self) -> None:
        what = self.random.choice(["write", "write", "write", "overwrite", "rename", "delete", "move"])
        if what != "write" and not self.files:
            what = "write"
        getattr(self, what)()
        self.acts[what] += 1

    def write(self) -> None:
        self.counter += 1
        folder = self.random.choice([*SHARED, self.own, f"{self.own}/deeper"])
        self._put(f"{folder}/{self.name} {self.counter}.txt")

    def overwrite(self) -> None:
        self._put(self.random.choice(sorted(self.files)))

    def _put(self, path: str) -> None:
        # No two sizes are the same: a client looks at size and second, and some writes are in the same second.
        self.counter += 1
        data = self.random.randbytes(self.random.choice([20, 3_000, 90_000])) + b"#" * self.counter
        self.store(path, data)
        self.files[path] = hashlib.sha256(data).hexdigest()

    def rename(self) -> None:
        self.counter += 1
        source = self.random.choice(sorted(self.files))
        target = f"{source.rpartition('/')[0]}/{self.name} {self.counter} renamed.txt"
        self.bring(source, target)
        self.files[target] = self.files.pop(source)

    def delete(self) -> None:
        path = self.random.choice(sorted(self.files))
        self.remove(path)
        del self.files[path]

    def move(self) -> None:
        """One's own folder gets another name."""
        if not any(path.startswith(f"{self.own}/") for path in self.files):
            return
        self.counter += 1
        source, self.own = self.own, f"{self.name}'s {self.counter}"
        self.bring(source, self.own)
        for path in [path for path in self.files if path.startswith(f"{source}/")]:
            self.files[self.own + path.removeprefix(source)] = self.files.pop(path)

    @abstractmethod
    def store(self, path: str, data: bytes) -> None: ...

    @abstractmethod
    def bring(self, source: str, target: str) -> None: ...

    @abstractmethod
    def remove(self, path: str) -> None: ...

    @abstractmethod
    def settle(self) -> None:
        """What comes after some acts."""

    def work(self, stop: threading.Event) -> None:
        """Until somebody says so. What goes wrong is in `wrong`."""
        try:
            while not stop.is_set():
                for _ in range(self.random.randrange(1, 5)):
                    self.act()
                self.settle()
        except Exception as error:
            self.wrong.append(f"{self.name}: {error!r}"[:2000])
            stop.set()


class Device(Person):
    """Changes its folder, then syncs. A run that fails while a replica dies is tried again, as the real client does."""

    def __init__(self, client: NextcloudCmd, name: str, seed: int) -> None:
        super().__init__(name, seed)
        self.client = client
        self.runs: Counter[int | str] = Counter()  # by exit code; `stuck`: ended by us
        self.last_failure = ""
        self.log = client.home.parent / "log"  # of all runs

    def store(self, path: str, data: bytes) -> None:
        self.client.write(path, data)

    def bring(self, source: str, target: str) -> None:
        (self.client.folder / source).rename(self.client.folder / target)

    def remove(self, path: str) -> None:
        (self.client.folder / path).unlink()

    def settle(self) -> None:
        put_back = self._sync()
        if put_back:
            self._learn(put_back)

    def _sync(self) -> list[tuple[str, str]]:
        """The renames, from what to what, that the client has undone."""
        # A file that failed is left alone for 25 s, unless the client is told otherwise; 0 would be no word.
        try:
            done = self.client.try_sync(seconds=STUCK, environment={"OWNCLOUD_BLACKLIST_TIME_MIN": "1"})
        except subprocess.TimeoutExpired as error:
            self.runs["stuck"] += 1
            output = (error.stderr or b"").decode(errors="replace")
            self.last_failure = output[-6000:]
            self._note("stuck", output)
            return []
        self.runs[done.code] += 1
        self._note(done.code, done.output)
        if done.code and not self.runs["stuck"]:
            self.last_failure = done.output[-3000:]
        top = f"{self.client.folder}/"
        return [
            (source.removeprefix(top), target.removeprefix(top)) for source, target in PUT_BACK.findall(done.output)
        ]

    def _learn(self, put_back: list[tuple[str, str]]) -> None:
        """What was put back is where it was; unless the server had done it before it died, then it comes again."""
        before = self.runs[0]
        for _ in range(RUNS_TO_LEARN):
            put_back += self._sync()
            if self.runs["stuck"]:
                return  # which fails the test
            if self.runs[0] > before:
                break
            time.sleep(1)
        for source, target in put_back:
            there = [path for path in (source, target) if (self.client.folder / path).exists()]
            assert len(there) == 1, f"of {source} and {target} there is {there}"
            self.acts["renames put back" if there == [source] else "renames done without an answer"] += 1
            if there == [source]:
                self._take_back(source, target)

    def _take_back(self, source: str, target: str) -> None:
        if self.own == target:
            self.own = source
        for path in [path for path in self.files if path == target or path.startswith(f"{target}/")]:
            self.files[source + path.removeprefix(target)] = self.files.pop(path)

    def _note(self, code: int | str, output: str) -> None:
        with self.log.open("a") as log:
            log.write(f"--- run {self.runs.total()}: {code}\n{output}\n")

    def said_of(self, name: str) -> list[str]:
        """Lines of its runs, each run with its exit code first."""
        lines = self.log.read_text(errors="replace").splitlines()
        found = [number for number, line in enumerate(lines) if name in line]
        return [
            next(line for line in reversed(lines[: number + 1]) if line.startswith("---")) + " " + lines[number][:300]
            for number in found
        ]

    def end(self) -> bool:
        """Whether a last run goes well."""
        before = self.runs[0]
        self.settle()
        return self.runs[0] > before


class Browser(Person):
    """Knows the moment at which an act is done, and asks again when nobody answers."""

    def __init__(self, remote: Remote, seed: int) -> None:
        super().__init__("browser", seed)
        self.remote = remote
        self.unanswered = 0

    def store(self, path: str, data: bytes) -> None:
        self._insist(lambda: self.remote.write(f"/{path}", data), done=lambda: False)

    def bring(self, source: str, target: str) -> None:
        self._insist(lambda: self.remote.move(f"/{source}", f"/{target}"), done=lambda: self._is_there(target))

    def remove(self, path: str) -> None:
        self._insist(lambda: self.remote.trash(f"/{path}"), done=lambda: not self._is_there(path))

    def settle(self) -> None:
        time.sleep(self.random.uniform(0.2, 1.5))

    def _is_there(self, path: str) -> bool:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.remote.session.get(f"{self.remote.url}/metadata", params={"path": f"/{path}"}, timeout=30)
            except requests.RequestException:
                answer = None
            if answer is not None and answer.status_code not in GONE:
                return answer.status_code == 200
            assert time.monotonic() < end, "nobody answers"
            time.sleep(0.3)

    def _insist(self, act, *, done) -> None:  # type: ignore[no-untyped-def]
        end = time.monotonic() + PATIENCE
        while True:
            try:
                act()
                return
            except (requests.RequestException, AssertionError) as error:
                self.unanswered += 1
                if done():
                    return
                if time.monotonic() > end:
                    raise AssertionError(f"nobody does it: {error}") from error
                time.sleep(0.3)


def expected(people: list[Person]) -> Tree:
    """All files of all, and only the folders that hold some."""
    return {path: value for person in people for path, value in person.files.items()}


def files_of(tree: Tree) -> Tree:
    return {path: value for path, value in tree.items() if value != FOLDER}
