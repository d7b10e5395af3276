"""Routes of the doors that move bytes; included before all others (dropbox_clone/urls.py)."""

from django.urls import path

from files.api import content, zip

urlpatterns = [
    path("content/", content.content_at_path),
    path("content/<path:path>", content.content_at_path),
    path("zip", zip.zip_of_selection),
    path("nodes/<int:node_id>/content", content.content_of_node),
    path("nodes/<int:node_id>/versions/<int:version_id>/content", content.content_of_version),
]
