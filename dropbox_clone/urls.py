"""Every door of the product, one line each."""

from django.urls import URLPattern, URLResolver, path

from dropbox_clone import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive),
    path("readyz", health.ready),
]
