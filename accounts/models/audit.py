"""Who did what outside the tree; acts on the tree are in the journal (`files.Change`). And the chain that seals it.

An act is written by whoever does it, without a lock. A job seals it into the chain shortly afterwards: it gets a
position, and a digest over itself and the digest before (accounts/chain/sealing.py, docs/operations/audit.md).
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.team import Team
from common.clock import now


def this_millisecond() -> datetime:
    """In whole milliseconds, as every format keeps it that a row may go through (`manage.py dumpdata`)."""
    moment = now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Origin(models.TextChoices):
    """What the job found of an act when it sealed it."""

    OURS = "ours", _("written by the product")
    EARLIER = "earlier", _("written by the release before")
    FOREIGN = "foreign", _("not written by the product")


STRANGERS = {"link": "link", "nobody": "visitor"}  # principals of acts of nobody who has an account -> as they are told


class AuditEvent(models.Model):
    """One act: never changed, never a secret in it."""

    at = models.DateTimeField(_("time"), default=this_millisecond, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="audit_events"
    )
    # `user`, `link`, `nobody` or `system:name`; empty for what releases before this column wrote.
    principal = models.CharField(_("principal"), max_length=60, blank=True, default="", db_default="")
    link_id = models.BigIntegerField(_("link"), null=True, blank=True)
    grant_id = models.BigIntegerField(_("grant"), null=True, blank=True)  # of files.Grant: by which the actor might
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="audit_events")
    kind = models.CharField(_("kind"), max_length=50)  # "token.create", "sign_in.failed", "quota.change"
    target = models.CharField(_("target"), max_length=200, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    client = models.CharField(_("client"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    # By the writer: a random part and a code over the row, made with SECRET_KEY. Empty: the release before wrote it.
    mark = models.CharField(max_length=100, blank=True, default="", db_default="", editable=False)
    # By the job that seals; null and empty until then.
    position = models.BigIntegerField(_("position"), null=True, blank=True, unique=True)
    digest = models.CharField(_("digest"), max_length=64, blank=True, default="", db_default="")
    origin = models.CharField(_("origin"), max_length=10, blank=True, default="", db_default="", choices=Origin.choices)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind} {self.target}"

    @property
    def by(self) -> str:
        """As a team is told it: team, link, visitor (nobody was signed in), or installation. Of a row that was read
        with `of_team`, as accounts.queries.team_events_of does; raises ValueError for any other.
        """
        of_team: bool | None = getattr(self, "of_team", None)
        if of_team is None:
            raise ValueError("the row was read without `of_team`")
        return "team" if of_team else STRANGERS.get(self.principal, "installation")


class AuditKey(models.Model):
    """The key of the chain from one position on, sealed with SECRET_KEY. `manage.py rotatesecret` begins a new one."""

    number = models.PositiveIntegerField(unique=True)
    first_position = models.BigIntegerField()
    sealed = models.TextField()
    created_at = models.DateTimeField(default=this_millisecond)

    def __str__(self) -> str:
        return f"audit key {self.number}"


class AuditHead(models.Model):
    """One row (id 1): where the chain ends, and where it begins since old rows were removed. Signed with its key.

    Whoever seals, removes or signs holds its lock; whoever acts does not know of it.
    """

    chain = models.CharField(max_length=32)  # of the installation, random
    began_at = models.DateTimeField(default=this_millisecond)
    position = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")
    cut_position = models.BigIntegerField(default=0)  # of the last row that was removed
    cut_digest = models.CharField(max_length=64, blank=True, default="")
    first_anchor = models.BigIntegerField(default=1)
    last_anchor = models.BigIntegerField(default=0)
    key_number = models.PositiveIntegerField(default=1)
    signature = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"audit chain {self.chain} at {self.position}"


class AuditAnchor(models.Model):
    """The digest at a position, signed, and also in the log: whoever keeps it elsewhere can prove what came before."""

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField(default=this_millisecond)
    position = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    key_number = models.PositiveIntegerField()
    signature = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"audit anchor {self.number} at {self.position}"
