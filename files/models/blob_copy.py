"""What the move of blobs between pools must remember: second objects of a blob, and blobs that cannot be moved."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from files.models.pool import Pool


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
