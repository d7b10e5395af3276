"""A request for every method of every address that takes a body, each about things of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.live.rights.cook import (
    BLANK,
    BYTES,
    HOOK,
    LOCK,
    NICE,
    PROPFIND,
    PROPPATCH,
    REPORT,
    SOON,
    TOMORROW,
    TUS,
    XML,
    Cook,
    Recipe,
    raw,
    rest,
)

NODE, VERSION, UPLOAD = "nodes/<int:node_id>", "versions/<int:version_id>", "uploads/<uuid:upload_id>"


def _rewind(cook: Cook) -> tuple[str, Any]:
    """To before there was the file in the folder."""
    folder = cook.folder()
    ((seq,),) = cook.world.sql("SELECT seq FROM files_node WHERE id = ?", folder)
    cook.file(f"{cook.name}-folder/new")
    return f"/api/v1/nodes/{folder}/rewind", {"seq": seq}


def _version(cook: Cook) -> str:
    node = cook.file()
    old = cook.send("GET", f"/api/v1/nodes/{node['id']}/versions").json()["items"][0]["id"]
    cook.send("PUT", f"/api/v1/content/{cook.name}", b"another one")
    return f"/api/v1/nodes/{node['id']}/versions/{old}"


def _form(cook: Cook) -> tuple[str, bytes, dict[str, str]]:
    head = f'--b\r\nContent-Disposition: form-data; name="{cook.name}"; filename="{cook.name}"\r\n\r\n'
    body = head.encode() + BYTES + b"\r\n--b--\r\n"
    return "/api/v1/bulk", body, {"Content-Type": "multipart/form-data; boundary=b"}


def _related(cook: Cook) -> tuple[str, bytes, dict[str, str]]:
    head = f"--b\r\nX-File-Path: /{cook.name}\r\nContent-Length: {len(BYTES)}\r\n\r\n"
    return (
        "/remote.php/dav/bulk",
        head.encode() + BYTES + b"\r\n--b--\r\n",
        {"Content-Type": "multipart/related; boundary=b"},
    )


def _search(cook: Cook) -> tuple[str, bytes, dict[str, str]]:
    scope = f"/files/{cook.person.email}"
    body = (
        '<d:searchrequest xmlns:d="DAV:"><d:basicsearch><d:select><d:prop><d:displayname/></d:prop></d:select>'
        f"<d:from><d:scope><d:href>{scope}</d:href><d:depth>infinity</d:depth></d:scope></d:from><d:where><d:like><d:prop>"
        "<d:displayname/></d:prop><d:literal>%a%</d:literal></d:like></d:where><d:orderby/></d:basicsearch></d:searchrequest>"
    )
    return "/remote.php/dav/", body.encode(), {"Content-Type": "text/xml"}


def _key(cook: Cook, path: str) -> tuple[str, bytes, dict[str, str]]:
    """A write that needs no body still reads it, with an idempotency key."""
    return path, BLANK, {"Idempotency-Key": cook.name, "Content-Type": "application/json"}


def _team(cook: Cook) -> str:
    return f"/api/v1/teams/{cook.send('GET', '/api/v1/team').json()['id']}"


def _invitation(cook: Cook) -> dict[str, str]:
    """For which there is a seat."""
    cook.world.sql("UPDATE accounts_team SET seats = 1000")
    return {"email": f"{cook.name}@example.com"}


def _days(cook: Cook) -> int:
    """Others than before; nobody has links that they would end."""
    return 3650 - sum(map(ord, cook.name)) % 1000


def _group(cook: Cook) -> str:
    return f"/api/v1/team/groups/{cook.send('POST', '/api/v1/team/groups', {'name': cook.name}).json()['id']}"


ACCOUNTS = [
    rest("POST", "tokens", lambda cook: {"name": cook.name, "scopes": ["share"]}),
    rest("PATCH", "team", lambda cook: {"name": cook.name}, status=403),  # for owners alone
    rest("PATCH", "teams/<int:team_id>", lambda cook: (_team(cook), {"name": cook.name}), needs="staff"),
    rest("POST", "teams", lambda cook: {"name": cook.name, "owner": f"{cook.name}@example.com"}, needs="staff"),
    rest(
        "POST",
        "teams/<int:team_id>/invitations",
        lambda cook: (f"{_team(cook)}/invitations", _invitation(cook)),
        needs="staff",
    ),
    rest("POST", "team/invitations", _invitation, needs="role"),
    rest("POST", "team/groups", lambda cook: {"name": cook.name}, needs="role"),
    rest("PATCH", "team/policies", lambda cook: {"link_longest_days": _days(cook)}, needs="role"),
    rest("POST", "team/policies/preview", lambda cook: {"link_longest_days": 30}, needs="role", status=200),
    rest("PATCH", "team/groups/<int:group_id>", lambda cook: (_group(cook), {"name": f"{cook.name}2"}), needs="role"),
    rest(
        "POST",
        "support",
        lambda cook: {"user_id": cook.colleague(), "reason": cook.name, "minutes": 30},
        needs="role",
    ),
    rest(
        "POST",
        "support/<int:access_id>/consent",
        lambda cook: ("/api/v1/support/1/consent", {"may_write": True}),
        status=404,
    ),
    rest("POST", "team/members", lambda cook: {"email": f"{cook.name}@example.com", "role": "admin"}, needs="staff"),
    rest(
        "PATCH",
        "team/members/<int:user_id>",
        lambda cook: (f"/api/v1/team/members/{cook.world.person('member').user_id}", {"role": "admin"}),
        needs="role",
    ),
    rest(
        "PATCH",
        "team/members/<int:user_id>",
        lambda cook: (f"/api/v1/team/members/{cook.world.person('member').user_id}", {"active": False}),
        needs="role",
    ),
    rest(
        "PATCH",
        "accounts/<int:user_id>/quota",
        lambda cook: (f"/api/v1/accounts/{cook.person.user_id}/quota", {"limit_bytes": 10**12 + cook.person.user_id}),
        needs="staff",
    ),
    rest(
        "PATCH",
        "teams/<int:team_id>/quota",
        lambda cook: (f"{_team(cook)}/quota", {"limit_bytes": 10**15 + cook.person.user_id}),
        needs="staff",
    ),
]
TREES = [
    rest("POST", "folders", lambda cook: {"path": f"/{cook.name}"}),
    rest("POST", "move", lambda cook: {"from_id": cook.file()["id"], "to_path": f"/{cook.name}-moved"}),
    rest("POST", "copy", lambda cook: {"from_id": cook.file()["id"], "to_path": f"/{cook.name}-copied"}),
    rest("PATCH", NODE, lambda cook: (f"/api/v1/nodes/{cook.file()['id']}", {"name": f"{cook.name}-new"})),
    raw(f"api/v1/{NODE}", "DELETE", lambda cook: _key(cook, f"/api/v1/nodes/{cook.file()['id']}")),
    rest("POST", f"{NODE}/lock", lambda cook: (f"/api/v1/nodes/{cook.file()['id']}/lock", {"expires_at": TOMORROW})),
    raw(
        f"api/v1/{NODE}/unlock",
        "POST",
        lambda cook: _key(cook, f"/api/v1/nodes/{cook.file()['id']}/unlock"),
        status=409,
    ),
    raw(
        "api/v1/mounts/<int:mount_id>/bring-back",
        "POST",
        lambda cook: _key(cook, "/api/v1/mounts/1/bring-back"),
        status=404,
    ),
    rest("POST", "trash", lambda cook: {"ids": [cook.file()["id"]]}),
    rest("POST", "trash/restore", lambda cook: {"ids": [cook.item()]}),
    rest("POST", "trash/purge", lambda cook: {"ids": [cook.item()]}),
    rest("POST", "trash/empty", lambda cook: {"space": "home"} if cook.item() else {}),
    raw(f"api/v1/{NODE}/{VERSION}", "DELETE", lambda cook: _key(cook, _version(cook))),
    raw(f"api/v1/{NODE}/{VERSION}/restore", "POST", lambda cook: _key(cook, _version(cook) + "/restore")),
    rest("POST", f"{NODE}/rewind", _rewind),
    rest("POST", f"{NODE}/comments", lambda cook: (f"/api/v1/nodes/{cook.folder()}/comments", NICE)),
    rest("PATCH", "comments/<int:comment_id>", lambda cook: (cook.about("comments", NICE), {"text": "Better"})),
    raw("api/v1/comments/<int:comment_id>", "DELETE", lambda cook: _key(cook, cook.about("comments", NICE))),
    rest("POST", f"{NODE}/reminders", lambda cook: (f"/api/v1/nodes/{cook.folder()}/reminders", SOON)),
    raw("api/v1/reminders/<int:reminder_id>", "DELETE", lambda cook: _key(cook, cook.about("reminders", SOON))),
    rest("PUT", f"{NODE}/tags", lambda cook: (f"/api/v1/nodes/{cook.folder()}/tags", {"tags": ["draft"]})),
    rest("POST", "notifications/read", lambda cook: {"all": True}, status=200),  # there are none
    rest("PATCH", "notification-preferences", lambda cook: {"mail": {"share": "digest"}}),
    rest("POST", "webhooks", lambda cook: {"url": HOOK}, status=201),
    rest("PATCH", "webhooks/<int:webhook_id>", lambda cook: (cook.webhook(), {"description": cook.name})),
    raw("api/v1/webhooks/<int:webhook_id>", "DELETE", lambda cook: _key(cook, cook.webhook())),
    raw("api/v1/webhooks/<int:webhook_id>/test", "POST", lambda cook: _key(cook, f"{cook.webhook()}/test")),
    rest(
        "POST",
        "webhooks/<int:webhook_id>/replay",
        lambda cook: (f"{cook.webhook()}/replay", {"since": "2026-01-01T00:00:00Z"}),
    ),
    raw(
        "api/v1/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/replay",
        "POST",
        lambda cook: _key(cook, f"{cook.webhook()}/deliveries/1/replay"),
        status=404,
    ),
    rest("POST", "spaces", lambda cook: {"name": cook.name}, needs="role"),
    rest(
        "PATCH",
        "spaces/<int:space_id>",
        lambda cook: (f"/api/v1/spaces/{cook.space()}", {"name": f"{cook.name} new"}),
        needs="role",
    ),
    raw(
        "api/v1/spaces/<int:space_id>",
        "DELETE",
        lambda cook: _key(cook, f"/api/v1/spaces/{cook.space()}?name={cook.name}"),
        needs="role",
    ),
    rest(
        "POST",
        "spaces/<int:space_id>/restore",
        lambda cook: (f"/api/v1/spaces/{cook.deleted_space()}/restore", {}),
        needs="role",
    ),
    raw(
        "api/v1/spaces/<int:space_id>/moved/<int:seq>/undo",
        "POST",
        lambda cook: _key(cook, cook.moved_out()),
        needs="role",
    ),
    rest(
        "POST",
        "team/members/<int:user_id>/handover",
        lambda cook: (
            f"/api/v1/team/members/{cook.world.person('member').user_id}/handover",
            {"to_user_id": str(cook.person.user_id)},
        ),
        needs="role",
        status=403,  # for owners alone, and those who ask here are administrators of the team
    ),
    rest("POST", f"{NODE}/grants", lambda cook: (f"/api/v1/nodes/{cook.folder()}/grants", cook.to_own_team())),
    raw(f"api/v1/{NODE}/restriction", "PUT", lambda cook: _key(cook, cook.restricted(already=False)), needs="role"),
    raw(f"api/v1/{NODE}/restriction", "DELETE", lambda cook: _key(cook, cook.restricted(already=True)), needs="role"),
    raw("api/v1/grants/<int:grant_id>", "DELETE", lambda cook: _key(cook, f"/api/v1/grants/{cook.grant()}")),
    rest("POST", "links", lambda cook: {"node_id": cook.folder()}),
    rest("PATCH", "links/<int:link_id>", lambda cook: (f"/api/v1/links/{cook.link()}", {"title": "another"})),
    raw("api/v1/links/<int:link_id>", "DELETE", lambda cook: _key(cook, f"/api/v1/links/{cook.link()}")),
    raw(
        "api/v1/links/all/<int:link_id>",
        "DELETE",
        lambda cook: _key(cook, f"/api/v1/links/all/{cook.link()}"),
        needs="staff",
    ),
    rest("POST", "shares", lambda cook: {"node_id": cook.folder(), **cook.with_own_team()}),
    rest("PATCH", "shares/<int:share_id>", lambda cook: (f"/api/v1/shares/{cook.share()}", {"role": "commenter"})),
    rest("POST", "transfers", lambda cook: {"node_id": cook.folder(), "to_user_id": cook.colleague()}),
    raw("api/v1/transfers/<int:transfer_id>", "DELETE", lambda cook: _key(cook, f"/api/v1/transfers/{cook.offer()}")),
    raw(
        "api/v1/transfers/<int:transfer_id>/accept",
        "POST",
        lambda cook: _key(cook, "/api/v1/transfers/1/accept"),
        status=404,  # nothing is offered to who asks here
    ),
    raw("api/v1/shares/<int:share_id>", "DELETE", lambda cook: _key(cook, f"/api/v1/shares/{cook.share()}")),
    rest("POST", "zip", lambda cook: {"ids": [cook.file()["id"]]}),
    rest("PUT", "brakes/bounds", lambda cook: {"on": True, "floor": 20 + cook.person.user_id % 10_000}, needs="role"),
    raw("api/v1/brakes/<int:brake_id>/accept", "POST", lambda cook: _key(cook, f"{cook.brake()}/accept")),
    rest("POST", "brakes/<int:brake_id>/revert", lambda cook: (f"{cook.brake()}/revert", {})),
]
UPLOADS = [
    rest("POST", "uploads", lambda cook: {"path": f"/{cook.name}", "length": 3}),
    raw(f"api/v1/{UPLOAD}", "DELETE", lambda cook: _key(cook, f"/api/v1/uploads/{cook.upload()}")),
    raw(
        f"api/v1/{UPLOAD}/pieces/<int:offset>",
        "PUT",
        lambda cook: (f"/api/v1/uploads/{cook.upload()}/pieces/0", BYTES, {}),
    ),
    raw(
        "api/v1/reservations/<uuid:upload_id>",
        "DELETE",
        lambda cook: _key(cook, f"/api/v1/reservations/{cook.upload()}"),
    ),
    rest("POST", f"{UPLOAD}/finish", lambda cook: (f"/api/v1/uploads/{cook.upload(whole=True)}/finish", {})),
    rest(
        "POST",
        f"{UPLOAD}/direct",
        lambda cook: (
            f"/api/v1/uploads/{cook.upload()}/direct",
            {"pieces": [{"offset": 0, "length": len(BYTES), "sha256": "0" * 64}]},
        ),
        status=409,
    ),
    rest(
        "POST",
        f"{UPLOAD}/direct/complete",
        lambda cook: (f"/api/v1/uploads/{cook.upload()}/direct/complete", {"tokens": ["x"]}),
        status=400,
    ),
    raw("api/v1/bulk", "POST", _form),
    raw("api/v1/content/<anypath:path>", "PUT", lambda cook: (f"/api/v1/content/{cook.name}", BYTES, {})),
    raw("api/v1/content/<anypath:path>", "PUT", lambda cook: (f"/api/v1/content/{cook.name}", BYTES * 30_000, {})),
    raw(
        f"api/v1/{NODE}/content",
        "PUT",
        lambda cook: (f"/api/v1/nodes/{cook.file()['id']}/content", b"something else", {}),
    ),
    raw(
        "tus/",
        "POST",
        lambda cook: (
            "/tus/",
            BYTES,
            {**TUS, "Upload-Length": "10", "Upload-Metadata": cook.metadata()["Upload_Metadata"]},
        ),
    ),
    raw("tus/<str:upload_id>", "PATCH", lambda cook: (cook.tus(), BYTES, {**TUS, "Upload-Offset": "0"})),
    raw("remote.php/dav/bulk", "POST", _related),
    raw("remote.php/dav/uploads/<str:user_id>/<anypath:path>", "PUT", lambda cook: (f"{cook.chunks()}/1", BYTES, {})),
]


def _trees_of_dav() -> list[Recipe]:
    mounts: list[tuple[str, Callable[[Cook], str], bool]] = [
        ("dav/<anypath:path>", lambda cook: "/dav", False),
        ("remote.php/dav/files/<str:user_id>/<anypath:path>", lambda cook: f"/remote.php/dav/files/{cook.user}", True),
        ("remote.php/webdav/<anypath:path>", lambda cook: "/remote.php/webdav", True),
    ]
    found = []
    for route, root, is_nextcloud in mounts:

        def at(cook: Cook, root: Callable[[Cook], str] = root, *, new: bool = False) -> str:
            if not new:
                cook.file()
            return f"{root(cook)}/{cook.name}"

        found += [
            raw(route, "PUT", lambda cook, at=at: (at(cook, new=True), BYTES, {})),
            raw(route, "PROPFIND", lambda cook, at=at: (at(cook), PROPFIND, {**XML, "Depth": "0"})),
            raw(route, "PROPPATCH", lambda cook, at=at: (at(cook), PROPPATCH, XML)),
            raw(route, "LOCK", lambda cook, at=at: (at(cook), LOCK, XML)),
            raw(route, "MKCOL", lambda cook, at=at: (at(cook, new=True), BLANK, XML), status=415),
        ]
        if is_nextcloud:
            found.append(raw(route, "REPORT", lambda cook, root=root: (f"{root(cook)}/", REPORT, XML)))
    return found


def _listed(route: str, path: Callable[[Cook], str], **more: Any) -> Recipe:
    return raw(route, "PROPFIND", lambda cook: (path(cook), PROPFIND, {**XML, "Depth": "1"}), **more)


def _in_trash(cook: Cook) -> str:
    item = cook.item()
    listing = cook.send("PROPFIND", f"/remote.php/dav/trashbin/{cook.user}/trash/", Depth="1").text
    names = [part.partition("</d:href>")[0] for part in listing.split("<d:href>")[1:]]
    return next(name for name in names if cook.name in name or item in name)


def _in_versions(cook: Cook) -> str:
    return f"/remote.php/dav/versions/{cook.user}/versions/{cook.file()['id']}"


LISTINGS = [
    _listed(
        "remote.php/dav/trashbin/<str:user_id>/<anypath:path>",
        lambda cook: f"/remote.php/dav/trashbin/{cook.user}/trash",
    ),
    _listed("remote.php/dav/trashbin/<str:user_id>/<anypath:path>", _in_trash),
    _listed("remote.php/dav/trashbin/<str:user_id>", lambda cook: f"/remote.php/dav/trashbin/{cook.user}"),
    _listed("remote.php/dav/versions/<str:user_id>/<anypath:path>", _in_versions),
    _listed("remote.php/dav/uploads/<str:user_id>/<anypath:path>", lambda cook: cook.chunks()),
    _listed("remote.php/dav/uploads/<str:user_id>", lambda cook: f"/remote.php/dav/uploads/{cook.user}"),
    raw(
        "remote.php/dav/uploads/<str:user_id>/<anypath:path>",
        "MKCOL",
        lambda cook: (f"/remote.php/dav/uploads/{cook.user}/{cook.name}", BLANK, XML),
        status=415,
    ),
    raw("remote.php/dav/", "SEARCH", _search),
    *(
        _listed(f"remote.php/{route}", lambda cook, route=route: f"/remote.php/{route}")
        for route in ("dav/", "dav/files/", "dav/principals/", "dav/principals/users/")
    ),
    _listed("remote.php/", lambda cook: "/remote.php/", needs="program"),
    _listed(
        "remote.php/dav/principals/users/<str:user_id>/", lambda cook: f"/remote.php/dav/principals/users/{cook.user}/"
    ),
]
RECIPES = [*ACCOUNTS, *TREES, *UPLOADS, *_trees_of_dav(), *LISTINGS]
