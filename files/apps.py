"""The app of files."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "files"
    verbose_name = _("Files")

    def ready(self) -> None:
        from storage.room import keep_free

        keep_free(settings.FREE_DISK_FLOOR)
