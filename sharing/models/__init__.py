"""Links, and what arrived through them. The rights that they give are grants, of files.models."""

from sharing.models.delivery import DeliveredFile, Delivery
from sharing.models.link import Audience, Link, LinkRole, LinkUse, Naming

__all__ = ["Audience", "DeliveredFile", "Delivery", "Link", "LinkRole", "LinkUse", "Naming"]
