"""A converter of URL patterns for paths of files."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class AnyPathConverter(StringConverter):
    """Django's `path` ends at a line break, which a name may hold; and the empty path is the top folder."""

    regex = r"[\s\S]*"


register_converter(AnyPathConverter, "anypath")
