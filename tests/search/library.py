"""A real tree: the library of the Python that runs the tests, more than 3,000 files."""

import os
import random
import sysconfig
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from accounts.actor import Actor
from files.actions.bulk_write import MAXIMUM_BYTES, SmallFile, bulk_write
from files.actions.create_folder import create_folder
from files.queries.target import Target
from files.tree.put import Wish
from search.text.decoding import MAXIMUM_BYTES as SEARCHED_BYTES
from search.text.decoding import decode
from search.text.words import words_of

ENOUGH = 3_000
MOST = 4_000
TOGETHER = 500
SKIPPED = {"__pycache__", "site-packages", "dist-packages", "node_modules"}


@dataclass(frozen=True)
class LibraryFile:
    path: str
    data: bytes


def library(most: int = MOST) -> list[LibraryFile]:
    """The standard library; where a system has little of it (Debian leaves out the tests), installed packages too."""
    roots = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    found: list[LibraryFile] = []
    for number, root in enumerate(roots):
        if len(found) < ENOUGH:
            found += _files(Path(root), f"lib{number}", most - len(found))
    return found


def _files(root: Path, name: str, most: int) -> Iterator[LibraryFile]:
    count = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED)
        for file in sorted(files):
            path = Path(folder) / file
            if count == most or path.is_symlink() or path.stat().st_size > MAXIMUM_BYTES // 4:
                continue
            count += 1
            yield LibraryFile(f"{name}/{path.relative_to(root)}", path.read_bytes())


def put_library(actor: Actor, files: list[LibraryFile]) -> None:
    """Into the folder /library of the actor's home, by bulk uploads."""
    folder, _ = create_folder(actor, target=Target("library"))
    batch: list[SmallFile] = []
    size = 0
    for file in files:
        if batch and (len(batch) == TOGETHER or size + len(file.data) > MAXIMUM_BYTES):
            _put(actor, folder.node.pk, batch)
            batch, size = [], 0
        batch.append(SmallFile(file.path, file.data, Wish()))
        size += len(file.data)
    _put(actor, folder.node.pk, batch)


def _put(actor: Actor, folder_id: int, batch: list[SmallFile]) -> None:
    _, puts = bulk_write(actor, folder=Target(parent_id=folder_id), files=batch)
    assert [put.error for put in puts if put.error] == []


@dataclass(frozen=True)
class Phrase:
    """3 to 8 words as they stand in a line of a file, punctuation and all."""

    text: str
    path: str


def known_phrases(files: list[LibraryFile], count: int, *, seed: int, rarest: int = 10) -> list[Phrase]:
    """From `count` random text files. A phrase that stands in more than `rarest` files is not taken: nobody could say
    which of a hundred files with `if __name__ == "__main__":` was meant.
    """
    chance = random.Random(seed)
    texts = {file.path: text for file in files if (text := decode(file.data[:SEARCHED_BYTES]))}
    words = {path: words_of(text) for path, text in texts.items()}
    files_of: dict[str, set[str]] = defaultdict(set)
    for path, found in words.items():
        for word in set(found):
            files_of[word].add(path)
    joined = {path: f" {' '.join(found)} " for path, found in words.items()}
    paths = sorted(texts)
    phrases: list[Phrase] = []
    while len(phrases) < count:
        path = chance.choice(paths)
        typed = _phrase(texts[path], chance)
        wanted = words_of(typed)
        if len(wanted) < 3:
            continue
        needle = f" {' '.join(wanted)} "
        candidates = set.intersection(*(files_of[word] for word in wanted))
        if sum(needle in joined[candidate] for candidate in candidates) <= rarest:
            phrases.append(Phrase(typed, path))
    return phrases


def _phrase(text: str, chance: random.Random) -> str:
    words = chance.choice(text.splitlines() or [""]).split()
    length = chance.randint(3, 8)
    if len(words) < length:
        return ""
    start = chance.randint(0, len(words) - length)
    return " ".join(words[start : start + length])
