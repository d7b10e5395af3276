"""`manage.py pool list|add|activate|readonly|drain|move|status|probe|seal|remove`: storage pools."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actor import system
from common.errors import CodedError
from files.actions import pools
from files.blobs.pools import target_of
from files.maintenance import moving
from files.maintenance.upkeep import UPKEEP
from files.models import BlobCopy, CopyState, JobState, MoveProblem, Pool, PoolState
from files.queries.pools import PoolStatus, pool_status

STATES = {"activate": PoolState.ACTIVE, "readonly": PoolState.READ_ONLY}
PAUSE = 0.5  # seconds


class Command(BaseCommand):
    actor = system("pool")
    help = "Storage pools: what there is, and moving bytes from one to another. No URL is ever printed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        acts.add_parser("list", help="every pool, a line each")
        add = acts.add_parser("add", help="a further pool, tried before it is accepted; it is active at once")
        add.add_argument("name", metavar="NAME")
        add.add_argument("url", metavar="URL", help="as STORAGE_URL; - reads it from standard input")
        add.add_argument("--region", default="", metavar="R")
        for name, text in (
            ("activate", "takes new bytes; ends a move out of it where it stands"),
            ("readonly", "is read, takes no new bytes"),
            ("probe", "what its storage can do, tried now"),
            ("remove", "forgets a pool that holds nothing"),
        ):
            acts.add_parser(name, help=text).add_argument("name", metavar="NAME")
        drain = acts.add_parser("drain", help="what it holds moves to the oldest active pool of its region")
        drain.add_argument("name", metavar="NAME")
        drain.add_argument("--wait", action="store_true", help="do the work here, until the pool is empty")
        move = acts.add_parser("move", help="what FROM holds moves to TO; back again: the other way round")
        move.add_argument("name", metavar="FROM")
        move.add_argument("target", metavar="TO")
        move.add_argument("--wait", action="store_true", help="do the work here, until the pool is empty")
        acts.add_parser("seal", help="seals all URLs with the SECRET_KEY of today")
        status = acts.add_parser("status", help="how far moves are, and what could not be moved")
        status.add_argument("name", nargs="?", metavar="NAME")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            getattr(self, f"_{act}", self._state)(act=act, **options)
        except CodedError as error:
            cause = f" ({error.__cause__})" if error.__cause__ else ""
            raise CommandError(" ".join(f"{error}{cause}".split())) from error

    def _list(self, **_: Any) -> None:
        for status in pool_status(list(Pool.objects.select_related("target").order_by("pk"))):
            self.stdout.write(_line(status))

    def _add(self, *, name: str, url: str, region: str, **_: Any) -> None:
        plain = sys.stdin.readline().strip() if url == "-" else url
        pool = pools.add_pool(self.actor, name=name, url=plain, region=region)
        self.stdout.write(f"Pool {pool.name} was added and is active.")

    def _state(self, *, act: str, name: str, **_: Any) -> None:
        pool = pools.set_pool_state(self.actor, pool_id=_pool(name).pk, state=STATES[act])
        self.stdout.write(f"Pool {pool.name} is {pool.get_state_display()}.")
        if not Pool.objects.filter(state=PoolState.ACTIVE).exists():
            self.stderr.write("No pool is active: nothing can be uploaded.")

    def _probe(self, *, name: str, **_: Any) -> None:
        able = pools.probe_pool(self.actor, pool_id=_pool(name).pk).as_dict()
        self.stdout.write("\n".join(f"{what}: {'yes' if yes else 'no'}" for what, yes in able.items()))

    def _seal(self, **_: Any) -> None:
        self.stdout.write(f"{pools.seal_pools(system('pool'))} URLs were sealed.")

    def _remove(self, *, name: str, **_: Any) -> None:
        pools.remove_pool(self.actor, pool_id=_pool(name).pk)
        self.stdout.write(f"Pool {name} is forgotten. Its bucket or folder is still there.")

    def _drain(self, *, name: str, wait: bool, target: str | None = None, **_: Any) -> None:
        pool = pools.move_pool(self.actor, pool_id=_pool(name).pk, target_id=_pool(target).pk if target else None)
        self.stdout.write(_line(pool_status([pool])[0]))
        if wait:
            self._work(pool)

    _move = _drain

    def _work(self, pool: Pool) -> None:
        """As the worker would do it; waits while another process has the job."""
        while _is_moving(pool):
            run = UPKEEP["move"].run(now_please=True)
            if run is None:
                time.sleep(PAUSE)
            elif run.state == JobState.FAILED:
                raise CommandError(f"the move stopped: {run.error_code}")
            self.stdout.write(_line(pool_status([Pool.objects.get(pk=pool.pk)])[0]))
        self._problems(pool)

    def _problems(self, pool: Pool) -> None:
        for problem in MoveProblem.objects.filter(pool=pool).order_by("blob_id")[:100]:
            self.stderr.write(f"not moved: blob {problem.blob_id} {problem.key}: {problem.code} {problem.detail}")

    def _status(self, *, name: str | None, **_: Any) -> None:
        found = [_pool(name)] if name else list(Pool.objects.select_related("target").order_by("pk"))
        for status in pool_status(found):
            self.stdout.write(_line(status))
            self._problems(status.pool)


def _is_moving(pool: Pool) -> bool:
    current = Pool.objects.filter(pk=pool.pk, state=PoolState.DRAINING).first()
    coming = BlobCopy.objects.filter(state=CopyState.COMING).exists()
    if current is None or coming:
        return current is not None
    target = target_of(current)
    return target is not None and moving.movable(current, target).exists()


def _pool(name: str) -> Pool:
    pool = Pool.objects.filter(name=name).first()
    if pool is None:
        raise CommandError(f"There is no pool {name}.")
    return pool


def _line(status: PoolStatus) -> str:
    pool = status.pool
    words = [f"{pool.name}: {pool.state}", f"region {pool.region or '-'}"]
    words.append(f"{status.blobs} blobs, {_size(status.bytes)}")
    if status.left:
        words.append(f"{status.left} left behind ({_size(status.left_bytes)})")
    if pool.state == PoolState.DRAINING:
        words.append(f"to {status.goes_to.name}" if status.goes_to else "waits: no active pool may take it")
        words.append(f"{pool.moved_blobs} moved ({_size(pool.moved_bytes)}, {status.percent} %)")
        if pool.move_rate:
            words.append(f"{_size(pool.move_rate)}/s")
        if status.remaining is not None and status.blobs:
            words.append(f"about {status.remaining} left")
    if status.problems:
        words.append(f"{status.problems} cannot be moved")
    return ", ".join(words)


def _size(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
