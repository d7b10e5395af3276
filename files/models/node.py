"""A file or a folder. Its id never changes: not by rename, move or overwrite."""

from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.etags import file_etag, folder_etag
from common.ids import new_id
from files.models.space import Space


class NodeKind(models.IntegerChoices):
    FOLDER = 0, _("folder")
    FILE = 1, _("file")


class Node(models.Model):
    """`parent` is null for the root of a space and for the top of a deleted tree (see TrashItem).

    `seq` is the change that last touched the node or anything below it: with the id, a folder's ETag.
    `size` is bytes: of the current version of a file, of all current versions below a folder;
    `versions_size` those of all earlier versions likewise; `descendants` counts the nodes below a folder.
    `height` is at least the number of levels below it (it may stay too high after a deletion).
    `target_id` marks a mount, a row in somebody's home that stands for a folder or a file of another space
    (files.models.Mount): it has nothing below it and no version, and adds nothing to sums, counts and quotas.
    `name` is alone in its folder; whoever looks for another spelling of it asks by the folded `name_key`.
    These sums let a tree of any size move, be deleted and be charged by one row.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    space = models.ForeignKey(Space, models.PROTECT, related_name="nodes")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    kind = models.SmallIntegerField(_("kind"), choices=NodeKind)
    name = models.CharField(_("name"), max_length=255)
    name_key = models.CharField(max_length=1024)  # the folded name: see files/tree/keys.py
    version = models.OneToOneField("files.Version", models.PROTECT, null=True, related_name="+")
    size = models.BigIntegerField(_("size (bytes)"), default=0)
    versions_size = models.BigIntegerField(default=0)
    descendants = models.BigIntegerField(default=0)
    height = models.SmallIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    target_id = models.BigIntegerField(_("target"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    modified_at = models.DateTimeField(_("modified"), db_default=Now())

    class Meta:
        verbose_name = _("node")
        verbose_name_plural = _("nodes")
        constraints = [
            models.UniqueConstraint("parent", "name", name="node_name_alone"),
            # For the release before, which finds names by their keys. It goes when that release is gone: decision 20.
            models.UniqueConstraint("parent", "name_key", name="node_name_unique"),
            models.CheckConstraint(
                condition=models.Q(size__gte=0, versions_size__gte=0, descendants__gte=0),
                name="node_sums_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "kind", "name_key"], name="node_listing"),
            # What waits for a plain key: nearly nothing.
            models.Index(
                "parent",
                RawSQL("REPLACE(name_key, '/' || name, '')", ()),
                condition=models.Q(name_key__contains="/"),
                name="node_long_key",
            ),
        ]

    # What the entity tag is made of for somebody from whom something below is hidden (files/queries/veil.py).
    seen_state: str | None = None

    def __str__(self) -> str:
        return self.name or "/"

    @property
    def is_folder(self) -> bool:
        return self.kind == NodeKind.FOLDER

    @property
    def is_mount(self) -> bool:
        return self.target_id is not None

    @property
    def state(self) -> int | str:
        """Of a folder, for whom it was read: what its entity tag changes with."""
        return self.seen_state or self.seq

    @property
    def etag(self) -> str:
        """Quoted and strong. A file's changes with its version only, a folder's with anything below it in its space.

        What clients are told is LocatedNode.etag, which also changes with what is mounted below a folder.
        """
        if self.is_folder:
            return folder_etag(self.pk, self.state)
        return file_etag(self.target_id or self.pk, self.version_id)  # a mounted file has that of the file
