"""Clients that the brake on mass change holds, as JSON."""

from rest_framework import serializers
from rest_framework.fields import BooleanField, CharField, DateTimeField, IntegerField, ListField

from files.actions.brake import OwnBounds
from files.api.outputs.render import Json, text_id, time
from files.api.outputs.shapes import PersonShape
from files.models import Brake, BrakePolicy, BrakeState
from files.tree.brake import Bounds
from http_kit.fields import Shape, page_shape

BOUNDS = tuple(name for name in OwnBounds.__dataclass_fields__ if name != "is_on")


class RevertResultShape(Shape):
    trashed = IntegerField(help_text="What the client had made: in the trash.")
    restored = IntegerField()
    moved = IntegerField()
    rewritten = IntegerField(help_text="Files that have the content again that they had.")
    copies = IntegerField(help_text="Conflict copies of what others had written meanwhile.")
    lost = ListField(child=CharField(), help_text="Paths of what was permanently deleted, or is in another space now.")
    kept = ListField(child=CharField(), help_text="Paths of what the client had made and others work with.")


class BrakeShape(Shape):
    """A client that has changed too much in a space. It changes nothing until `released_at` is set."""

    id = CharField()
    space_id = CharField()
    space_name = CharField()
    person = PersonShape(allow_null=True, help_text="Whose client it is.")
    client = CharField(help_text="As it names itself.")
    address = CharField(allow_null=True)
    began_at = DateTimeField(help_text="What it did since then is counted.")
    held_at = DateTimeField()
    changes = IntegerField(help_text="With the act that was refused.")
    suspicious = IntegerField(help_text="Those that look like the work of ransomware.")
    bound = IntegerField()
    state = serializers.ChoiceField(BrakeState.values)
    may_decide = BooleanField(help_text="Whether you may accept or revert it.")
    released_at = DateTimeField(allow_null=True)
    decided_by = PersonShape(allow_null=True)
    decided_at = DateTimeField(allow_null=True)
    done = IntegerField(help_text="Of a revert: steps that were carried out.")
    total = IntegerField()
    result = RevertResultShape(allow_null=True)
    error = CharField(allow_null=True, help_text="A code, where the revert has failed. It can be begun again.")


BrakePage = page_shape(BrakeShape)


class BoundsShape(Shape):
    """What holds. `floor` changes in BRAKE_WINDOW are always free, more than `most` never are; in between it is `share`
    percent of the space. `strict` holds once they look like those of ransomware.
    """

    on = BooleanField()
    floor = IntegerField()
    most = IntegerField()
    share = IntegerField()
    strict = IntegerField()
    own = ListField(child=CharField(), help_text="Which of them the team has set itself.")


def brake(found: Brake, *, may_decide: bool) -> Json:
    return {
        "id": str(found.pk),
        "space_id": str(found.space_id),
        "space_name": found.space.name,
        "person": None if found.user is None else {"id": str(found.user.pk), "name": found.user.get_full_name()},
        "client": found.client_name,
        "address": found.address,
        "began_at": time(found.began_at),
        "held_at": time(found.held_at),
        "changes": found.changes,
        "suspicious": found.suspicious,
        "bound": found.bound,
        "state": found.state,
        "may_decide": may_decide,
        "released_at": time(found.released_at),
        "decided_by": None
        if found.decided_by is None
        else {"id": text_id(found.decided_by_id), "name": found.decided_by.get_full_name()},
        "decided_at": time(found.decided_at),
        "done": found.done,
        "total": len(found.plan),
        "result": found.result or None,
        "error": found.error_code or None,
    }


def bounds(found: Bounds, policy: BrakePolicy | None) -> Json:
    own = [] if policy is None else [name for name in BOUNDS if getattr(policy, name) is not None]
    return {"on": found.is_on, **{name: getattr(found, name) for name in BOUNDS}, "own": own}
