"""What fsck can find: stable codes, one line each; docs/operations/upkeep.md says what to do."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

CODES = {
    "space.root": "a space without exactly one root folder of its own",
    "node.sums": "size, versions_size or descendants is not the sum of what is below",
    "node.height": "the height is less than the number of levels below",
    "node.cycle": "a folder that lies below itself",
    "node.stray": "a node that can be reached neither from a root nor from the trash",
    "node.parent": "a node below a file",
    "node.space": "a node in another space than its parent",
    "node.name": "a name that is not allowed, or a key that is not the name's",
    "node.seq": "a node stamped with a change that has not happened",
    "mount.target": "a mount without what it stands for, or with something below it, or that is nobody's",
    "mount.count": "a home that says another number of mounts than it has",
    "file.version": "a file without a current version of its own, or a folder with one",
    "version.size": "a version with another size than its content, or of a folder",
    "trash.item": "a trash item whose node is not the top of a deleted tree of its space",
    "access.space": "a grant or a restriction that says another space than that of its node",
    "grant.link": "a grant for a link that is gone or revoked, or that leads somewhere else",
    "journal.gap": "a journal that is not numbered from one without gaps",
    "journal.last": "a space whose number is not that of its last change",
    "ledger.lines": "a quota's ledger that is not the sum of the rows",
    "content.extents": "extents that do not cover the content without gaps and overlaps",
    "content.extent_count": "a wrong number of extents",
    "extent.blob": "an extent outside its blob or of a blob being removed",
    "piece.blob": "a piece of an upload outside its blob or of a blob being removed",
    "content.region": "bytes of a team outside its region",
    "piece.region": "bytes of an upload outside its team's region",
    "blob.missing": "DATA LOSS: a blob without its object",
    "blob.size": "DATA LOSS: an object of another size than its blob",
    "blob.dead": "an object with bytes that should have been erased by now",
    "object.orphan": "an object that no row knows, older than the grace",
    "content.unreadable": "DATA LOSS: bytes that cannot be read",
    "content.hash": "DATA LOSS: bytes that are not those that were stored",
    "content.checksum": "DATA LOSS: bytes that do not have the checksum that was stored",
    "pool.unavailable": "a pool that does not answer: not checked",
}
COULD_NOT_RUN = frozenset({"pool.unavailable"})


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject` names the row or object; `affected` are lines of files that suffer, read when printed."""

    code: str
    subject: str
    detail: str = ""
    repaired: bool = False
    affected: Callable[[], Iterator[str]] | None = None

    def line(self) -> str:
        done = " [repaired]" if self.repaired else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.code} {self.subject}{detail}{done}"


@dataclass
class FsckReport:
    """`checked` counts rows and objects by kind, `found` and `repaired` findings by code."""

    checked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    pending: Counter[str] = field(default_factory=Counter)  # what is still to be erased, in time: no finding

    def add(self, finding: Finding) -> None:
        assert finding.code in CODES, finding.code
        self.found[finding.code] += 1
        if finding.repaired:
            self.repaired[finding.code] += 1

    @property
    def clean(self) -> bool:
        return not self.found

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings (repaired or not), 2 something could not be checked."""
        if COULD_NOT_RUN & self.found.keys():
            return 2
        return 1 if self.found else 0

    def as_dict(self) -> dict[str, dict[str, int]]:
        counters = {"checked": self.checked, "found": self.found, "repaired": self.repaired, "pending": self.pending}
        return {name: dict(counter) for name, counter in counters.items()}

    def summary(self) -> str:
        checked = ", ".join(f"{count} {name}" for name, count in self.checked.items())
        if self.pending["objects"]:
            checked += f"; {self.pending['bytes']} bytes in {self.pending['objects']} objects are still to be erased"
        if self.clean:
            return f"clean: {checked}"
        found = ", ".join(f"{count} {code}" for code, count in sorted(self.found.items()))
        return f"{self.found.total()} findings, {self.repaired.total()} repaired ({found}); checked {checked}"
