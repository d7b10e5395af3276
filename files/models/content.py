"""Immutable bytes of one file state, and the pieces that they are made of."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from files.models.pool import Blob, Pool


class TextState(models.TextChoices):
    PENDING = "pending"
    DONE = "done"
    NONE = "none"  # not text, or too large
    FAILED = "failed"


class Content(models.Model):
    """The same bytes of the same team in the same pool are one Content; two teams have nothing in common
    (docs/decisions/0020-contents-belong-to-a-team.md).

    Without a `team` it is of a release that shared contents: nobody finds it any more who writes, and the job `teams`
    gives each team that uses it its own. `checksums` are such a release's too: see Version.
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="contents")
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, related_name="contents", db_constraint=False, db_index=False
    )
    content_hash = models.CharField(_("content hash"), max_length=64)
    size = models.BigIntegerField(_("size (bytes)"))
    media_type = models.CharField(_("media type"), max_length=100, default="application/octet-stream")
    checksums = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    claimed_at = models.DateTimeField(db_default=Now())
    text_state = models.CharField(max_length=10, choices=TextState, default=TextState.PENDING)
    extent_count = models.IntegerField(default=1)
    # Whether its bytes look like noise (files/blobs/noise.py): null where nobody has looked, or it is too small to say.
    noise = models.BooleanField(null=True)

    class Meta:
        verbose_name = _("content")
        verbose_name_plural = _("contents")
        constraints = [models.UniqueConstraint("pool", "content_hash", "team", name="content_of_team_unique")]
        indexes = [
            models.Index(fields=["claimed_at"], name="content_claimed"),
            models.Index(fields=["id"], name="content_text_pending", condition=models.Q(text_state=TextState.PENDING)),
            models.Index(fields=["id"], name="content_many_extents", condition=models.Q(extent_count__gt=1)),
        ]

    def __str__(self) -> str:
        return self.content_hash[:12]


class Extent(models.Model):
    """`length` bytes at `offset` of the content are those at `blob_offset` of the blob."""

    content = models.ForeignKey(Content, models.CASCADE, related_name="extents")
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="extents")
    blob_offset = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint("content", "offset", name="extent_offset_unique"),
            models.CheckConstraint(
                condition=models.Q(offset__gte=0, length__gt=0, blob_offset__gte=0), name="extent_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_id}@{self.offset}+{self.length}"
