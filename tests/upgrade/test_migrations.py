"""The migrations of this release only add; see `expansion`."""

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tests.upgrade.expansion import objections
from tests.upgrade.previous_release import Release, previous_release

# (app, migration, operation): why it is right all the same. What the release before no longer needs is named here.
REVIEWED: dict[tuple[str, str, str], str] = {
    ("files", "0004_storage_regions", "Create model BlobCopy, pool"): "a pool that holds copies must not go",
    ("accounts", "0007_hash_session_keys", "Raw Python operation"): "whoever meets the release before signs in again",
    ("files", "0004_storage_regions", "Create model MoveProblem, pool"): "nobody deletes a pool while its blobs move",
    ("files", "0009_exact_names", "Custom state/database change combination"): "adds a unique index that the release "
    "before keeps by its own stricter one, and a partial one; PostgreSQL makes both concurrently",
    ("files", "0010_contents_of_teams", "Custom state/database change combination"): "the database is left as it is",
    ("files", "0010_contents_of_teams", "Create index blob_dead on field(s) dead_since of model blob"): "it is empty",
    ("files", "0014_upload_protocol", "Custom state/database change combination"): "the database is left as it is",
    (
        "files",
        "0010_contents_of_teams",
        "Create constraint content_of_team_unique on model content",
    ): "takes the place of one that allowed less",
    (
        "files",
        "0012_counted_lines",
        "Create index idempotency_size on field(s) user, size of model idempotencykey",
    ): "rows of one day; a request with a key waits for it",
    ("accounts", "0013_audit_chain", "Custom state/database change combination"): "the database is left as it is",
    (
        "accounts",
        "0011_quotas_of_spaces",
        "Create constraint quota_of_one on model quotaaccount",
    ): "takes the place of one that allowed less",
    (
        "files",
        "0020_uploads_of_links",
        "Create index upload_of_link on F(link_id) on model upload",
    ): "it is empty",
    (
        "files",
        "0012_counted_lines",
        "Raw Python operation",
    ): "counts into columns that are new",
}


def test_this_release_only_adds() -> None:
    loader = MigrationLoader(None)
    release = previous_release()
    found: dict[tuple[str, str, str], str] = {}
    new_models: set[tuple[str, str]] = set()
    state = ProjectState(real_apps=loader.unmigrated_apps)
    plan = list(dict.fromkeys(node for leaf in loader.graph.leaf_nodes() for node in loader.graph.forwards_plan(leaf)))
    for app, name in plan:
        migration = loader.get_migration(app, name)
        if app not in release.migrations or name <= release.migrations[app]:
            state = migration.mutate_state(state, preserve=False)
            continue
        found |= {(app, name, what): why for what, why in objections(migration, state, new_models)}
    assert {place: why for place, why in found.items() if place not in REVIEWED} == {}
    assert [place for place in REVIEWED if place not in found] == [], "reviewed, but there is no such objection"


def test_the_previous_release_is_what_the_file_says() -> None:
    release = previous_release()
    if not release.is_here():
        pytest.skip(f"a shallow clone without {release.commit[:12]}: git fetch --unshallow")
    assert release.last_migrations() == release.migrations


def test_a_shallow_clone_is_noticed() -> None:
    assert not Release("0" * 40, {}).is_here()


def state_with_a_table() -> ProjectState:
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=10)),
        ("note", models.TextField(null=True)),
    ]
    state = ProjectState()
    migrations.CreateModel("thing", fields).state_forwards("files", state)
    return state


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("thing", "name"),
        migrations.DeleteModel("thing"),
        migrations.RenameField("thing", "name", "title"),
        migrations.RenameModel("thing", "object"),
        migrations.AddField("thing", "size", models.IntegerField(default=0)),
        migrations.AddField("thing", "size", models.IntegerField()),
        migrations.AddField("thing", "size", models.IntegerField(unique=True, db_default=0)),
        migrations.AlterField("thing", "note", models.TextField()),
        migrations.AlterField("thing", "name", models.CharField(max_length=5)),
        migrations.AlterField("thing", "name", models.CharField(max_length=10, unique=True)),
        migrations.AlterField("thing", "name", models.IntegerField()),
        migrations.AlterField("thing", "name", models.CharField(max_length=10, db_column="title")),
        migrations.AddConstraint("thing", models.UniqueConstraint(fields=["name"], name="one")),
        migrations.AddIndex("thing", models.Index(fields=["name"], name="index")),
        migrations.RunPython(migrations.RunPython.noop),
        migrations.RunSQL("SELECT 1"),
        migrations.CreateModel(
            "other",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("thing", models.ForeignKey("files.thing", models.CASCADE)),
            ],
        ),
    ],
    ids=lambda operation: operation.describe(),
)
def test_what_hurts_the_release_before_is_refused(operation: migrations.operations.base.Operation) -> None:
    migration = migrations.Migration("9999_test", "files")
    migration.operations = [operation]
    assert list(objections(migration, state_with_a_table(), set()))


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("thing", "size", models.IntegerField(null=True)),
        migrations.AddField("thing", "size", models.IntegerField(default=0, db_default=0)),
        migrations.AlterField("thing", "name", models.CharField(max_length=20)),
        migrations.AlterField("thing", "name", models.CharField(max_length=10, verbose_name="title")),
        migrations.AlterField("thing", "name", models.CharField(max_length=10, null=True)),
        migrations.CreateModel("other", [("id", models.BigAutoField(primary_key=True))]),
    ],
    ids=lambda operation: operation.describe(),
)
def test_what_adds_is_fine(operation: migrations.operations.base.Operation) -> None:
    migration = migrations.Migration("9999_test", "files")
    migration.operations = [operation]
    assert list(objections(migration, state_with_a_table(), set())) == []
