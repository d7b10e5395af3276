"""The draw of faults leaves none out. (In this group because of its folder; it starts nothing.)"""

from types import SimpleNamespace
from typing import Any

from tests.chaos.faults import Faults

KINDS = ("web", "worker", "beat", "postgresql", "redis", "rabbitmq", "object-store", "haproxy", "epmd")


def cluster(*kinds: str) -> Any:
    parts = {f"{kind}-1": SimpleNamespace(name=f"{kind}-1", kind=kind) for kind in kinds}
    return SimpleNamespace(parts=parts, of=lambda kind: [part for part in parts.values() if part.kind == kind])


def names(faults: Faults, number: int) -> list[str]:
    return [" ".join(fault.name.split()[:2]) for fault in (faults.next() for _ in range(number))]


def test_every_fault_of_every_part_is_drawn_before_any_comes_again() -> None:
    passages: Any = {kind: SimpleNamespace(cut=None, mend=None, silence=None) for kind in ("postgresql", "redis")}
    disk: Any = SimpleNamespace(fill=None, empty=None)
    faults = Faults(cluster(*KINDS), passages, disk, seed=1)
    assert len(faults.cards) == 2 * 7 + 3 * 2 + 1
    drawn = names(faults, len(faults.cards))
    assert {"freeze redis-1", "freeze rabbitmq-1", "freeze beat-1", "kill worker-1", "fill the"} <= set(drawn)
    assert sum(name.startswith("kill") for name in drawn) == 7
    assert not any("haproxy" in name or "epmd" in name for name in drawn)


def test_some_only_and_the_same_seed_is_the_same_draw() -> None:
    def draw(seed: int) -> list[str]:
        return names(Faults(cluster("redis", "web", "worker"), {}, None, seed, ("freeze", "kill redis")), 8)

    assert draw(3) == draw(3)
    assert set(draw(3)) == {"freeze redis-1", "freeze web-1", "freeze worker-1", "kill redis-1"}
