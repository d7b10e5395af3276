"""The REST API of files under /api/v1/: parse, one action or query, render."""
