"""XML that a client sends: bounded, without entities or document types, not nested without end."""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.http import HttpRequest

from files import errors
from files.api.json_body import read_body

MAXIMUM_BODY = 1024 * 1024
MAXIMUM_NESTING = 64
MAXIMUM_ELEMENTS = 10_000


class _Bounded(TreeBuilder):
    """What is read back and written again by recursion must not be nested without end."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.elements = 0

    def start(self, tag: str, attributes: "dict[str, str]") -> Element:
        self.depth += 1
        self.elements += 1
        if self.depth > MAXIMUM_NESTING or self.elements > MAXIMUM_ELEMENTS:
            raise errors.InvalidRequest("The XML is nested too deep, or has too many elements.")
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
        parser.feed(body)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise errors.InvalidRequest("The XML may not have a document type or entities.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise errors.InvalidRequest("The body is not well-formed XML.") from error
    return root


def split_name(tag: str) -> tuple[str, str]:
    """`{namespace}local` to (namespace, local); no namespace is ""."""
    if tag.startswith("{"):
        namespace, _, local = tag[1:].partition("}")
        return namespace, local
    return "", tag
