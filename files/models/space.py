"""One tree with one journal."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import QuotaAccount, Team
from common.ids import new_id


class SpaceKind(models.TextChoices):
    HOME = "home", _("home")
    TEAM = "team", _("team space")


class Space(models.Model):
    """`seq` is the number of the last change. Its row is the lock of every change (docs/locking.md).

    `quota` is what its bytes are charged to, besides the team's account: the owner's account of a home, a team space's
    own (one that an older release made has the team's until it gets a limit). `locked_until` is when the last lock in
    it expires: null or past, and no edit asks for locks.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    kind = models.CharField(_("kind"), max_length=10, choices=SpaceKind)
    team = models.ForeignKey(Team, models.PROTECT, related_name="spaces")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="spaces")
    name = models.CharField(_("name"), max_length=255)
    seq = models.BigIntegerField(default=0)
    root = models.OneToOneField("files.Node", models.PROTECT, null=True, related_name="+")
    quota = models.ForeignKey(QuotaAccount, models.PROTECT, related_name="spaces")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    locked_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Of a team: all its members edit it. Otherwise grants on its root say who does what.
    is_open = models.BooleanField(_("open to the whole team"), default=True, db_default=True)
    # Of a team. Archived: nobody changes anything in it. Deleted: nobody sees it, and it comes back as it was, until
    # the job `trash` has begun to purge it (decision 39).
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    purge_began_at = models.DateTimeField(null=True, blank=True, editable=False)
    purged_at = models.DateTimeField(_("purged"), null=True, blank=True, editable=False)

    # Of a home: how many mounts are in it, so that one without them costs no query (files.queries.mounts).
    mounts = models.IntegerField(default=0, db_default=0, editable=False)

    # Whether something in it may be granted to somebody: as long as it is not, listings tell of no share without a
    # query (files.actions.grants.mark_shared). Set when something is, and by a job; never taken back.
    is_shared = models.BooleanField(default=False, db_default=False, editable=False)

    # No column. Whether who this instance is shown to sees what is in the space: see files.queries.tree.cover_roots.
    is_seen: bool = True

    class Meta:
        verbose_name = _("space")
        verbose_name_plural = _("spaces")
        constraints = [
            models.UniqueConstraint("owner", condition=Q(kind="home"), name="one_home_per_account"),
            models.CheckConstraint(
                condition=Q(kind="home", owner__isnull=False) | Q(kind="team", owner__isnull=True),
                name="space_owner_fits_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name
