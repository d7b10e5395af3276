"""Who acts as the system: jobs and commands, each by its name, and what actions do for nobody. Nobody else."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "files", "search", "sharing", "protocols", "http_kit", "storage", "dropbox_clone", "common")
COMMANDS = {
    "accounts/management/commands/auditbegin.py": {"auditbegin"},
    "accounts/management/commands/auditexport.py": {"auditexport"},
    "accounts/management/commands/changepassword.py": {"changepassword"},
    "accounts/management/commands/createaccount.py": {"createaccount"},
    "accounts/management/commands/createteam.py": {"createteam"},
    "accounts/management/commands/createtoken.py": {"createtoken"},
    "accounts/management/commands/deleteaccount.py": {"deleteaccount"},
    "accounts/management/commands/removesecondfactor.py": {"removesecondfactor"},
    "accounts/management/commands/revokeall.py": {"revokeall"},
    "accounts/management/commands/rotatesecret.py": {"rotatesecret"},
    "files/management/commands/pool.py": {"pool"},
    "files/management/commands/region.py": {"region"},
}
JOBS = {
    "accounts/tasks.py": {"deletion of accounts", "support"},
    "files/maintenance/fsck/repair.py": {"fsck"},
    "files/maintenance/fsck/table_scan.py": {"fsck"},
    "files/maintenance/retention.py": {"retention"},
    "files/actions/mounts.py": {"mounts"},
    "sharing/actions/waiting.py": {"waiting shares", "account deletion"},
    "files/actions/trash.py": {"purge"},  # removes the rows of what was purged
    "sharing/actions/audit_follower.py": {"activity"},
    "sharing/actions/forgetting.py": {"activity"},
    "sharing/actions/mail_notifications.py": {"notifications"},
    "sharing/actions/quota_notices.py": {"activity"},
    "sharing/actions/reminders.py": {"reminders"},
    "sharing/actions/webhook_planning.py": {"webhooks"},
    "sharing/actions/webhook_sending.py": {"webhooks"},
    "sharing/actions/webhook_upkeep.py": {"webhooks"},
}
# What the product does by itself in the middle of somebody's action, or of none: it needs no right of theirs.
BY_ITSELF = {
    "files/actions/brake_revert.py": {"brake"},  # undoes what a held client did, for whoever decides on it
    "files/actions/clear_home.py": {"account deletion"},
    "files/actions/lock.py": {"account deletion"},
    "files/actions/grants.py": {"shared spaces"},
    "files/actions/give_way.py": {"trash gives way"},
    "files/actions/hand_over.py": {"handing over a home"},  # ends the uploads of who was removed
    "files/actions/move_home.py": {"home of another team"},  # the person accepted an invitation
    "files/actions/reservations.py": {"reservations"},  # what a broken request held is given back
    "files/actions/spaces.py": {"new account"},  # its home
    "files/actions/uploads.py": {"uploads"},  # those that expire
    "files/admin/trees.py": {"console"},  # an administrator ends an upload: the console asks who that is
}


def systems_of(path: Path) -> set[str]:
    """Names for which the module asks for the system; `?` for one that is no literal."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "system":
            name = node.args[0] if node.args else None
            found.add(str(name.value) if isinstance(name, ast.Constant) else "?")
    return found


def test_only_these_act_as_the_system() -> None:
    found = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if names := systems_of(path):
                found[str(path.relative_to(ROOT))] = names
    assert found == {**COMMANDS, **JOBS, **BY_ITSELF}


def test_nothing_is_decided_by_having_no_user() -> None:
    """`user_id is None` says that somebody is no user, and never that they may more."""
    allowed = {
        "accounts/actor.py",
        "accounts/at_once.py",  # counts people
        "accounts/actions/teams.py",  # its own parameter
        "accounts/actions/tokens.py",
        "accounts/queries.py",
        "common/log_context.py",
        "files/actions/grants.py",
        "files/actions/idempotency.py",
        "files/actions/uploads.py",
        "files/actions/large_copy.py",
        "files/actions/lock.py",
        "files/queries/shares.py",
        "files/queries/uploads.py",
    }
    found = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "user_id is None" in path.read_text()
    }
    assert found <= allowed
