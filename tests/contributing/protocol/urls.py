"""In the product, dropbox_clone/urls.py includes the addresses of a protocol."""

from django.urls import path

import http_kit.parameters  # noqa: F401  (registers `anypath`)
from tests.contributing.protocol.views import resource

urlpatterns = [path("toy/<anypath:path>", resource)]
