"""How the admin console looks and what its sidebar offers."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _page(title: Any, icon: str, model: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist")}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "dropbox_clone",
    "SITE_HEADER": "dropbox_clone",
    "SITE_SUBHEADER": _("Administration"),
    "SITE_SYMBOL": "folder_open",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("ui/favicon.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "files.admin.dashboard.dashboard",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
    "COMMAND": {"search_models": False},
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [{"title": _("Overview"), "icon": "dashboard", "link": reverse_lazy("admin:index")}],
            },
            {
                "title": _("People"),
                "separator": True,
                "items": [
                    _page(_("Users"), "person", "accounts_user"),
                    _page(_("Teams"), "groups", "accounts_team"),
                    _page(_("Memberships"), "badge", "accounts_membership"),
                    _page(_("Invitations"), "outgoing_mail", "accounts_invitation"),
                    _page(_("Groups"), "group_work", "accounts_group"),
                    _page(_("Quotas"), "data_usage", "accounts_quotaaccount"),
                    _page(_("Access tokens"), "key", "accounts_accesstoken"),
                    _page(_("Audit events"), "policy", "accounts_auditevent"),
                ],
            },
            {
                "title": _("Files"),
                "separator": True,
                "items": [
                    _page(_("Spaces"), "folder_shared", "files_space"),
                    _page(_("Journal"), "history", "files_change"),
                    _page(_("Links"), "link", "sharing_link"),
                    _page(_("Uploads"), "upload", "files_upload"),
                    _page(_("Trash"), "delete", "files_trashitem"),
                ],
            },
            {
                "title": _("Storage"),
                "separator": True,
                "items": [
                    _page(_("Pools"), "database", "files_pool"),
                    _page(_("Regions of teams"), "public", "files_teamregion"),
                    _page(_("Blobs"), "deployed_code", "files_blob"),
                    _page(_("Quarantine"), "gpp_maybe", "files_quarantinedobject"),
                ],
            },
            {
                "title": _("Upkeep"),
                "separator": True,
                "items": [
                    _page(_("Jobs"), "schedule", "files_job"),
                    _page(_("Runs of jobs"), "checklist", "files_jobrun"),
                ],
            },
        ],
    },
}
