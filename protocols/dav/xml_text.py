"""Text in XML: escaped, and the inside of an element as text that stands on its own (kept for a client, given back)."""

import re
from xml.etree.ElementTree import Element, tostring

_SPECIAL = re.compile("[&<>\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def escape(text: str) -> str:
    """As the text of an element; what XML cannot hold at all becomes U+FFFD."""
    if not _SPECIAL.search(text):
        return text
    text = _ILLEGAL.sub("\ufffd", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def inner_xml(element: Element) -> str:
    """Its text and its children, each with the namespaces that it needs."""
    return escape(element.text or "") + "".join(tostring(child, encoding="unicode") for child in element)
