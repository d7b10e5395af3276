"""Every endpoint of the product, one line each."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from dropbox_clone import health
from dropbox_clone.metrics import page

handler400 = "http_kit.error_pages.bad_request"
handler403 = "http_kit.error_pages.permission_denied"
handler404 = "http_kit.error_pages.page_not_found"
handler500 = "http_kit.error_pages.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("files.api.content_urls")),  # the hot endpoint first: addresses are tried in order
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", page.metrics),
    path("", include("files.web.urls")),
    path("", include("sharing.web.link_urls")),
    path("", include("sharing.web.share_urls")),
    path("", include("search.urls")),
    path("", include("sharing.web.urls")),
    path("", include("accounts.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("search.api.urls")),
    path("api/v1/", include("sharing.api.share_urls")),
    path("api/v1/", include("sharing.api.urls")),
    path("api/v1/", include("files.api.urls")),
    path("api/v1/", include("sharing.api.link_urls")),
    path("tus/", include("protocols.tus.urls")),
    path("", include("protocols.dav.urls")),
    path("", include("protocols.nextcloud.urls")),
    path("", include("protocols.tus.public_urls")),
    path("", include("sharing.web.public_urls")),
]
