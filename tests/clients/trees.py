"""Trees of files by their hashes: what is in a folder of this machine, and what an account has (asked by REST)."""

from __future__ import annotations

import hashlib
import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import requests

FOLDER = "folder"
Tree = dict[str, str]
"""Paths without a slash at the beginning, each with the SHA-256 of its bytes or FOLDER."""

# The database and the log of nextcloudcmd.
_CLIENT = (".sync_", ".nextcloudsync.log", ".owncloudsync.log", "._sync_")


def local_tree(folder: Path) -> Tree:
    found: Tree = {}
    for place, folders, files in os.walk(folder):
        top = os.path.relpath(place, folder)
        prefix = "" if top == "." else f"{top}/"
        found.update({f"{prefix}{name}": FOLDER for name in folders})
        for name in files:
            if not (prefix == "" and name.startswith(_CLIENT)):
                found[f"{prefix}{name}"] = _hash(Path(place) / name)
    return found


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Remote:
    """One account by REST: what a person does in the browser, and the tree that everybody must come to."""

    def __init__(self, base_url: str, headers: dict[str, str]) -> None:
        self.url = f"{base_url}/api/v1"
        self.session = requests.Session()
        self.session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=8, max_retries=3))
        self.session.headers.update(headers)

    def tree(self, folder: str = "") -> Tree:
        """`folder` begins with a slash."""
        found: Tree = {}
        waiting, files = [folder], list[str]()
        while waiting:
            place = waiting.pop()
            for node in self.listing(place):
                path = f"{place}/{node['name']}"
                if node["kind"] == "folder":
                    waiting.append(path)
                    found[path.removeprefix(f"{folder}/")] = FOLDER
                else:
                    files.append(path)
        with ThreadPoolExecutor(4) as threads:
            hashes = threads.map(self.hash, files)
            found.update({path.removeprefix(f"{folder}/"): value for path, value in zip(files, hashes, strict=True)})
        return found

    def listing(self, folder: str) -> list[dict[str, str]]:
        items: list[dict[str, str]] = []
        cursor: str | None = ""
        while cursor is not None:
            parameters = {"path": folder or "/", "limit": "1000", **({"cursor": cursor} if cursor else {})}
            answer = self.session.get(f"{self.url}/folders", params=parameters, timeout=60)
            assert answer.status_code == 200, answer.text[:300]
            items += answer.json()["items"]
            cursor = answer.json()["next_cursor"]
        return items

    def hash(self, path: str) -> str:
        digest = hashlib.sha256()
        with self.session.get(f"{self.url}/content{quote(path)}", stream=True, timeout=60) as answer:
            assert answer.status_code == 200, (path, answer.text[:300])
            for block in answer.iter_content(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    def read(self, path: str) -> bytes:
        answer = self.session.get(f"{self.url}/content{quote(path)}", timeout=60)
        assert answer.status_code == 200, (path, answer.text[:300])
        return answer.content

    def write(self, path: str, data: bytes) -> None:
        answer = self.session.put(f"{self.url}/content{quote(path)}", data=data, timeout=60)
        assert answer.status_code in (200, 201), answer.text[:300]

    def metadata(self, path: str) -> dict[str, object]:
        answer = self.session.get(f"{self.url}/metadata", params={"path": path}, timeout=60)
        assert answer.status_code == 200, answer.text[:300]
        found: dict[str, object] = answer.json()
        return found

    def make_folder(self, path: str) -> None:
        self._post("folders", path=path, exist_ok=True)

    def move(self, source: str, target: str) -> None:
        self._post("move", from_path=source, to_path=target)

    def trash(self, *paths: str) -> None:
        self._post("trash", paths=list(paths))

    def _post(self, place: str, **body: object) -> None:
        answer = self.session.post(f"{self.url}/{place}", json=body, timeout=60)
        assert answer.status_code in (200, 201), answer.text[:300]


def make_tree(folder: Path, files: int, *, seed: int, largest: int = 4000, each: int = 100) -> None:
    """`files` files of up to `largest` bytes, about `each` to a folder."""
    chance = random.Random(seed)
    for number in range(files):
        path = folder / f"folder {number // each:02}" / f"file {number:04}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(chance.randbytes(chance.randrange(1, largest)))


def odd_names() -> list[str]:
    """Names of files that a person has and that a program stumbles over. All are legal here and on Linux."""
    return [
        "Übergröße ß.txt",
        "日本語のファイル.txt",
        "한국어.txt",
        "emoji 🧑‍🚀🎉.txt",
        "עברית.txt",
        "50% off.txt",
        "100%25.txt",
        "%2e%2e%2f.txt",
        "a#b.txt",
        "what?.txt",
        "a&b=c;d+e.txt",
        "it's 'quoted'.txt",
        "[brackets] {braces} ^`.txt",
        ".leading dot",
        "..two dots",
        "...three",
        "~tilde@at$dollar!,.txt",
        "comma, and (parens).txt",
        "é composed.txt",
        # 255 bytes in 130 and 69 characters. nextcloudcmd leaves out what has more than 254 characters.
        "ü" * 125 + "x.txt",
        "😀" * 62 + "123.txt",
        "x" * 250 + ".txt",
    ]
