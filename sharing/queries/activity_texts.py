"""Activity in words: "Ada moved 12 files to “Reports”"."""

from collections.abc import Iterable, Mapping
from posixpath import basename
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actor import PrincipalKind, is_support
from accounts.models import Group as PeopleGroup
from accounts.models import Team, User
from accounts.names import NOBODYS
from sharing.queries.activity_groups import ActivityKind, Group

# Translators: who is a person, what is “a name” or "12 files", place is a “folder”.
_PLAIN: dict[str, Any] = {
    ActivityKind.ADD: gettext_lazy("%(who)s added %(what)s"),
    ActivityKind.EDIT: gettext_lazy("%(who)s changed %(what)s"),
    ActivityKind.RENAME: gettext_lazy("%(who)s renamed %(what)s"),
    ActivityKind.MOVE: gettext_lazy("%(who)s moved %(what)s"),
    ActivityKind.COPY: gettext_lazy("%(who)s copied %(what)s"),
    ActivityKind.DELETE: gettext_lazy("%(who)s deleted %(what)s"),
    ActivityKind.RESTORE: gettext_lazy("%(who)s restored %(what)s"),
    ActivityKind.REMOVE: gettext_lazy("%(who)s moved %(what)s elsewhere"),
    ActivityKind.PURGE: gettext_lazy("%(who)s permanently deleted %(what)s"),
    ActivityKind.EXPIRE: gettext_lazy("%(who)s removed earlier versions of %(what)s"),
    ActivityKind.MOUNT: gettext_lazy("%(what)s appeared in your files"),
    ActivityKind.UNMOUNT: gettext_lazy("%(what)s left your files"),
    ActivityKind.SHARE: gettext_lazy("%(who)s shared %(what)s with %(whom)s"),
    ActivityKind.UNSHARE: gettext_lazy("%(who)s no longer shares %(what)s with %(whom)s"),
    ActivityKind.RESTRICT: gettext_lazy("%(who)s restricted %(what)s"),
    ActivityKind.UNRESTRICT: gettext_lazy("%(who)s opened %(what)s again"),
    ActivityKind.READ: gettext_lazy("%(who)s downloaded %(what)s"),
    ActivityKind.COMMENT: gettext_lazy("%(who)s commented on %(what)s"),
}
_AT_PLACE: dict[str, Any] = {
    ActivityKind.ADD: gettext_lazy("%(who)s added %(what)s to %(place)s"),
    ActivityKind.EDIT: gettext_lazy("%(who)s changed %(what)s in %(place)s"),
    ActivityKind.MOVE: gettext_lazy("%(who)s moved %(what)s to %(place)s"),
    ActivityKind.COPY: gettext_lazy("%(who)s copied %(what)s to %(place)s"),
    ActivityKind.DELETE: gettext_lazy("%(who)s deleted %(what)s from %(place)s"),
    ActivityKind.RESTORE: gettext_lazy("%(who)s restored %(what)s to %(place)s"),
    ActivityKind.REMOVE: gettext_lazy("%(who)s moved %(what)s out of %(place)s"),
}

Subjects = Mapping[tuple[str, int], str]


def summary(group: Group, subjects: Subjects) -> str:
    """One sentence. `subjects`: see subjects_of."""
    values = {"who": who(group), "what": _what(group), "place": _place(group), "whom": _whom(group, subjects)}
    if group.kind == ActivityKind.RENAME and group.count == 1 and group.items[0].before:
        renamed = _("%(who)s renamed %(before)s to %(what)s")
        return renamed % {**values, "before": _quoted(basename(group.items[0].before))}
    at_place = _AT_PLACE.get(group.kind) if group.folder is not None else None
    return str(at_place or _PLAIN[group.kind]) % values


def who(group: Group) -> str:
    """Who did it, as it is told."""
    line = group.first
    if line.link_id is not None or line.principal == PrincipalKind.LINK:
        return _("Somebody with a link")
    if line.actor is not None and not line.actor.email.endswith(NOBODYS):
        name = line.actor.get_full_name()
        return _("An administrator in place of %(name)s") % {"name": name} if is_support(line.principal) else name
    return _("The system") if line.principal.startswith(PrincipalKind.SYSTEM) else _("Somebody who is gone")


def subjects_of(groups: Iterable[Group]) -> Subjects:
    """The names of those with whom something was shared: by kind and id. Three queries at most."""
    ids: dict[str, set[int]] = {}
    for group in groups:
        for detail in group.details:
            if isinstance(detail.get("id"), int):
                ids.setdefault(str(detail.get("subject")), set()).add(detail["id"])
    found: dict[tuple[str, int], str] = {}
    if ids.get("user"):
        people = User.objects.filter(pk__in=ids["user"]).exclude(email__endswith=NOBODYS)
        found |= {("user", person.pk): person.get_full_name() for person in people}
    if ids.get("group"):
        groups_of_people = PeopleGroup.objects.filter(pk__in=ids["group"])
        found |= {("group", pk): name for pk, name in groups_of_people.values_list("pk", "name")}
    if ids.get("team"):
        found |= {("team", pk): name for pk, name in Team.objects.filter(pk__in=ids["team"]).values_list("pk", "name")}
    return found


def _quoted(name: str) -> str:
    # Translators: the name of a file or folder
    return _("“%(name)s”") % {"name": name}


def _what(group: Group) -> str:
    if group.count == 1:
        return _quoted(group.items[0].name)
    if group.folders == 0:
        text = ngettext("%(count)d file", "%(count)d files", group.count)
    elif group.files == 0:
        text = ngettext("%(count)d folder", "%(count)d folders", group.count)
    else:
        text = ngettext("%(count)d item", "%(count)d items", group.count)
    return text % {"count": group.count}


def _place(group: Group) -> str:
    return _quoted(basename(group.folder or "") or group.first.root)


def _whom(group: Group, subjects: Subjects) -> str:
    detail = group.first.detail
    kind = str(detail.get("subject"))
    if kind == "link":
        return _("whoever has a link")
    return subjects.get((kind, detail.get("id", 0))) or _("somebody")
