"""What each row must reach: a part of what a peer does in the same run, or a figure of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.rows import Row

Medians = Mapping[str, float]  # by server


@dataclass(frozen=True, slots=True)
class Target:
    """At least (or, where less is better, at most) `factor` × what `peer` does; without a peer, `factor` itself.

    `row`: the peer's figure is that of another row.
    """

    factor: float
    peer: str | None = None
    row: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    text: str
    met: bool | None  # None: the peer has not been measured


TARGETS: dict[str, list[Target]] = {
    "put-large": [Target(0.4, "nginx"), *(Target(1, peer) for peer in ("Apache", "rclone", "WsgiDAV", "copyparty"))],
    "get-large": [Target(0.9, "nginx")],
    "ranges": [Target(1.3, "WsgiDAV"), Target(1, "copyparty")],
    "put-small": [Target(1.3, "WsgiDAV")],
    "bulk-put": [Target(2, "rclone", row="put-small")],
    "get-small": [Target(1, "copyparty")],
    "list": [Target(1, "copyparty")],
    "move": [Target(15)],
    "copy": [Target(1, "Apache")],
    "delete": [Target(1, "Apache")],
    "make-folder": [Target(600)],
    "huge-move": [Target(15)],
    "huge-delete": [Target(1, "Apache", row="delete")],
    "sync-up": [Target(9)],
    "sync-nothing": [Target(0.4)],
    "sync-down": [Target(8)],
    "memory": [Target(400)],
}


def judge(row: Row, medians: Mapping[str, Medians], server: str = "ours") -> list[Outcome]:
    """Of one of our columns. `medians` by row, then by server."""
    ours = medians.get(row.key, {}).get(server)
    if ours is None:
        return []
    return [_judge(row, target, ours, medians) for target in TARGETS.get(row.key, [])]


def _judge(row: Row, target: Target, ours: float, medians: Mapping[str, Medians]) -> Outcome:
    sign = "≥" if row.higher_is_better else "≤"
    if target.peer is None:
        return Outcome(f"{sign} {target.factor:g}", _reached(row, ours, target.factor))
    theirs = medians.get(target.row or row.key, {}).get(target.peer)
    wanted = f"{sign} {target.factor:g} × {target.peer}"
    if not theirs:
        return Outcome(wanted, None)
    return Outcome(f"{wanted}: {ours / theirs:.2f}", _reached(row, ours, target.factor * theirs))


def _reached(row: Row, ours: float, limit: float) -> bool:
    return ours >= limit if row.higher_is_better else ours <= limit
