"""WebDAV through mounts: a space of a team in the homes of its members."""

import pytest

from accounts.models import QuotaAccount
from files.access.rights import Role
from files.actions.mounts import bring_back, reconcile_mounts
from files.actions.spaces import create_team_space
from files.models import Mount, Node, NodeLock, Space, TrashItem
from tests.support.clients import Dav, found_in
from tests.support.mounts import FILES, NAME, MountedSpace, make_mounted_space
from tests.support.people import actor_of
from tests.support.trees import bytes_at, home_of, put

pytestmark = pytest.mark.django_db
ETAG, LENGTH = "{DAV:}getetag", "{DAV:}getcontentlength"
USED, FREE = "{DAV:}quota-used-bytes", "{DAV:}quota-available-bytes"
LOCK = """<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype>
<d:owner>me</d:owner></d:lockinfo>"""


@pytest.fixture
def world() -> MountedSpace:
    return make_mounted_space()


@pytest.fixture
def editor(world: MountedSpace) -> Dav:
    return Dav(world.editor)


@pytest.fixture
def viewer(world: MountedSpace) -> Dav:
    return Dav(world.viewer)


def etag(dav: Dav, path: str) -> str:
    ((_, found),) = dav.properties(path, ETAG).items()
    assert found[ETAG]
    return found[ETAG]


def hrefs(dav: Dav, path: str = "") -> list[str]:
    return list(found_in(dav.propfind(path, depth="1")))


def test_propfind_goes_through_with_addresses_of_the_home(editor: Dav) -> None:
    assert hrefs(editor) == ["/dav/", "/dav/Plans/"]
    assert hrefs(editor, "Plans") == ["/dav/Plans/", "/dav/Plans/notes/", "/dav/Plans/budget.txt"]
    assert hrefs(editor, "Plans/") == ["/dav/Plans/", "/dav/Plans/notes/", "/dav/Plans/budget.txt"]
    assert hrefs(editor, "Plans/notes/deep/er.txt") == ["/dav/Plans/notes/deep/er.txt"]
    ((_, found),) = editor.properties("Plans/budget.txt", LENGTH).items()
    assert found[LENGTH] == str(len(FILES["budget.txt"]))
    assert editor.propfind("Plans", depth="infinity").status_code == 403
    assert editor.propfind("Plans/none", depth="1").status_code == 404
    assert editor.propfind("Plans/none/deeper", depth="1").status_code == 404


def test_entries_of_a_mount_are_the_same_asked_from_both_sides(editor: Dav) -> None:
    names = (ETAG, "{DAV:}displayname", "{DAV:}resourcetype", USED, FREE, "{DAV:}getlastmodified")
    in_home = editor.properties("", *names, depth="1")["/dav/Plans/"]
    ((_, itself),) = editor.properties("Plans", *names).items()
    assert in_home == itself
    assert itself["{DAV:}displayname"] == NAME
    assert itself["{DAV:}resourcetype"] == "{DAV:}collection"


def test_entity_tags_climb_and_nothing_else_changes(world: MountedSpace, editor: Dav, viewer: Dav) -> None:
    put(actor_of(world.viewer), "own/a.txt")
    watched = ("", "Plans", "Plans/notes", "Plans/notes/deep", "own", "Plans/budget.txt")
    before = [etag(viewer, path) for path in watched]
    assert editor.put("Plans/notes/deep/new.txt").status_code == 201
    after = [etag(viewer, path) for path in watched]
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, False, False, False, True, True]
    listed = viewer.properties("", ETAG, depth="1")
    assert listed["/dav/Plans/"][ETAG] == after[1]
    assert listed["/dav/own/"][ETAG] == after[4]


def test_the_entity_tag_of_a_folder_above_climbs_too(world: MountedSpace, editor: Dav, viewer: Dav) -> None:
    assert viewer.send("MKCOL", "work").status_code == 201
    assert viewer.move("Plans", "work/Plans").status_code == 201
    before = etag(viewer, "work")
    assert viewer.properties("", ETAG, depth="1")["/dav/work/"][ETAG] == before
    editor.put("Plans/new.txt")
    assert etag(viewer, "work") != before
    assert viewer.properties("", ETAG, depth="1")["/dav/work/"][ETAG] == etag(viewer, "work")
    assert viewer.send("DELETE", "work", if_match=before).status_code == 412


def test_a_right_that_changes_renews_the_entity_tags(world: MountedSpace, viewer: Dav) -> None:
    """A sync client keeps what it may do beside each entry, and asks again only for what has changed."""
    watched = ("", "Plans", "Plans/notes", "Plans/notes/deep")
    before = [etag(viewer, path) for path in watched]
    world.role(world.viewer, Role.EDITOR)
    after = [etag(viewer, path) for path in watched]
    assert [old == new for old, new in zip(before, after, strict=True)] == [False] * 4
    listed = viewer.properties("Plans", ETAG, depth="1")
    assert listed["/dav/Plans/notes/"][ETAG] == after[2]


def test_quota_is_that_of_the_account_that_pays(world: MountedSpace, viewer: Dav) -> None:
    QuotaAccount.objects.filter(pk=world.space.quota_id).update(limit_bytes=1_000_000)
    used = sum(map(len, FILES.values()))
    ((_, found),) = viewer.properties("Plans", USED, FREE).items()
    assert found == {USED: str(used), FREE: str(1_000_000 - used)}
    ((_, inside),) = viewer.properties("Plans/notes", USED, FREE).items()
    assert inside == {USED: str(len(b"today") + len(b"deeper")), FREE: str(1_000_000 - used)}
    ((_, home),) = viewer.properties("", USED).items()
    assert home == {USED: "0"}


def test_an_editor_writes_reads_and_deletes_in_it(world: MountedSpace, editor: Dav) -> None:
    assert editor.put("Plans/new.txt", b"new").status_code == 201
    assert editor.put("Plans/new.txt", b"newer").status_code == 204
    assert editor.send("GET", "Plans/new.txt").getvalue() == b"newer"
    assert editor.send("MKCOL", "Plans/folder").status_code == 201
    assert editor.send("MKCOL", "Plans").status_code == 405
    assert editor.put("Plans/none/new.txt").status_code == 409
    assert editor.send("DELETE", "Plans/notes").status_code == 204
    assert world.names() == {"budget.txt", "new.txt", "folder"}
    item = TrashItem.objects.get(space=world.space)
    assert (item.path, item.deleted_by_id) == ("/notes", world.editor.pk)
    assert not TrashItem.objects.filter(space=home_of(world.editor)).exists()
    node = world.place("new.txt").node
    assert node.version is not None
    assert node.version.author_id == world.editor.pk


def test_a_viewer_changes_nothing_in_it(world: MountedSpace, viewer: Dav) -> None:
    put(actor_of(world.viewer), "own.txt")
    assert viewer.send("GET", "Plans/budget.txt").getvalue() == FILES["budget.txt"]
    answers = {
        "PUT": viewer.put("Plans/budget.txt", b"x"),
        "PUT new": viewer.put("Plans/new.txt", b"x"),
        "MKCOL": viewer.send("MKCOL", "Plans/new"),
        "DELETE": viewer.send("DELETE", "Plans/budget.txt"),
        "MOVE": viewer.move("Plans/budget.txt", "Plans/renamed.txt"),
        "MOVE out": viewer.move("Plans/budget.txt", "mine.txt"),
        "MOVE in": viewer.move("own.txt", "Plans/own.txt"),
        "COPY in": viewer.copy("own.txt", "Plans/own.txt"),
        "LOCK": viewer.send("LOCK", "Plans/budget.txt", LOCK),
        "LOCK new": viewer.send("LOCK", "Plans/new.txt", LOCK),
        "LOCK mount": viewer.send("LOCK", "Plans", LOCK),
        "PROPPATCH": viewer.send("PROPPATCH", "Plans/budget.txt", update("<x:a xmlns:x='urn:x'>1</x:a>")),
        "PROPPATCH mount": viewer.send("PROPPATCH", "Plans", update("<x:a xmlns:x='urn:x'>1</x:a>")),
    }
    assert {what: answer.status_code for what, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert world.names() == {"budget.txt", "notes"}
    assert viewer.copy("Plans/budget.txt", "mine.txt").status_code == 201
    assert bytes_at(actor_of(world.viewer), "mine.txt") == FILES["budget.txt"]


def update(inner: str) -> str:
    return f"<d:propertyupdate xmlns:d='DAV:'><d:set><d:prop>{inner}</d:prop></d:set></d:propertyupdate>"


def test_who_only_reads_renames_and_moves_the_mount(world: MountedSpace, editor: Dav, viewer: Dav) -> None:
    """nextcloud/server#16458, #17819."""
    before = Node.objects.get(pk=world.root_id).seq
    assert viewer.move("Plans", "Ours").status_code == 201
    assert viewer.send("MKCOL", "work").status_code == 201
    assert viewer.move("Ours/", "work/Ours/").status_code == 201
    assert hrefs(viewer, "work/Ours") == ["/dav/work/Ours/", "/dav/work/Ours/notes/", "/dav/work/Ours/budget.txt"]
    assert viewer.send("GET", "work/Ours/notes/today.txt").getvalue() == b"today"
    assert viewer.send("GET", "Plans/budget.txt").status_code == 404
    assert hrefs(editor) == ["/dav/", "/dav/Plans/"]
    reconcile_mounts(world.viewer.pk)
    assert hrefs(viewer) == ["/dav/", "/dav/work/"], "it is not made again"
    assert Node.objects.get(pk=world.root_id).seq == before, "the space knows nothing of it"


def test_deleting_it_hides_it_and_deletes_nothing(world: MountedSpace, editor: Dav, viewer: Dav) -> None:
    """owncloud/client#9441."""
    for dav, user in ((viewer, world.viewer), (editor, world.editor)):
        assert dav.send("DELETE", "Plans").status_code == 204
        assert hrefs(dav) == ["/dav/"]
        assert dav.send("GET", "Plans/budget.txt").status_code == 404
        reconcile_mounts(user.pk)
        assert hrefs(dav) == ["/dav/"]
        assert not TrashItem.objects.exists()
        assert world.names() == {"budget.txt", "notes"}
        bring_back(actor_of(user), mount_id=Mount.objects.get(user=user).pk)
        assert hrefs(dav) == ["/dav/", "/dav/Plans/"]
        assert dav.send("GET", "Plans/budget.txt").getvalue() == FILES["budget.txt"]


def test_a_folder_that_is_deleted_hides_the_mounts_in_it(world: MountedSpace, viewer: Dav) -> None:
    viewer.send("MKCOL", "work")
    viewer.move("Plans", "work/Plans")
    assert viewer.send("DELETE", "work").status_code == 204
    assert hrefs(viewer) == ["/dav/"]
    assert world.names() == {"budget.txt", "notes"}
    assert Mount.objects.get(user=world.viewer).hidden_at is not None


def test_moves_and_copies_between_home_and_mount(world: MountedSpace, editor: Dav) -> None:
    actor = actor_of(world.editor)
    put(actor, "mine/a.txt", b"mine")
    assert editor.move("mine", "Plans/given").status_code == 201
    assert world.names("given") == {"a.txt"}
    assert editor.move("Plans/notes", "taken").status_code == 201
    assert bytes_at(actor, "taken/deep/er.txt") == b"deeper"
    assert world.names() == {"budget.txt", "given"}
    assert editor.copy("Plans", "copy").status_code == 201
    assert bytes_at(actor, "copy/budget.txt") == FILES["budget.txt"]
    assert not Node.objects.get(name="copy").is_mount
    assert editor.copy("taken", "Plans/back").status_code == 201
    assert editor.move("Plans/budget.txt", "Plans/back/budget.txt").status_code == 201
    assert world.names("back") == {"today.txt", "deep", "budget.txt"}
    assert editor.move("taken", "Plans/back").status_code == 204, "it takes the place of the other"
    assert editor.move("Plans/none", "x").status_code == 404
    assert editor.move("Plans/back/deep", "Plans").status_code == 403, "the destination holds the source"
    assert editor.copy("Plans/back/deep", "Plans").status_code == 403
    assert editor.move("Plans/back/deep", "Plans", overwrite="F").status_code == 412
    assert editor.copy("Plans/given/a.txt", "none/a.txt").status_code == 409


def test_a_mount_stays_in_the_home(world: MountedSpace, editor: Dav) -> None:
    other = Space.objects.exclude(pk=world.space.pk).filter(owner=world.editor).get()
    assert editor.move("Plans", "Plans/itself").status_code in (403, 409)
    editor.send("MKCOL", "work")
    second = _second_space(world)
    assert editor.move("Plans", f"{second}/Plans").status_code == 403
    editor.move("Plans", "work/Plans")
    assert editor.move("work", f"{second}/work").status_code == 403
    assert Node.objects.get(pk=world.mount_of(world.editor).pk).space_id == other.pk
    assert world.names() == {"budget.txt", "notes"}


def _second_space(world: MountedSpace) -> str:
    name = create_team_space(actor_of(world.owner), name="Second").name
    reconcile_mounts(world.editor.pk)
    return name


def test_a_lost_answer_to_a_move_in_a_mount(world: MountedSpace, editor: Dav) -> None:
    assert editor.move("Plans/budget.txt", "Plans/notes/budget.txt").status_code == 201
    assert editor.move("Plans/budget.txt", "Plans/notes/budget.txt").status_code == 201
    assert editor.move("Plans/other.txt", "Plans/notes/budget.txt").status_code == 404
    assert editor.move("Plans", "Ours").status_code == 201
    assert editor.move("Plans", "Ours").status_code == 201


def lock_token(answer: object) -> str:
    token: str = answer["Lock-Token"]  # type: ignore[index]
    return token


def test_locks_in_a_mount_stand_against_everybody(world: MountedSpace, editor: Dav) -> None:
    owner = Dav(world.owner)
    answer = editor.send("LOCK", "Plans/budget.txt", LOCK)
    assert answer.status_code == 200
    assert b"<d:lockroot><d:href>/dav/Plans/budget.txt</d:href></d:lockroot>" in answer.content
    owner.move("Plans", "Mine")
    refused = owner.put("Mine/budget.txt", b"x")
    assert refused.status_code == 423
    assert b"<d:lock-token-submitted><d:href>/dav/Mine/budget.txt</d:href>" in refused.content
    token = lock_token(answer)
    assert editor.put("Plans/budget.txt", b"x", **{"if": f"({token})"}).status_code == 204
    assert editor.put("Plans/budget.txt", b"x", **{"if": "(<urn:uuid:other>)"}).status_code == 412
    found = owner.properties("Mine", "{DAV:}lockdiscovery", depth="1")
    assert found["/dav/Mine/budget.txt"]["{DAV:}lockdiscovery"] == "{DAV:}activelock"
    assert b"<d:lockroot><d:href>/dav/Mine/budget.txt</d:href>" in owner.propfind("Mine", depth="1").getvalue()
    assert editor.send("UNLOCK", "Plans/budget.txt", lock_token=token).status_code == 204
    assert owner.put("Mine/budget.txt", b"x").status_code == 204


def test_a_deep_lock_on_the_mount_is_one_on_what_it_stands_for(world: MountedSpace, editor: Dav) -> None:
    owner = Dav(world.owner)
    answer = editor.send("LOCK", "Plans", LOCK, depth="infinity")
    assert answer.status_code == 200
    assert b"<d:lockroot><d:href>/dav/Plans/</d:href></d:lockroot>" in answer.content
    assert NodeLock.objects.get().node_id == world.root_id
    assert owner.put("Plans/notes/today.txt", b"x").status_code == 423
    token = lock_token(answer)
    refreshed = editor.send("LOCK", "Plans/notes/today.txt", **{"if": f"({token})", "timeout": "Second-100"})
    assert refreshed.status_code == 200
    assert b"<d:lockroot><d:href>/dav/Plans/</d:href></d:lockroot>" in refreshed.content
    new = editor.send("LOCK", "Plans/notes/new.txt", LOCK, **{"if": f"({token})"})
    assert new.status_code == 423
    assert editor.put("Plans/notes/today.txt", b"x", **{"if": f"</dav/Plans> ({token})"}).status_code == 204
    found = editor.properties("", "{DAV:}lockdiscovery", depth="1")
    assert found["/dav/Plans/"]["{DAV:}lockdiscovery"] == "{DAV:}activelock"
    assert editor.send("UNLOCK", "Plans", lock_token=token).status_code == 204


def test_a_lock_makes_an_empty_file_in_a_mount(world: MountedSpace, editor: Dav) -> None:
    answer = editor.send("LOCK", "Plans/notes/new.txt", LOCK)
    assert answer.status_code == 201
    assert b"<d:href>/dav/Plans/notes/new.txt</d:href>" in answer.content
    assert "new.txt" in world.names("notes")


def test_dead_properties_are_those_of_the_folder(world: MountedSpace, editor: Dav, viewer: Dav) -> None:
    for path in ("Plans", "Plans/notes", "Plans/budget.txt"):
        answer = editor.send("PROPPATCH", path, update("<x:colour xmlns:x='urn:x'>red</x:colour>"))
        assert answer.status_code == 207
        assert b"200 OK" in answer.content
        ((_, found),) = viewer.properties(path, "{urn:x}colour").items()
        assert found == {"{urn:x}colour": "red"}
    listed = viewer.properties("", "{urn:x}colour", depth="1")
    assert listed["/dav/Plans/"] == {"{urn:x}colour": "red"}


def test_access_that_has_ended_is_404_at_once(world: MountedSpace, viewer: Dav) -> None:
    world.end(world.viewer)
    assert hrefs(viewer) == ["/dav/"]
    for method in ("GET", "PROPFIND", "DELETE"):
        assert viewer.send(method, "Plans/budget.txt", depth="infinity").status_code == 404
    assert viewer.put("Plans/new.txt").status_code in (404, 409)
    world.role(world.viewer, Role.VIEWER)
    assert hrefs(viewer) == ["/dav/", "/dav/Plans/"]


def test_a_listing_is_never_partial(world: MountedSpace, viewer: Dav) -> None:
    """nextcloud/desktop#1743."""
    put(actor_of(world.viewer), "own/a.txt")
    Space.objects.filter(pk=world.space.pk).update(root=None)
    for path, depth in (("", "1"), ("Plans", "0"), ("Plans", "1"), ("Plans/notes", "1")):
        answer = viewer.propfind(path, depth=depth)
        assert answer.status_code == 503, path
        assert answer["Retry-After"]
    assert viewer.send("GET", "own/a.txt").status_code == 200
    reconcile_mounts(world.viewer.pk)
    Space.objects.filter(pk=world.space.pk).update(root_id=world.root_id)
    assert hrefs(viewer) == ["/dav/", "/dav/own/", "/dav/Plans/"]
