"""Free names in a folder: `report (2).pdf`."""

from common.paths import name_key, numbered_name
from files.errors import NameTaken
from files.models import Node

MAXIMUM_TRIES = 10_000


def free_name(parent_id: int, name: str, *, taken: "set[str] | None" = None) -> str:
    """`name`, or the first numbered form of it that is free in the folder. `taken`: keys promised already."""
    promised = taken or set()
    if name_key(name) not in promised and not _exists(parent_id, [name_key(name)]):
        return name
    start = 2
    while start < MAXIMUM_TRIES:
        candidates = [numbered_name(name, number) for number in range(start, start + 50)]
        used = _exists(parent_id, [name_key(candidate) for candidate in candidates]) | promised
        for candidate in candidates:
            if name_key(candidate) not in used:
                return candidate
        start += 50
    raise NameTaken(name=name)


def _exists(parent_id: int, keys: list[str]) -> set[str]:
    rows = Node.objects.filter(parent_id=parent_id, name_key__in=keys)
    return set(rows.values_list("name_key", flat=True))
