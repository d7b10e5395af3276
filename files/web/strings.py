"""The texts of the scripts (frontend/src/strings.ts), translated. `{name}` is filled in by the script."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def ui_strings() -> dict[str, str | dict[str, str]]:
    return {
        "dismiss": _("Dismiss"),
        "request_failed": _("That did not work. Check the connection and try again."),
        "selected": _plural("{count} selected", "{count} selected"),
        **_upload_states(),
        **_upload_sentences(),
        "seconds": _("{count} s left"),
        "minutes": _("{count} min left"),
        "hours": _("{count} h left"),
    }


def _upload_states() -> dict[str, str | dict[str, str]]:
    return {
        "waiting": _("Waiting"),
        "sending": _("Sending"),
        "paused": _("Paused"),
        "missing": _("Choose this file again to go on"),
        "failed": _("Failed"),
        "skipped": _("Skipped: the name exists"),
        "done": _("Done"),
        "pause_file": _("Pause {name}"),
        "resume_file": _("Resume {name}"),
        "retry_file": _("Try {name} again"),
        "cancel_file": _("Cancel {name}"),
    }


def _upload_sentences() -> dict[str, str | dict[str, str]]:
    return {
        "drop_here": _("Drop to upload to “{name}”"),
        "files_of": _plural("{done} of {count} file", "{done} of {count} files"),
        "failed_count": _plural("{count} failed", "{count} failed"),
        "skipped_count": _plural("{count} skipped", "{count} skipped"),
        "upload_started": _plural("Uploading {count} file", "Uploading {count} files"),
        "upload_finished": _plural("{count} file uploaded", "{count} files uploaded"),
        "upload_finished_with_failures": _plural(
            "Uploads finished; {count} file failed", "Uploads finished; {count} files failed"
        ),
        "choose_again": _plural(
            "{count} file was interrupted and is too large to be kept by the browser. Choose it again, and it goes "
            "on where it stopped.",
            "{count} files were interrupted and are too large to be kept by the browser. Choose them again, and "
            "they go on where they stopped.",
        ),
        "unreadable": _plural("{count} item could not be read", "{count} items could not be read"),
        "file_is_gone": _("it was changed or deleted meanwhile"),
        "folder_failed": _("The folder “{name}” could not be created"),
        "alike": _plural(
            "“{other}” is here already. “{name}” differs from it by upper and lower case only.",
            "“{other}” is here already, and “{name}” differs from it by upper and lower case only. So it is with "
            "{count} names.",
        ),
        "alike_upload": _("Upload all the same"),
        "cancel_all": _plural("Cancel {count} upload?", "Cancel {count} uploads?"),
    }


def _plural(one: str, other: str) -> dict[str, str]:
    return {"one": ngettext(one, other, 1), "other": ngettext(one, other, 2)}
