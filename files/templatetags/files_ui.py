"""Icons and sizes for templates."""

import mimetypes
from collections.abc import Mapping

from django import template
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from files.models import Node

register = template.Library()

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")

# Tried in order: a prefix of the media type, the icon.
ICONS_BY_MEDIA_TYPE = (
    ("image/", "image"),
    ("video/", "video"),
    ("audio/", "audio"),
    ("application/pdf", "document"),
    ("application/msword", "document"),
    ("application/vnd.", "document"),
    ("application/zip", "archive"),
    ("application/gzip", "archive"),
    ("application/x-tar", "archive"),
    ("application/x-7z", "archive"),
    ("application/x-bzip", "archive"),
    ("application/x-xz", "archive"),
    ("application/json", "code"),
    ("application/javascript", "code"),
    ("application/xml", "code"),
    ("text/html", "code"),
    ("text/css", "code"),
    ("text/javascript", "code"),
    ("text/x-", "code"),
    ("text/", "text"),
)


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """An icon of the sprite (frontend/static/icons.svg). Decorative: the text beside it carries the meaning."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css_class,
        static("ui/icons.svg"),
        name,
    )


@register.simple_tag
def node_icon(node: Node) -> SafeString:
    """The icon of a folder or of a kind of file, by its name: the list needs no content for it."""
    if node.is_mount and node.is_folder:
        return icon("users", "folder")
    if node.is_folder:
        return icon("folder", "folder")
    return icon(icon_of_media_type(mimetypes.guess_type(node.name)[0] or ""))


def icon_of_media_type(media_type: str) -> str:
    for prefix, name in ICONS_BY_MEDIA_TYPE:
        if media_type.startswith(prefix):
            return name
    return "file"


@register.filter
def of(found: Mapping[int, object], key: int) -> object:
    """What a mapping has under a key that is known only while rendering; None for nothing."""
    return found.get(key)


@register.filter
def file_size(size: int | None) -> str:
    """Bytes as people read them, in powers of 1000 with at most one decimal: `1.4 MB`."""
    if size is None:
        return ""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(UNITS) - 1:
        value /= 1000
        unit += 1
    decimals = 1 if unit and value < 10 else 0
    # Translators: a number and its unit, "1.4 MB"
    return _("%(number)s %(unit)s") % {"number": number_format(round(value, decimals), decimals), "unit": UNITS[unit]}
