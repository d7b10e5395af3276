"""What is indexed (one document per live node, one text per content), and how far.

Nothing here has a foreign key to the tables of files: the index follows the tree, it never holds it up.
"""

from django.db import models

from files.models.job import JournalPosition


class ContentText(models.Model):
    """The text of a content, extracted once however many files share it. Immutable.

    `text` is its UTF-8, deflated: for snippets. `words` are what is indexed, with a space before and after each:
    those of the text, in its order, and marks for those that come often (search/text/words.py).
    """

    content_id = models.BigIntegerField(primary_key=True)
    text = models.BinaryField()
    words = models.TextField()

    def __str__(self) -> str:
        return f"text of content {self.content_id}"


class Document(models.Model):
    """What the index (`search_fts`, a table of the database's own kind) holds of a node.

    `name_words` like ContentText.words (search/text/words.py). `has_text`: whether the words of the content are in the
    index, with the name; `awaits_text`: whether they are still to come. The entry in the index can be taken out again
    only as it was put in, so these columns change together with it, in one transaction.
    """

    node_id = models.BigIntegerField(primary_key=True)
    space_id = models.BigIntegerField()
    content_id = models.BigIntegerField(null=True, db_index=True)
    name_words = models.TextField()
    extension = models.CharField(max_length=64, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    has_text = models.BooleanField(default=False)
    awaits_text = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["space_id"], name="search_document_space"),
            models.Index(fields=["node_id"], name="search_document_awaits", condition=models.Q(awaits_text=True)),
        ]

    def __str__(self) -> str:
        return f"document of node {self.node_id}"


class SearchCursor(JournalPosition):
    """`seq` and `settled` differ while the folders of a change are being walked (FolderVisit). What went to the trash
    after `settled` may still have documents; queries leave it out.
    """

    space_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"space {self.space_id} at {self.seq}"


class FolderVisit(models.Model):
    """A folder whose children, those with an id over `after_id`, have still to be looked at.

    The journal has one line for a tree; this is how the index walks it, in small steps that survive a crash.
    """

    space_id = models.BigIntegerField()
    folder_id = models.BigIntegerField()
    after_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("space_id", "folder_id", name="search_visit_unique")]

    def __str__(self) -> str:
        return f"folder {self.folder_id} from {self.after_id}"


__all__ = ["ContentText", "Document", "FolderVisit", "SearchCursor"]
