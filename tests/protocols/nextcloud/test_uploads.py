"""Chunked upload, version 2."""

import hashlib
import random
from typing import Any
from xml.etree import ElementTree

import pytest

from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from common.content_hash import BLOCK_SIZE, hash_bytes
from files.actions.uploads import expire_uploads
from files.blobs import chunk_places, piece_digests
from files.maintenance.fsck import Finding, run_fsck
from files.models import Extent, Node, Upload, UploadPiece
from tests.support.clients import Nextcloud
from tests.support.people import actor_of, make_user
from tests.support.trees import bytes_at, ledger, put

pytestmark = pytest.mark.django_db
DATA = random.Random(1).randbytes(300_000)


@pytest.fixture
def user(settings: Any) -> User:
    settings.STORAGE_URL = f"memory://{random.random()}"  # a storage of its own, of which fsck knows every object
    return make_user("ada@example.com")


def base(client: Nextcloud) -> str:
    return f"/remote.php/dav/uploads/{client.id}"


def to(client: Nextcloud, path: str) -> str:
    return f"/remote.php/dav/files/{client.id}/{path}"


def listed(client: Nextcloud, url: str, depth: str = "1") -> dict[str, str | None]:
    """Length by href."""
    answer = client.send("PROPFIND", url, depth=depth)
    assert answer.status_code == 207
    found = {}
    for response in ElementTree.fromstring(answer.content).iter("{DAV:}response"):
        lengths = [element.text for element in response.iter("{DAV:}getcontentlength")]
        found[str(response.findtext("{DAV:}href"))] = lengths[0] if lengths else None
    return found


def begin(client: Nextcloud, name: str = "up", **headers: str) -> str:
    url = f"{base(client)}/{name}"
    assert client.send("MKCOL", url, **headers).status_code == 201
    return url


def move(client: Nextcloud, url: str, path: str = "a.bin", **headers: str) -> Any:
    headers.setdefault("destination", to(client, path))
    return client.send("MOVE", f"{url}/.file", **headers)


def no_finding() -> None:
    findings: list[Finding] = []
    run_fsck(hashes=True, on_finding=findings.append)
    assert findings == []


def test_a_file_in_chunks(user: User, client: Nextcloud) -> None:
    url = begin(client, oc_total_length=str(len(DATA)))
    assert ledger(user) == Charge(uploads=len(DATA))
    for number, start in enumerate(range(0, len(DATA), 100_000), 1):
        assert client.send("PUT", f"{url}/{number:05d}", DATA[start : start + 100_000]).status_code == 201
    assert not Node.objects.filter(name="a.bin").exists()
    checksum = hashlib.sha1(DATA).hexdigest()
    answer = move(client, url, oc_total_length=str(len(DATA)), oc_checksum=f"SHA1:{checksum}", x_oc_mtime="1700000000")
    assert answer.status_code == 201
    node = Node.objects.get(name="a.bin")
    assert answer.headers["ETag"] == answer.headers["OC-ETag"] == node.etag
    assert answer.headers["OC-FileId"].startswith(f"{node.pk:08d}")
    assert answer.headers["X-OC-MTime"] == "accepted"
    assert node.modified_at.timestamp() == 1_700_000_000
    assert bytes_at(actor_of(user), "a.bin") == DATA
    assert node.version is not None
    assert node.version.known_checksums == {"sha1": checksum}
    assert node.version.content.content_hash == hash_bytes(DATA)
    assert ledger(user) == Charge(live=len(DATA))
    no_finding()


def test_finishing_copies_nothing(user: User, client: Nextcloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of Nextcloud's size, which end in the middle of blocks: every digest is there already."""
    data = random.Random(2).randbytes(2 * BLOCK_SIZE + 1_000_000)
    url = begin(client, oc_total_length=str(len(data)))
    for number, start in enumerate(range(0, len(data), 3_000_000), 1):
        assert client.send("PUT", f"{url}/{number}", data[start : start + 3_000_000]).status_code == 201

    def no_reading(*arguments: Any) -> None:
        raise AssertionError("bytes were read again")

    monkeypatch.setattr(piece_digests, "read_parts", no_reading)
    assert move(client, url).status_code == 201
    monkeypatch.undo()
    assert bytes_at(actor_of(user), "a.bin") == data
    assert Extent.objects.count() == -(-len(data) // 3_000_000)


@pytest.mark.parametrize("order", [[1, 2, 3], [3, 2, 1], [2, 3, 1], [3, 1, 2]])
@pytest.mark.parametrize(
    "names",
    [
        ["1", "2", "3"],
        ["9", "10", "11"],
        ["0000000000000000", "0000000000000001", "0000000000000002"],
        ["000000000000000-000000000100000", "000000000100000-000000000200000", "000000000200000-000000000300000"],
        ["0", "100000", "200000"],
        ["part-a", "part-b", "part-c"],
    ],
)
def test_names_say_the_order(user: User, client: Nextcloud, names: list[str], order: list[int]) -> None:
    url = begin(client)
    for number in order:
        part = DATA[(number - 1) * 100_000 : number * 100_000]
        assert client.send("PUT", f"{url}/{names[number - 1]}", part).status_code == 201
    assert ledger(user) == Charge(uploads=len(DATA))
    assert move(client, url, oc_checksum=f"MD5:{hashlib.md5(DATA).hexdigest()}").status_code == 201
    assert bytes_at(actor_of(user), "a.bin") == DATA


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_said_of_places_the_names_decide(
    user: User, client: Nextcloud, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks of all sizes, in any order, some twice with other bytes, some taken back, with offsets that are lies."""
    monkeypatch.setattr(chunk_places, "BLOCK_SIZE", 1000)
    for module in ("files.blobs.hashing", "files.blobs.piece_digests"):
        monkeypatch.setattr(f"{module}.BLOCK_SIZE", 1000)
    monkeypatch.setattr("files.blobs.piece_digests.block_count", lambda size: max(0, -(-size // 1000)))
    seen: dict[str, bytes] = {}
    monkeypatch.setattr("files.actions.finish_upload.whole_hash", lambda digests: _remember(seen, digests))
    chance = random.Random(seed)
    url, parts = begin(client), dict[int, bytes]()
    sizes = [chance.choice([0, 1, 400, 999, 1000, 2500, 7000]) for _ in range(12)]
    for _ in range(60):
        number, headers = chance.randrange(1, 12), {}
        data = chance.randbytes(sizes[number])
        if seed % 2:  # the truth, so that what is replaced lies beside what stays
            headers["oc_chunk_offset"] = str(sum(sizes[1:number]))
        elif chance.random() < 0.5:
            data = chance.randbytes(chance.choice(sizes))
            headers["oc_chunk_offset"] = str(chance.choice([0, 1000, chance.randrange(30_000), 10**15]))
        if chance.random() < 0.1 and parts.get(number):
            assert client.send("DELETE", f"{url}/{number}").status_code == 204
            del parts[number]
        else:
            assert client.send("PUT", f"{url}/{number}", data, **headers).status_code in (201, 204)
            parts[number] = data
        if chance.random() < 0.05:  # an attempt to finish that is refused: what was arranged must not stay as a lie
            assert move(client, url, oc_total_length="999999999").status_code == 400
    whole = b"".join(parts[number] for number in sorted(parts))
    held = {f"{url}/{number}": str(len(data)) for number, data in parts.items() if data}
    assert {href: size for href, size in listed(client, url).items() if size} == held
    assert ledger(user) == Charge(uploads=len(whole))
    assert move(client, url, oc_checksum=f"SHA256:{hashlib.sha256(whole).hexdigest()}").status_code == 201
    assert bytes_at(actor_of(user), "a.bin") == whole
    blocks = [whole[start : start + 1000] for start in range(0, len(whole), 1000)]
    assert seen["digests"] == [hashlib.sha256(block).digest() for block in blocks]
    assert ledger(user) == Charge(live=len(whole))


def _remember(seen: dict[str, Any], digests: dict[int, bytes]) -> str:
    seen["digests"] = [digests[index] for index in sorted(digests)]
    return hashlib.sha256(b"".join(seen["digests"])).hexdigest()


def test_what_has_arrived_is_listed_so_that_a_client_goes_on(client: Nextcloud) -> None:
    url = begin(client)
    client.send("PUT", f"{url}/00001", b"abc")
    client.send("PUT", f"{url}/00003", b"defgh")
    assert listed(client, url) == {f"{url}/": None, f"{url}/00001": "3", f"{url}/00003": "5"}
    assert listed(client, url, "0") == {f"{url}/": None}
    assert listed(client, f"{url}/00003", "0") == {f"{url}/00003": "5"}
    assert listed(client, base(client)) == {f"{base(client)}/": None, f"{url}/": None}


def test_the_same_chunk_again_takes_the_place_of_the_first(user: User, client: Nextcloud) -> None:
    url = begin(client)
    assert client.send("PUT", f"{url}/1", b"first, and longer").status_code == 201
    assert client.send("PUT", f"{url}/1", b"second").status_code == 204
    assert client.send("PUT", f"{url}/2", b" chunk").status_code == 201
    assert ledger(user) == Charge(uploads=12)
    assert UploadPiece.objects.count() == 2
    assert move(client, url).status_code == 201
    assert bytes_at(actor_of(user), "a.bin") == b"second chunk"


def test_a_chunk_with_a_wrong_checksum_leaves_what_was_there(user: User, client: Nextcloud) -> None:
    url = begin(client)
    client.send("PUT", f"{url}/1", b"right")
    wrong = client.send("PUT", f"{url}/1", b"other", oc_checksum=f"SHA1:{hashlib.sha1(b'x').hexdigest()}")
    assert wrong.status_code == 400
    assert b"<s:message>" in wrong.content
    assert move(client, url).status_code == 201
    assert bytes_at(actor_of(user), "a.bin") == b"right"


def test_a_wrong_checksum_or_length_of_the_whole_leaves_nothing_and_may_be_tried_again(
    user: User, client: Nextcloud
) -> None:
    url = begin(client)
    client.send("PUT", f"{url}/1", DATA)
    assert move(client, url, oc_checksum="SHA1:" + "0" * 40).status_code == 400
    assert move(client, url, oc_checksum="SHA1:zz").status_code == 400
    assert move(client, url, oc_total_length=str(len(DATA) + 1)).status_code == 400
    assert move(client, url, oc_total_length="many").status_code == 400
    assert not Node.objects.filter(name="a.bin").exists()
    assert move(client, url, oc_total_length=str(len(DATA))).status_code == 201
    assert bytes_at(actor_of(user), "a.bin") == DATA


def test_an_empty_file(user: User, client: Nextcloud) -> None:
    url = begin(client)
    assert move(client, url, oc_total_length="0").status_code == 201
    assert bytes_at(actor_of(user), "a.bin") == b""


def test_over_a_file_and_its_conditions(user: User, client: Nextcloud) -> None:
    old = put(actor_of(user), "a.bin", b"old")
    url = begin(client)
    client.send("PUT", f"{url}/1", b"new")
    assert move(client, url, if_match='"other"').status_code == 412
    assert move(client, url, overwrite="F").status_code == 412
    assert move(client, url, if_none_match="*").status_code == 412
    assert bytes_at(actor_of(user), "a.bin") == b"old"
    answer = move(client, url, if_match=old.node.etag)
    assert answer.status_code == 204
    assert Node.objects.get(name="a.bin").pk == old.node.pk
    assert bytes_at(actor_of(user), "a.bin") == b"new"


def test_a_lost_answer_is_given_again(user: User, client: Nextcloud) -> None:
    url = begin(client)
    client.send("PUT", f"{url}/1", b"abc")
    first = move(client, url)
    assert (first.status_code, move(client, url).status_code) == (201, 204)
    assert move(client, url).headers["ETag"] == first.headers["ETag"]
    assert move(client, url, "b.bin").status_code == 404
    assert not Node.objects.filter(name="b.bin").exists()
    for method, address in (("PROPFIND", url), ("DELETE", url), ("DELETE", f"{url}/1"), ("PUT", f"{url}/1")):
        assert client.send(method, address, depth="1").status_code == 404
    assert begin(client) == url  # the name is free again
    client.send("PUT", f"{url}/1", b"xyz")
    assert move(client, url, "b.bin").status_code == 201
    assert bytes_at(actor_of(user), "b.bin") == b"xyz"


def test_given_up(user: User, client: Nextcloud) -> None:
    url = begin(client, oc_total_length="1000")
    client.send("PUT", f"{url}/1", b"abc")
    assert client.send("DELETE", f"{url}/2").status_code == 404
    assert client.send("DELETE", f"{url}/1").status_code == 204
    assert listed(client, url) == {f"{url}/": None}
    assert client.send("DELETE", url).status_code == 204
    assert ledger(user) == Charge()
    assert not Upload.objects.exists()
    for method in ("DELETE", "PROPFIND"):
        assert client.send(method, url, depth="1").status_code == 404
    assert client.send("PUT", f"{url}/1", b"abc").status_code == 404
    assert move(client, url).status_code == 404


def test_expired(user: User, client: Nextcloud) -> None:
    url = begin(client)
    client.send("PUT", f"{url}/1", b"abc")
    Upload.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert client.send("PUT", f"{url}/2", b"abc").status_code == 404
    assert client.send("MKCOL", url).status_code == 201
    assert expire_uploads() == 1
    assert ledger(user) == Charge()


def test_other_people_s_uploads_do_not_exist(client: Nextcloud) -> None:
    other = Nextcloud(make_user("eve@example.com"))
    url = begin(client)
    client.send("PUT", f"{url}/1", b"secret")
    for method, address in (("PROPFIND", url), ("PUT", f"{url}/2"), ("DELETE", f"{url}/1"), ("DELETE", url)):
        assert other.send(method, address, b"x" if method == "PUT" else b"", depth="1").status_code == 404
    own = url.replace(base(client), base(other))
    assert move(other, own).status_code == 404
    assert other.send("MKCOL", url).status_code == 404
    assert other.send("MKCOL", own).status_code == 201  # the same name is another upload
    assert move(other, own, destination=to(client, "stolen.bin")).status_code == 404
    client.send("PUT", f"{url}/2", b"!")
    assert move(client, url, destination=to(other, "given.bin")).status_code == 404
    assert not Node.objects.filter(name__in=["stolen.bin", "given.bin"]).exists()


def test_the_address_may_have_the_e_mail_address(user: User, client: Nextcloud) -> None:
    url = "/remote.php/dav/uploads/ada%40example.com/up"
    assert client.send("MKCOL", url).status_code == 201
    assert client.send("PUT", f"{url}/1", b"abc").status_code == 201
    answer = move(client, url, destination="http://testserver/remote.php/dav/files/ada%40example.com/a%20b.bin")
    assert answer.status_code == 201
    assert bytes_at(actor_of(user), "a b.bin") == b"abc"
    other = begin(client, "second")
    client.send("PUT", f"{other}/1", b"abc")
    assert move(client, other, destination="/remote.php/webdav/c.bin").status_code == 201


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ("", 400),
        ("/remote.php/dav/uploads/1/x", 502),
        ("http://evil.example/remote.php/webdav/a.bin", 502),
        ("/remote.php/webdav/a.bin#x", 400),
        ("/remote.php/webdav/missing/a.bin", 409),
        ("/remote.php/webdav/..", 400),
        ("/remote.php/webdav/", 400),
        ("/remote.php/webdav/%ff", 400),
        ("/remote.php/webdav/a%2F..%2Fb", 400),
        ("/remote.php/webdav/folder", 405),
    ],
)
def test_destinations_that_are_none(user: User, client: Nextcloud, destination: str, status: int) -> None:
    put(actor_of(user), "folder/b", b"x")
    url = begin(client)
    client.send("PUT", f"{url}/1", b"abc")
    assert move(client, url, destination=destination).status_code == status
    assert ledger(user) == Charge(live=1, uploads=3)


def test_quota(user: User, client: Nextcloud) -> None:
    QuotaAccount.objects.filter(user=user).update(limit_bytes=1000)
    assert client.send("MKCOL", f"{base(client)}/up", oc_total_length="1001").status_code == 507
    url = begin(client)
    assert client.send("PUT", f"{url}/1", b"x" * 600).status_code == 201
    full = client.send("PUT", f"{url}/2", b"x" * 600)
    assert full.status_code == 507
    assert b"InsufficientStorage" in full.content
    assert client.send("PUT", f"{url}/1", b"x" * 900).status_code in (204, 507)
    assert ledger(user).uploads <= 1000


def test_more_than_was_announced_is_refused(user: User, client: Nextcloud) -> None:
    url = begin(client, oc_total_length="5")
    assert client.send("PUT", f"{url}/1", b"abc").status_code == 201
    assert client.send("PUT", f"{url}/2", b"defg").status_code == 413
    assert move(client, url).status_code == 400
    assert client.send("PUT", f"{url}/2", b"de").status_code == 201
    assert ledger(user) == Charge(uploads=5)
    assert move(client, url).status_code == 201
    assert ledger(user) == Charge(live=5)


def test_limits(client: Nextcloud, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MAX_UPLOAD_SIZE = 10
    monkeypatch.setattr("files.actions.chunks.MAXIMUM_CHUNKS", 3)
    assert client.send("MKCOL", f"{base(client)}/big", oc_total_length="11").status_code == 413
    url = begin(client)
    assert client.send("PUT", f"{url}/1", b"x" * 11).status_code == 413
    assert client.send("PUT", f"{url}/1", b"x" * 6).status_code == 201
    assert client.send("PUT", f"{url}/2", b"x" * 6).status_code == 413
    for number in (2, 3):
        assert client.send("PUT", f"{url}/{number}", b"x").status_code == 201
    assert client.send("PUT", f"{url}/4", b"x").status_code == 403
    assert client.send("PUT", f"{url}/3", b"y").status_code == 204


def test_what_is_no_chunk(user: User, client: Nextcloud) -> None:
    url = begin(client)
    assert client.send("MKCOL", url).status_code == 405
    assert client.send("MKCOL", f"{base(client)}/other", b"<x/>").status_code == 415
    assert client.send("PUT", f"{url}/.file", b"x").status_code == 405
    assert client.send("PUT", f"{url}/1/2", b"x").status_code == 404
    assert client.send("PUT", f"{url}/1", b"x", content_range="bytes 0-0/9").status_code == 400
    assert client.send("GET", f"{url}/1").status_code == 405
    assert client.send("MOVE", f"{url}/1", destination=to(client, "a")).status_code == 403
    assert client.send("PROPFIND", url, b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", depth="1").status_code == 400
    assert client.send("PUT", f"{base(client)}/unknown/1", b"x").status_code == 404
    assert not UploadPiece.objects.exists()


def test_rights(user: User) -> None:
    assert Nextcloud(None).send("MKCOL", f"/remote.php/dav/uploads/{user.pk}/up").status_code == 401
    reader_only = Nextcloud(user, "read")
    assert reader_only.send("MKCOL", f"{base(reader_only)}/up").status_code == 403
    writer = Nextcloud(user)
    url = begin(writer)
    writer.send("PUT", f"{url}/1", b"x")
    for method, address in (("PUT", f"{url}/2"), ("MOVE", f"{url}/.file"), ("DELETE", url), ("PROPFIND", url)):
        answer = reader_only.send(method, address, destination=to(writer, "a"), depth="1")
        assert answer.status_code == 403, method
