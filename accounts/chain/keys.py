"""The keys of the chain: random, sealed with SECRET_KEY, each good from one position on.

So a new SECRET_KEY changes no row of the record: `manage.py rotatesecret` seals the keys again, and begins a new one,
since whoever had the earlier SECRET_KEY may have the earlier keys too.
"""

import json
import secrets
from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken

from accounts.models import AuditHead, AuditKey
from accounts.secret_box import Found, go_through, is_of_today, reseal, secret_box


class ChainBroken(Exception):
    """The chain is not as it was left: nothing is put on top of it. `manage.py auditverify` says what is wrong."""


@dataclass(slots=True)
class Keys:
    """All keys that open, by number; `first`: the first position of each. `lost`: numbers of those that do not."""

    by_number: dict[int, bytes] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)

    def at(self, position: int) -> bytes | None:
        """The key of a position: that with the largest first position up to it, and of these the newest."""
        known = [(first, number) for number, first in self.first.items() if first <= position]
        return self.by_number.get(max(known)[1]) if known else None

    def ranges(self) -> list[tuple[int, bytes | None]]:
        """First positions in order, each with its key."""
        return [(first, self.by_number.get(number)) for first, number in sorted((f, n) for n, f in self.first.items())]


def read_keys(chain: str) -> Keys:
    """Of a chain. A key that was moved to another position, number or chain is lost, like one that does not open."""
    keys = Keys()
    for row in AuditKey.objects.order_by("number"):
        opened = _open(row, chain)
        if opened is None:
            keys.lost.append(row.number)
        else:
            keys.by_number[row.number] = opened
        keys.first[row.number] = row.first_position
    return keys


def key_of(head: AuditHead) -> bytes:
    """The newest one, with which heads and anchors are signed. Raises ChainBroken."""
    row = AuditKey.objects.filter(number=head.key_number).first()
    key = None if row is None else _open(row, head.chain)
    if key is None:
        raise ChainBroken(f"key {head.key_number} cannot be opened: is SECRET_KEY another one?")
    return key


def new_key(chain: str, *, number: int, first_position: int) -> bytes:
    """In the caller's transaction, which holds the head."""
    key = secrets.token_bytes(32)
    content = json.dumps([chain, number, first_position, key.hex()])
    sealed = secret_box().encrypt(content.encode()).decode()
    AuditKey.objects.create(number=number, first_position=first_position, sealed=sealed)
    return key


def reseal_keys(*, only_look: bool) -> Found:
    """For the vault (settings.VAULTS)."""
    return go_through(AuditKey.objects.all(), Found("audit keys"), _reseal, only_look=only_look)


def _reseal(row: AuditKey) -> bool:
    if is_of_today(row.sealed):
        return False
    row.sealed = reseal(row.sealed)
    return True


def _open(row: AuditKey, chain: str) -> bytes | None:
    try:
        content = json.loads(secret_box().decrypt(str(row.sealed).encode()))
    except (InvalidToken, ValueError):
        return None
    of, number, first, key = content
    return bytes.fromhex(key) if (of, number, first) == (chain, row.number, row.first_position) else None
