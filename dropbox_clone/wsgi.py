"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")
application = get_wsgi_application()

from dropbox_clone.env import one_clear_line  # noqa: E402 (needs the settings)
from dropbox_clone.start_checks import check_storage_url  # noqa: E402

with one_clear_line():
    check_storage_url()
