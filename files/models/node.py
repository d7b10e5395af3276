"""Files and folders, whose ids never change (not by rename, move or overwrite), and what is kept beside them:
favourites, dead properties (RFC 4918 section 4), and deletions.
"""

from django.conf import settings
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
    `name` is alone in its folder; other spellings of it are looked up by the folded `name_key`.
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

        What clients get is LocatedNode.etag, which also changes with what is mounted below a folder.
        """
        if self.is_folder:
            return folder_etag(self.pk, self.state)
        return file_etag(self.target_id or self.pk, self.version_id)  # a mounted file has that of the file


class Favourite(models.Model):
    """Each person has their own. It stays with the node through moves and the trash, and goes with its last row."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites", db_constraint=False)
    node = models.ForeignKey(Node, models.CASCADE, related_name="favourites", db_constraint=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        constraints = [models.UniqueConstraint("user", "node", name="favourite_unique")]

    def __str__(self) -> str:
        return f"{self.node_id} of {self.user_id}"


class NodeProperty(models.Model):
    """`value` is the XML inside the property's element, as text. It stays with the node wherever that goes.

    No constraint of the database, because the release before purges nodes without knowing of this table; a row that is
    left is never seen, since ids of nodes are not used twice.
    """

    node = models.ForeignKey(Node, models.CASCADE, related_name="properties", db_constraint=False)
    namespace = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=255)
    value = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("node", "namespace", "name", name="property_name_unique")]

    def __str__(self) -> str:
        return f"{{{self.namespace}}}{self.name} of {self.node_id}"


class TrashItem(models.Model):
    """`node` is the top, its parent null; `path` where it was. Once `purging`, it is gone for everybody but
    the job that removes the rows; its bytes are no longer charged.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    space = models.ForeignKey(Space, models.PROTECT, related_name="trash")
    node = models.OneToOneField(Node, models.PROTECT, related_name="trash_item")
    parent_id_before = models.BigIntegerField()
    path = models.TextField(_("path"))
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    deleted_at = models.DateTimeField(_("deleted"))
    seq = models.BigIntegerField()
    purging = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("trash item")
        verbose_name_plural = _("trash")
        indexes = [
            models.Index(fields=["space", "-deleted_at", "-id"], name="trash_listing"),
            models.Index(fields=["deleted_at"], name="trash_age"),
        ]

    def __str__(self) -> str:
        return self.path
