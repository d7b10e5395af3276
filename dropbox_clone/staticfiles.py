"""Static files under names that contain a hash of their content, so that browsers may keep them for ever."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """A file that is missing from the manifest is served under its own name instead of failing the page."""

    manifest_strict = False
    keep_intermediate_files = False
