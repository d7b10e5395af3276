"""The address of a link, for its owner, in mails and in responses to programs."""

from django.conf import settings

from sharing.models import Link

PREFIX = "/s/"


def path_of(link: Link) -> str:
    """On this server."""
    return f"{PREFIX}{link.slug}"


def url_of(link: Link) -> str:
    """For others: from BASE_URL alone (accounts/links.py). Where nobody knows it, the path on this server."""
    return f"{settings.BASE_URL if settings.LINKS_KNOWN else ''}{path_of(link)}"
