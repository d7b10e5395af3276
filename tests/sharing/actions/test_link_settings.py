"""sharing.actions.link_settings: what can be chosen, and what of it is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password

from accounts.errors import PasswordRefused
from common.clock import now
from files.errors import InvalidRequest
from sharing.actions.link_settings import LinkSettings, apply, settings_of
from sharing.models import Link

LATER = now() + timedelta(days=3)
EARLIER = now() - timedelta(days=3)


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        ("role", {"role": "manager"}),
        ("audience", {"audience": "nobody"}),
        ("naming", {"role": "uploader", "naming": "random"}),
        ("expires_at", {"expires_at": EARLIER}),
        ("deadline", {"role": "uploader", "deadline": EARLIER}),
        ("deadline", {"role": "viewer", "deadline": LATER}),
        ("grace", {"role": "editor", "grace": timedelta(hours=1)}),
        ("grace", {"role": "uploader", "grace": timedelta(days=32)}),
        ("grace", {"role": "uploader", "grace": -timedelta(days=1)}),
        ("max_downloads", {"max_downloads": 0}),
        ("max_downloads", {"max_downloads": 10**12}),
        ("max_downloads", {"role": "uploader", "max_downloads": 1}),
        ("title", {"title": "x" * 201}),
        ("title", {"title": "two\nlines"}),
        ("title", {"title": "gpj.\u202eexe"}),
        ("message", {"message": "x" * 4_001}),
        ("message", {"message": "a NUL \0"}),
        ("label", {"label": "\ud800"}),
        ("address", {"address": "short"}),
        ("address", {"address": "x" * 65}),
        ("address", {"address": "two--hyphens"}),
        ("address", {"address": "-begins"}),
        ("address", {"address": "under_score"}),
        ("address", {"address": "../../admin"}),
        ("address", {"address": "straße-1"}),
    ],
)
def test_what_is_refused(parameter: str, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        apply(LinkSettings(**values), Link())
    assert refused.value.detail["parameter"] == parameter
    assert str(refused.value)


@pytest.mark.parametrize("password", ["", "short", "password", "x" * 201, "half a pair \ud800"])
def test_passwords_that_are_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        apply(LinkSettings(password=password), Link())


def test_what_is_taken_is_there_again() -> None:
    chosen = LinkSettings(
        role="uploader",
        password="sea and sand",
        title="Reports",
        message="of May\nplease",
        deadline=LATER,
        grace=timedelta(hours=2),
        naming="sender",
        address="Reports-May",
        audience="team",
    )
    link = Link()
    apply(chosen, link)
    assert check_password("sea and sand", link.password)
    assert settings_of(link) == chosen.changed({"password": ..., "address": "reports-may"})
    before = link.password
    apply(settings_of(link), link, chosen)
    assert link.password == before
    apply(settings_of(link).changed({"password": None}), link)
    assert not link.has_password
