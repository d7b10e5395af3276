"""The admin console: every page answers, nothing can be broken by hand, nobody else gets in."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import AccessToken, QuotaAccount, User
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadWish, open_upload
from files.models import Pool, Upload
from files.queries.target import Target
from tests.accounts.factories import make_administrator, make_token, make_user
from tests.files.factories import actor_of, put

pytestmark = pytest.mark.django_db
PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [model for model in PAGES if model._meta.app_label in ("accounts", "files", "search")]
WRITABLE = {"accounts.user": "add", "accounts.quotaaccount": "change", "files.pool": "change"}


@pytest.fixture
def console(client: Client) -> Client:
    user = make_administrator()
    client.force_login(user)
    actor = actor_of(user)
    put(actor, "a/b.txt")
    trash_nodes(actor, node_ids=[put(actor, "c.txt").node.pk])
    open_upload(actor, wanted=UploadWish(Target("u"), length=3))
    make_token(user)
    return client


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_lists_search_and_details_answer(console: Client, model: type) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"  # type: ignore[attr-defined]
    listing = reverse(f"{name}_changelist")
    assert console.get(listing).status_code == 200
    assert console.get(listing, {"q": "a b"}).status_code == 200
    first = model._default_manager.first()  # type: ignore[attr-defined]
    if first is not None:
        assert console.get(reverse(f"{name}_change", args=[first.pk])).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_nothing_can_be_added_or_deleted_by_hand(console: Client, model: type) -> None:
    label = f"{model._meta.app_label}.{model._meta.model_name}"  # type: ignore[attr-defined]
    name = f"admin:{label.replace('.', '_')}"
    first = model._default_manager.first()  # type: ignore[attr-defined]
    if WRITABLE.get(label) != "add":
        assert console.get(reverse(f"{name}_add")).status_code == 403
    if first is not None:
        assert console.post(reverse(f"{name}_delete", args=[first.pk]), {"post": "yes"}).status_code == 403
        if label not in WRITABLE or WRITABLE[label] == "add":
            assert console.post(reverse(f"{name}_change", args=[first.pk]), {"name": "x"}).status_code == 403


def test_other_people_do_not_get_in(client: Client) -> None:
    client.force_login(make_user())
    assert client.get(reverse("admin:index")).status_code in (302, 403)
    assert client.get(reverse("admin:files_change_changelist")).status_code in (302, 403)


def test_a_quota_changes_at_once(console: Client) -> None:
    account = QuotaAccount.objects.get(user=User.objects.get())
    page = reverse("admin:accounts_quotaaccount_change", args=[account.pk])
    assert console.post(page, {"limit": "5 GB"}).status_code == 302
    account.refresh_from_db()
    assert account.limit_bytes == 5_000_000_000
    assert b"is not a size" in console.post(page, {"limit": "much"}).content
    account.refresh_from_db()
    assert account.limit_bytes == 5_000_000_000


def test_a_new_account_is_a_whole_one(console: Client) -> None:
    form = {"email": "New@example.com", "name": "New", "password": "correct horse battery", "quota": "1GB"}
    answer = console.post(reverse("admin:accounts_user_add"), form)
    assert answer.status_code == 302, answer.content[:3000]
    user = User.objects.get(email="new@example.com")
    assert user.quota.limit_bytes == 10**9
    assert put(actor_of(user), "works.txt").created


def test_acts_on_a_selection(console: Client) -> None:
    token, upload = AccessToken.objects.get(), Upload.objects.get()
    console.post(reverse("admin:accounts_accesstoken_changelist"), {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is not None
    console.post(reverse("admin:files_upload_changelist"), {"action": "abort", "_selected_action": [upload.pk]})
    assert not Upload.objects.exists()
    other = make_user()
    console.post(reverse("admin:accounts_user_changelist"), {"action": "deactivate", "_selected_action": [other.pk]})
    other.refresh_from_db()
    assert not other.is_active


def test_a_pool_becomes_read_only(console: Client) -> None:
    pool = Pool.objects.get()
    console.post(reverse("admin:files_pool_change", args=[pool.pk]), {"state": "read_only"})
    pool.refresh_from_db()
    assert pool.state == "read_only"
    assert console.post(reverse("admin:files_pool_changelist"), {"action": "probe", "_selected_action": [pool.pk]})
