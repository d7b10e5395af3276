"""Routes of the endpoints that move bytes; included before all others (dropbox_clone/urls.py)."""

from django.urls import path

import http_kit.parameters  # noqa: F401 (registers the converter)
from files.api import content, zip

urlpatterns = [
    path("content/<anypath:path>", content.content_at_path),
    path("zip", zip.zip_of_selection),
    path("nodes/<int:node_id>/content", content.content_of_node),
    path("nodes/<int:node_id>/versions/<int:version_id>/content", content.content_of_version),
]
