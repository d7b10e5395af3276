"""What is encrypted or signed with SECRET_KEY and lasts, and how each kind is sealed again when the key changes.

A vault (settings.VAULTS) is a function that goes through its rows, each in a transaction of its own under the lock of
the row, and seals again what SECRET_KEY alone does not open. An interrupted run is started again and skips what is
done. With `only_look` nothing is changed, which proves that nothing needs an earlier key any more.
"""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.cache import caches
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from accounts.models import OutgoingMail, User

BATCH = 500
Row = Any
Reseal = Callable[[Row], bool]


def secret_box() -> MultiFernet:
    """Encrypts with SECRET_KEY, decrypts also with SECRET_KEY_FALLBACKS, so that the key can be rotated."""
    return MultiFernet([Fernet(_key(str(secret))) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def is_of_today(sealed: str) -> bool:
    """Whether it opens with SECRET_KEY alone."""
    try:
        Fernet(_key(str(settings.SECRET_KEY))).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def reseal(sealed: str) -> str:
    """The same, sealed with SECRET_KEY. Raises InvalidToken when no key opens it."""
    return secret_box().rotate(sealed.encode()).decode()


def _key(secret: str) -> bytes:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"accounts.secret_box").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)


@dataclass(slots=True)
class Found:
    """`name` is what a person calls them. `old`: how many need an earlier key (or did until now); `lost`: which rows no
    key opens, by what an operator can find them by."""

    name: str
    seen: int = 0
    old: int = 0
    lost: list[str] = field(default_factory=list)


class Vault(Protocol):
    """Seals everything of one kind again; with `only_look` it only counts."""

    def __call__(self, *, only_look: bool) -> Found: ...


def vaults() -> list[Vault]:
    return [import_string(dotted_path) for dotted_path in settings.VAULTS]


def go_through(rows: "QuerySet[Any]", found: Found, reseal_row: Reseal, *, only_look: bool) -> Found:
    """`reseal_row` changes the row in memory and returns whether it did; raises InvalidToken when no key opens it."""
    for key in _keys(rows):
        with transaction.atomic():
            row: Model | None = rows.model._default_manager.select_for_update().filter(pk=key).first()
            if row is None:
                continue
            found.seen += 1
            try:
                if reseal_row(row):
                    found.old += 1
                    if not only_look:
                        row.save()
            except InvalidToken:
                found.lost.append(f"{row._meta.model_name} {key}")
    return found


def _keys(rows: "QuerySet[Any]") -> Iterable[Any]:
    """In pages, so that any number is fine and no statement stays open meanwhile."""
    last = None
    while True:
        page = rows.order_by("pk") if last is None else rows.filter(pk__gt=last).order_by("pk")
        keys = list(page.values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        yield from keys
        last = keys[-1]


def second_factors(*, only_look: bool) -> Found:
    """TOTP secrets, seeds of recovery codes, and codes taken over from elsewhere. A passkey holds no secret."""
    return go_through(Authenticator.objects.all(), Found("second factors"), _reseal_factor, only_look=only_look)


def _reseal_factor(row: Authenticator) -> bool:
    changed = False
    for name in ("secret", "seed"):
        sealed = row.data.get(name)
        if sealed and not is_of_today(sealed):
            row.data[name], changed = reseal(sealed), True
    codes = row.data.get("migrated_codes") or []
    if any(not is_of_today(code) for code in codes):
        row.data["migrated_codes"], changed = [reseal(code) for code in codes], True
    return changed


def outgoing_mail(*, only_look: bool) -> Found:
    return go_through(OutgoingMail.objects.all(), Found("mails"), _reseal_mail, only_look=only_look)


def _reseal_mail(row: OutgoingMail) -> bool:
    if is_of_today(row.sealed):
        return False
    row.sealed = reseal(row.sealed)
    return True


def sessions(*, only_look: bool) -> Found:
    """Signed, and with a hash of the password made with the key. One that no key opens is nobody's already."""
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    running = Session.objects.filter(expire_date__gt=timezone.now())
    cache_prefix = getattr(store, "cache_key_prefix", None)

    def reseal_session(row: Session) -> bool:
        is_old = _needs_earlier_key(row.session_data, store())
        data = store().decode(row.session_data)
        hash_now = _hash_of_today(data)
        if hash_now is not None:
            data[HASH_SESSION_KEY] = hash_now
        if not data or not (is_old or hash_now):
            return False
        row.session_data = store().encode(data)
        if cache_prefix is not None and not only_look:
            transaction.on_commit(lambda: caches[settings.SESSION_CACHE_ALIAS].delete(cache_prefix + row.pk))
        return True

    return go_through(running, Found("sessions"), reseal_session, only_look=only_look)


def _needs_earlier_key(text: str, store: Any) -> bool:
    try:
        signing.loads(text, salt=store.key_salt, serializer=store.serializer, fallback_keys=[])
    except signing.BadSignature:
        return True
    return False


def _hash_of_today(data: dict[str, Any]) -> str | None:
    """None when it is of today already, or of no key."""
    kept = str(data.get(HASH_SESSION_KEY, ""))
    user = User.objects.filter(pk=data[SESSION_KEY]).first() if kept and SESSION_KEY in data else None
    if user is None or constant_time_compare(kept, user.get_session_auth_hash()):
        return None
    if any(constant_time_compare(kept, earlier) for earlier in user.get_session_auth_fallback_hash()):
        return user.get_session_auth_hash()
    return None
