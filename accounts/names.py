"""Names that people give to teams and groups: one line that can be seen, in one normal form."""

import unicodedata

from accounts.errors import InvalidName

MAXIMUM = 100  # characters, after cleaning
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # control, format (bidi among them), no characters
_JOINERS = frozenset("\u200c\u200d")  # between letters of some scripts, and inside emoji
_VISIBLE = frozenset("LNPS")  # letters, numbers, punctuation, symbols
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols that show nothing


def clean_name(name: str, *, maximum: int = MAXIMUM) -> str:
    """Trimmed and in NFC, so that what looks the same is the same. Raises InvalidName."""
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not any(character not in _BLANK and unicodedata.category(character)[0] in _VISIBLE for character in cleaned):
        raise InvalidName(reason="blank")
    if len(cleaned) > maximum:
        raise InvalidName(reason="too_long", limit=maximum, length=len(cleaned))
    for character in cleaned:
        if unicodedata.category(character) in _REFUSED and character not in _JOINERS:
            raise InvalidName(reason="character", character=f"U+{ord(character):04X}")
    return cleaned
