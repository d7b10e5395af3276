"""kill -9 of the web server, of one of its workers, of the job worker, of all, at random moments of a mixed load.

`CHAOS_KILLS` (default 10) is how many moments, `CHAOS_SEED` which ones.
"""

import os
import random
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.kills.client import Client
from tests.servers.product import Product, start_product

KILLS = int(os.environ.get("CHAOS_KILLS", "10"))
SEED = int(os.environ.get("CHAOS_SEED", str(random.randrange(10**6))))
CLIENTS = 4
PAUSE = 0.02  # seconds: the machine is shared with what is killed


class Load(threading.Thread):
    """One client at work until told to stop. What goes wrong in it is raised by `finish`."""

    def __init__(self, client: Client, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.client, self.stop_event = client, stop
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stop_event.is_set():
                self.client.step()
                time.sleep(PAUSE)
        except BaseException as error:
            self.error = error
            self.stop_event.set()

    def finish(self) -> None:
        self.join(120)
        assert not self.is_alive(), "a client hangs"
        if self.error is not None:
            raise self.error


def kill_something(product: Product, chance: random.Random) -> str:
    """Kills, and starts again what has no master left to do it."""
    victim = chance.choice(["web", "web worker", "job worker", "web and job worker"])
    assert product.web is not None
    if victim == "web worker":
        children = psutil.Process(product.web.pid).children()
        if children:
            chance.choice(children).send_signal(signal.SIGKILL)
        return victim
    for process, name in ((product.web, "web"), (product.worker, "job worker")):
        if process is not None and name in victim.split(" and "):
            process.kill()
    time.sleep(chance.uniform(0, 0.5))
    product.stop()
    product.start()
    return victim


@pytest.mark.timeout(1500)
def test_nothing_is_lost_by_kill_9(tmp_path: Path) -> None:
    print(f"CHAOS_SEED={SEED} CHAOS_KILLS={KILLS}")
    chance = random.Random(SEED)
    with start_product(tmp_path, with_worker=True, BRAKE="off") as product:  # few clients change very much
        account = product.create_account("ada@example.com")
        stop = threading.Event()
        clients = [Client(product.base_url, account.token, number, SEED) for number in range(CLIENTS)]
        loads = [Load(client, stop) for client in clients]
        for load in loads:
            load.start()
        victims = []
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 2.0))
            if stop.is_set():
                break
            victims.append(kill_something(product, chance))
        stop.set()
        for load in loads:
            load.finish()
        files = sum(client.check() for client in clients)
        findings = product.manage("fsck", "--hash")
    print(f"{len(victims)} kills ({', '.join(sorted(set(victims)))}), {sum(c.acts for c in clients)} acts, ")
    print(f"{sum(c.unanswered for c in clients)} unanswered, {sum(c.resumed for c in clients)} pieces sent again, ")
    print(f"{files} files whole; fsck: {findings.strip()}")
