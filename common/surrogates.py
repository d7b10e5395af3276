"""Halves of surrogate pairs: what JSON can write and Python keeps as text, and no database and no answer takes."""


def has_half_pair(text: str) -> bool:
    """Whether the text cannot be written as UTF-8."""
    return any("\ud800" <= character <= "\udfff" for character in text)
