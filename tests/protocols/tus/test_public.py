"""tus through a link: what its page does, resumed after any break, and nothing for anybody else."""

from typing import Any

import pytest

from files.models import Node, Pool, Upload
from files.queries.tree import locate_path
from sharing.actions.links import revoke_link
from sharing.models import Link, LinkRole, Naming
from sharing.queries.deliveries import new_secret, receipt_of
from tests.files.conftest import pool  # noqa: F401
from tests.sharing.linked import Linked, linked_world
from tests.support.clients import PIECE, Tus, metadata, problem
from tests.support.trees import bytes_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(pool: Pool) -> Linked:  # noqa: F811
    return linked_world()


class Sender(Tus):
    def __init__(self, link: Link | str) -> None:
        super().__init__()
        self.prefix = f"/s/{link if isinstance(link, str) else link.token}/send/tus/"

    def begin(self, length: int, data: bytes = b"", /, **said: str) -> Any:
        more = {"content_type": PIECE} if data else {}
        meta = metadata(**{"filename": "letter.doc", **said})
        return self.send("POST", self.prefix, data, upload_length=str(length), upload_metadata=meta, **more)


def test_in_pieces_with_a_receipt(world: Linked) -> None:
    link, secret = world.link(role=LinkRole.UPLOADER, naming=Naming.SENDER), new_secret()
    sender = Sender(link)
    begun = sender.begin(6, sender="Ada", delivery=secret)
    assert begun.status_code == 201, begun.content
    address = begun.headers["Location"]
    assert address.startswith(sender.prefix)
    assert sender.patch(address, 0, b"abc").headers["Upload-Offset"] == "3"
    assert sender.head(address).headers["Upload-Offset"] == "3"
    done = sender.patch(address, 3, b"def")
    assert (done.status_code, done.headers["Upload-Offset"]) == (204, "6")
    assert "X-Node-Id" not in done.headers
    assert sender.head(address).headers["Upload-Offset"] == "6"
    assert bytes_at(world.actor, "Photos/Ada - letter.doc") == b"abcdef"
    receipt = receipt_of(link.token, secret)
    assert (receipt.sender, [(file.name, file.size) for file in receipt.files]) == ("Ada", [("Ada - letter.doc", 6)])
    link.refresh_from_db()
    assert link.uploads == 1


def test_two_of_a_name_at_once(world: Linked) -> None:
    """Both are begun before one of them ends."""
    sender = Sender(world.link(role=LinkRole.UPLOADER))
    first, second = (sender.begin(3, filename="sea.jpg").headers["Location"] for _ in range(2))
    assert sender.patch(first, 0, b"one").status_code == sender.patch(second, 0, b"two").status_code == 204
    assert [bytes_at(world.actor, f"Photos/{name}") for name in ("sea.jpg", "sea (2).jpg", "sea (3).jpg")] == [
        b"sea", b"one", b"two",
    ]  # fmt: skip


def test_another_link_does_not_meet_them(world: Linked) -> None:
    one, other = Sender(world.link(role=LinkRole.UPLOADER)), Sender(world.link(role=LinkRole.UPLOADER))
    address = one.begin(6).headers["Location"]
    theirs = other.prefix + address.rpartition("/")[2]
    assert problem(other.head(theirs))[0] if other.head(theirs).content else other.head(theirs).status_code == 404
    assert problem(other.patch(theirs, 0, b"abc")) == (404, "upload_not_found")
    assert problem(other.send("DELETE", theirs)) == (404, "upload_not_found")
    person = Tus(world.owner)
    assert problem(person.patch("/tus/" + address.rpartition("/")[2], 0, b"abc")) == (404, "upload_not_found")
    assert Upload.objects.get().link_id is not None


def test_who_may_not(world: Linked) -> None:
    file = locate_path(world.actor, "Photos/sea.jpg").node
    assert problem(Sender(world.link()).begin(3, b"abc")) == (403, "forbidden")
    assert problem(Sender(world.link(file, role=LinkRole.EDITOR)).begin(3, b"abc"))[1] == "not_a_folder"
    assert problem(Sender("nonsense").begin(3, b"abc")) == (404, "link_not_found")
    assert problem(Sender(world.link(role=LinkRole.UPLOADER, password="sea and sand")).begin(3)) == (
        401, "link_password_required",
    )  # fmt: skip
    sender = Sender(world.link(role=LinkRole.UPLOADER))
    assert problem(sender.begin(3, filename="../a"))[1] == "invalid_name"
    assert problem(sender.send("POST", sender.prefix, upload_length="3", upload_concat="partial"))[1] == "forbidden"
    assert sender.send("POST", sender.prefix, upload_length="3", origin="https://evil.example").status_code == 403
    assert Upload.objects.count() == 0


def test_a_revoked_link_ends_what_was_begun(world: Linked) -> None:
    link = world.link(role=LinkRole.UPLOADER)
    sender = Sender(link)
    address = sender.begin(6).headers["Location"]
    revoke_link(world.actor, link_id=link.pk)
    assert problem(sender.patch(address, 0, b"abcdef")) == (404, "link_not_found")
    assert not Node.objects.filter(name="letter.doc").exists()


def test_a_link_has_as_many_open_uploads_as_an_account(world: Linked, settings: Any) -> None:
    settings.ACCOUNT_UPLOADS = 2
    sender = Sender(world.link(role=LinkRole.UPLOADER))
    assert [sender.begin(6).status_code for _ in range(3)] == [201, 201, 413]


def test_an_editor_says_the_folder(world: Linked) -> None:
    sender, more = Sender(world.link(role=LinkRole.EDITOR)), locate_path(world.actor, "Photos/more").node
    assert sender.begin(3, b"abc", filename="x", folder=str(more.pk)).status_code == 201
    assert bytes_at(world.actor, "Photos/more/x") == b"abc"
    root = locate_path(world.actor, "").node
    assert problem(sender.begin(3, b"abc", folder=str(root.pk))) == (404, "not_found")
