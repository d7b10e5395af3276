"""Routes of the doors that move bytes; included before all others (dropbox_clone/urls.py)."""

from django.urls import path, re_path

from files.api import content, zip

urlpatterns = [
    re_path(r"(?s:^content/(?P<path>.*)\Z)", content.content_at_path),  # a name may hold any character, also \n
    path("zip", zip.zip_of_selection),
    path("nodes/<int:node_id>/content", content.content_of_node),
    path("nodes/<int:node_id>/versions/<int:version_id>/content", content.content_of_version),
]
