"""Names of teams and groups, and e-mail addresses of accounts: their normal form, and whose address one is."""

import unicodedata

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.errors import InvalidEmail, InvalidName
from accounts.models import User

MAXIMUM = 100  # characters, after cleaning
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # control, format (bidi among them), no characters
_JOINERS = frozenset("\u200c\u200d")  # between letters of some scripts, and inside emoji
_VISIBLE = frozenset("LNPS")  # letters, numbers, punctuation, symbols
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols that show nothing
LONGEST_EMAIL = 254
NOBODYS = "@deleted.invalid"  # of accounts that were deleted: RFC 2606, nobody has it, and nobody can


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


def clean_email(email: str) -> str:
    """Lower case: one address is one account. Raises InvalidEmail.

    Django's pattern ignores case by Unicode's rules, so it takes `ı`, `ſ` and the Kelvin sign for letters of ASCII, and
    databases that compare without case do too: `rıta@` would be another account that stands in the way of `rita@`.
    """
    email = email.strip()
    local, at, domain = email.rpartition("@")
    if not at or not local.isascii() or any(_passes_for_ascii(character) for character in domain):
        raise InvalidEmail
    email = email.lower()
    if len(email) > LONGEST_EMAIL or email.endswith(NOBODYS):
        raise InvalidEmail
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidEmail from error
    return email


def _passes_for_ascii(character: str) -> bool:
    """Whether some comparison, without case or of compatible forms, takes a letter beyond ASCII for one of ASCII."""
    forms = {character.lower(), character.upper(), unicodedata.normalize("NFKC", character)}
    return not character.isascii() and any(len(form) == 1 and form.isascii() for form in forms)


def person_with(email: str) -> User | None:
    """Whose address it is (as `clean_email` gave it): that of the account, else one that was verified."""
    user = User.objects.filter(email=email).first()
    if user is None:
        # Compared once more: without case PostgreSQL finds `ı` for `i`, too.
        address = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user")
        user = next((row.user for row in address if row.email.lower() == email), None)
    return user


def email_is_taken(email: str) -> bool:
    return person_with(email) is not None


def addresses_of(user: User) -> set[str]:
    """Their own, and further ones that were verified."""
    verified = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return {user.email, *(address.lower() for address in verified)}
