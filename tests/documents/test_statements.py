"""What prose states of limits, defaults, codes, headers and addresses is what the code has."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve

from accounts import audit_export, invitations, known_devices, names, notices, throttle
from accounts import tokens as token_secrets
from accounts.actions import login_flow
from accounts.actor import ALL_SCOPES
from accounts.models import policy
from common import paths
from dropbox_clone import schedule
from dropbox_clone.admission import heads, stage
from dropbox_clone.configuration import configured_names, read_configuration
from dropbox_clone.reference.limits import duration, number, size
from files.actions import (
    annotations,
    bulk_write,
    chunks,
    direct_upload,
    grants,
    idempotency,
    large_copy,
    limits,
    lock,
    reservations,
    spaces,
)
from files.downloads import local_file, zip_response
from files.maintenance import thinning
from files.queries import listing
from files.queries.mounts import MAXIMUM_MOUNTS
from http_kit import body_memory, forms, json_body, long_poll
from http_kit.problem_table import TABLE
from protocols.dav import body as dav_body
from protocols.dav import conditions
from protocols.dav.methods import proppatch
from protocols.nextcloud import constants as nextcloud
from protocols.nextcloud import search_request
from protocols.tus import parse as tus_constants
from protocols.tus.errors import TABLE as OF_TUS
from search import queries as search
from search import syntax
from search.text import decoding
from sharing.actions import link_passwords, link_settings, reminders, tags, webhook_sending, webhook_upkeep, webhooks
from sharing.models import comment, delivery, reminder, tag, webhook
from sharing.models.share import MAXIMUM_MESSAGE
from sharing.queries import link_access
from sharing.web import sending
from tests.support.pages import PAGES, ROOT, lines_of_code, name_of, prose_of, text_of

MINUTES, DAYS = timedelta(minutes=1), timedelta(days=1)
CONFIGURATION = settings.CONFIGURATION

# Parts of sentences, made of the code's own constants: each must stand in its page.
STATEMENTS = {
    "docs/protocols/shares.md": [
        f"at most {number(MAXIMUM_MESSAGE)} characters, for the mail",
        f"{number(grants.MAXIMUM_ON_NODE)} shares of one file or folder",
    ],
    "docs/protocols/rest.md": [
        f"Text is plain, at most {number(comment.MAXIMUM_COMMENT)} characters",
        f"at most {tags.MAXIMUM_ON_NODE}, of {tag.MAXIMUM_TAG} characters each",
        f"at most {'five' if reminders.LONGEST.days // 366 == 5 else '?'} years away",
        f"`note` of up to {reminder.MAXIMUM_NOTE} characters",
        f"is for a file, lasts {lock.LONGEST_OF_PERSON.days} days at most",
        f"more than {paths.MAXIMUM_NAME_UNITS} UTF-16 code units",
        f"at most {number(listing.MAXIMUM_PAGE)}; search {search.MAXIMUM_LIMIT}",
        f"1 to {idempotency.MAXIMUM_KEY} characters",
        f"within {idempotency.KEPT // timedelta(hours=1)} hours",
        f"beyond {size(idempotency.MAXIMUM_BODY)}",
        f"{'two' if idempotency.STALE == 2 * MINUTES else idempotency.STALE} minutes after the process",
        f"JSON bodies of {size(json_body.MAXIMUM_JSON)} that arrive within {duration(CONFIGURATION.json_body_timeout)}",
        f"{number(limits.MAXIMUM_NODES)} ids or paths at once",
        f"more than {number(large_copy.LARGE)} nodes",
        f"{'a week' if CONFIGURATION.upload_expiry == 7 * DAYS else '?'} after its last piece (`UPLOAD_EXPIRY`)",
        f"for {'ten' if CONFIGURATION.upload_silence == 10 * MINUTES else '?'} minutes (`UPLOAD_SILENCE`)",
        f"Up to {number(bulk_write.MAXIMUM_FILES)} files and {size(bulk_write.MAXIMUM_BYTES)}",
        f"share {size(body_memory.BUDGET)}",
        f"{'five' if body_memory.PATIENCE == 5.0 else body_memory.PATIENCE} seconds and is then 503",
        f"at most {duration(long_poll.LONGEST_WAIT)}",
        f"ends after {duration(long_poll.LONGEST_WAIT)}",
    ],
    "docs/protocols/rest_accounts.md": [
        f"`PROOF_LIFETIME` ({duration(CONFIGURATION.proof_lifetime)})",
        f"more than {number(large_copy.LARGE)} nodes",
    ],
    "docs/protocols/webdav.md": [
        f"More than {number(listing.MAXIMUM_PAGE)} entries",
        f"Without a `Timeout` {duration(lock.DEFAULT_TIMEOUT)}, at most",
        f"{'a day' if lock.MAXIMUM_TIMEOUT == DAYS else '?'}; LOCK without a body",
        f"At most {number(CONFIGURATION.account_locks)} locks of one account and {number(lock.MAXIMUM_OF_SPACE)} of",
        f"all in a space, {lock.MAXIMUM_OF_NODE} shared",
        f"tagged resources (up to {conditions.MAXIMUM_RESOURCES})",
        f"XML of at most {size(dav_body.MAXIMUM_BODY)}",
        f"nested at most {dav_body.MAXIMUM_NESTING} deep; {proppatch.MAXIMUM_CHANGES} properties",
        f"{annotations.MAXIMUM_PROPERTIES} dead properties of a node, {size(annotations.MAXIMUM_BYTES)} together",
        f"too long ({paths.MAXIMUM_NAME_UNITS} UTF-16 code units)",
    ],
    "docs/protocols/nextcloud.md": [
        f"after {duration(login_flow.LIFETIME)}. An address may have {login_flow.OPEN_BY_ADDRESS} flows",
        f"at most {number(chunks.MAXIMUM_CHUNKS)}. The same name",
        f"at most {number(chunks.MAXIMUM_CHUNKS)} chunks",
        f"returns {search_request.MAXIMUM_RESULTS} results",
        f"`{nextcloud.VERSION_STRING}`",
    ],
    "docs/protocols/tus.md": [
        f"checksum ({', '.join(tus_constants.CHECKSUMS)})",
        f"to {delivery.MAXIMUM_SECRET} letters",
    ],
    "docs/protocols/webhooks.md": [
        f"for {webhooks.OLD_SECRET // timedelta(hours=1)} hours both sign",
        "after about "
        + ", ".join(f"{webhook_sending.FIRST_DELAY * webhook_sending.FACTOR**n:.0f} s" for n in range(3)),
        f"After {webhook_sending.TRIED_FOR // timedelta(hours=1)} hours the message has failed",
        f"**After {webhook_sending.OFF_AFTER.days} days without a success**",
        f"the first {number(webhook.MAXIMUM_ANSWER)} characters of each answer",
        f"the latest {number(webhook_upkeep.KEPT)}: what was delivered for {webhook_upkeep.DELIVERED_KEPT.days} days",
        f"what failed for `WEBHOOK_LOG_RETENTION` ({duration(CONFIGURATION.webhook_log_retention)}).",
    ],
    "docs/protocols/links.md": [
        f"{link_settings.MINIMUM_PASSWORD} to {link_passwords.MAXIMUM_PASSWORD} characters",
        f"listed in pages of {forms.PAGE_SIZE}",
        f"{'four' if link_access.PROOF_LIFETIME == 4 * 3600 else '?'} hours",
        f"at most {sending.MAXIMUM_FILES} files at once",
        f"(for `RECEIPT_RETENTION`, {duration(CONFIGURATION.receipt_retention)})",
    ],
    "docs/protocols/content.md": [
        f"up to {size(local_file.IN_MEMORY)} from memory",
        f"Up to {number(zip_response.PLANNED)} entries",
        f"The limit is {'a million' if zip_response.MAXIMUM_ENTRIES == 10**6 else '?'} entries",
    ],
    "docs/guide/concepts.md": [
        f"`VERSION_RETENTION` ({duration(CONFIGURATION.version_retention)})",
        f"`TRASH_RETENTION` ({duration(CONFIGURATION.trash_retention)})",
        f"ends after {duration(settings.SESSION_COOKIE_AGE)}",
        f"`{token_secrets.PREFIX}` and {token_secrets.LENGTH} characters",
        *(f"| `{scope}` |" for scope in sorted(ALL_SCOPES)),
    ],
    "docs/guide/user_guide.md": [
        f"{duration(CONFIGURATION.trash_retention)}, unless your administrator",
        f"A name may have {paths.MAXIMUM_NAME_UNITS} characters",
    ],
    "docs/guide/search.md": [
        f"{number(syntax.MAXIMUM_CHARACTERS)} characters and {syntax.MAXIMUM_WORDS} words",
        f"their first {size(decoding.MAXIMUM_BYTES)}",
        f"at most {search.MAXIMUM_LIMIT}; `next_cursor`",
        f"Up to {number(search.DEEPEST)} hits",
    ],
    "docs/teams.md": [
        f"after the grace ({policy.DEFAULT_GRACE} days)",
        f"`INVITATION_LIFETIME` ({duration(CONFIGURATION.invitation_lifetime)})",
        f"`ACCOUNT_DELETION_GRACE` ({duration(CONFIGURATION.account_deletion_grace)})",
        f"`TRASH_RETENTION` ({duration(CONFIGURATION.trash_retention)})",
        f"have 1 to {names.MAXIMUM} characters",
        f"mails ({CONFIGURATION.invitation_mails_per_team}) in {invitations.DAY // timedelta(hours=1)} hours",
        f"{'three' if invitations.MAILS_TO_ADDRESS == 3 else '?'} of them to one address",
        f"{'Five' if invitations.MAILS_TO_ADDRESS_OF_ALL == 5 else '?'} reach one address from all teams",
        f"{'ten' if notices.MAILS_IN_A_DAY == 10 else '?'} times a day at most",
        f"up to {number(spaces.MAXIMUM_OF_TEAM)} in a team",
        f"A person has at most {MAXIMUM_MOUNTS} of them",
    ],
    "docs/operations/first_administrator.md": ["a password of at least 10 characters"],
    "docs/operations/credentials.md": [
        f"(`device`, {duration(known_devices.LIFETIME)}, signed",
        f"{'five' if throttle.ACCOUNT.free == 4 else '?'} at one account, then one after",
        f"after {', '.join(map(str, throttle.ACCOUNT.delays[:3]))}, … {throttle.ACCOUNT.longest}",
        f"after\na {'hundred' if throttle.ADDRESS.free == 100 else '?'} failures, by {throttle.ADDRESS.longest} sec",
        f"After {'fifteen' if throttle.WINDOW == 15 * MINUTES else '?'} minutes without a failure",
        f"`PROOF_LIFETIME` ({duration(CONFIGURATION.proof_lifetime)})",
    ],
    "docs/operations/storage.md": [f"pieces of {size(4 * 2**20)} go straight"],
    "docs/operations/importing.md": [
        f"longer than {paths.MAXIMUM_NAME_UNITS} UTF-16 code units",
        f"{number(bulk_write.MAXIMUM_FILES)} files at a time",
        f"full at {size(CONFIGURATION.default_account_quota)} otherwise",
    ],
    "docs/security.md": [
        f"431 beyond {size(heads.MAXIMUM_HEAD)}",
        f"503 `overloaded` after {stage.TURN:.0f} s",
        f"limits: {CONFIGURATION.admission.connections_per_address} connections, and half the threads",
    ],
    "docs/operations/cluster.md": [f"Long polls end after {long_poll.LONGEST_WAIT:.0f} s"],
    "docs/operations/deploying.md": [f"`GC_GRACE` ({CONFIGURATION.gc_grace // timedelta(hours=1)} h)"],
    "docs/operations/upkeep.md": [
        f"`GC_GRACE` ({CONFIGURATION.gc_grace // timedelta(hours=1)} hours)",
        f"`ERASURE_PERIOD` ({duration(CONFIGURATION.erasure_period)})",
        f"more than {number(large_copy.LARGE)} nodes",
    ],
    "docs/operations/audit.md": [
        f"`AUDIT_RETENTION` ({duration(CONFIGURATION.audit_retention)})",
        f"Every {next(each[2] for each in schedule.SCHEDULE if each[0] == 'seal-audit')} seconds a job seals",
        f"at most {number(audit_export.LONGEST_LINE)} octets",
    ],
    "docs/operations/pools.md": [f"`MOVE_GRACE`** ({CONFIGURATION.move_grace // timedelta(hours=1)} hours)"],
}
assert direct_upload.MAXIMUM_PIECES
assert reservations.STEP == 16 * 2**20

QUANTITY = re.compile(
    r"\b\d[\d,.]*\s(?:[KMGT]i?B|%|s\b|ms|seconds?|minutes?|hours?|days?|weeks?"
    r"|characters|files|chunks|nodes|entries|properties|names)"
)
# Quantities of prose that are no limit or default of the code.
OTHER_QUANTITIES = {
    "docs/protocols/tus.md": set(),
    "docs/guide/user_guide.md": {"64 MiB"},  # of the browser's own store: test_the_browser_keeps_small_files
    "docs/guide/concepts.md": set(),
    "docs/guide/search.md": set(),
}
FOLDERS = ("docs/protocols/", "docs/guide/", "docs/teams.md")
CHECKED = [page for page in PAGES if name_of(page).startswith(FOLDERS) and page.name != "errors.md"]


def _one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("page", "statement"), [(page, one) for page, found in STATEMENTS.items() for one in found])
def test_a_statement_is_what_the_code_says(page: str, statement: str) -> None:
    assert _one_line(statement) in _one_line(text_of(page))


@pytest.mark.parametrize("page", CHECKED, ids=name_of)
def test_every_quantity_is_checked(page: Path) -> None:
    """A new number in these pages needs a statement above."""
    stated = " ".join(_one_line(one) for one in STATEMENTS.get(name_of(page), []))
    for quantity in QUANTITY.findall(_one_line(prose_of(page))):
        known = quantity in stated or quantity in OTHER_QUANTITIES.get(name_of(page), set())
        assert known, f"{name_of(page)} states {quantity!r}: add what the code says of it to STATEMENTS"


# `GC_GRACE` (24 hours), in any page.
STATED_DEFAULT = re.compile(r"`([A-Z][A-Z_]+)` \((\d[^)]*)\)")
STATED_DEFAULTS = sorted(
    {
        (name_of(page), name, value)
        for page in PAGES
        if not name_of(page).startswith(("docs/decisions/", "docs/releases/", "CHANGELOG"))
        for name, value in STATED_DEFAULT.findall(_one_line(prose_of(page)))
        if name in configured_names()
    }
)


@pytest.mark.parametrize(("page", "name", "value"), STATED_DEFAULTS)
def test_a_default_in_brackets_is_the_default(page: str, name: str, value: str) -> None:
    default = getattr(read_configuration({}), name.lower())
    if isinstance(default, timedelta):
        hours = default // timedelta(hours=1)
        assert value in (duration(default), f"{hours} hours", f"{hours} h")
    else:
        assert value in (number(default), size(default))


def test_such_defaults_are_found() -> None:
    assert len(STATED_DEFAULTS) > 8


def test_the_browser_keeps_small_files() -> None:
    store = text_of("frontend/src/uploads/store.ts")
    assert "const LARGEST_FILE = 64 * 1024 * 1024;" in store
    assert "more than 64 MiB" in text_of("docs/guide/user_guide.md")


def test_the_shortest_password() -> None:
    options = [each["OPTIONS"] for each in settings.AUTH_PASSWORD_VALIDATORS if "OPTIONS" in each]
    assert options == [{"min_length": 10}]


# --- codes ----------------------------------------------------------------------------------------------------------
STATUS_AND_CODE = re.compile(
    r"\b([45]\d\d)(?: and| is| means|:)? \(?`([a-z]+(?:_[a-z]+)*)`|`([a-z]+(?:_[a-z]+)+)` \(([45]\d\d)\)"
)
DAV_CONDITIONS = {"propfind-finite-depth", "supported-report", "quota-not-exceeded"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_code_has_the_status_that_the_page_says(page: Path) -> None:
    for before, code_behind, code_before, behind in STATUS_AND_CODE.findall(prose_of(page)):
        code, status = code_behind or code_before, int(before or behind)
        if code in TABLE:
            assert status in (int(TABLE[code][0]), OF_TUS[code]), f"{status} {code}"
        else:
            assert "_" not in code, f"{name_of(page)}: there is no code {code}"


def test_statuses_of_tus_are_in_its_page() -> None:
    text = text_of("docs/protocols/tus.md").partition("## Statuses")[2]
    rows = {int(status) for row in re.findall(r"^\| ([\d, ]+) \|", text, re.MULTILINE) for status in row.split(",")}
    usual = {int(status) for code, status in OF_TUS.items() if code not in _NOT_OF_TUS}
    assert usual <= rows, usual - rows


_NOT_OF_TUS = {
    *(
        "too_many_attempts",
        "too_many_requests",
        "too_many_invitations",
        "too_many_support_requests",
        "method_not_allowed",
        "not_acceptable",
        "range_not_satisfiable",
    ),
    *("head_too_large", "too_slow", "body_too_slow", "internal_error", "content_damaged"),
    *("cursor_reset", "history_gone", "precondition_failed"),
    *("moved_file_gone", "member_not_removed", "home_empty"),
}


# --- headers and addresses ------------------------------------------------------------------------------------------
HEADER = re.compile(r"^(?:[A-Z][A-Za-z0-9]*|OC|SCRIPT)(?:-[A-Za-z0-9]+)+$")
SOURCES = "\n".join(
    path.read_text()
    for folder in (
        "accounts",
        "common",
        "dropbox_clone",
        "files",
        "http_kit",
        "protocols",
        "search",
        "sharing",
        "storage",
        "deploy",
        "frontend/src",
    )
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".ts", ".template", ".yaml", ".json", ".conf") and "migrations" not in path.parts
).lower()
# Headers that pages name because the product ignores them, or that Django or a library reads or writes.
OTHER_HEADERS = {
    *("Strict-Transport-Security", "Retry-After", "User-Agent", "X-Real-IP", "Forwarded", "Via"),
    *("OC-Async", "OC-LazyOps", "X-OC-CTime", "X-NC-WebDAV-AutoMkcol", "X-Hash", "OC-RequestId"),
}
NO_HEADERS = {"Apache-2.0", "UTF-8", "UTF-16", "UTF-32", "HMAC-SHA256"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_headers_that_pages_name_are_in_the_code(page: Path) -> None:
    for code in re.findall(r"`([^`\n]+)`", prose_of(page)):
        name = code.partition(":")[0].strip()
        if not HEADER.match(name) or name in OTHER_HEADERS | NO_HEADERS:
            continue
        there = name.lower() in SOURCES or f"http_{name.lower().replace('-', '_')}" in SOURCES
        assert there, f"{name_of(page)}: {name}"


ADDRESS = re.compile(
    r"(?<![\w.])(/(?:api/v1|dav|tus|remote\.php|ocs|admin|accounts|settings|index\.php)/[^\s\"'`|),]*)"
)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_addresses_that_pages_name_exist(page: Path) -> None:
    for line in lines_of_code(page):
        for address in ADDRESS.findall(line):
            path = re.sub(r"<[^>]*id[^>]*>|<fileid>", "1", address.partition("?")[0].partition("#")[0])
            path = re.sub(r"\$\w+|<\w+>|…", "x", path).rstrip(".;:")
            assert _is_served(path), f"{name_of(page)}: {address}"


def _is_served(path: str) -> bool:
    """Also with a slash at its end, and below a prefix that takes everything."""
    bare = path.rstrip("/")
    last = bare.removesuffix("/1")
    for each in (path, bare, f"{bare}/", f"{bare}/x", f"{bare}/1", f"{last}/{uuid4()}", f"{bare}/account"):
        try:
            resolve(each)
        except Resolver404:
            continue
        return True
    return False


# --- jobs ----------------------------------------------------------------------------------------------------------
def test_the_page_of_upkeep_has_every_job_with_its_interval() -> None:
    text = text_of("docs/operations/upkeep.md")
    told = dict(re.findall(r"^\| `([a-z]+)` \| ((?:\d+) (?:s|min|h)) \|", text, re.MULTILINE))
    assert {name: _seconds(interval) for name, interval in told.items()} == dict(schedule.UPKEEP)


def _seconds(text: str) -> int:
    count, unit = text.split()
    return int(count) * {"s": 1, "min": 60, "h": 3600}[unit]


def test_versions_thin_out_as_the_page_says() -> None:
    assert [(tier.age, tier.step) for tier in thinning.TIERS] == [
        (DAYS, timedelta(0)),
        (7 * DAYS, timedelta(hours=1)),
        (30 * DAYS, DAYS),
        (timedelta.max, 7 * DAYS),
    ]
    sentence = "All are kept for a day, then one an hour for a week, one a day for a month, one a week until"
    assert sentence in _one_line(text_of("docs/operations/upkeep.md"))
