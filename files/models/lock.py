"""Locks that clients take on nodes (RFC 4918 sections 6 and 7), in the database: they outlive a replica."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from files.models.node import Node
from files.models.space import Space


class LockScope(models.TextChoices):
    EXCLUSIVE = "exclusive", _("exclusive")
    SHARED = "shared", _("shared")


class NodeLock(models.Model):
    """A write lock until `expires_at`. `is_deep`: on everything below the node as well.

    `owner` is XML text that the client gave and gets back: nothing is decided by it. Whoever changes what is locked
    must be the `holder`, or come by the link `link_id`, and know the `token`. A personal one is its holder's whatever
    program they use: nobody needs its token. An expired lock is none; a job sweeps the rows. No constraints of the
    database, because the release before purges nodes without knowing of this table.
    """

    token = models.CharField(max_length=64, unique=True)
    node = models.ForeignKey(Node, models.CASCADE, related_name="locks", db_constraint=False)
    space = models.ForeignKey(Space, models.CASCADE, related_name="locks", db_constraint=False)
    scope = models.CharField(_("scope"), max_length=10, choices=LockScope)
    is_deep = models.BooleanField(_("with everything below"), default=False)
    is_personal = models.BooleanField(_("of a person"), default=False, db_default=False)
    owner = models.TextField(blank=True)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="file_locks",
        verbose_name=_("holder"),
        db_constraint=False,
    )
    link_id = models.BigIntegerField(_("link"), null=True)
    client = models.CharField(_("client"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("lock")
        verbose_name_plural = _("locks")
        indexes = [
            models.Index(fields=["space", "expires_at"], name="lock_of_space"),
            models.Index(fields=["expires_at"], name="lock_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} lock of {self.node_id}"
