"""The REST door of searching: parse, one query, render."""
