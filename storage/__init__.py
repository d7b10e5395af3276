"""Where bytes live: one small interface (base.py) over local folders, memory, S3, Google and Azure.

Nothing in here imports a model. Order of dependency: base -> keys -> one module a backend -> probe ->
registry.
"""

from storage.base import (
    Capabilities,
    ObjectInfo,
    ObjectReader,
    PresignedRequest,
    Storage,
    StorageConfigurationError,
    StorageError,
)
from storage.registry import open_storage

__all__ = [
    "Capabilities",
    "ObjectInfo",
    "ObjectReader",
    "PresignedRequest",
    "Storage",
    "StorageConfigurationError",
    "StorageError",
    "open_storage",
]
