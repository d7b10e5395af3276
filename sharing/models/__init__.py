"""Links. The rights that they give are grants, of files.models."""

from sharing.models.link import Audience, Link, LinkRole, LinkUse, Naming

__all__ = ["Audience", "Link", "LinkRole", "LinkUse", "Naming"]
