"""The ASGI application, for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")
application = get_asgi_application()
