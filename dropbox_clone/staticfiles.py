"""Static files under names that contain a hash of their content, so that browsers may keep them for ever."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """A file that is missing costs a 404 of its own instead of failing the page that names it."""

    manifest_strict = False
    keep_intermediate_files = False

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            return name
