"""XML that a client sends: bounded, without entities or document types, not nested without end."""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from files import errors
from http_kit.json_body import read_body

MAXIMUM_BODY = 1024 * 1024
MAXIMUM_NESTING = 64
MAXIMUM_ELEMENTS = 10_000
MAXIMUM_ATTRIBUTES = 10_000  # of all elements together
MAXIMUM_TAG = 16 * 1024  # bytes: a tag is read as a whole, and each of its attributes costs more than an element
PIECE = 8 * 1024  # bytes that are parsed at once


class _Bounded(TreeBuilder):
    """What is read back and written again by recursion must not be nested without end."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.elements = self.attributes = 0

    def start(self, tag: str, attributes: "dict[str, str]") -> Element:
        self.depth += 1
        self.elements += 1
        self.attributes += len(attributes)
        if self.depth > MAXIMUM_NESTING or self.elements > MAXIMUM_ELEMENTS or self.attributes > MAXIMUM_ATTRIBUTES:
            raise errors.InvalidRequest(
                gettext_lazy("The XML is nested too deep, or has too many elements or attributes.")
            )
        return super().start(tag, attributes)

    def end(self, tag: str) -> Element:
        self.depth -= 1
        return super().end(tag)


def read_xml(request: HttpRequest) -> bytes:
    """Raises TooLarge, BodyBroken."""
    return read_body(request, MAXIMUM_BODY)


def parse_xml(body: bytes) -> Element:
    """The root. Names are `{namespace}local`. Raises InvalidRequest."""
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        _feed(parser, body)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise errors.InvalidRequest(gettext_lazy("The XML may not have a document type or entities.")) from error
    except (ParseError, ValueError, LookupError) as error:
        raise errors.InvalidRequest(gettext_lazy("The body is not well-formed XML.")) from error
    return root


def _feed(parser: DefusedXMLParser, body: bytes) -> None:
    """In pieces, so that a tag without end is noticed before it is read. Raises InvalidRequest."""
    for start in range(0, len(body), PIECE):
        piece = body[start : start + PIECE]
        parser.feed(piece)
        if start + len(piece) - max(0, parser.parser.CurrentByteIndex) > MAXIMUM_TAG + PIECE:
            raise errors.InvalidRequest(gettext_lazy("A tag of the XML is too long."))


def split_name(tag: str) -> tuple[str, str]:
    """`{namespace}local` to (namespace, local); no namespace is ""."""
    if tag.startswith("{"):
        namespace, _, local = tag[1:].partition("}")
        return namespace, local
    return "", tag
