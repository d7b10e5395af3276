"""The REST API of searching: parse, one query, render."""
