"""A team as the console shows it where its bytes are told to be."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Team


class TeamRegion(Team):
    """The same rows as Team."""

    class Meta:
        proxy = True
        verbose_name = _("region of a team")
        verbose_name_plural = _("regions of teams")
