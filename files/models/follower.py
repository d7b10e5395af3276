"""How far whoever follows the journals has come."""

from django.db import models


class JournalPosition(models.Model):
    """`seq`: the last change of the space that was handled. `settled`: the last one of which nothing is left to do.

    The two differ only for followers that have more to do than the lines themselves say. `steps` counts: whoever has
    planned a step carries it out only if nobody else was faster.
    """

    seq = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0)
    steps = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class FollowerPosition(JournalPosition):
    """Of the followers that keep no table of their own (files/journal_follower.py). One row a follower and space."""

    name = models.CharField(max_length=40)
    space_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("name", "space_id", name="follower_position_unique")]

    def __str__(self) -> str:
        return f"{self.name} in space {self.space_id} at {self.seq}"
