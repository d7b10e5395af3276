"""The app of sharing."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "sharing"
