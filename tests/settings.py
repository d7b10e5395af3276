"""The product's settings for tests: fast passwords, storage in memory, nothing outside a temporary folder.

`TEST_DATABASE_URL` (or pytest's `--database`) chooses the database; without it, it is SQLite.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="dropbox_clone_test_")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ.setdefault("SECRET_KEY", "only-for-tests-only-for-tests-only-for-tests")
os.environ.setdefault("STORAGE_URL", "memory:")
os.environ.setdefault("EMAIL_URL", "memory:")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from dropbox_clone.settings import *
from dropbox_clone.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = Path(os.environ["DATA_DIR"]) / "static"
STORAGE_MAY_FORGET = True
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# Tests wrap connections in transactions and threads; a connection that persists would be shared or leaked.
DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"] == "dropbox_clone.postgresql":
    # A test database can only be dropped when nobody is connected to it, not even an idle connection of a pool.
    DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
    DATABASES["default"]["OPTIONS"].pop("pool_size", None)
    if template := os.environ.get("TEST_DATABASE_TEMPLATE"):
        DATABASES["default"]["TEST"] = {"TEMPLATE": template}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, as in the product: SQLite in memory locks tables, which threads would trip over.
    DATABASES["default"]["TEST"] = {"NAME": f"{os.environ['DATA_DIR']}/test.sqlite3"}
