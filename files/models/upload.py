"""Bytes on their way: pieces of any size in any order, each its own blob, until finished or expired."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from files.models.node import Node
from files.models.pool import Blob, Pool
from files.models.space import Space

MOUNTED_FILE = "file"  # in the metadata: the id of the file, where it was begun for a mount of one
REQUEST = "request"  # the endpoint of what is no upload of a client, but the reservation of one request in hand


class Upload(models.Model):
    """`parent` and `path` (relative, missing folders are made) name the target; `length` is bytes, null while
    deferred; `charged` is what the ledger's line of uploads holds for it: at least what has arrived, at most `length`.
    `finished_node` and `finished_version`
    make a repeated finish answer the same again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    space = models.ForeignKey(Space, models.PROTECT, related_name="uploads")
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="uploads")
    link_id = models.BigIntegerField(_("link"), null=True)  # that of the link whose visitor sends it
    parent = models.ForeignKey(Node, models.SET_NULL, null=True, related_name="+")
    path = models.TextField(_("path"), blank=True)
    mode = models.CharField(_("mode"), max_length=10, default="create")
    autorename = models.BooleanField(default=False)
    base_version_id = models.BigIntegerField(null=True)
    length = models.BigIntegerField(_("length (bytes)"), null=True)
    charged = models.BigIntegerField(default=0)
    modified_at = models.DateTimeField(_("modified"), null=True)
    checksums = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)
    client = models.CharField(_("client"), max_length=200, blank=True)
    name = models.CharField(max_length=255, default="", db_default="")  # what the client calls it, where it may choose
    # Who made it: protocols keep to their own. The column has the name that the release before reads.
    protocol = models.CharField(max_length=20, default="api", db_column="door")
    is_partial = models.BooleanField(default=False)  # tus concatenation: a part has no target of its own
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    finished_node_id = models.BigIntegerField(null=True)
    finished_version_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes = [models.Index("link_id", condition=models.Q(link_id__isnull=False), name="upload_of_link")]

    def __str__(self) -> str:
        return f"{self.id} {self.path}"


class UploadPiece(models.Model):
    """`length` bytes at `offset` of the upload. `digests` are the SHA-256, hex, of the 4 MiB blocks of the whole
    that this piece completed, by block number.

    A piece that has a `name` (one of an upload has it) is put in the order of names at the end; until then its offset
    is a guess, or below zero where there was none (files/actions/chunks.py).
    """

    id = models.BigAutoField(primary_key=True, default=new_id)  # clients see it as the entity tag of a chunk
    upload = models.ForeignKey(Upload, models.CASCADE, related_name="pieces")
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="pieces")
    blob_offset = models.BigIntegerField(default=0)
    digests = models.JSONField(default=dict)
    name = models.CharField(max_length=255, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("upload", "offset", name="piece_offset_unique")]

    def __str__(self) -> str:
        return f"{self.upload_id}@{self.offset}+{self.length}"
