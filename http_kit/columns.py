"""The heads of the columns of a listing of files, each a link that sorts by it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Column:
    """A column head: `url` sorts by it, the other way round when it is active."""

    key: str
    label: str
    url: str
    active: bool
    descending: bool

    @property
    def aria_sort(self) -> str:
        if not self.active:
            return "none"
        return "descending" if self.descending else "ascending"


def columns(order: str) -> list[Column]:
    """`order` is one of files.queries.listing.ORDERS."""
    labels = {"name": _("Name"), "size": _("Size"), "modified": _("Modified")}
    made = []
    for key, label in labels.items():
        active, descending = order.removeprefix("-") == key, order == f"-{key}"
        # Names go up first; of sizes and times people mostly want the largest and the latest.
        first, second = (key, f"-{key}") if key == "name" else (f"-{key}", key)
        other = second if order == first else first
        made.append(Column(key, label, f"?order={other}", active, descending))
    return made
