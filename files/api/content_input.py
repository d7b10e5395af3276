"""How a file is to be written, from the query and the headers of a request."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from files.tree.writing import Mode, WriteOptions
from http_kit.errors import InvalidRequest
from http_kit.parameters import flag_of, id_of, modified_of, value_of, write_conditions_of


def options_of(request: HttpRequest) -> WriteOptions:
    """`?mode=`, `?autorename=`, `?base_version=`, `?modified_at=` and the If-* headers. Raises InvalidRequest."""
    base_version = id_of(request, "base_version")
    default = Mode.OVERWRITE if base_version is None else Mode.UPDATE
    text = value_of(request, "mode")
    if text is not None and text not in list(Mode):
        raise InvalidRequest(_("mode is create, overwrite or update."), parameter="mode")
    mode = default if text is None else Mode(text)
    if mode is Mode.UPDATE and base_version is None:
        raise InvalidRequest(_("mode=update needs base_version."), parameter="base_version")
    return WriteOptions(
        mode,
        flag_of(request, "autorename"),
        base_version if mode is Mode.UPDATE else None,
        modified_of(request),
        write_conditions_of(request),
    )
