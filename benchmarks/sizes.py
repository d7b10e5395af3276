"""How much work there is."""

from dataclasses import dataclass

SMALL = 4096  # bytes of a small file


@dataclass(frozen=True, slots=True)
class Sizes:
    """`runs` of each row, whose median counts; rows of many small requests last `seconds` each time."""

    large: int  # bytes
    listed: int  # files in the folder that is listed
    tree: int  # nodes below the folder that is moved, copied and deleted
    huge_copies: int  # copies of that tree in the huge folder
    synced: tuple[int, int]  # small and large files that nextcloudcmd syncs: 10 KB and 20 MB each
    runs: int
    seconds: int


FULL = Sizes(large=1024**3, listed=10_000, tree=2_000, huge_copies=100, synced=(1_000, 5), runs=3, seconds=4)
QUICK = Sizes(large=16 * 1024**2, listed=1_200, tree=100, huge_copies=3, synced=(50, 1), runs=1, seconds=1)
FILES_IN_FOLDER = 99


def tree_files(count: int) -> dict[str, int]:
    """Names of the folders in a tree of `count` nodes, and how many files are in each."""
    folders: dict[str, int] = {}
    left = count
    while left > 0:
        inside = min(FILES_IN_FOLDER, left - 1)
        folders[f"folder-{len(folders):03}"] = inside
        left -= inside + 1
    return folders
