"""Links, what arrived through them, and what is kept beside shares. The rights that both give are grants, of
files.models.
"""

from sharing.models.delivery import DeliveredFile, Delivery
from sharing.models.link import Audience, Link, LinkRole, LinkUse, Naming
from sharing.models.share import MAXIMUM_MESSAGE, Share, ShareMailStop, ShareNumber, Transfer, WaitingShare

__all__ = [
    "MAXIMUM_MESSAGE",
    "Audience",
    "DeliveredFile",
    "Delivery",
    "Link",
    "LinkRole",
    "LinkUse",
    "Naming",
    "Share",
    "ShareMailStop",
    "ShareNumber",
    "Transfer",
    "WaitingShare",
]
