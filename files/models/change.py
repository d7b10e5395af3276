"""One line of a space's journal: truth enough to answer what changed, what was, who did it, and to undo it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from files.models.space import Space


class ChangeKind(models.TextChoices):
    CREATE = "create", _("created")  # a new folder or file
    WRITE = "write", _("changed")  # new content of an existing file
    MOVE = "move", _("moved")  # renamed, moved within the space
    COPY = "copy", _("copied")  # a new node, with all below it
    TRASH = "trash", _("deleted")
    RESTORE = "restore", _("restored")  # from the trash, with all below it
    PURGE = "purge", _("purged")  # from the trash, permanently
    MOVE_OUT = "move_out", _("moved to another space")
    MOVE_IN = "move_in", _("moved from another space")
    EXPIRE = "expire", _("earlier versions removed")


class Change(models.Model):
    """Numbered without gaps in its space. `before` is null for what was not there, `after` for what is not. What came
    out of the middle of a deleted tree says in `before` where it was in that tree.

    A change of a folder is one of all below it: the journal has one line for a tree that moved, was copied or
    deleted. Node and parents are ids without a foreign key: the journal outlives what it tells of. `batch` ties
    the lines of one bulk act together.
    """

    space = models.ForeignKey(Space, models.PROTECT, related_name="changes")
    seq = models.BigIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=ChangeKind)
    node_id = models.BigIntegerField(_("node"))
    node_kind = models.SmallIntegerField()
    before_parent_id = models.BigIntegerField(null=True)
    before_name = models.CharField(max_length=255, blank=True)
    before_path = models.TextField(_("path before"), blank=True)
    before_version_id = models.BigIntegerField(null=True)
    after_parent_id = models.BigIntegerField(null=True)
    after_name = models.CharField(max_length=255, blank=True)
    after_path = models.TextField(_("path after"), blank=True)
    after_version_id = models.BigIntegerField(null=True)
    size = models.BigIntegerField(_("size (bytes)"), default=0)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # `user`, `link`, `nobody` or `system:name`; empty for what releases before this column wrote.
    principal = models.CharField(_("principal"), max_length=60, blank=True, default="", db_default="")
    grant_id = models.BigIntegerField(_("grant"), null=True, blank=True)  # by which the actor was allowed to
    link_id = models.BigIntegerField(_("link"), null=True, blank=True)
    target_id = models.BigIntegerField(_("target"), null=True, blank=True)  # of what is a mount
    client = models.CharField(_("client"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    # What the client showed (accounts.actor.Actor.credential); empty for the system and for older releases.
    credential = models.CharField(max_length=60, blank=True, default="", db_default="")
    at = models.DateTimeField(_("time"))
    batch = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("journal")
        constraints = [models.UniqueConstraint("space", "seq", name="change_seq_unique")]
        indexes = [
            models.Index(fields=["space", "at"], name="change_time"),
            models.Index(fields=["node_id", "seq"], name="change_node"),
            models.Index(fields=["before_parent_id", "seq"], name="change_before_parent"),
            models.Index(fields=["after_parent_id", "seq"], name="change_after_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.space_id}#{self.seq} {self.kind} {self.after_path or self.before_path}"
