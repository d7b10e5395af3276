"""Links: addresses that open a file or folder to whoever has them, and how often each was used."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from files.models import Node

TOKEN_BYTES = 16  # 128 bits, 22 characters
MAXIMUM_TITLE, MAXIMUM_MESSAGE, MAXIMUM_LABEL, MAXIMUM_ADDRESS = 200, 4_000, 100, 64
MAXIMUM_GRACE = timedelta(days=31)


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


class LinkRole(models.TextChoices):
    """What a link gives: each is a role of files.access.rights. An uploader's link is a file request."""

    VIEWER = "viewer", _("View")
    EDITOR = "editor", _("Edit")
    UPLOADER = "uploader", _("Upload only")


class Audience(models.TextChoices):
    """For whom a link opens: anybody, who is signed in, or the people of the team of the space."""

    ANYONE = "anyone", _("Anyone with the link")
    SIGNED_IN = "signed_in", _("Anyone who is signed in")
    TEAM = "team", _("People of the team")


class Naming(models.TextChoices):
    """How a file request names what arrives: as it was called, or with the name of its sender before it."""

    KEEP = "keep", _("As the sender called them")
    SENDER = "sender", _("With the sender's name in front")


class Link(models.Model):
    """An address of a file or folder. What it allows is a files.models.Grant with its id, and nothing else: a link
    without one opens nothing. Role, download and ends are those of the grant, kept in step by sharing.actions.

    `address` is a second, chosen one, in lower case. `password` is a hash, empty where there is none. `label` is for
    its owner alone. `created_by` answers for it: while they may not share the node, it is paused (decision 44).
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    address = models.CharField(_("own address"), max_length=MAXIMUM_ADDRESS, unique=True, null=True, blank=True)
    node = models.ForeignKey(Node, models.CASCADE, related_name="+", db_constraint=False)
    role = models.CharField(_("role"), max_length=20, choices=LinkRole)
    password = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    max_downloads = models.PositiveIntegerField(_("downloads at most"), null=True, blank=True)
    allow_download = models.BooleanField(_("may download"), default=True, db_default=True)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.ANYONE, db_default=Audience.ANYONE)
    title = models.CharField(_("title"), max_length=MAXIMUM_TITLE, blank=True, default="", db_default="")
    message = models.CharField(_("message"), max_length=MAXIMUM_MESSAGE, blank=True, default="", db_default="")
    label = models.CharField(_("label"), max_length=MAXIMUM_LABEL, blank=True, default="", db_default="")
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    grace = models.DurationField(_("accepted late for"), default=timedelta(0), db_default=timedelta(0))
    naming = models.CharField(max_length=10, choices=Naming, default=Naming.KEEP, db_default=Naming.KEEP)
    visits = models.PositiveBigIntegerField(_("visits"), default=0, db_default=0)
    downloads = models.PositiveBigIntegerField(_("downloads"), default=0, db_default=0)
    uploads = models.PositiveBigIntegerField(_("uploads"), default=0, db_default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField(_("since"), db_default=Now())
    changed_at = models.DateTimeField(_("changed"), db_default=Now())
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self) -> str:
        return f"{self.role} of {self.node_id}"  # never the token: whoever has it is let in

    @property
    def slug(self) -> str:
        """The last part of its URL."""
        return self.address or self.token

    @property
    def has_password(self) -> bool:
        return bool(self.password)

    @property
    def is_request(self) -> bool:
        """Whether one can only send files to it."""
        return self.role == LinkRole.UPLOADER


class LinkUse(models.Model):
    """One visitor has used a link within the last hour, so that what they do again does not count again: `node_id` and
    `what` (the ETag, "zip", or "visit") say what. Who it is is a keyed hash of their network.
    Rows go after the hour, with the next use of the link or by a job.
    """

    link = models.ForeignKey(Link, models.CASCADE, related_name="+", db_constraint=False)
    node_id = models.BigIntegerField()
    what = models.CharField(max_length=80)
    visitor = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("use of a link")
        verbose_name_plural = _("uses of links")
        constraints = [models.UniqueConstraint("link", "node_id", "what", "visitor", name="link_use_once")]
        indexes = [models.Index(fields=["at"], name="link_use_at")]
