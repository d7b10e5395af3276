"""Every door of the product, one line each."""

from django.urls import URLPattern, URLResolver, include, path

from dropbox_clone import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("", include("files.web.urls")),
    path("", include("search.urls")),
    path("", include("accounts.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("search.api.urls")),
    path("api/v1/", include("files.api.urls")),
]
