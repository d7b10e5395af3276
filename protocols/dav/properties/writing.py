"""The responses of a PROPFIND to entries of a listing: the request is worked out once for all of them."""

from collections.abc import Callable, Sequence

from protocols.dav.escaping import quoted
from protocols.dav.multistatus import response_of_properties, tags
from protocols.dav.properties.registry import Context, Entry, Live, Loader, Name, PropertySet, Render
from protocols.dav.properties.requested import Requested

DeadOf = Callable[[Context], dict[int, dict[Name, str]]]


class Writer:
    """Writes the responses of entries; the request is worked out once for all of them.

    `dead` gives the dead properties of a page by node and name; it is called only where they can matter.
    """

    def __init__(self, requested: Requested, properties: PropertySet, dead: DeadOf, *, minimal: bool = False) -> None:
        self.requested, self.minimal = requested, minimal or requested.names is None
        lives: Sequence[Live]
        if requested.names is None:
            lives = [
                live for live in properties if live.in_allprop or live.name in requested.include or requested.only_names
            ]
            self._unknown = [name for name in requested.include if name not in properties]
        else:
            lives = [live for name in requested.names if (live := properties.get(name))]
            self._unknown = [name for name in requested.names if name not in properties]
        self._live: list[tuple[Render, str, str, str]] = [(live.render, *tags(live.name)) for live in lives]
        self._loaders: set[Loader] = {live.loader for live in lives if live.loader}
        self._dead = dead if requested.names is None or self._unknown else None

    def load(self, context: Context) -> dict[int, dict[Name, str]]:
        """Everything that the entries of this page need, in a constant number of queries. Returns dead properties."""
        context.loaded = {loader: loader(context) for loader in self._loaders}
        return self._dead(context) if self._dead else {}

    def responses(self, context: Context, parent_href: str) -> str:
        """Of the entries of a page, which are in the folder at `parent_href`."""
        dead = self.load(context)
        return "".join(
            [
                self._response(
                    f"{parent_href}{quoted(entry.name)}{'' if entry.kind else '/'}",
                    entry,
                    context,
                    dead.get(entry.pk),
                )
                for entry in context.entries
            ]
        )

    def responses_at(self, context: Context, hrefs: Sequence[str]) -> str:
        """Of the entries of the context, which may lie anywhere, each with its own href."""
        dead = self.load(context)
        return "".join(
            [
                self._response(href, entry, context, dead.get(entry.pk))
                for href, entry in zip(hrefs, context.entries, strict=True)
            ]
        )

    def response(self, context: Context, href: str) -> str:
        """Of the one entry of the context."""
        (entry,) = context.entries
        return self._response(href, entry, context, self.load(context).get(entry.pk))

    def _response(self, href: str, entry: Entry, context: Context, dead: dict[Name, str] | None) -> str:
        found, missing = [], []
        only_names = self.requested.only_names
        for render, start, end, empty in self._live:
            inner = render(entry, context)
            if inner is None:
                missing.append(empty)
            elif inner and not only_names:
                found.append(start + inner + end)
            else:
                found.append(empty)
        if self._dead is not None:
            self._write_dead(dead or {}, found, missing)
        return response_of_properties(href, found, missing, minimal=self.minimal)

    def _write_dead(self, dead: dict[Name, str], found: list[str], missing: list[str]) -> None:
        names = (
            self._unknown if self.requested.names is not None else [*dead, *(n for n in self._unknown if n not in dead)]
        )
        for name in names:
            start, end, empty = tags(name)
            value = dead.get(name)
            if value is None:
                missing.append(empty)
            elif value and not self.requested.only_names:
                found.append(start + value + end)
            else:
                found.append(empty)
