"""What a file is called that somebody sends to a link."""

import re

from django.utils.translation import gettext_lazy as _

from files.errors import InvalidRequest
from files.queries.tree import clean_name
from sharing.models import Link, Naming
from sharing.models.delivery import MAXIMUM_SENDER

_BETWEEN = re.compile(r"[\s/\\\x00-\x1f\x7f]+")


def name_from_sender(link: Link, name: str, sender: str) -> str:
    """`letter.doc`, or `Ada - letter.doc` where the link asks who sends. Raises InvalidName, InvalidRequest."""
    sender = clean_sender(sender)
    if link.naming != Naming.SENDER or not link.is_request:
        return clean_name(name)
    if not sender:
        raise InvalidRequest(_("Say who you are: your name is put in front of the names of your files."))
    return clean_name(f"{sender} - {name}")


def name_on_receipt(link: Link, sent: str, stored: str) -> str:
    """Of a file request as its sender has named it: `letter (2).doc` would tell of a letter of somebody else."""
    return sent if link.is_request else stored


def clean_sender(text: str) -> str:
    """The name that somebody gives to themselves, on one line."""
    return _BETWEEN.sub(" ", text).strip()[:MAXIMUM_SENDER].strip()
