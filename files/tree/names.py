"""Free names in a folder: `report (2).pdf`."""

from common.paths import numbered_name
from files.errors import NameTaken
from files.models import Node

MAXIMUM_TRIES = 10_000


def free_name(parent_id: int, name: str, *, taken: "set[str] | None" = None) -> str:
    """`name`, or the first numbered form of it that is free in the folder. `taken`: names promised already."""
    promised = taken or set()
    if name not in promised and not _exists(parent_id, [name]):
        return name
    start = 2
    while start < MAXIMUM_TRIES:
        candidates = [numbered_name(name, number) for number in range(start, start + 50)]
        used = _exists(parent_id, candidates) | promised
        for candidate in candidates:
            if candidate not in used:
                return candidate
        start += 50
    raise NameTaken(name=name)


def _exists(parent_id: int, names: list[str]) -> set[str]:
    rows = Node.objects.filter(parent_id=parent_id, name__in=names)
    return set(rows.values_list("name", flat=True))
