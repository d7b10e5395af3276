"""The address of a link, for its owner, in mails and in answers to programs."""

from accounts.links import absolute
from sharing.models import Link

PREFIX = "/s/"


def path_of(link: Link) -> str:
    """On this server."""
    return f"{PREFIX}{link.slug}"


def url_of(link: Link) -> str:
    """For others: from BASE_URL alone. Raises accounts.links.LinksUnknown."""
    return absolute(path_of(link))
