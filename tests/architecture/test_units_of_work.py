"""No action forgets to read the rights of who acts again: each opens its transaction by the unit of work."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_house import ROOT, SOURCES, functions, name_of

ACTIONS = [path for path in SOURCES if path.parent.name == "actions" and path.stem != "__init__"]
UNITS = {"accounts.unit_of_work.unit_of_work", "files.tree.unit_of_work.space_unit_of_work"}
OPENERS = {"unit_of_work", "managing", "space_unit_of_work", "work_on_target", "work_on_folder", "work_on_nodes"}
# Public functions beside actions that change nothing in the database, and what they do instead.
CHANGE_NOTHING = {
    "files.actions.brake.locked": "under the lock of an edit that is given",
    "files.actions.bulk_write.check_bulk": "refuses early",
    "files.actions.direct_upload.permit_pieces": "signs addresses of the object store",
    "files.actions.lock.may_unlock": "tells what a page shows",
    "files.actions.pools.probe_pool": "tries a storage",
    "files.actions.trash.folder_before": "under the lock of an edit that is given",
    "files.actions.trash.original_folder": "under the lock of an edit that is given",
    "files.actions.unit_of_work.destination": "under the lock of an edit that is given",
}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def calls(module: str, tree: ast.Module) -> dict[str, set[str]]:
    """Of each function of the module what it names, as `package.module.function`."""
    known = {
        function.name: f"{module}.{function.name}" for function in tree.body if isinstance(function, ast.FunctionDef)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    found: dict[str, set[str]] = {}
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            named = found[f"{module}.{function.name}"] = set()
            for node in ast.walk(function):
                if isinstance(node, ast.Name) and node.id in known:
                    named.add(known[node.id])
                elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
                    named.add(f"{known[node.value.id]}.{node.attr}")
    return found


def reaches_a_unit(start: str, named: dict[str, set[str]]) -> bool:
    seen, left = set[str](), [start]
    while left:
        here = left.pop()
        if here in UNITS:
            return True
        if here not in seen:
            seen.add(here)
            left += named.get(here, ())
    return False


def acting(path: Path) -> Iterator[str]:
    """Public functions whose first parameter is the actor."""
    for function in ast.parse(path.read_text()).body:
        if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
            continue
        if [argument.arg for argument in function.args.args[:1]] == ["actor"]:
            yield f"{module_of(path)}.{function.name}"


def test_every_action_opens_a_unit_of_work() -> None:
    named: dict[str, set[str]] = {}
    for path in SOURCES:
        named |= calls(module_of(path), ast.parse(path.read_text()))
    listed = [action for path in ACTIONS for action in acting(path)]
    assert len(listed) > 50
    without = {action for action in listed if not reaches_a_unit(action, named)}
    assert without == set(CHANGE_NOTHING)


@pytest.mark.parametrize("path", ACTIONS, ids=name_of)
def test_no_action_opens_a_transaction_of_another_kind(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        assert name != "atomic", f"line {getattr(node, 'lineno', 0)}: unit_of_work(actor), or of system(name) for a job"


def stale_uses(tree: ast.AST) -> list[int]:
    """Lines that use the actor as it was before, inside of a unit of work that was opened with it."""
    lines = []
    for function in functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.With) and any(_opens(item) for item in node.items):
                if any(
                    isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == "actor" for item in node.items
                ):
                    continue
                lines += _loads_before_rebinding(node)
    return sorted(set(lines))


def _opens(item: ast.withitem) -> bool:
    """By the bare name: `space_unit_of_work(batch[0].actor, …)` leaves no name behind that could be used by mistake."""
    call = item.context_expr
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in OPENERS and call.args):
        return False
    return isinstance(call.args[0], ast.Name) and call.args[0].id == "actor"


def _loads_before_rebinding(unit: ast.With) -> list[int]:
    inside = [node for statement in unit.body for node in ast.walk(statement)]
    names = [node for node in inside if isinstance(node, ast.Name) and node.id == "actor"]
    bound = min((node.lineno for node in names if isinstance(node.ctx, ast.Store)), default=10**9)
    return [node.lineno for node in names if isinstance(node.ctx, ast.Load) and node.lineno <= bound]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_inside_nobody_uses_the_actor_of_before(path: Path) -> None:
    assert stale_uses(ast.parse(path.read_text())) == []


def test_what_is_forgotten_is_found() -> None:
    forgotten = (
        "from django.db import transaction\ndef act(actor, *, x):\n with transaction.atomic():\n  write(actor)\n"
    )
    assert not reaches_a_unit("m.act", calls("m", ast.parse(forgotten)))
    imported = "from accounts.unit_of_work import unit_of_work\n"
    opened = imported + "def act(actor):\n _do(actor)\ndef _do(actor):\n unit_of_work(actor)\n"
    assert reaches_a_unit("m.act", calls("m", ast.parse(opened)))
    assert stale_uses(
        ast.parse("def act(actor):\n with space_unit_of_work(actor, 1) as unit:\n  require(actor)\n")
    ) == [3]
    assert stale_uses(ast.parse("def act(actor):\n with unit_of_work(actor):\n  require(actor)\n")) == [3]
    assert stale_uses(ast.parse("def act(actor):\n with unit_of_work(actor) as actor:\n  require(actor)\n")) == []
    rebound = "def act(actor):\n with space_unit_of_work(actor, 1) as unit:\n  actor = unit.actor\n  require(actor)\n"
    assert stale_uses(ast.parse(rebound)) == []
