"""The rows of the table: what is done, and in what it is measured. The targets are in targets.py."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.client import Refused
from benchmarks.processes import memory
from benchmarks.servers.ours import Ours, OursByRest
from benchmarks.sizes import SMALL
from benchmarks.syncing import sync_down, sync_nothing, sync_up
from benchmarks.world import World
from benchmarks.wrk import UNIQUE, Load

MIB = 1024 * 1024
OURS = (Ours.name, OursByRest.name)
BULK = 100  # files of a bulk request
Measure = Callable[[World], list[float]]


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    title: str
    unit: str
    measure: Measure
    higher_is_better: bool = False
    only: tuple[str, ...] = ()  # names of servers; without any, all of them


def put_large(world: World) -> list[float]:
    def measure() -> float:
        path = world.new_name()
        world.touch_memory()
        seconds = world.upload(path)
        _remove_file(world, path)
        return world.sizes.large / MIB / seconds

    return world.runs(measure)


def _remove_file(world: World, path: str) -> None:
    """Where that takes more than a moment it does not matter: it is to save disk space only."""
    if not isinstance(world.server, Ours):
        request = world.dialect.delete(path)
        world.client.send(type(request)(request.method, path, request.body, request.headers))


def get_large(world: World) -> list[float]:
    path = world.new_name()
    world.upload(path)

    def measure() -> float:
        seconds, received = world.client.download(world.dialect.get(path))
        if received != world.sizes.large:
            raise Refused(f"{received} bytes instead of {world.sizes.large}")
        return received / MIB / seconds

    measure()
    found = world.runs(measure)
    _remove_file(world, path)
    return found


def ranges(world: World) -> list[float]:
    path = world.new_name()
    world.upload(path)
    load = Load(world.dialect.get(path), connections=1, seconds=world.sizes.seconds, range_of=world.sizes.large)
    found = _warm(world, lambda: load)
    _remove_file(world, path)
    return found


def put_small(world: World) -> list[float]:
    def load() -> Load:
        folder = _new_folder(world)
        body = UNIQUE.encode() + os.urandom(SMALL - len(UNIQUE)).replace(b"@", b"#")
        return Load(world.dialect.put(f"{folder}/{UNIQUE}", body), connections=8, seconds=world.sizes.seconds)

    return _warm(world, load)


def bulk_put(world: World) -> list[float]:
    """Files a second, 100 to a request, on one connection for each core."""
    assert isinstance(world.server, Ours)
    dialect = world.server.rest

    def load() -> Load:
        folder = _new_folder(world)
        rest = [os.urandom(SMALL - len(UNIQUE)).replace(b"@", b"#") for _ in range(BULK)]
        files = {f"{UNIQUE}-{number:03}": UNIQUE.encode() + rest[number] for number in range(BULK)}
        _, answer = world.client.send(dialect.bulk(folder, {f"x{number}": b"x" for number in range(BULK)}))
        if b'"error": true' in answer or b'"error":{' in answer:  # the answer is 200, whatever becomes of each file
            raise Refused(answer[:300].decode(errors="replace"))
        return Load(dialect.bulk(folder, files), connections=8, seconds=world.sizes.seconds)

    return [rate * BULK for rate in _warm(world, load)]


def get_small(world: World) -> list[float]:
    load = Load(world.dialect.get("/small.bin"), connections=8, seconds=world.sizes.seconds)
    return _warm(world, lambda: load)


def list_folder(world: World) -> list[float]:
    _, pages = world.client.list_all(world.dialect, "/list")
    found = sum(page.count(b"file-") for page in pages)
    if found < world.sizes.listed:
        raise Refused(f"{found} of {world.sizes.listed} files are listed")
    return world.runs(lambda: world.client.list_all(world.dialect, "/list")[0] * 1000)


def move_tree(world: World) -> list[float]:
    source = world.new_name()
    world.client.send(world.dialect.copy("/tree", source))
    return _moves(world, source)


def _moves(world: World, source: str) -> list[float]:
    places = [source, world.new_name()]

    def measure() -> float:
        seconds, _ = world.client.send(world.dialect.move(*places))
        places.reverse()
        return seconds * 1000

    return world.runs(measure)


def copy_tree(world: World) -> list[float]:
    world.client.send(world.dialect.copy("/tree", world.new_name()))
    return world.runs(lambda: world.client.send(world.dialect.copy("/tree", world.new_name()))[0] * 1000)


def delete_tree(world: World) -> list[float]:
    def measure() -> float:
        name = world.new_name()
        world.client.send(world.dialect.copy("/tree", name))
        world.rest()
        return world.client.send(world.dialect.delete(name))[0] * 1000

    return world.runs(measure)


def make_folders(world: World) -> list[float]:
    def load() -> Load:
        folder = _new_folder(world)
        return Load(world.dialect.make_folder(f"{folder}/{UNIQUE}"), connections=1, seconds=world.sizes.seconds)

    return _warm(world, load)


def fill_huge(world: World) -> list[float]:
    """Seconds for `huge_copies` copies of the tree into one folder; once only, for the rows that follow."""
    if world.has_huge:
        return []
    _new_folder(world, "/huge")
    world.has_huge = True
    started = time.perf_counter()
    for number in range(world.sizes.huge_copies):
        world.client.send(world.dialect.copy("/tree", f"/huge/{number:03}"))
    return [time.perf_counter() - started]


def move_huge(world: World) -> list[float]:
    fill_huge(world)
    samples = _moves(world, "/huge")
    if len(samples) % 2:  # back to where the next row looks for it
        world.client.send(world.dialect.move(f"/work/{world._names}", "/huge"))
    return samples


def delete_huge(world: World) -> list[float]:
    server = world.server
    assert isinstance(server, Ours)
    fill_huge(world)

    def measure() -> float:
        seconds, _ = world.client.send(server.dialect.delete("/huge"))
        server.restore(world.client, "huge")
        return seconds * 1000

    return world.runs(measure)


def memory_used(world: World) -> list[float]:
    return [max(world.memory, memory(world.server.pids))]


def _new_folder(world: World, name: str = "") -> str:
    folder = name or world.new_name()
    world.client.send(world.dialect.make_folder(folder))
    return folder


def _warm(world: World, load: Callable[[], Load]) -> list[float]:
    """One run that does not count, so that every worker has seen such a request."""
    first = load()
    world.load(Load(first.request, first.connections, 1, first.range_of))
    return world.runs(lambda: world.load(load()))


ROWS = [
    Row("put-large", "PUT {large}", "MiB/s", put_large, higher_is_better=True),
    Row("get-large", "GET {large}", "MiB/s", get_large, higher_is_better=True),
    Row("ranges", "64 KiB ranges of it, 1 connection", "/s", ranges, higher_is_better=True),
    Row("put-small", "PUT 4 KiB × 8 connections", "/s", put_small, higher_is_better=True),
    Row("bulk-put", "the same, 100 files a request", "files/s", bulk_put, higher_is_better=True, only=OURS),
    Row("get-small", "GET 4 KiB × 8 connections", "/s", get_small, higher_is_better=True),
    Row("list", "list a folder of {listed}", "ms", list_folder),
    Row("move", "MOVE a folder of {tree}", "ms", move_tree),
    Row("copy", "COPY it", "ms", copy_tree),
    Row("delete", "DELETE it (ours: to the trash)", "ms", delete_tree),
    Row("make-folder", "MKCOL, 1 connection", "/s", make_folders, higher_is_better=True),
    Row("huge-fill", "COPY it {huge_copies} times into one folder", "s", fill_huge, only=OURS),
    Row("huge-move", "MOVE that folder of {huge}", "ms", move_huge, only=OURS),
    Row("huge-delete", "DELETE it", "ms", delete_huge, only=OURS),
    Row("sync-up", "nextcloudcmd: {synced} up", "s", sync_up, only=(Ours.name,)),
    Row("sync-nothing", "nextcloudcmd: nothing has changed", "s", sync_nothing, only=(Ours.name,)),
    Row("sync-down", "nextcloudcmd: the same files down", "s", sync_down, only=(Ours.name,)),
    Row("memory", "memory of the server, at most", "MiB", memory_used),
]
