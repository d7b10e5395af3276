"""The texts of the script that sends files to a link (frontend/src/send.ts), translated."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def ui_strings() -> dict[str, str | dict[str, str]]:
    return {
        "send_waiting": _("Waiting"),
        "send_sending": _("{sent} of {size}"),
        "send_done": _("Arrived"),
        "send_failed": _("Not sent: {message}"),
        "send_again": _("Try again"),
        "send_remove": _("Remove {name}"),
        "send_network": _("The connection was lost."),
        "send_leaving": _("Files are still being sent."),
        "send_all": {
            "one": ngettext("{count} file has arrived.", "{count} files have arrived.", 1),
            "other": ngettext("{count} file has arrived.", "{count} files have arrived.", 2),
        },
        "dismiss": _("Dismiss"),
        "request_failed": _("That did not work. Check the connection and try again."),
    }
