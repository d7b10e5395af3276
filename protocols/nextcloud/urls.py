"""Addresses of Nextcloud's, from the root of the server."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from accounts.web import login_flow
from protocols.nextcloud import (
    bulk,
    home,
    login,
    principals,
    public,
    searching,
    server_root,
    status,
    trashbin,
    uploads,
    versions,
)
from protocols.nextcloud.ocs import notifications, sharees, shares, views

app_name = "nextcloud"


def _ocs(route: str, view: Callable[..., Any]) -> list[URLPattern]:
    return [path(f"ocs/v{version}.php/{route}", view, {"version": version}) for version in (1, 2)]


urlpatterns = [
    path("status.php", status.status),
    path("index.php/204", status.no_content),
    path("index.php/login/v2", login.start),
    path("index.php/login/v2/poll", login.poll, name="login_poll"),
    path("index.php/login/v2/flow/<str:login_secret>", login_flow.grant, name="login_grant"),
    *_ocs("cloud/capabilities", views.show_capabilities),
    *_ocs("cloud/user", views.show_user),
    *_ocs("cloud/users/<str:user_id>", views.show_user_by_id),
    *_ocs("config", views.show_config),
    *_ocs("core/getapppassword", views.make_app_password),
    *_ocs("core/apppassword", views.revoke_app_password),
    *_ocs("core/navigation/apps", views.empty_list),
    *_ocs("apps/files_sharing/api/v1/shares", shares.shares),
    *_ocs("apps/files_sharing/api/v1/shares/pending", views.empty_list),
    *_ocs("apps/files_sharing/api/v1/deletedshares", views.empty_list),
    *_ocs("apps/files_sharing/api/v1/remote_shares", views.empty_list),
    *_ocs("apps/files_sharing/api/v1/remote_shares/pending", views.empty_list),
    *_ocs("apps/files_sharing/api/v1/shares/<str:share_number>", shares.one_share),
    *_ocs("apps/files_sharing/api/v1/sharees", sharees.search),
    *_ocs("apps/files_sharing/api/v1/sharees_recommended", sharees.recommended),
    *_ocs("apps/notifications/api/v2/notifications", notifications.all_notifications),
    *_ocs("apps/notifications/api/v2/notifications/<int:notification_id>", notifications.one_notification),
    *_ocs("search/providers", searching.providers),
    *_ocs("search/providers/<str:provider>/search", searching.unified),
    *_ocs("<path:path>", views.unknown),
    path("index.php/core/preview", status.no_preview),
    path("index.php/core/preview.png", status.no_preview),
    path("index.php/apps/files/api/v1/thumbnail/<anypath:path>", status.no_preview),
    path("index.php/avatar/<anypath:path>", status.no_preview),
    path("remote.php/dav/avatars/<anypath:path>", status.no_preview),
    path("remote.php", server_root.remote),
    path("remote.php/", server_root.remote),
    path("remote.php/dav/files/<str:user_id>", home.home),
    path("remote.php/dav/files/<str:user_id>/<anypath:path>", home.home),
    path("remote.php/webdav", home.webdav),
    path("remote.php/webdav/<anypath:path>", home.webdav),
    path("public.php/dav/files/<str:slug>", public.files),
    path("public.php/dav/files/<str:slug>/<anypath:path>", public.files),
    path("public.php/webdav", public.webdav),
    path("public.php/webdav/<anypath:path>", public.webdav),
    path("remote.php/dav/bulk", bulk.bulk),
    path("remote.php/dav", principals.root),
    path("remote.php/dav/", principals.root),
    path("remote.php/dav/files", principals.all_files),
    path("remote.php/dav/files/", principals.all_files),
    path("remote.php/dav/principals/", principals.principals),
    path("remote.php/dav/principals/users/", principals.users),
    path("remote.php/dav/principals/users/<str:user_id>", principals.user),
    path("remote.php/dav/principals/users/<str:user_id>/", principals.user),
    path("remote.php/dav/trashbin/<str:user_id>", trashbin.trashbin),
    path("remote.php/dav/trashbin/<str:user_id>/<anypath:path>", trashbin.trashbin),
    path("remote.php/dav/versions/<str:user_id>", versions.versions),
    path("remote.php/dav/versions/<str:user_id>/<anypath:path>", versions.versions),
    path("remote.php/dav/uploads/<str:user_id>", uploads.uploads),
    path("remote.php/dav/uploads/<str:user_id>/<anypath:path>", uploads.uploads),
]
