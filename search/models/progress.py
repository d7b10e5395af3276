"""How far the index has followed each space."""

from django.db import models

from files.models.follower import JournalPosition


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
