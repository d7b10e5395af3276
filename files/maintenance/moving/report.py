"""What a run of the move did."""

from dataclasses import asdict, dataclass


@dataclass
class MoveReport:
    """`blobs` and `bytes` were moved, `back` of them by going back to where they had been; `damaged` were skipped.
    `removed` are objects that were left behind long enough, `contents` those that belong to another pool now.
    """

    blobs: int = 0
    bytes: int = 0
    back: int = 0
    damaged: int = 0
    contents: int = 0
    removed: int = 0
    removed_bytes: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    @property
    def idle(self) -> bool:
        return not any(self.as_dict().values())
