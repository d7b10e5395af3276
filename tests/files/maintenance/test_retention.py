"""What ends by the passing of time."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import AuditEvent, QuotaAccount, User
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.maintenance import retention
from files.maintenance.fsck import run_fsck
from files.models import (
    Brake,
    BrakeCounter,
    Change,
    ChangeKind,
    IdempotencyKey,
    Job,
    JobRun,
    Pool,
    TrashItem,
    Upload,
    Version,
)
from files.queries.target import Target
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def test_old_trash_is_purged(pool: Pool) -> None:
    user = make_user()
    actor = actor_of(user)
    for name in ("old", "new"):
        trash_nodes(actor, node_ids=[put(actor, name, name.encode()).node.pk])
    TrashItem.objects.filter(path="/old").update(deleted_at=timezone.now() - timedelta(days=31))
    assert retention.purge_old_trash() == 1
    assert TrashItem.objects.get(purging=True).path == "/old"
    assert QuotaAccount.objects.get(user=user).trash_bytes == 3
    assert retention.purge_old_trash() == 0
    assert run_fsck().clean


def test_trash_of_many_spaces_in_batches(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for email in ("a@example.com", "b@example.com"):
        actor = actor_of(make_user(email))
        for number in range(5):
            trash_nodes(actor, node_ids=[put(actor, f"{number}", b"x").node.pk])
    TrashItem.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    assert retention.purge_old_trash() == 10
    assert run_fsck().clean


def test_versions_are_thinned_and_charged_less(pool: Pool) -> None:
    user = make_user()
    actor = actor_of(user)
    for number in range(6):
        node = put(actor, "a/file.txt", b"version %d" % number).node
    other = put(actor, "b.txt", b"only one").node
    long_ago = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
    for number, version in enumerate(Version.objects.filter(node=node).order_by("pk")):
        created = long_ago + timedelta(minutes=number * 10)
        Version.objects.filter(pk=version.pk).update(created_at=created)
    Version.objects.filter(node=other).update(created_at=long_ago)
    assert retention.thin_versions() == (4, 36)
    left = list(Version.objects.filter(node=node).order_by("pk").values_list("pk", flat=True))
    node.refresh_from_db()
    assert len(left) == 2
    assert node.version_id == left[-1]
    assert node.versions_size == 9
    assert QuotaAccount.objects.get(user=user).versions_bytes == 9
    assert Change.objects.filter(kind=ChangeKind.EXPIRE, node_id=node.pk).count() == 1
    assert retention.thin_versions() == (0, 0)
    assert run_fsck().clean


def test_versions_of_deleted_files_are_left_to_the_trash(pool: Pool) -> None:
    actor = actor_of(make_user())
    for number in range(4):
        node = put(actor, "file.txt", b"version %d" % number).node
    Version.objects.update(created_at=timezone.now() - timedelta(days=300))
    trash_nodes(actor, node_ids=[node.pk])
    assert retention.thin_versions() == (0, 0)
    assert Version.objects.count() == 4


def test_uploads_end(pool: Pool) -> None:
    user = make_user()
    actor = actor_of(user)
    for _ in range(3):
        upload = open_upload(actor, wanted=UploadOptions(Target("big"), length=8))
        write_piece(actor, upload_id=upload.pk, chunks=[b"0123"], piece=PieceOptions(0))
    Upload.objects.exclude(pk=upload.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert retention.end_uploads() == 2
    assert QuotaAccount.objects.get(user=user).uploads_bytes == 8
    assert run_fsck().clean


def test_records(pool: Pool) -> None:
    user = make_user()
    year = timezone.now() - timedelta(days=500)
    for at in (timezone.now(), year):
        IdempotencyKey.objects.create(user=user, key=str(at), fingerprint="", created_at=at)
        AuditEvent.objects.filter(pk=AuditEvent.objects.create(kind="test").pk).update(at=at)
    job = Job.objects.create(name="gc")
    JobRun.objects.create(job=job, started_at=year)
    JobRun.objects.create(job=job, started_at=timezone.now())
    removed = {"idempotency_keys": 1, "audit_events": 1, "job_runs": 1}
    assert retention.clean_records() == {**removed, "erasures": 0, "copies": 0, "brakes": 0, "brake_counters": 0}
    assert JobRun.objects.count() == 1


def test_held_clients_that_were_let_go_and_counts_that_are_over(
    pool: Pool, actor: Actor, user: User, settings: Settings
) -> None:
    put(actor, "a", b"1")
    put(actor, "a", b"2")
    times = {"began_at": timezone.now(), "held_at": timezone.now()}
    held = Brake.objects.create(space=home_of(user), client="token:0", **times)
    Brake.objects.create(
        space=home_of(user), client="token:1", released_at=timezone.now() - retention.BRAKES_KEPT, **times
    )
    kept = Brake.objects.create(space=home_of(user), client="token:2", released_at=timezone.now(), **times)
    assert retention.clean_records()["brake_counters"] == 0
    BrakeCounter.objects.update(began_at=timezone.now() - settings.BRAKE_WINDOW - settings.BRAKE_ACCEPTED)
    assert retention.clean_records()["brake_counters"] == 1
    assert set(Brake.objects.values_list("pk", flat=True)) == {held.pk, kept.pk}
