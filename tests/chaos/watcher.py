"""Somebody who lists, reads and writes all the time, and looks at the clock: what goes on while a part is away, and how
soon one hears of what does not.
"""

import threading
import time
from dataclasses import dataclass

import requests

from tests.chaos.faults import ALL, LIST, READ, WRITE, Fault

PATIENCE = 30.0
LONGEST = 6.0  # seconds that an answer may take, whatever is away
REFUSALS = frozenset({502, 503, 504, 507})


@dataclass(frozen=True, slots=True)
class Probe:
    act: str
    started: float
    seconds: float
    status: int  # 0: no answer
    retry_after: bool
    text: str = ""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    def __str__(self) -> str:
        return f"{self.act}: {self.status} after {self.seconds:.1f} s {self.text}"


class Watcher:
    def __init__(self, url: str, token: str) -> None:
        self.url, self.headers = f"{url}/api/v1", {"Authorization": f"Bearer {token}"}
        self.probes: list[Probe] = []
        self.stopped = threading.Event()
        made = requests.put(f"{self.url}/content/watched/read.txt", data=b"read", headers=self.headers, timeout=30)
        assert made.status_code == 201, made.text
        self.threads = [threading.Thread(target=self._watch, args=(act,), daemon=True) for act in sorted(ALL)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(PATIENCE + 5)

    def since(self, moment: float) -> list[Probe]:
        return [probe for probe in list(self.probes) if probe.started >= moment]

    def wait_until_well(self, seconds: float) -> float:
        """Until each act has gone well twice in a row. The seconds that it took; raises AssertionError."""
        began = time.monotonic()
        while True:
            last = {act: [probe for probe in self.since(began) if probe.act == act][-2:] for act in ALL}
            if all(len(found) == 2 and all(probe.good for probe in found) for found in last.values()):
                return time.monotonic() - began
            assert time.monotonic() - began < seconds, f"not well again: {[str(f[-1]) for f in last.values() if f]}"
            time.sleep(0.1)

    def faults_of(self, fault: Fault, began: float, ended: float) -> list[str]:
        """What was not as it should be while the fault lasted."""
        found = []
        for probe in self.since(began - PATIENCE):
            finished = probe.started + probe.seconds
            if finished < began or probe.started > ended:
                continue
            settled = probe.started > began + fault.grace and finished < ended
            if probe.seconds > LONGEST + (fault.grace if not settled else 0):
                found.append(f"took too long: {probe}")
            elif probe.status not in REFUSALS and not probe.good:
                found.append(f"no clear answer: {probe}")
            elif not probe.good and not probe.retry_after and probe.status != 507:
                found.append(f"no Retry-After: {probe}")
            elif settled and not probe.good and probe.act in fault.goes_on:
                found.append(f"should go on: {probe}")
        return found

    def _watch(self, act: str) -> None:
        number = 0
        while not self.stopped.wait(0.25):
            number += 1
            started = time.monotonic()
            try:
                answer = self._ask(act, number)
            except requests.RequestException as error:
                self.probes.append(Probe(act, started, time.monotonic() - started, 0, False, repr(error)[:200]))
                continue
            text = "" if answer.ok else answer.text[:200]
            spent = time.monotonic() - started
            self.probes.append(Probe(act, started, spent, answer.status_code, "Retry-After" in answer.headers, text))

    def _ask(self, act: str, number: int) -> requests.Response:
        method, path, data = {
            LIST: ("GET", "/folders?path=/watched", None),
            READ: ("GET", "/content/watched/read.txt", None),
            WRITE: ("PUT", f"/content/watched/w{number % 50}.txt", b"%d" % number),
        }[act]
        return requests.request(method, self.url + path, data=data, headers=self.headers, timeout=PATIENCE)
