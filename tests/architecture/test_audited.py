"""Every act about people, access, policy and the installation is in the audit record, and whoever adds one is reminded.

What acts on the tree alone is in the journal instead (decision 1).
"""

import ast
from pathlib import Path

from tests.architecture.test_house import ROOT, SOURCES
from tests.architecture.test_units_of_work import ACTIONS, acting, calls, module_of

RECORD = "accounts.audit.record"
# Modules of actions on the tree: the journal has them. Every other module of actions is audited.
IN_THE_JOURNAL = {
    *("annotations", "bulk_write", "chunks", "concatenate_uploads", "copy", "create_folder", "direct_upload"),
    *("finish_upload", "group_commit", "idempotency", "large_copy", "limits", "lock", "mounted_files", "mounts"),
    *("move", "move_home", "numbered_chunks", "reservations", "rewind", "storing", "trash", "unit_of_work"),
    *("uploads", "versions", "write_file", "write_piece", "clear_home"),
}
# The same of what people say about files (sharing).
ABOUT_FILES = {"comments", "favourites", "reminders", "tags", "notifications"}
# Public actions that record nothing, and why.
RECORD_NOTHING = {
    "accounts.actions.login_flow.start_login_flow": "a visitor asks; what is granted or denied is recorded",
    "files.actions.brake.locked": "for acts on a brake, which record",
    "sharing.actions.reads.note_read": "reads of files are in the activity",
    "sharing.actions.numbers.number": "a number for clients that know no other id",
    "files.actions.pools.probe_pool": "tries a storage, and changes nothing",
}
# Where sign-ins, factors and addresses of the pages of django-allauth are recorded, by kind.
KINDS = {
    "accounts/adapter.py": {"sign_in", "sign_in.failed", "password.change"},
    "accounts/authentication.py": {"sign_in.failed"},
    "accounts/audit_of_pages.py": {
        *("sign_out", "second_factor.add", "second_factor.remove", "second_factor.renew", "second_factor.failed"),
        *("email.add", "email.confirm", "email.change", "email.remove"),
    },
}


def named() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        found |= calls(module_of(path), ast.parse(path.read_text()))
    return found


def reaches_the_record(start: str, named: dict[str, set[str]]) -> bool:
    seen, left = set[str](), [start]
    while left:
        here = left.pop()
        if here == RECORD:
            return True
        if here not in seen:
            seen.add(here)
            left += named.get(here, ())
    return False


def audited() -> list[str]:
    found = []
    for path in ACTIONS:
        app = path.relative_to(ROOT).parts[0]
        if path.stem not in {"files": IN_THE_JOURNAL, "sharing": ABOUT_FILES}.get(app, ()):
            found += list(acting(path))
    return found


def test_every_act_of_these_kinds_is_recorded() -> None:
    by_name = named()
    actions = audited()
    assert len(actions) > 55
    silent = {action for action in actions if not reaches_the_record(action, by_name)}
    assert silent == set(RECORD_NOTHING), "record() it, or say in RECORD_NOTHING why not"


def test_a_silent_act_is_found() -> None:
    tree = ast.parse(
        "from accounts.audit import record\n"
        "def loud(actor):\n    _tell(actor)\ndef _tell(actor):\n    record(actor, 'x')\ndef silent(actor):\n    pass\n"
    )
    by_name = calls("m", tree)
    assert reaches_the_record("m.loud", by_name)
    assert not reaches_the_record("m.silent", by_name)


def test_what_is_in_the_journal_is_there() -> None:
    assert {path.stem for path in (ROOT / "files" / "actions").glob("*.py")} >= IN_THE_JOURNAL


def kinds_in(path: Path) -> set[str]:
    """Literals that look like a kind."""
    texts = {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if text in set().union(*KINDS.values())}


def test_the_pages_of_allauth_are_recorded() -> None:
    assert {name: kinds_in(ROOT / name) for name in KINDS} == KINDS


def test_nobody_writes_a_row_but_record() -> None:
    for path in SOURCES:
        text = path.read_text()
        allowed = str(path.relative_to(ROOT)) in ("accounts/audit.py", "accounts/models/audit.py")
        assert allowed or "AuditEvent(" not in text.replace("class AuditEvent(", ""), path
        assert "AuditEvent.objects.create" not in text, path
