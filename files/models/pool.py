"""Where bytes are: pools, the immutable objects in them (one key in one pool), second objects of a blob while it
moves, blobs that cannot be moved, objects that no row knew, and what must be gone.
"""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Team


class PoolState(models.TextChoices):
    ACTIVE = "active", _("active")
    READ_ONLY = "read_only", _("read-only")
    DRAINING = "draining", _("draining")


class Pool(models.Model):
    """`url` empty means: the one of the environment (STORAGE_URL), so that its secrets stay there; others are sealed
    with the SECRET_KEY (files.blobs.pools).

    What a draining pool holds moves to `target` (None: the oldest active pool of its region) since `moving_since`;
    `moved_blobs` and `moved_bytes` are counted from then, `move_rate` is bytes a second of the last while.
    """

    name = models.SlugField(_("name"), unique=True)
    url = models.CharField(_("URL"), max_length=4000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=PoolState, default=PoolState.ACTIVE)
    region = models.CharField(_("region"), max_length=50, blank=True)
    redirect_downloads = models.BooleanField(_("redirect downloads to the object store"), default=False)
    direct_uploads = models.BooleanField(_("let clients upload to the object store"), default=False)
    target = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("moves to")
    )
    changed_at = models.DateTimeField(_("state changed"), null=True)
    moving_since = models.DateTimeField(_("moving since"), null=True)
    moved_blobs = models.BigIntegerField(_("objects moved"), default=0, db_default=0)
    moved_bytes = models.BigIntegerField(_("bytes moved"), default=0, db_default=0)
    move_rate = models.BigIntegerField(_("bytes a second"), default=0, db_default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("storage pool")
        verbose_name_plural = _("storage pools")

    def __str__(self) -> str:
        return self.name


class Blob(models.Model):
    """`claimed_at`: when somebody last announced that it is about to be used; collection leaves a day from then.

    `doomed_at` is set by the collector, under the row lock, once nothing refers to it: a doomed blob may
    never be referred to again, and its object goes before its row, so that no crash leaves an object
    that no row knows.

    `dead_since`: when it was first seen that not all of its bytes are needed any more: it is a pack out of which
    something was purged, or went to another region (files/maintenance/compact.py).
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="blobs")
    key = models.CharField(_("key"), max_length=200)
    size = models.BigIntegerField(_("size (bytes)"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    claimed_at = models.DateTimeField(db_default=Now())
    doomed_at = models.DateTimeField(null=True)
    dead_since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("blob")
        verbose_name_plural = _("blobs")
        constraints = [models.UniqueConstraint("pool", "key", name="blob_key_unique")]
        indexes = [
            models.Index(fields=["claimed_at"], name="blob_claimed"),
            models.Index(fields=["dead_since"], name="blob_dead", condition=models.Q(dead_since__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.key


class CopyState(models.TextChoices):
    COMING = "coming", _("coming")  # being written; the row is there before the object
    LEFT = "left", _("left behind")  # where the blob was; removed after MOVE_GRACE


class BlobCopy(models.Model):
    """An object that belongs to a blob but is not where the blob is: written before a switch, or left behind by one.

    `blob_id` has no constraint: the blob may be collected first. `doomed_at` as for blobs: no way back from then on.
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="copies")
    key = models.CharField(_("key"), max_length=200)
    size = models.BigIntegerField(_("size (bytes)"))
    blob_id = models.BigIntegerField(_("blob"), db_index=True)
    state = models.CharField(_("state"), max_length=10, choices=CopyState)
    at = models.DateTimeField(_("since"))
    doomed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("second object of a blob")
        verbose_name_plural = _("second objects of blobs")
        constraints = [models.UniqueConstraint("pool", "key", name="blobcopy_key_unique")]
        indexes = [models.Index(fields=["state", "at"], name="blobcopy_state")]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class MoveProblem(models.Model):
    """A blob that could not be moved: `code` as StorageError's, or `damaged`. Tried again after a while."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="move_problems")
    blob_id = models.BigIntegerField(_("blob"), unique=True)
    key = models.CharField(_("key"), max_length=200)
    code = models.CharField(_("error"), max_length=50)
    detail = models.TextField(_("detail"), blank=True)
    at = models.DateTimeField(_("tried"))

    class Meta:
        verbose_name = _("blob that cannot be moved")
        verbose_name_plural = _("blobs that cannot be moved")

    def __str__(self) -> str:
        return f"{self.blob_id} {self.code}"


class QuarantinedObject(models.Model):
    """`key` is the one it had; the row is made before the object moves and goes after it is removed."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="quarantined")
    key = models.CharField(_("key"), max_length=200)
    size = models.BigIntegerField(_("size (bytes)"))
    found_at = models.DateTimeField(_("found"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("quarantined object")
        verbose_name_plural = _("quarantined objects")
        constraints = [models.UniqueConstraint("pool", "key", name="quarantined_key_unique")]

    def __str__(self) -> str:
        return self.key


class Erasure(models.Model):
    """A range of an object as it was when a version was removed, or when its bytes left the region of `pool`.

    `content_hash` is that of the range; empty for a piece of a content. Nothing here has a foreign key: it outlives the
    rows that it tells of, people and teams too. `only_pool`: the bytes live on elsewhere, but must leave this pool.
    """

    team_id = models.BigIntegerField(_("team"))
    owner_id = models.BigIntegerField(_("owner of the home"), null=True)
    pool_id = models.BigIntegerField(_("pool"))
    key = models.CharField(_("key"), max_length=200)
    object_size = models.BigIntegerField(_("size of the object (bytes)"))
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    content_hash = models.CharField(_("content hash"), max_length=64, blank=True)
    only_pool = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        indexes = [
            models.Index(fields=["team_id", "at"], name="erasure_team"),
            models.Index(fields=["owner_id", "at"], name="erasure_owner"),
            models.Index(fields=["at"], name="erasure_age"),
        ]

    def __str__(self) -> str:
        return f"{self.key}@{self.offset}+{self.length}"


class TeamRegion(Team):
    """The same rows as Team."""

    class Meta:
        proxy = True
        verbose_name = _("region of a team")
        verbose_name_plural = _("regions of teams")
