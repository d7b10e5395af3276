"""Routes of the doors that move bytes; included before all others (dropbox_clone/urls.py)."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from files.api import content, zip


class AnyPathConverter(StringConverter):
    """Django's `path` ends at a line break, which a name may hold; and the empty path is the top folder."""

    regex = r"[\s\S]*"


register_converter(AnyPathConverter, "anypath")

urlpatterns = [
    path("content/<anypath:path>", content.content_at_path),
    path("zip", zip.zip_of_selection),
    path("nodes/<int:node_id>/content", content.content_of_node),
    path("nodes/<int:node_id>/versions/<int:version_id>/content", content.content_of_version),
]
