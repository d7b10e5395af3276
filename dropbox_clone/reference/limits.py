"""docs/limits.md: every limit that a client or a person can meet, with its value in the code."""

from dataclasses import dataclass
from datetime import timedelta

from accounts import invitations, names, support, throttle
from accounts.actions import groups, login_flow
from common import byte_ranges, paths
from dropbox_clone.admission import stage
from dropbox_clone.admission.heads import MAXIMUM_HEAD
from dropbox_clone.configuration import Configuration, read_configuration
from files.actions import (
    annotations,
    brake_revert,
    bulk_write,
    chunks,
    concatenate_uploads,
    direct_upload,
    grants,
    idempotency,
    large_copy,
    limits,
    lock,
    rewind,
    spaces,
    write_piece,
)
from files.api import zip
from files.downloads import zip_response
from files.queries import favourites, listing
from files.queries.mounts import MAXIMUM_MOUNTS
from files.tree import restricted
from http_kit import body_memory, json_body, long_poll
from protocols.dav import body as dav_body
from protocols.dav import conditions
from protocols.dav.methods import proppatch
from protocols.dav.properties import requested
from protocols.nextcloud import bulk as nextcloud_bulk
from protocols.nextcloud import search_request, searching, versions
from protocols.nextcloud.ocs import share_request, sharees
from protocols.tus import parse as tus
from search import queries as search
from search import syntax
from search.text import decoding, words
from sharing import guesses, mails
from sharing.actions import (
    comments,
    deliveries,
    forgetting,
    link_passwords,
    link_settings,
    link_uses,
    links,
    mail_notifications,
    notify,
    reminders,
    reports,
    tags,
    webhooks,
)
from sharing.api import link_shapes
from sharing.models import comment, delivery, link, share, tag, webhook
from sharing.queries import activity
from sharing.web import sending

_DECIMAL = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"))
_BINARY = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_TIMES = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
INTRODUCTION = """\
# Limits

<!-- Written by `python -m dropbox_clone.reference` from the code, by dropbox_clone/reference/limits.py. -->

All limits on one page, with their values in a new installation. Where a setting is named, the operator can change the
limit ([configuration](operations/configuration.md)); the others are fixed. The codes are explained in
[errors](protocols/errors.md).
"""


def size(count: int | None) -> str:
    """10_000_000_000 is `10 GB`, 65536 is `64 KiB`; None is `no limit`."""
    if count is None:
        return "no limit"
    for unit, name in (*_DECIMAL, *_BINARY):
        if count >= unit and count % unit == 0:
            return f"{count // unit:,} {name}"
    return f"{count:,} bytes"


def number(count: int) -> str:
    return f"{count:,}"


def duration(time: timedelta | float) -> str:
    """The largest unit that fits without a rest: `24 hours` is `1 day`, `90` is `90 seconds`."""
    seconds = round(time.total_seconds() if isinstance(time, timedelta) else time)
    unit, name = next((unit, name) for unit, name in _TIMES if seconds % unit == 0)
    count = seconds // unit
    return f"{count:,} {name}{'s' * (count != 1)}"


@dataclass(frozen=True, slots=True)
class Limit:
    """`beyond` is what happens: an error code in backticks, or a few words. `setting`: the variable that changes it."""

    what: str
    value: str
    beyond: str
    setting: str = ""


def page() -> str:
    configuration = read_configuration({})
    sections = {
        "Names and trees": _names(configuration),
        "Accounts and teams": _accounts(configuration),
        "Shares": _shares(),
        "Links": _links(),
        "Files and uploads": _uploads(configuration),
        "Requests": _requests(configuration),
        "Listings, changes and search": _listings(configuration),
        "WebDAV and Nextcloud": _dav(configuration),
        "Connections and load": _load(configuration),
        "How long things are kept": _times(configuration),
    }
    return "\n".join([INTRODUCTION, *(_section(title, rows) for title, rows in sections.items())])


def _section(title: str, rows: list[Limit]) -> str:
    head = "| limit | value | beyond it | setting |\n|---|---|---|---|"
    lines = (f"| {row.what} | {row.value} | {row.beyond} | {_code(row.setting)} |" for row in rows)
    return "\n".join([f"## {title}\n", head, *lines, ""])


def _code(name: str) -> str:
    return f"`{name}`" if name else ""


def _names(configuration: Configuration) -> list[Limit]:
    return [
        Limit("Length of a name", f"{paths.MAXIMUM_NAME_UNITS} UTF-16 code units", "`invalid_name`"),
        Limit("Length of a path", size(paths.MAXIMUM_PATH_BYTES) + " of UTF-8", "`invalid_name`"),
        Limit("Depth of a path", f"{paths.MAXIMUM_DEPTH} names", "`invalid_name`, `too_deep`"),
        Limit("Entries of a folder", "no limit", ""),
        Limit(
            "Files and folders of an account, with its trash",
            number(configuration.account_nodes),
            "`limit_reached`",
            "ACCOUNT_NODES",
        ),
        Limit("The same of a team", number(configuration.team_nodes), "`limit_reached`", "TEAM_NODES"),
        Limit("Changes of a held client that one act undoes", number(brake_revert.MAXIMUM_CHANGES), "`too_many`"),
        Limit("Changes that one rewind undoes", number(rewind.MAXIMUM_CHANGES), "`too_many`"),
        Limit("Restricted folders of a space", number(restricted.MAXIMUM_OF_SPACE), "`too_many`"),
        Limit("The same with those that are purged", number(restricted.MAXIMUM_EVER), "`too_many`"),
        Limit("Roles that are granted on a file or folder", number(grants.MAXIMUM_ON_NODE), "`too_many`"),
        Limit("Nodes that a copy creates at once", number(large_copy.LARGE), "a background job creates the copy"),
        Limit("Team spaces and what is shared in a person's home", number(MAXIMUM_MOUNTS), "reached by their ids"),
        Limit("Large copies of a person at once", number(large_copy.MAXIMUM_RUNNING), "`too_many`"),
    ]


def _accounts(configuration: Configuration) -> list[Limit]:
    account, address = throttle.ACCOUNT, throttle.ADDRESS
    return [
        Limit(
            "Quota of a new account",
            size(configuration.default_account_quota),
            "`quota_exceeded`",
            "DEFAULT_ACCOUNT_QUOTA",
        ),
        Limit("Active people of a new team of one", "1 seat", "`team_full`"),
        Limit("Stopped accounts of a team", "as many as it has seats", "`team_full`"),
        Limit("Length of the name of a team or a group", f"{names.MAXIMUM} characters", "`invalid_name`"),
        Limit("Groups of a team", number(groups.MAXIMUM_GROUPS), "`limit_reached`"),
        Limit("Spaces of a team, with deleted ones", number(spaces.MAXIMUM_OF_TEAM), "`limit_reached`"),
        Limit(
            "Invitations that a team mails in a day",
            number(configuration.invitation_mails_per_team),
            "`too_many_invitations`",
            "INVITATION_MAILS_PER_TEAM",
        ),
        Limit("Those of them to one address", number(invitations.MAILS_TO_ADDRESS), "`too_many_invitations`"),
        Limit("Minutes of a support access", f"{support.SHORTEST} to {support.LONGEST}", "`invalid_support_request`"),
        Limit("Its reason", f"{support.LONGEST_REASON} characters", "`invalid_support_request`"),
        Limit("Open ones of one administrator", number(support.OPEN_AT_ONCE), "`too_many_support_requests`"),
        Limit("Asked for by one in a day", number(support.ASKED_IN_A_DAY), "`too_many_support_requests`"),
        Limit("About one person in a day", number(support.ASKED_ABOUT_IN_A_DAY), "`too_many_support_requests`"),
        Limit("Time to answer it", duration(support.ANSWERED_WITHIN), "it is over"),
        Limit("Time to begin it then", duration(support.BEGUN_WITHIN), "it is over"),
        Limit("Wrong passwords of an account in a row", number(account.free + 1), _slowed(account)),
        Limit("Wrong passwords from an address", number(address.free), _slowed(address)),
        Limit("Time to finish a sync client's sign-in", duration(login_flow.LIFETIME), "`login_flow_not_found`"),
        Limit(
            "Age of a sign-in that is enough to create tokens and the like",
            duration(configuration.proof_lifetime),
            "`reauthentication_required`",
            "PROOF_LIFETIME",
        ),
        Limit("Favourites that a client is shown", number(favourites.MAXIMUM), "the newest are shown"),
        Limit("Notifications of a person", number(notify.KEPT), "the oldest give way"),
        Limit(
            "Notifications that are mailed to a person at once in a day",
            f"{mail_notifications.MAILS_IN_A_DAY} mails",
            "the rest is in the summary of the day",
        ),
        Limit("Webhooks of a person", number(webhooks.MAXIMUM_OF_PERSON), "`limit_reached`"),
        Limit("Webhooks of a space or a team", number(webhooks.MAXIMUM_OF_PLACE), "`limit_reached`"),
        Limit("Tests of a webhook in an hour", number(webhooks.MAXIMUM_TESTS), "`limit_reached`"),
        Limit("Address of a webhook", f"{webhook.MAXIMUM_URL:,} characters", "`invalid_request`"),
        Limit("Description of a webhook", f"{webhook.MAXIMUM_DESCRIPTION} characters", "`invalid_request`"),
    ]


def _slowed(pace: throttle.Pace) -> str:
    return f"`too_many_attempts`, for {pace.delays[0]} to {pace.longest} seconds"


def _shares() -> list[Limit]:
    refused = "`invalid_request`"
    return [
        Limit("Length of a message", f"{number(share.MAXIMUM_MESSAGE)} characters", refused),
        Limit("People of a group who are told of a share by mail", number(mails.MAXIMUM_TOLD), "nobody of it is"),
        Limit("Mails about shares to a person in a day", number(mails.MAILS_IN_A_DAY), "seen in the pages alone"),
        Limit("Length of a comment", f"{number(comment.MAXIMUM_COMMENT)} characters", refused),
        Limit("People whom a comment mentions", number(comments.MAXIMUM_MENTIONS), "`too_many`"),
        Limit("Comments on a file or folder", number(comments.MAXIMUM_ON_NODE), "`too_many`"),
        Limit("Comments of a person", number(comments.MAXIMUM_OF_AUTHOR), "`too_many`"),
        Limit("Length of a tag", f"{tag.MAXIMUM_TAG} characters", refused),
        Limit("Tags of a file or folder", number(tags.MAXIMUM_ON_NODE), "`too_many`"),
        Limit("Tags that a person has put on files and folders", number(tags.MAXIMUM_OF_PERSON), "`too_many`"),
        Limit("Reminders of a person", number(reminders.MAXIMUM_OF_PERSON), "`too_many`"),
        Limit("Body of a request to Nextcloud's share API", size(share_request.LARGEST_BODY), "`too_large`"),
        Limit("People on a page of Nextcloud's search for them", number(sharees.LARGEST_PAGE), "fewer are returned"),
    ]


def _links() -> list[Limit]:
    pace = throttle.ACCOUNT
    refused = "`invalid_request`"
    return [
        Limit("Links to a file or folder", number(links.MAXIMUM_ON_NODE), "`too_many`"),
        Limit("Links of a person", number(links.MAXIMUM_OF_PERSON), "`limit_reached`"),
        Limit("Links of a page of a listing", number(link_shapes.MAXIMUM_PAGE), refused),
        Limit("Length of an own address", f"{link.MAXIMUM_ADDRESS} characters", refused),
        Limit("Length of a title", f"{link.MAXIMUM_TITLE} characters", refused),
        Limit("Length of a message", f"{number(link.MAXIMUM_MESSAGE)} characters", refused),
        Limit("Length of a label", f"{link.MAXIMUM_LABEL} characters", refused),
        Limit("Shortest password", f"{link_settings.MINIMUM_PASSWORD} characters", "`password_refused`"),
        Limit("Longest password", f"{link_passwords.MAXIMUM_PASSWORD} characters", "`password_refused`"),
        Limit("Largest number of downloads that can be allowed", number(link_settings.MAXIMUM_DOWNLOADS), refused),
        Limit("Time after the deadline of a file request", duration(link.MAXIMUM_GRACE), refused),
        Limit("Wrong passwords of a link in a row from one network", number(pace.free + 1), _slowed(pace)),
        Limit("Time in which a visitor's repeated download counts once", duration(link_uses.WINDOW), "it counts again"),
        Limit(
            "Visits and downloads of a link that are told apart within that time",
            number(link_uses.MAXIMUM_REMEMBERED),
            "visits are not counted, downloads count each time",
        ),
        Limit(
            "Unknown addresses of links from one network without a wait",
            number(guesses.FREE),
            _slowed(guesses.LINK_ADDRESS.pace),
        ),
        Limit("Files of one form that is sent to a link", number(sending.MAXIMUM_FILES), "`too_many`"),
        Limit("Files on a receipt", number(deliveries.MAXIMUM_NOTED), "the others are stored all the same"),
        Limit("Name of a sender", f"{delivery.MAXIMUM_SENDER} characters", "it is cut"),
        Limit("Text of a report", f"{number(reports.MAXIMUM_TEXT)} characters", "it is cut"),
        Limit(
            "Reports of a team's links in a day that are kept, and that are mailed",
            f"{reports.KEPT_OF_TEAM}, {reports.MAILED_OF_TEAM}",
            "what is more is dropped",
        ),
    ]


def _uploads(configuration: Configuration) -> list[Limit]:
    return [
        Limit("Size of a file", size(configuration.max_upload_size), "`too_large`", "MAX_UPLOAD_SIZE"),
        Limit(
            "Free space that stays on the disk of a folder of files",
            size(configuration.free_disk_floor),
            "`storage_full`",
            "FREE_DISK_FLOOR",
        ),
        Limit(
            "Share of a team's free quota that one person may reserve ahead",
            f"{configuration.reserved_share} %",
            "the rest is reserved as bytes arrive",
            "RESERVED_SHARE",
        ),
        Limit(
            "Unfinished uploads of an account",
            number(configuration.account_uploads),
            "`limit_reached`",
            "ACCOUNT_UPLOADS",
        ),
        Limit(
            f"Pieces of an upload before they must have {size(write_piece.USUAL)} each on average",
            number(write_piece.MANY),
            "`too_many`",
        ),
        Limit("Files of one bulk upload", number(bulk_write.MAXIMUM_FILES), "`too_many`"),
        Limit("Bytes of one bulk upload", size(bulk_write.MAXIMUM_BYTES), "`too_large`"),
        Limit("Bytes of all bulk uploads that a process has in hand", size(body_memory.BUDGET), "`overloaded`"),
        Limit("Pieces of one direct upload call", number(direct_upload.MAXIMUM_PIECES), "`too_many`"),
        Limit("Parts of a tus concatenation", number(concatenate_uploads.MAXIMUM_PARTS), "`too_many`"),
        Limit("`Upload-Metadata` of tus", size(tus.MAXIMUM_METADATA), "`invalid_request`"),
    ]


def _requests(configuration: Configuration) -> list[Limit]:
    return [
        Limit("Head of a request", size(MAXIMUM_HEAD), "`head_too_large`"),
        Limit(
            "Time for the head of a request",
            duration(configuration.admission.header_timeout),
            "`too_slow`",
            "HEADER_TIMEOUT",
        ),
        Limit("JSON body", size(json_body.MAXIMUM_JSON), "`too_large`"),
        Limit(
            "Time for a JSON or XML body",
            duration(configuration.json_body_timeout),
            "`body_too_slow`",
            "JSON_BODY_TIMEOUT",
        ),
        Limit("Ids or paths in one request", number(limits.MAXIMUM_NODES), "`invalid_request`"),
        Limit("Items named for one zip", number(zip.MAXIMUM_SELECTED), "`too_many`"),
        Limit("Entries of one zip", number(zip_response.MAXIMUM_ENTRIES), "`too_many`"),
        Limit("Ranges of one download", number(byte_ranges.MAXIMUM_RANGES), "`range_not_satisfiable`"),
        Limit("Length of an `Idempotency-Key`", number(idempotency.MAXIMUM_KEY), "`invalid_request`"),
        Limit("Response that is kept for a key", f"{idempotency.MAXIMUM_BODY:,} characters", "it is not kept"),
        Limit(
            "Responses kept for an account", number(configuration.account_answers), "`limit_reached`", "ACCOUNT_ANSWERS"
        ),
        Limit(
            "Characters of all of these",
            size(configuration.account_answers_size),
            "`limit_reached`",
            "ACCOUNT_ANSWERS_SIZE",
        ),
        Limit(
            "Body of a visitor without credentials",
            size(configuration.admission.anonymous_body_limit),
            "`too_large`",
            "ANONYMOUS_BODY_LIMIT",
        ),
        Limit(
            "Form of somebody who is signed in",
            size(configuration.admission.page_body_limit),
            "`too_large`",
            "PAGE_BODY_LIMIT",
        ),
    ]


def _listings(configuration: Configuration) -> list[Limit]:
    return [
        Limit("Entries of a page of a listing", number(listing.MAXIMUM_PAGE), "`invalid_request`"),
        Limit("Longest wait for a change", duration(long_poll.LONGEST_WAIT), "an empty page"),
        Limit("Hits of a page of search results", number(search.MAXIMUM_LIMIT), "`invalid_request`"),
        Limit("Hits of a search that can be paged through", number(search.DEEPEST), "narrow the search"),
        Limit("Characters of a search that count", number(syntax.MAXIMUM_CHARACTERS), "the rest is ignored"),
        Limit("Words of a search that count", number(syntax.MAXIMUM_WORDS), "the rest is ignored"),
        Limit("Text of a file that is searched", "the first " + size(decoding.MAXIMUM_BYTES), "the rest is not found"),
        Limit("Length of a word that counts", f"{words.MAXIMUM_LENGTH} characters", "the rest is ignored"),
        Limit("Entries on a page of activity", number(activity.MAXIMUM_PAGE), "`invalid_request`"),
    ]


def _dav(configuration: Configuration) -> list[Limit]:
    return [
        Limit("XML body", size(dav_body.MAXIMUM_BODY), "`too_large`"),
        Limit("Nesting of XML", f"{dav_body.MAXIMUM_NESTING} levels", "`invalid_request`"),
        Limit("Elements of an XML body", number(dav_body.MAXIMUM_ELEMENTS), "`invalid_request`"),
        Limit("Attributes of all of these", number(dav_body.MAXIMUM_ATTRIBUTES), "`invalid_request`"),
        Limit("Properties asked for at once", number(requested.MAXIMUM_NAMES), "`invalid_request`"),
        Limit("Properties changed at once", number(proppatch.MAXIMUM_CHANGES), "`invalid_request`"),
        Limit("Dead properties of a file or folder", number(annotations.MAXIMUM_PROPERTIES), "`too_many`"),
        Limit("Bytes of all of these", size(annotations.MAXIMUM_BYTES), "`too_large`"),
        Limit(
            "Characters of dead properties of an account",
            size(configuration.account_properties),
            "`limit_reached`",
            "ACCOUNT_PROPERTIES",
        ),
        Limit("The same of a team", size(configuration.team_properties), "`limit_reached`", "TEAM_PROPERTIES"),
        Limit("Resources named by one `If` header", number(conditions.MAXIMUM_RESOURCES), "`invalid_request`"),
        Limit("Locks of an account", number(configuration.account_locks), "`too_many`", "ACCOUNT_LOCKS"),
        Limit("Locks of a space", number(lock.MAXIMUM_OF_SPACE), "`too_many`"),
        Limit("Shared locks of a file or folder", number(lock.MAXIMUM_OF_NODE), "`too_many`"),
        Limit("Lifetime of a lock that names none", duration(lock.DEFAULT_TIMEOUT), "it expires"),
        Limit("Lifetime of a lock", duration(lock.MAXIMUM_TIMEOUT), "it is shortened"),
        Limit("The same of one that a person takes", duration(lock.LONGEST_OF_PERSON), "`invalid_request`"),
        Limit("Chunks of a Nextcloud upload", number(chunks.MAXIMUM_CHUNKS), "`too_many`"),
        Limit("Files of a Nextcloud bulk upload", number(nextcloud_bulk.MAXIMUM_PARTS), "`too_many`"),
        Limit(
            "Results of a WebDAV SEARCH",
            number(search_request.MAXIMUM_RESULTS),
            "ask for the next page by `firstresult`",
        ),
        Limit("Hits of a page of Nextcloud's unified search", number(searching.LARGEST_PAGE), "the page is shorter"),
        Limit("Versions that Nextcloud's clients are shown", number(versions.MAXIMUM), "the newest are shown"),
    ]


def _load(configuration: Configuration) -> list[Limit]:
    """All of these are counted in each process of the web server."""
    of = configuration.admission
    each = " (each process)"
    return [
        Limit(
            "Connections of an address" + each,
            number(of.connections_per_address),
            "the oldest idle one is closed",
            "CONNECTIONS_PER_ADDRESS",
        ),
        Limit(
            "Connections beyond the threads" + each,
            number(of.connections - configuration.web_threads),
            "the oldest idle one is closed",
            "IDLE_CONNECTIONS",
        ),
        Limit(
            "Requests of an address at once" + each,
            number(of.threads_per_address),
            f"they wait; `overloaded` after {duration(stage.TURN)}",
            "THREADS_PER_ADDRESS",
        ),
        Limit(
            "Requests of an account at once" + each,
            number(of.threads_per_account),
            "`too_many_requests`",
            "THREADS_PER_ACCOUNT",
        ),
        Limit(
            "Long polls of an account at once" + each,
            number(of.waits_per_account),
            "`too_many_requests`",
            "WAITS_PER_ACCOUNT",
        ),
        Limit(
            "Zips, searches, whole listings of an account at once, of each kind" + each,
            number(of.heavy_requests_per_account),
            "`too_many_requests`",
            "HEAVY_REQUESTS_PER_ACCOUNT",
        ),
        Limit(
            "Slowest transfer",
            f"{size(of.minimum_rate)} a second",
            f"it is ended after {duration(of.minimum_rate_grace)}",
            "MINIMUM_RATE",
        ),
        Limit(
            "Memory for bodies that wait" + each, size(of.waiting_bodies_limit), "`overloaded`", "WAITING_BODIES_LIMIT"
        ),
    ]


def _times(of: Configuration) -> list[Limit]:
    return [
        Limit("The audit record", duration(of.audit_retention), "acts are removed", "AUDIT_RETENTION"),
        Limit("Trash", duration(of.trash_retention), "it is purged", "TRASH_RETENTION"),
        Limit("Earlier versions", duration(of.version_retention), "they are removed", "VERSION_RETENTION"),
        Limit(
            "An unfinished upload after its last piece",
            duration(of.upload_expiry),
            "`upload_not_found`",
            "UPLOAD_EXPIRY",
        ),
        Limit(
            "The reservation of an upload after its last piece",
            duration(of.upload_silence),
            "only what has arrived stays reserved",
            "UPLOAD_SILENCE",
        ),
        Limit("Bytes that nothing needs", duration(of.gc_grace), "they are collected", "GC_GRACE"),
        Limit("Purged bytes in shared objects", duration(of.erasure_period), "they are erased", "ERASURE_PERIOD"),
        Limit("Notifications, and reads in activity", duration(forgetting.READS_KEPT), "they are removed"),
        Limit("Shares in activity", duration(forgetting.SHARES_KEPT), "they are removed"),
        Limit("Files on a receipt", duration(of.receipt_retention), "they are removed from it", "RECEIPT_RETENTION"),
        Limit("Failures in a webhook's log", duration(of.webhook_log_retention), "they go", "WEBHOOK_LOG_RETENTION"),
        Limit("An invitation", duration(of.invitation_lifetime), "`invitation_not_found`", "INVITATION_LIFETIME"),
        Limit(
            "The account of somebody who was removed from a team",
            duration(of.account_deletion_grace),
            "it is deleted with its home",
            "ACCOUNT_DELETION_GRACE",
        ),
        Limit("The response to an `Idempotency-Key`", duration(idempotency.KEPT), "the key is free again"),
    ]
