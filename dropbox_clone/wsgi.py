"""The WSGI application that gunicorn serves."""

import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")
django.setup(set_prefix=False)

from dropbox_clone import tracing  # noqa: E402
from dropbox_clone.env import one_clear_line  # noqa: E402 (needs the settings)
from dropbox_clone.start_checks import check_storage_url  # noqa: E402

# Before anything else of the application is made: it could have warnings of its own, and this is one clear line.
with one_clear_line():
    check_storage_url()
    tracing.instrument(settings.CONFIGURATION)

application = WSGIHandler()
