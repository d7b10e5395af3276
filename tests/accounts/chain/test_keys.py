"""A new SECRET_KEY: no row changes, the earlier one is not needed afterwards, and whoever had it makes nothing more."""

from typing import Any

import pytest

from accounts.actions.rotate_secret import rotate_secret
from accounts.actor import system
from accounts.chain import sealing
from accounts.models import AuditAnchor, AuditEvent, AuditHead, AuditKey
from tests.accounts.chain.record import findings, lines, make_record

pytestmark = pytest.mark.django_db
OLD, NEW = "an earlier key of more than 32 characters", "the key of today, of more than 32 characters"


@pytest.fixture
def rotating(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    make_record(16)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]


def rotate(*, only_look: bool = False) -> tuple[bool, int]:
    """Whether nothing needs an earlier key, and how many keys of the record did."""
    told: dict[str, int] = {}
    proven = rotate_secret(
        system("rotatesecret"), only_look=only_look, tell=lambda found: told.update({found.name: found.old})
    )
    return proven, told["audit keys"]


def test_keys_are_sealed_again_and_another_one_begins(rotating: None, settings: Any) -> None:
    before = dict(AuditEvent.objects.exclude(position=None).values_list("pk", "digest"))
    assert rotate(only_look=True) == (False, 2)
    assert findings() == [], "with the earlier one in SECRET_KEY_FALLBACKS everything goes on"
    assert rotate() == (True, 0)
    settings.SECRET_KEY_FALLBACKS = []
    sealing.seal_pending()
    assert findings() == []
    assert before.items() <= dict(AuditEvent.objects.values_list("pk", "digest")).items()
    assert (AuditKey.objects.count(), AuditHead.objects.get().key_number) == (3, 3)
    assert AuditAnchor.objects.latest("number").key_number == 3
    assert AuditEvent.objects.get(kind="secret.rotate").detail["audit_keys"] == 2


def test_once_is_enough(rotating: None) -> None:
    rotate()
    assert rotate() == (True, 0)
    assert AuditKey.objects.count() == 3


def test_without_the_earlier_key_nothing_is_proved(rotating: None, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = []
    assert "key.changed key 1: it does not open, or not as the key of this place" in lines()
    with pytest.raises(sealing.ChainBroken):
        sealing.seal_pending()
