"""Whether a migration only adds: the release before must be able to read and write every row while, and after, it runs.

What takes away or tightens comes one release later, when nobody runs the code that needs it: expand, then contract
(docs/operations/deploying.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.state import ProjectState
from django.db.models import Field, ForeignKey, ManyToManyField
from django.db.models.fields import NOT_PROVIDED

HARMLESS = (operations.AlterModelOptions, operations.AlterModelManagers, operations.AlterModelTableComment)
TAKES_AWAY = {
    operations.RemoveField: "drops a column",
    operations.DeleteModel: "drops a table",
    operations.RenameField: "renames a column",
    operations.RenameModel: "renames a table",
    operations.AlterModelTable: "renames a table",
    operations.AlterUniqueTogether: "tightens a table",
    operations.AddConstraint: "tightens a table",
    operations.AddIndex: "locks a table while the index is made; PostgreSQL can make it concurrently",
    operations.RunPython: "does what only a reader can judge",
    operations.RunSQL: "does what only a reader can judge",
    operations.SeparateDatabaseAndState: "does what only a reader can judge",
}


def objections(
    migration: Migration, state: ProjectState, new_models: set[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Pairs of an operation and what is wrong with it. `state` is that before the migration and is moved along;
    `new_models` are those (app, name) that the release before does not know: little can hurt there."""
    for operation in migration.operations:
        before = state.clone()
        operation.state_forwards(migration.app_label, state)
        model = str(getattr(operation, "model_name", "") or getattr(operation, "name", "")).lower()
        if isinstance(operation, operations.CreateModel):
            new_models.add((migration.app_label, model))
            yield from _of_new_table(operation, migration.app_label, new_models)
        elif (migration.app_label, model) not in new_models:
            complaint = _complaint(operation, migration.app_label, model, before, state)
            if complaint:
                yield operation.describe(), complaint


def _of_new_table(
    operation: operations.CreateModel, app: str, new_models: set[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """The release before deletes rows without knowing who refers to them; the database would refuse."""
    for name, field in operation.fields:
        if isinstance(field, ForeignKey) and field.db_constraint:
            target = field.remote_field.model
            label = target if isinstance(target, str) else target._meta.label_lower
            known = label.lower() if "." in label else f"{app}.{label.lower()}"
            if tuple(known.split(".")) not in new_models:
                yield f"{operation.describe()}, {name}", f"keeps the release before from deleting rows of {known}"


def _complaint(
    operation: operations.base.Operation, app: str, model: str, before: ProjectState, after: ProjectState
) -> str:
    if isinstance(operation, operations.AddField):
        return _of_new(operation.field)
    if isinstance(operation, operations.AlterField):
        return _of_changed(_field(before, app, model, operation.name), _field(after, app, model, operation.name))
    for kind, complaint in TAKES_AWAY.items():
        if isinstance(operation, kind):
            return complaint
    loosens = (operations.RemoveConstraint, operations.RemoveIndex)
    return "" if isinstance(operation, (*HARMLESS, *loosens)) else "is of a kind that nobody has thought of yet"


def _of_new(field: Field) -> str:  # type: ignore[type-arg]
    if isinstance(field, ManyToManyField):
        return ""
    if not field.null and field.db_default is NOT_PROVIDED:
        return "adds a column that the release before does not fill: null=True or db_default"
    return "adds a unique column: every row has the same value" if field.unique and not field.null else ""


def _of_changed(before: Field, after: Field) -> str:  # type: ignore[type-arg]
    if before.null and not after.null:
        return "refuses the nulls that the release before writes"
    if after.unique and not before.unique:
        return "tightens a column"
    if before.column != after.column:
        return "renames a column"
    longer = (after.max_length or 0) >= (before.max_length or 0)
    same = before.get_internal_type() == after.get_internal_type()
    if same and longer:
        return ""
    changed = before.db_type(connection) != after.db_type(connection)
    return "changes the type of a column" if changed or not same else ""


def _field(state: ProjectState, app: str, model: str, name: str) -> Field:  # type: ignore[type-arg]
    return state.apps.get_model(app, model)._meta.get_field(name)
