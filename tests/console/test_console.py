"""The admin console: every page answers, nothing can be broken by hand, nobody else gets in."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessToken, AuditEvent, Group, Invitation, Membership, QuotaAccount, Role, Team, User
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.models import Blob, Job, JobRun, JobState, Pool, QuarantinedObject, Space, Upload
from files.queries.target import Target
from files.tasks import upkeep_asked
from tests.support.people import PASSWORD, actor_of, make_administrator, make_member, make_token, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db
PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [model for model in PAGES if model._meta.app_label in ("accounts", "files", "search", "sharing")]
ADDED = {"accounts.user", "accounts.team", "accounts.group", "files.pool"}
CHANGED = {
    *("accounts.quotaaccount", "accounts.membership", "accounts.team", "accounts.group"),
    *("files.pool", "files.teamregion"),
}


@pytest.fixture
def console(client: Client) -> Client:
    user = make_administrator()
    client.force_login(user)
    actor = actor_of(user)
    put(actor, "a/b.txt")
    trash_nodes(actor, node_ids=[put(actor, "c.txt").node.pk])
    open_upload(actor, wanted=UploadOptions(Target("u"), length=3))
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
def test_an_admin_keeps_nothing_of_a_request(console: Client, model: type) -> None:
    """One object serves all requests, those of other threads too."""
    shared = admin.site._registry[model]  # type: ignore[index]
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"  # type: ignore[attr-defined]
    first = model._default_manager.first()  # type: ignore[attr-defined]
    console.get(reverse(f"{name}_changelist"))
    if first is not None:
        console.get(reverse(f"{name}_change", args=[first.pk]))
    kept = set(vars(shared)) - set(vars(type(shared)(shared.model, admin.site)))
    assert kept <= {"request"}, "unfold keeps that, and nothing of ours reads it"


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_nothing_can_be_added_or_deleted_by_hand(console: Client, model: type) -> None:
    label = f"{model._meta.app_label}.{model._meta.model_name}"  # type: ignore[attr-defined]
    name = f"admin:{label.replace('.', '_')}"
    first = model._default_manager.first()  # type: ignore[attr-defined]
    if label not in ADDED:
        assert console.get(reverse(f"{name}_add")).status_code == 403
    if first is not None:
        assert console.post(reverse(f"{name}_delete", args=[first.pk]), {"post": "yes"}).status_code == 403
        if label not in CHANGED:
            assert console.post(reverse(f"{name}_change", args=[first.pk]), {"name": "x"}).status_code == 403


def test_only_our_own_pages_are_there() -> None:
    assert {model._meta.app_label for model in PAGES} <= {"accounts", "files", "search", "sharing"}


def test_other_people_do_not_get_in(client: Client) -> None:
    """Nor is there a second way to sign in, past the second factor and the slowing of guesses."""
    pages = [reverse("admin:index"), reverse("admin:files_change_changelist")]
    for page in pages:
        answer = client.get(page, follow=True)
        assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    user = make_user()
    assert client.post(reverse("admin:login"), {"username": user.email, "password": PASSWORD}).status_code == 302
    assert "_auth_user_id" not in client.session
    client.force_login(user)
    for page in pages:
        assert client.get(page, follow=True).status_code == 403


def test_the_password_is_changed_on_the_product_s_own_page(console: Client) -> None:
    answer = console.get(reverse("admin:password_change"))
    assert answer.headers["Location"] == reverse("account_change_password")


def test_the_overview(console: Client) -> None:
    JobRun.objects.create(
        job=Job.objects.create(name="gc"), state=JobState.FAILED, error_code="StorageError", started_at=timezone.now()
    )
    page = console.get(reverse("admin:index")).content.decode()
    for text in ("Accounts", "Uploads in flight", "3 B reserved", "Earlier versions", "default", "StorageError"):
        assert text in page, text


def many(number: int) -> None:
    """Another account with a bit of everything."""
    user = make_user(f"many{number}@example.com")
    actor = actor_of(user)
    put(actor, "a/b.txt", b"%d" % number)
    trash_nodes(actor, node_ids=[put(actor, "c.txt").node.pk])
    open_upload(actor, wanted=UploadOptions(Target("u"), length=3))
    make_token(user)
    JobRun.objects.create(job=Job.objects.get_or_create(name="gc")[0], started_at=timezone.now())
    QuarantinedObject.objects.create(pool=Pool.objects.get(), key=f"ab/cd/{number}", size=3)


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_a_list_takes_as_many_statements_for_one_row_as_for_ten(console: Client, model: type) -> None:
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # type: ignore[attr-defined]
    many(0)
    counts = []
    for number in (0, 1, 10):
        for other in range(1, number):
            many(number * 100 + other)
        with CaptureQueriesContext(connection) as queries:
            assert console.get(page).status_code == 200
        counts.append(len(queries))
        whole = f'SELECT COUNT(*) AS "__count" FROM "{model._meta.db_table}"'  # type: ignore[attr-defined]
        assert not any(query["sql"] == whole for query in queries), "never counts a whole table"
    assert counts[1] == counts[2], counts


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
    page = reverse("admin:files_pool_change", args=[pool.pk])
    answer = console.post(page, {"state": "read_only"}, follow=True)
    pool.refresh_from_db()
    assert pool.state == "read_only"
    assert b"No pool is active" in answer.content
    assert AuditEvent.objects.filter(kind="pool.change", target="default").exists()


def test_a_pool_is_asked_what_it_can_do(console: Client) -> None:
    pool = Pool.objects.get()
    selected = {"action": "probe", "_selected_action": [pool.pk]}
    answer = console.post(reverse("admin:files_pool_changelist"), selected, follow=True)
    assert b"default: conditional_put" in answer.content
    form = {"state": "active", "redirect_downloads": "on"}
    answer = console.post(reverse("admin:files_pool_change", args=[pool.pk]), form, follow=True)
    assert b"cannot do that: presigned_get" in answer.content
    pool.refresh_from_db()
    assert not pool.redirect_downloads


def test_a_further_pool(console: Client) -> None:
    page = reverse("admin:files_pool_add")
    assert console.post(page, {"name": "second", "url": "memory://second"}).status_code == 302
    assert Pool.objects.get(name="second").state == "active"
    for name, url, expected in (
        ("third", "ftp://host", b"is not one of"),
        ("second", "memory://x", b"already"),
        ("far", "s3://key:verysecret@127.0.0.1:9/bucket?secure=0", b"does not answer"),
    ):
        answer = console.post(page, {"name": name, "url": url}, follow=True)
        assert expected in answer.content
        assert b"verysecret" not in answer.content
    assert Pool.objects.count() == 2


def test_a_pool_is_emptied_into_another_and_back(console: Client) -> None:
    console.post(reverse("admin:files_pool_add"), {"name": "second", "url": "memory://console-second"})
    first, second = Pool.objects.order_by("pk")
    page = reverse("admin:files_pool_change", args=[first.pk])
    answer = console.post(page, {"state": "draining", "target": second.pk}, follow=True)
    assert answer.status_code == 200
    first.refresh_from_db()
    assert (first.state, first.target) == ("draining", second)
    listing = reverse("admin:files_pool_changelist")
    assert b"to second: 0 %; 1 objects" in console.get(listing).content
    assert b"to second" in console.get(page).content
    since = first.moving_since
    console.post(page, {"state": "draining", "target": second.pk, "region": "eu"})
    first.refresh_from_db()
    assert (first.moving_since, first.region) == (since, "eu"), "the same move goes on"
    assert b"waits" in console.get(listing).content, "the other pool is in no region"
    for act, state in (("activate", "active"), ("close", "read_only"), ("drain", "draining")):
        console.post(listing, {"action": act, "_selected_action": [first.pk]})
        first.refresh_from_db()
        assert first.state == state
    answer = console.post(listing, {"action": "remove", "_selected_action": [first.pk]}, follow=True)
    assert b"was in use until a moment ago" in answer.content
    assert AuditEvent.objects.filter(kind="pool.move").count() == 2
    Pool.objects.filter(pk=second.pk).update(state="read_only", changed_at=None)
    console.post(listing, {"action": "remove", "_selected_action": [second.pk]})
    assert not Pool.objects.filter(name="second").exists()


def test_the_region_of_a_team(console: Client) -> None:
    team = Team.objects.get()
    page = reverse("admin:files_teamregion_change", args=[team.pk])
    assert b"No storage pool of your team" in console.post(page, {"region": "eu"}, follow=True).content
    Pool.objects.create(name="eu", region="eu", url="memory://console-eu")
    assert console.post(page, {"region": "eu"}).status_code == 302
    team.refresh_from_db()
    assert team.region == "eu"
    assert AuditEvent.objects.filter(kind="team.region").exists()


def test_no_secret_is_ever_shown(console: Client) -> None:
    Pool.objects.create(name="remote", url="s3://key:verysecret@127.0.0.1:9/bucket?secure=0")
    token = AccessToken.objects.get()
    secrets = [token.digest, User.objects.get().password, "verysecret"]
    for model in PAGES:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages = [reverse(f"{name}_changelist")]
        pages += [reverse(f"{name}_change", args=[row.pk]) for row in model._default_manager.all()[:20]]
        for page in pages:
            content = console.get(page).content.decode()
            assert not [secret for secret in secrets if secret in content], page


def test_a_team_and_its_roles(console: Client) -> None:
    form = {"name": "Engineers", "owner": "boss@example.com", "seats": "5", "quota": "1 TB"}
    assert console.post(reverse("admin:accounts_team_add"), form).status_code == 302
    team = Team.objects.get(name="Engineers")
    assert (team.seats, team.quota.limit_bytes) == (5, 10**12)
    assert [(row.email, row.role) for row in Invitation.objects.filter(team=team)] == [("boss@example.com", Role.OWNER)]
    page = reverse("admin:accounts_team_change", args=[team.pk])
    assert b"boss@example.com (owner)" in console.get(page).content
    assert console.post(page, {"name": "Research", "seats": "7"}).status_code == 302
    team.refresh_from_db()
    assert (team.name, team.seats) == ("Research", 7)
    owner = User.objects.get()
    membership = Membership.objects.get(user=make_member(owner))
    page = reverse("admin:accounts_membership_change", args=[membership.pk])
    assert console.post(page, {"role": Role.ADMIN}).status_code == 302
    membership.refresh_from_db()
    assert membership.role == Role.ADMIN
    page = reverse("admin:accounts_membership_change", args=[owner.membership.pk])
    answer = console.post(page, {"role": Role.MEMBER}, follow=True)
    assert b"keeps at least one owner" in answer.content
    assert Membership.objects.get(user=owner).role == Role.OWNER


def test_groups_of_any_team(console: Client) -> None:
    owner = make_user("owner@example.com")
    member, stranger = make_member(owner, email="member@example.com"), make_user("stranger@example.com")
    team = owner.membership.team
    add = reverse("admin:accounts_group_add")
    answer = console.post(add, {"team": team.pk, "name": "Design", "addresses": "member@example.com\nnobody@x.org"})
    assert b"Nobody in the team has this address: nobody@x.org" in answer.content
    answer = console.post(add, {"team": team.pk, "name": "Design", "addresses": " Member@example.com "})
    assert answer.status_code == 302, answer.content
    group = Group.objects.get(team=team)
    assert [row.user for row in group.members.all()] == [member]
    page = reverse("admin:accounts_group_change", args=[group.pk])
    assert b"member@example.com</textarea>" in console.get(page).content
    assert b"Nobody in the team" in console.post(page, {"name": "Design", "addresses": stranger.email}).content
    assert console.post(page, {"name": "Look", "addresses": "owner@example.com"}).status_code == 302
    group.refresh_from_db()
    assert (group.name, [row.user for row in group.members.all()]) == ("Look", [owner])
    events = AuditEvent.objects.filter(team=team, kind__startswith="group.").order_by("pk")
    kinds = ["group.create", "group.add", "group.rename", "group.add", "group.remove"]
    assert list(events.values_list("kind", flat=True)) == kinds
    console.post(reverse("admin:accounts_group_changelist"), {"action": "remove", "_selected_action": [group.pk]})
    assert not Group.objects.exists()


def test_a_job_is_run_now(console: Client) -> None:
    Blob.objects.update(claimed_at=timezone.now())
    page = reverse("admin:files_job_changelist")
    assert b"Collect bytes that nothing needs" in console.get(page).content
    answer = console.post(page, {"action": "run_now", "_selected_action": ["gc", "fsck"]}, follow=True)
    assert b"gc: a worker starts it within seconds" in answer.content
    assert not JobRun.objects.exists()
    assert upkeep_asked() == 2
    assert upkeep_asked() == 0
    assert set(JobRun.objects.filter(state=JobState.DONE).values_list("job_id", flat=True)) == {"gc", "fsck"}
    assert AuditEvent.objects.filter(kind="job.run").count() == 2


def test_the_journal_is_filtered_and_searched(console: Client) -> None:
    page = reverse("admin:files_change_changelist")
    space = Space.objects.get()
    found = console.get(page, {"q": "b.txt", "space__id__exact": space.pk, "kind__exact": "create"}).content
    assert b"/a/b.txt" in found
    assert b"c.txt" not in found


def test_the_policy_of_the_console_is_its_own(console: Client) -> None:
    assert "'unsafe-eval'" in console.get(reverse("admin:index")).headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in console.get("/").headers["Content-Security-Policy"]
