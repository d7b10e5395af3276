"""The example of docs/contributing/add_a_storage_backend.md."""
