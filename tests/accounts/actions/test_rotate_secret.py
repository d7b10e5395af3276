"""manage.py rotatesecret: everything is sealed anew, an interrupted run goes on, and the old key is then not needed."""

import io
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import outgoing_mail, secret_box
from accounts.actions.rotate_secret import rotate_secret
from accounts.errors import NotAllowed
from accounts.models import AuditEvent, OutgoingMail, User
from files.blobs.pools import seal_url, unseal_url
from files.models import Pool
from tests.support.people import PASSWORD, actor_of, make_user

pytestmark = pytest.mark.django_db

OLD, NEW = "an earlier key of more than 32 characters", "the key of today, of more than 32 characters"


class World:
    """One of everything that lasts, sealed with the old key."""

    def __init__(self) -> None:
        self.user, self.secret = make_user(), generate_totp_secret()
        TOTP.activate(self.user, self.secret)
        self.codes = RecoveryCodes.activate(self.user).generate_codes()
        self.pool = Pool.objects.create(name="other", url=seal_url("s3://KEY:SECRET@host:9000/bucket"))
        self.plain = Pool.objects.create(name="plain", url="s3://KEY:SECRET@host:9000/plain")
        outgoing_mail.queue("password_reset", email=self.user.email)
        self.browser = Client()
        self.browser.force_login(self.user)

    def code(self) -> str:
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // 30))

    def check(self) -> None:
        client = Client()
        client.post("/accounts/login/", {"login": self.user.email, "password": PASSWORD})
        client.post("/accounts/2fa/authenticate/", {"code": self.code()})
        assert client.get("/api/v1/account").status_code == 200
        recovery = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
        assert RecoveryCodes(recovery).generate_codes() == self.codes
        unseal_url.cache_clear()
        urls = [unseal_url(url) for url in Pool.objects.exclude(url="").order_by("pk").values_list("url", flat=True)]
        assert urls == ["s3://KEY:SECRET@host:9000/bucket", "s3://KEY:SECRET@host:9000/plain"]
        assert outgoing_mail.send_due({"password_reset": lambda content: []}) == 1
        assert self.browser.get("/api/v1/account").status_code == 200, "nobody is signed out"


@pytest.fixture
def world(settings: Any) -> World:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    made = World()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    return made


def rotate(*options: str) -> str:
    out = io.StringIO()
    call_command("rotatesecret", *options, stdout=out)
    return out.getvalue()


def test_afterwards_the_old_key_is_not_needed(world: World, settings: Any) -> None:
    with pytest.raises(CommandError, match="Keep the earlier keys"):
        rotate("--check")
    said = rotate()
    for line in ("second factors: 2 looked at, 0", "pools: 2 looked at, 0", "sessions: 1 looked at, 0", "mails: 1"):
        assert line in said
    assert "Nothing needs an earlier key" in said
    settings.SECRET_KEY_FALLBACKS = []
    assert "Nothing needs an earlier key" in rotate("--check")
    world.check()
    assert AuditEvent.objects.get(kind="secret.rotate").detail["second_factors"] == 2


def test_without_it_the_old_key_is_needed(world: World, settings: Any) -> None:
    """The test above can fail."""
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises((AssertionError, Exception)):
        world.check()


def test_an_interrupted_run_goes_on(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real, count = secret_box.reseal, 0

    def dies(sealed: str) -> str:
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        return real(sealed)

    monkeypatch.setattr(secret_box, "reseal", dies)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    assert secret_box.second_factors(only_look=True).old == 1, "the first one is done, the second one is not"
    rotate()
    assert count >= 3
    settings.SECRET_KEY_FALLBACKS = []
    world.check()


def test_what_no_key_opens_is_named_and_nothing_is_proven(world: World, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = []
    out = io.StringIO()
    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS, which is empty now"):
        call_command("rotatesecret", stdout=out)
    row = Authenticator.objects.order_by("pk").first()
    assert row is not None
    assert f"authenticator {row.pk}" in out.getvalue()
    settings.SECRET_KEY_FALLBACKS = [OLD]
    assert "Nothing needs an earlier key" in rotate(), "nothing was spoilt by that"


def test_a_changed_password_is_not_forgiven(world: World, settings: Any) -> None:
    """A session whose hash fits no key stays ended."""
    user = User.objects.get(pk=world.user.pk)
    user.session_epoch += 1
    user.save()
    rotate()
    assert world.browser.get("/api/v1/account").status_code == 401


def test_only_administrators(world: World) -> None:
    with pytest.raises(NotAllowed):
        rotate_secret(actor_of(world.user), tell=lambda found: None)
    assert OutgoingMail.objects.count() == 1
