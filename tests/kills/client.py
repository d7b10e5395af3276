"""A client that never loses count: it knows what the server acknowledged, and finds out what became of the rest.

Each client works in a folder of its own. `files` maps a path to the SHA-256 of the bytes that must be there.
"""

import hashlib
import random
import time
from urllib.parse import quote

import requests

BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
PATIENCE = 60.0  # seconds until a killed product must answer again


class Unanswered(Exception):
    """The server went away before it answered: the act happened entirely or not at all, and nobody said which."""


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Client:
    def __init__(self, base_url: str, token: str, number: int, seed: int) -> None:
        self.url = f"{base_url}/api/v1"
        self.headers = {"Authorization": f"Bearer {token}"}
        self.top = f"/client{number}"
        self.random = random.Random(f"{seed}/{number}")
        self.files: dict[str, str] = {}
        self.folders: set[str] = set()
        self.acts = self.unanswered = self.resumed = 0
        self.counter = 0

    # -- requests

    def ask(self, method: str, path: str, **arguments: object) -> requests.Response:
        """One request. Unanswered when the connection breaks, or a 502 to 504 says that nobody is there."""
        return self.send(method, path, **arguments)

    def send(self, method: str, path: str, **arguments: object) -> requests.Response:
        arguments.setdefault("timeout", 30)
        try:
            answer = requests.request(method, self.url + path, headers=self.headers, **arguments)  # type: ignore[arg-type]
        except BROKEN as error:
            raise Unanswered from error
        if answer.status_code in (502, 503, 504):
            raise Unanswered
        assert answer.status_code < 500 or answer.status_code == 507, (
            f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        )
        return answer

    def insist(self, method: str, path: str, **arguments: object) -> requests.Response:
        """A request that may be repeated, until somebody answers."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask(method, path, **arguments)
            except Unanswered:
                assert time.monotonic() < end, "the product did not come back"
                time.sleep(0.2)

    def look(self, path: str) -> str | None:
        """What is at the path now: the SHA-256 of its bytes, None for nothing."""
        answer = self.insist("GET", "/content" + quote(path))
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text[:300]
        return sha(answer.content)

    def note_unanswered(self) -> None:
        """Before looking what became of an act."""
        self.unanswered += 1

    # -- acts

    def step(self) -> None:
        act = self.random.choice(
            [self.write, self.write, self.overwrite, self.bulk, self.pieces, self.move, self.copy_folder, self.trash]
        )
        self.acts += 1
        act()

    def new_path(self) -> str:
        self.counter += 1
        folder = self.random.choice(["", "/a", "/a/b", "/ü"])
        return f"{self.top}{folder}/f{self.counter}"

    def data(self) -> bytes:
        return self.random.randbytes(self.random.choice([0, 100, 5_000, 300_000, 2_000_000]))

    def write(self, path: str | None = None) -> None:
        path, data = path or self.new_path(), self.data()
        before = self.files.get(path)
        try:
            answer = self.ask("PUT", "/content" + quote(path), data=data)
            assert answer.status_code in (200, 201), answer.text[:300]
            self.files[path] = sha(data)
        except Unanswered:
            self.settle(path, {before, sha(data)})

    def overwrite(self) -> None:
        if self.files:
            self.write(self.random.choice(sorted(self.files)))

    def settle(self, path: str, allowed: set[str | None]) -> None:
        """After an unanswered act: the file is what it was or what it was to be, whole."""
        self.note_unanswered()
        found = self.look(path)
        assert found in allowed, f"{path} is neither what it was nor what was written"
        if found is None:
            self.files.pop(path, None)
        else:
            self.files[path] = found

    def bulk(self) -> None:
        paths = {self.new_path(): self.random.randbytes(self.random.choice([0, 50, 3000])) for _ in range(20)}
        parts = [(path, ("part", data)) for path, data in paths.items()]
        try:
            answer = self.ask("POST", "/bulk", files=parts)
            assert answer.status_code == 200, answer.text[:300]
            assert all(row["error"] is None for row in answer.json()["items"]), answer.text[:500]
            self.files.update({path: sha(data) for path, data in paths.items()})
        except Unanswered:
            self.note_unanswered()
            there = {path: self.look(path) for path in paths}
            found = {path: value for path, value in there.items() if value is not None}
            assert not found or len(found) == len(paths), "half of a bulk upload is visible"
            for path, value in found.items():
                assert value == sha(paths[path])
                self.files[path] = value

    def pieces(self) -> None:
        path, data = self.new_path(), self.random.randbytes(3_000_000)
        begun = self.insist("POST", "/uploads", json={"path": path, "length": len(data), "mode": "overwrite"})
        assert begun.status_code == 201, begun.text[:300]
        upload = f"/uploads/{begun.json()['id']}"
        missing = [[0, len(data)]]
        first = True
        while missing:
            offset, length = self.random.choice(missing)
            length = min(length, 700_000)
            try:
                self.ask("PUT", f"{upload}/pieces/{offset}", data=data[offset : offset + length])
            except Unanswered:
                self.resumed += 1
            state = self.insist("GET", upload).json()
            arrived = len(data) - sum(part[1] for part in _ranges(state["missing"]))
            assert first or arrived > 0, "an interrupted upload began again"
            first = first and not arrived
            missing = _ranges(state["missing"])
        done = self.insist("POST", f"{upload}/finish", json={"checksums": {"sha256": sha(data)}})
        assert done.status_code in (200, 201), done.text[:300]
        self.files[path] = sha(data)

    def move(self) -> None:
        if not self.files:
            return
        source, target = self.random.choice(sorted(self.files)), self.new_path()
        try:
            answer = self.ask("POST", "/move", json={"from_path": source, "to_path": target})
            assert answer.status_code == 200, answer.text[:300]
            moved = True
        except Unanswered:
            self.note_unanswered()
            there = {path: self.look(path) for path in (source, target)}
            moved = there[target] is not None
            assert (there[source] is None) == moved, "a moved file is in both places, or in none"
        if moved:
            self.files[target] = self.files.pop(source)

    def copy_folder(self) -> None:
        source = f"{self.top}/a"
        below = {path: value for path, value in self.files.items() if path.startswith(source + "/")}
        if not below or len(below) > 150:
            return
        self.counter += 1
        target = f"{self.top}/copy{self.counter}"
        try:
            answer = self.ask("POST", "/copy", json={"from_path": source, "to_path": target})
            assert answer.status_code in (200, 201), answer.text[:300]
            copied = True
        except Unanswered:
            self.note_unanswered()
            copied = self.insist("GET", "/metadata", params={"path": target}).status_code == 200
        if copied:
            self.files.update({target + path.removeprefix(source): value for path, value in below.items()})

    def trash(self) -> None:
        if not self.files:
            return
        path = self.random.choice(sorted(self.files))
        try:
            answer = self.ask("DELETE", "/content" + quote(path))
            assert answer.status_code in (200, 204), answer.text[:300]
            del self.files[path]
        except Unanswered:
            self.settle(path, {None, self.files[path]})

    # -- the end

    def check(self) -> int:
        """Every acknowledged file is whole, and nothing else is visible. Returns how many files there are."""
        wrong = [path for path, value in self.files.items() if self.look(path) != value]
        assert not wrong, f"lost or different: {wrong[:5]} ({len(wrong)})"
        assert set(self.walk(self.top)) == set(self.files), "more or less is visible than was acknowledged"
        return len(self.files)

    def walk(self, folder: str) -> list[str]:
        found: list[str] = []
        cursor: str | None = None
        while True:
            parameters = {"path": folder, "limit": 500} | ({"cursor": cursor} if cursor else {})
            answer = self.insist("GET", "/folders", params=parameters)
            if answer.status_code == 404:
                return found
            page = answer.json()
            for node in page["items"]:
                path = f"{folder}/{node['name']}"
                found += self.walk(path) if node["kind"] == "folder" else [path]
            cursor = page["next_cursor"]
            if not cursor:
                return found


def _ranges(missing: list[object]) -> list[list[int]]:
    """`[offset, length]`, whether the endpoint says lists or objects."""
    return [[part["offset"], part["length"]] if isinstance(part, dict) else list(part) for part in missing]  # type: ignore[call-overload]
