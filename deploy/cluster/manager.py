"""The cluster as a whole: what is started after what, and the commands that it obeys while it runs."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.cluster import object_store, postgresql, rabbitmq, redis_server
from deploy.cluster.balancer import SLOTS, Balancer
from deploy.cluster.control import Control, Order
from deploy.cluster.layout import Layout
from deploy.cluster.options import Options
from deploy.cluster.part import Part
from deploy.cluster.product import Product
from deploy.cluster.supervision import Supervision, say
from dropbox_clone.process import StartFailed, Stop

LONGEST_MIGRATION = 3600.0  # seconds
LONGEST_DRAIN = 120.0  # seconds for requests under way at a replica that leaves
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ORDER_OF_STOP = (
    ("haproxy",),
    ("web", "worker", "beat"),
    ("postgresql", "redis", "rabbitmq", "object-store"),
    ("epmd",),
)


class Manager:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.layout = Layout.open(options.folder)
        self.control = Control(self.layout.sockets / "control.sock", self._questions())
        self.supervision = Supervision(self._while_waiting)
        self.balancer = Balancer(self.layout, options.host, self.layout.port("haproxy", options.port))
        self.product: Product | None = None
        self.stopping = False
        self.commands: dict[str, Callable[[Order, list[str]], Any]] = {
            "scale": self._scale,
            "roll": self._roll,
            "hold": self._hold,
            "start": self._start_held,
        }

    @property
    def url(self) -> str:
        host = self.options.host
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{self.balancer.port}"  # noqa: S104

    def run(self) -> int:
        """Until a command or a signal stops it. Returns the exit code."""
        before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        try:
            self._start()
            while True:
                self._carry_out_orders()
                self.supervision.step(0.2)
        except Stop:
            return 0
        except StartFailed as error:
            say(f"cluster: {error}")
            return 1
        finally:
            for number in SIGNALS:
                signal.signal(number, self._on_second_signal)
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self) -> None:
        started = time.monotonic()
        try:
            stateful = self._stateful_parts()
            balancer = self.balancer.part()
        except (FileNotFoundError, subprocess.CalledProcessError) as error:
            raise StartFailed(str(error)) from None
        self.supervision.start(*stateful)
        self.product = Product(self.layout, self._variables())
        link = self._migrate(self.product)
        self.supervision.start(balancer)
        self._change_number("web", self.options.web, say)
        self._change_number("worker", self.options.workers, say)
        self.supervision.start(self.product.beat())
        self.layout.announce(url=self.url, control=str(self.layout.sockets / "control.sock"))
        say(f"{'name':<12} {'port':>5} {'pid':>8}  log")
        for row in self.status()["parts"]:
            say(f"{row['name']:<12} {row['port'] or '':>5} {row['pid'] or '-':>8}  {row['log']}")
        say(f"dropbox_clone is running at {self.url}/ (started in {time.monotonic() - started:.1f} s)")
        if link:
            say(f"There is no administrator yet. Make the first one: {link}")

    def _stateful_parts(self) -> list[Part]:
        queue = rabbitmq.parts(self.layout) if self.options.broker == "rabbitmq" else []
        store = object_store.part(self.layout, self.options.storage)
        return [postgresql.part(self.layout), redis_server.part(self.layout), store, *queue]

    def _variables(self) -> dict[str, str]:
        """The environment variables of all replicas and workers."""
        port = {part.kind: part.port or 0 for part in self.supervision.parts.values()}
        postgresql.ensure_database(self.layout, port["postgresql"])
        port |= self.options.through
        if self.options.broker == "rabbitmq":
            broker = rabbitmq.url(self.layout, port["rabbitmq"])
        else:
            broker = redis_server.url(self.layout, port["redis"], 1)
        return {
            "HOST": "127.0.0.1",
            "DATA_DIR": str(self.layout.part("data")),
            "BASE_URL": self.url,
            "ALLOWED_HOSTS": "*" if self.options.host == "0.0.0.0" else "localhost,127.0.0.1",  # noqa: S104
            "TRUSTED_PROXIES": "127.0.0.1",
            "SECRET_KEY": self.layout.secret("secret-key"),
            "DATABASE_URL": postgresql.url(self.layout, port["postgresql"]),
            "CACHE_URL": redis_server.url(self.layout, port["redis"], 0),
            "BROKER_URL": broker,
            "STORAGE_URL": object_store.url(self.layout, port["object-store"]),
            "WEB_WORKERS": "1",
            "WEB_THREADS": "64",
            "DRAIN_DELAY": "3s",
            "STOP_TIMEOUT": "30s",
            **self.options.variables,
        }

    def _migrate(self, product: Product) -> str:
        """Returns the set-up link, or "". Meanwhile everything else is looked after."""
        process = product.migrate()
        try:
            self.supervision.wait_until(lambda: process.poll() is not None, LONGEST_MIGRATION)
        finally:
            process.kill()
        if process.wait() != 0:
            log = product.layout.log("migrate").read_text(errors="replace")[-2000:]
            raise StartFailed(f"migrate ended with exit code {process.returncode}:\n{log}")
        assert process.stdout is not None
        return process.stdout.read().decode().strip().rpartition("\n")[2]

    def _questions(self) -> dict[str, Callable[[], Any]]:
        return {
            "status": self.status,
            "environment": lambda: dict(self.product.variables) if self.product else {},
            "stop": self._ask_to_stop,
        }

    # --- commands --------------------------------------------------------------------------------------------
    def status(self) -> dict[str, Any]:
        """`{"url", "release", "parts": [{name, kind, port, pid, log, state, restarts}]}`."""
        try:
            balancer = self.balancer.states()
        except (OSError, RuntimeError):
            balancer = {}
        rows = [
            {
                "name": part.name,
                "kind": part.kind,
                "port": part.port,
                "pid": part.pid,
                "log": str(part.log),
                "state": balancer.get(part.name) or _state(part),
                "restarts": part.restarts,
            }
            for part in self.supervision.parts.values()
        ]
        release = str(self.product.release) if self.product else ""
        return {"url": self.url, "folder": str(self.layout.folder), "release": release, "parts": rows}

    def _scale(self, order: Order, arguments: list[str]) -> None:
        if len(arguments) != 2 or arguments[0] not in ("web", "worker") or not arguments[1].isdigit():
            raise StartFailed("scale web|worker NUMBER")
        number = int(arguments[1])
        if arguments[0] == "web" and not 1 <= number < SLOTS:
            raise StartFailed(f"web must be from 1 to {SLOTS - 1}")
        self._change_number(arguments[0], number, _to(order))

    def _roll(self, order: Order, arguments: list[str]) -> None:
        """Migrations first; then each replica, worker and the beat is replaced by one of the release."""
        assert self.product is not None
        release = Path(arguments[0]).absolute() if arguments else self.product.release
        if not (release / "dropbox_clone" / "entry.py").exists():
            raise StartFailed(f"{release} is no release: it has no dropbox_clone/entry.py")
        tell = _to(order)
        old, new = self.product, Product(self.layout, self.product.variables, release, self.product.counters)
        tell(f"migrations of {release}")
        self._migrate(new)
        self.product = new
        try:
            for part in self._of("web"):
                self._add_web(tell)
                self._remove_web(part, tell)
        except StartFailed:
            self.product = old  # the replicas that are left keep what they have
            raise
        for part in self._of("worker"):
            self.supervision.start(new.worker())
            self.supervision.stop(part)
            tell(f"{part.name} is replaced")
        self.supervision.stop(*self._of("beat"))
        self.supervision.start(new.beat())

    def _hold(self, order: Order, arguments: list[str]) -> None:
        """kill -9, and not started again until `start`."""
        part = self._part(arguments)
        part.held = True
        part.kill()

    def _start_held(self, order: Order, arguments: list[str]) -> None:
        part = self._part(arguments)
        if not part.alive():
            part.deaths = 0
            part.start()
        self.supervision.wait_until(part.ready, 60)

    # --- one at a time ---------------------------------------------------------------------------------------
    def _change_number(self, kind: str, number: int, tell: Callable[[str], None]) -> None:
        assert self.product is not None
        for _ in range(number - len(self._of(kind))):
            if kind == "web":
                self._add_web(tell)
            else:
                self.supervision.start(self.product.worker())
        for part in self._of(kind)[number:]:
            if kind == "web":
                self._remove_web(part, tell)
            else:
                self.supervision.stop(part)

    def _add_web(self, tell: Callable[[str], None]) -> None:
        assert self.product is not None
        part = self.product.web()
        self.supervision.start(part)
        assert part.port is not None
        self.balancer.add(part.name, part.port)
        tell(f"{part.name} takes requests on port {part.port}")

    def _remove_web(self, part: Part, tell: Callable[[str], None]) -> None:
        """No new requests, then wait for those under way, then SIGTERM; it drains once more by itself."""
        self.balancer.drain(part.name)
        tell(f"{part.name} gets no new requests")
        try:
            self.supervision.wait_until(lambda: self.balancer.under_way(part.name) == 0, LONGEST_DRAIN)
        except TimeoutError:
            tell(f"{part.name} still works after {LONGEST_DRAIN:g} s; STOP_TIMEOUT begins")
        self.supervision.stop(part, twice=True)
        self.balancer.remove(part.name)
        tell(f"{part.name} has ended")

    def _of(self, kind: str) -> list[Part]:
        return [part for part in self.supervision.parts.values() if part.kind == kind]

    def _part(self, arguments: list[str]) -> Part:
        name = arguments[0] if arguments else ""
        if name not in self.supervision.parts:
            raise StartFailed(f"there is no part {name!r}; there are {', '.join(self.supervision.parts)}")
        return self.supervision.parts[name]

    # --- the loop --------------------------------------------------------------------------------------------
    def _while_waiting(self, seconds: float) -> None:
        self.control.serve(seconds)
        if self.stopping:
            raise Stop

    def _carry_out_orders(self) -> None:
        while self.control.orders:
            order, command, arguments = self.control.orders.popleft()
            if command not in self.commands:
                order.finish(error=f"no such command: {command}")
                continue
            try:
                order.finish(result=self.commands[command](order, arguments))
            except (StartFailed, TimeoutError, OSError, RuntimeError) as error:
                say(f"cluster: {command}: {error}")
                order.finish(error=str(error) or type(error).__name__)

    def _ask_to_stop(self) -> None:
        self.stopping = True

    def _on_signal(self, number: int, frame: object) -> None:
        self.stopping = True

    def _on_second_signal(self, number: int, frame: object) -> None:
        for part in self.supervision.parts.values():
            part.send_to_all(signal.SIGKILL)

    def _stop_all(self) -> None:
        """In the order in which they need each other."""
        say("stopping")
        for kinds in ORDER_OF_STOP:
            parts = [part for kind in kinds for part in self._of(kind)]
            self.supervision.stop(*parts, twice="web" in kinds, wait=time.sleep)
        self.control.close()
        self.layout.close()
        say("stopped")


def _to(order: Order) -> Callable[[str], None]:
    def tell(text: str) -> None:
        say(text)
        order.say(text)

    return tell


def _state(part: Part) -> str:
    if part.given_up:
        return "given up"
    if part.held:
        return "held"
    return "running" if part.alive() else "restarting"


def show(status: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(status))
        return
    say(f"{'name':<12} {'state':<10} {'port':>5} {'pid':>8} {'restarts':>8}  log")
    for row in status["parts"]:
        pid, port = row["pid"] or "-", row["port"] or ""
        say(f"{row['name']:<12} {row['state']:<10} {port:>5} {pid:>8} {row['restarts']:>8}  {row['log']}")
    say(f"{status['url']}/ (release {status['release']})")
