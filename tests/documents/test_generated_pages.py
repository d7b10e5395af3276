"""The error catalogue and the limits: the committed pages are what the code says, and every code has a remedy."""

import ast
import re
from pathlib import Path

import pytest

from common.errors import CodedError
from dropbox_clone.admission import refusals
from dropbox_clone.configuration import configured_names
from dropbox_clone.reference import error_catalogue, limits
from dropbox_clone.reference.limits import duration, size
from dropbox_clone.reference.pages import pages
from dropbox_clone.reference.remedies import REMEDIES
from http_kit.problem_table import TABLE
from protocols.dav import errors as dav_errors
from tests.architecture.test_house import SOURCES
from tests.support.pages import ROOT

assert dav_errors  # its classes are among those that are looked through


@pytest.mark.parametrize("path", list(pages()), ids=lambda path: path.name)
def test_the_committed_page_is_what_is_generated(path: Path) -> None:
    assert path.read_text() == pages()[path], f"run python -m dropbox_clone.reference ({path.relative_to(ROOT)})"


def test_no_code_is_without_a_remedy_and_none_is_stale() -> None:
    told = [code for codes in REMEDIES.values() for code in codes]
    assert len(told) == len(set(told)), "a code stands in two sections"
    assert set(told) == set(TABLE)


def every_class(kind: type[Exception]) -> set[type[Exception]]:
    return {kind, *(each for derived in kind.__subclasses__() for each in every_class(derived))}


def test_every_error_that_the_code_can_raise_is_in_the_catalogue() -> None:
    """Except preconditions of WebDAV, which are elements of its own responses and have no code outside of them."""
    kinds = [kind for kind in every_class(CodedError) if not kind.__module__.startswith(("protocols.", "tests."))]
    codes = {str(vars(kind).get("code", "")) for kind in kinds} - {""}
    assert codes | {refusal.code for refusal in refusals.EVERY} <= set(TABLE)


@pytest.mark.parametrize(("code", "remedy"), [told for codes in REMEDIES.values() for told in codes.items()])
def test_a_remedy_is_a_sentence(code: str, remedy: str) -> None:
    assert remedy[0].isupper() or remedy[0] == "`"
    assert remedy.endswith(".")
    assert "|" not in remedy
    assert all("|" not in message for message in error_catalogue.messages_of(code))


def test_limits_name_codes_and_settings_that_exist() -> None:
    text = limits.page()
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) > 50
    for _, _, beyond, setting in rows:
        for code in beyond.split("`")[1::2]:
            assert code in TABLE or code == "firstresult", beyond
        if "`" in setting:
            assert setting.strip(" `") in configured_names()


# Bounds that nobody meets as a limit: of memory and of steps, of what is sent by us, of what is looked at once.
INNER = {
    "accounts/audit_export.py: LONGEST_LINE",
    *("accounts/outgoing_mail.py: LONGEST_RUN", "accounts/outgoing_mail.py: LONGEST_BACK_OFF"),
    *("accounts/names.py: LONGEST_EMAIL", "accounts/invitations.py: MAILS_TO_ADDRESS_OF_ALL"),  # nobody is told
    "accounts/notices.py: MAILS_IN_A_DAY",
    "accounts/teams.py: MAXIMUM_SEATS",
    "sharing/admin.py: MAXIMUM_REVOKED",  # at once, in the console, which says so
    # Of what a team may set for itself.
    *("accounts/models/policy.py: LONGEST_DAYS", "accounts/models/policy.py: LONGEST_GRACE"),
    *("accounts/models/policy.py: MAXIMUM_TOKENS", "accounts/models/policy.py: MAXIMUM_DOMAINS"),
    "accounts/policies.py: MAXIMUM_DOMAIN",
    *("common/commit_cache.py: MAXIMUM", "common/ids.py: MAXIMUM", "common/sizes.py: MAXIMUM"),
    "common/signing.py: MAXIMUM_LENGTH",  # of a cursor, which we have made
    *("dropbox_clone/admission/body_limits.py: MAXIMUM_DIGITS", "dropbox_clone/broker.py: LONGEST_WAIT"),
    "files/actions/bulk_write.py: MAXIMUM_BODY",  # MAXIMUM_BYTES and the framing of the body
    *("files/actions/brake.py: MAXIMUM_BOUND", "files/tree/holding.py: MAXIMUM_TOLD"),
    "files/actions/give_way.py: MAXIMUM_ITEMS",
    *("files/actions/group_commit.py: MAXIMUM_SIZE", "files/actions/group_commit.py: MAXIMUM_TOGETHER"),
    "files/actions/lock.py: MAXIMUM_OWNER",
    *("files/api/bulk.py: MAXIMUM_HEADERS", "files/api/bulk.py: MAXIMUM_EXTENSION"),
    "files/api/inputs/nodes.py: MAXIMUM_WAIT",  # what may be asked for; LONGEST_WAIT is what one gets
    "files/api/outputs/uploads.py: MAXIMUM_RANGES",
    *("files/blobs/chunk_places.py: LARGEST", "files/blobs/hashing.py: MAXIMUM_WAITING"),
    *("files/journal_follower.py: LONGEST_PAUSE", "files/maintenance/jobs.py: LONGEST"),
    "files/maintenance/fsck/table_scan.py: MAXIMUM_STEPS",
    *("files/queries/feed.py: MAXIMUM_JOURNALS", "files/queries/whereabouts.py: DEEPEST"),
    "files/queries/kept_veils.py: MAXIMUM_WEIGHT",
    *("files/sql_rows.py: MAXIMUM_PARAMETERS", "files/tree/keys.py: MAXIMUM_TRIES"),
    "files/web/alike.py: MAXIMUM_NAMES",
    "http_kit/body.py: MAXIMUM_LENGTH_DIGITS",
    "http_kit/fields.py: MAXIMUM_IDS",  # as files.actions.limits.MAXIMUM_NODES
    *("http_kit/multipart.py: MAXIMUM_FIELD", "http_kit/multipart.py: MAXIMUM_HEADERS"),
    *("protocols/dav/body.py: MAXIMUM_TAG", "protocols/nextcloud/login.py: MAXIMUM_BODY"),
    "protocols/nextcloud/methods.py: MAXIMUM_NAMES",
    "protocols/nextcloud/ocs/sharees.py: LONGEST_SEARCH",  # what is beyond is not looked for
    *("protocols/nextcloud/related.py: MAXIMUM_LINE", "protocols/nextcloud/related.py: MAXIMUM_HEADERS"),
    "protocols/nextcloud/related.py: LONGEST_BOUNDARY",
    *("sharing/actions/reports.py: MAXIMUM_RECIPIENTS", "sharing/models/delivery.py: MAXIMUM_SECRET"),
    *("sharing/actions/notify.py: LONGEST_NAME", "sharing/cursors.py: LONGEST"),
    "sharing/posting.py: LONGEST_RETRY_AFTER",
    "sharing/models/webhook.py: MAXIMUM_ANSWER",  # docs/protocols/webhooks.md
    *("sharing/actions/reminders.py: LONGEST", "sharing/models/reminder.py: MAXIMUM_NOTE"),  # docs/protocols/rest.md
    "sharing/queries/activity_groups.py: LONGEST",
    *("search/api/inputs.py: LONGEST_TEXT", "search/engine/backend.py: LARGEST_PAGE"),
    *("search/engine/postgresql.py: MAXIMUM_POSITION", "search/engine/postgresql.py: MAXIMUM_VECTOR"),
}
BOUND = re.compile(r"^((?:MAXIMUM|LARGEST|LONGEST|DEEPEST|MAILS)\w*) ?[:=]", re.MULTILINE)


def named_in_limits() -> set[str]:
    """`files/actions/lock.py: MAXIMUM_OF_NODE` for each constant of a module that the page is written from."""
    tree = ast.parse(Path(limits.__file__).read_text())
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}".replace(".", "/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    of_modules = {
        f"{imported.get(node.value.id, '?')}.py: {node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return of_modules | {f"{path.rpartition('/')[0]}.py: {name}" for name, path in imported.items()}


def test_every_bound_of_the_code_is_on_the_page_of_limits() -> None:
    """Or it is known to be one that nobody meets."""
    bounds = {f"{path.relative_to(ROOT)}: {name}" for path in SOURCES for name in BOUND.findall(path.read_text())}
    assert bounds - named_in_limits() == INNER


@pytest.mark.parametrize(
    ("count", "shown"),
    [(10_000_000_000, "10 GB"), (5 * 10**12, "5 TB"), (65536, "64 KiB"), (1000, "1,000 bytes"), (None, "no limit")],
)
def test_sizes_are_shown_in_the_unit_without_a_rest(count: int | None, shown: str) -> None:
    assert size(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(86400, "1 day"), (90, "90 seconds"), (600, "10 minutes"), (25.0, "25 seconds")]
)
def test_durations(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
