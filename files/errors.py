"""The catalogue of what can go wrong with files. Codes are stable; nothing here knows HTTP.

Each door has one table from codes to its own answers, and a test fails when a code is missing from one.
"""

from typing import Any

from common import paths

NAME_REASONS = {
    "empty": "A name cannot be empty.",
    "dot": "A name cannot be “.” or “..”.",
    "slash": "A name cannot have a slash in it.",
    "control": "A name cannot have a NUL character in it.",
    "surrogate": "The name is not valid Unicode.",
    "not_utf8": "The name is not valid UTF-8.",
    "bidirectional": "A new name cannot have characters in it that change the direction of text.",
    "too_long": "The name is %(length)d characters long (as UTF-16); it may have at most %(limit)d.",
    "path_too_long": "The path is %(length)d characters long; it may have at most %(limit)d.",
    "too_deep": "The path is %(length)d folders deep; it may have at most %(limit)d levels.",
}


class FileError(Exception):
    """`detail` holds plain values for a machine: never a secret, never a path of the server."""

    code = "file_error"
    message = "The operation failed."

    def __init__(self, message: str | None = None, **detail: Any) -> None:
        super().__init__(message or self.message)
        self.detail = detail


class NotFound(FileError):
    """Also for what the actor may not know of."""

    code = "not_found"
    message = "There is no such file or folder."


class ParentNotFound(NotFound):
    code = "parent_not_found"
    message = "The folder that this should go into does not exist."


class Forbidden(FileError):
    code = "forbidden"
    message = "You may see this, but you may not do that with it."


class ScopeMissing(FileError):
    code = "scope_missing"
    message = "The token does not have the scope that this needs."


class InvalidName(FileError):
    """`reason`: see common.paths.InvalidName. The three that are about a measure have `limit` and `length`."""

    code = "invalid_name"
    message = "That name cannot be used."

    def __init__(self, reason: str, **detail: Any) -> None:
        super().__init__(NAME_REASONS[reason] % detail, reason=reason, **detail)

    @classmethod
    def of(cls, error: paths.InvalidName) -> "InvalidName":
        if error.limit is None:
            return cls(error.reason)
        return cls(error.reason, limit=error.limit, length=error.length)


class NameTaken(FileError):
    code = "name_taken"
    message = "There is already something with that name."


class NotAFolder(FileError):
    code = "not_a_folder"
    message = "That is a file, not a folder."


class NotAFile(FileError):
    code = "not_a_file"
    message = "That is a folder, not a file."


class VersionConflict(FileError):
    code = "version_conflict"
    message = "The file has changed since the version that you started from."


class PreconditionFailed(FileError):
    code = "precondition_failed"
    message = "A condition of the request does not hold."


class Locked(FileError):
    """`path` is that of the lock, `holder` the person's name, `expires_at` RFC 3339."""

    code = "locked"
    message = "Somebody has locked this."


class LockTokenMismatch(FileError):
    code = "lock_token_mismatch"
    message = "There is no such lock here."


class MoveIntoItself(FileError):
    code = "move_into_itself"
    message = "A folder cannot go into itself."


class RootIsFixed(FileError):
    code = "root_is_fixed"
    message = "The top folder of a space cannot be moved, renamed or deleted."


class TooDeep(FileError):
    code = "too_deep"
    message = "Folders cannot be nested that deep."


class TooMany(FileError):
    code = "too_many"
    message = "That is too many at once."


class TooLarge(FileError):
    """`limit` in bytes."""

    code = "too_large"
    message = "That is larger than allowed."


class BodyTooSlow(FileError):
    """`seconds` is what a body of its kind may take."""

    code = "body_too_slow"
    message = "The body did not arrive in time."


class ChecksumMismatch(FileError):
    """Nothing was stored. `algorithm` says which checksum."""

    code = "checksum_mismatch"
    message = "The bytes that arrived are not the ones that were announced."


class InvalidChecksum(FileError):
    code = "invalid_checksum"
    message = "That checksum is malformed or of an unknown algorithm."


class LengthMismatch(FileError):
    """Fewer or more bytes arrived than announced. Nothing was stored."""

    code = "length_mismatch"
    message = "The number of bytes that arrived is not the one that was announced."


class UploadNotFound(NotFound):
    code = "upload_not_found"
    message = "There is no such upload: it was finished, aborted, or it expired."


class UploadEnded(FileError):
    """While its bytes arrived: by the person, a manager of the team or an administrator."""

    code = "upload_ended"
    message = "Somebody has ended this upload. Nothing was stored."


class UploadFinished(FileError):
    code = "upload_finished"
    message = "The upload is finished already."


class UploadIncomplete(FileError):
    """`missing` is a list of at most 100 `[offset, length]`."""

    code = "upload_incomplete"
    message = "Pieces of the upload are missing."


class OffsetConflict(FileError):
    """`offset` is where the upload goes on."""

    code = "offset_conflict"
    message = "That is not where the upload goes on."


class PieceOverlaps(FileError):
    code = "piece_overlaps"
    message = "The piece overlaps one that is there already."


class InvalidRequest(FileError):
    code = "invalid_request"
    message = "The request is not valid."


class InvalidCursor(FileError):
    code = "invalid_cursor"
    message = "The cursor is not valid here."


class CursorReset(FileError):
    """The journal no longer reaches back to this cursor: list again from the start."""

    code = "cursor_reset"
    message = "Start again from a new listing."


class HistoryGone(FileError):
    code = "history_gone"
    message = "What this would bring back is no longer kept."


class StorageUnavailable(FileError):
    code = "storage_unavailable"
    message = "The storage does not answer. Nothing was stored; try again."


class StorageFull(FileError):
    code = "storage_full"
    message = "The storage is full. Nothing was stored."


class ContentDamaged(FileError):
    """The rows say one thing, the object store another: an operator has to look (`manage.py fsck`)."""

    code = "content_damaged"
    message = "The content of this file cannot be read."


class NoPool(FileError):
    code = "no_pool"
    message = "No storage pool accepts new files."


class NoPoolInRegion(NoPool):
    code = "no_pool_in_region"
    message = "No storage pool of your team's region accepts new files."


class RegionDiffers(FileError):
    """Bytes never leave the region of their team."""

    code = "region_differs"
    message = "The two places belong to teams whose files are kept in different regions."


class DirectUploadUnavailable(FileError):
    code = "direct_upload_unavailable"
    message = "This storage does not take uploads directly."


class Busy(FileError):
    code = "busy"
    message = "Too many are waiting. Try again in a moment."


class Overloaded(FileError):
    code = "overloaded"
    message = "The server has too many uploads in hand. Try again in a moment."


class IdempotencyConflict(FileError):
    code = "idempotency_conflict"
    message = "That idempotency key was used for another request."
