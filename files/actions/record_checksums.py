"""Checksums of a file that nobody has sent along with its bytes: computed by reading it, and kept."""

from accounts.actor import Actor
from accounts.unit_of_work import Lock, unit_of_work
from files import errors
from files.access.rights import Right
from files.blobs import checksums, reader
from files.models import Version
from files.queries.tree import LocatedNode, locate
from files.tree.writing import keep_checksums

ALGORITHMS = ("sha1", "md5", "sha256", "sha512", "adler32", "crc32")


def record_checksum(actor: Actor, *, place: LocatedNode, algorithm: str) -> str:
    """Hex. Reads the whole file, but once: what is known already is only told. Raises NotAFile, InvalidChecksum.

    It changes nothing that anybody sees but the checksum itself, which is true of the bytes: so whoever may read may.
    """
    version = place.shown.version
    if place.node.is_folder or version is None:
        raise errors.NotAFile(id=place.node.pk)
    if algorithm not in ALGORITHMS:
        raise errors.InvalidChecksum(algorithm=algorithm[:20])
    known = version.known_checksums.get(algorithm)
    if known is not None:
        return known
    digest = checksums.new(algorithm)
    for chunk in reader.read(version.content):
        digest.update(chunk)
    with unit_of_work(actor, Lock(Version, version.pk)) as actor:
        locate(actor, place.shown.pk).require(Right.DOWNLOAD)
        row = Version.objects.select_related("content").filter(pk=version.pk).first()
        if row is not None:
            keep_checksums(row, {algorithm: digest.hexdigest()})
    return digest.hexdigest()
