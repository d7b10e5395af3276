"""Tells the apps above that who may do what has changed: memberships, groups, and whether somebody is active."""

from django.conf import settings
from django.utils.module_loading import import_string


def access_changed() -> None:
    """In the transaction that changes it (settings.ACCESS_HOOKS)."""
    for dotted_path in settings.ACCESS_HOOKS:
        import_string(dotted_path)()
