"""Changing one's password writes the password and nothing else."""

from typing import Any

import pytest
from django.test import Client

from accounts.adapter import AccountAdapter
from accounts.models import AuditEvent, User
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "another correct horse battery"


def change(client: Client) -> Any:
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    return client.post("/accounts/password/change/", form)


def test_it_is_changed_and_the_browser_stays_signed_in(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    assert change(client).status_code == 302
    assert User.objects.get(pk=user.pk).check_password(NEW)
    assert client.get("/files/").status_code in (200, 301, 302, 404)
    assert AuditEvent.objects.filter(kind="password.change").count() == 1


def test_who_is_stopped_meanwhile_stays_stopped(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    client.force_login(user)
    original = AccountAdapter.set_password

    def late(self: AccountAdapter, person: User, password: str) -> None:
        User.objects.filter(pk=user.pk).update(is_active=False)
        original(self, person, password)

    monkeypatch.setattr(AccountAdapter, "set_password", late)
    assert change(client).status_code == 403
    found = User.objects.get(pk=user.pk)
    assert not found.is_active
    assert found.check_password(PASSWORD)
