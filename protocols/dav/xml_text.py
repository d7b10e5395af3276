"""XML that is kept for a client and given back: the inside of an element as text that stands on its own."""

from xml.etree.ElementTree import Element, tostring

from protocols.dav.properties.registry import escape


def inner_xml(element: Element) -> str:
    """Its text and its children, each with the namespaces that it needs."""
    return escape(element.text or "") + "".join(tostring(child, encoding="unicode") for child in element)
