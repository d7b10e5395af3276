"""The catalogue of what can go wrong with files. Codes are stable; nothing here knows HTTP."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.errors import ScopeMissing as ScopeMissing
from common import paths
from common.errors import CodedError
from http_kit.errors import BodyTooSlow as BodyTooSlow
from http_kit.errors import InvalidChecksum as InvalidChecksum
from http_kit.errors import InvalidCursor as InvalidCursor
from http_kit.errors import InvalidRequest as InvalidRequest
from http_kit.errors import TooLarge as TooLarge
from http_kit.errors import TooMany as TooMany

NAME_REASONS = {
    "empty": _("A name cannot be empty."),
    "dot": _("A name cannot be “.” or “..”."),
    "slash": _("A name cannot have a slash in it."),
    "control": _("A name cannot have a NUL character in it."),
    "surrogate": _("The name is not valid Unicode."),
    "not_utf8": _("The name is not valid UTF-8."),
    "bidirectional": _("A new name cannot have characters in it that change the direction of text."),
    "too_long": _("The name is %(length)d characters long (as UTF-16); it may have at most %(limit)d."),
    "path_too_long": _("The path is %(length)d characters long; it may have at most %(limit)d."),
    "too_deep": _("The path is %(length)d folders deep; it may have at most %(limit)d levels."),
}


class FileError(CodedError):
    """What only files can get wrong."""

    code = "file_error"


class NotFound(FileError):
    """Also for what the actor may not know of."""

    code = "not_found"
    message = _("There is no such file or folder.")


class ParentNotFound(NotFound):
    code = "parent_not_found"
    message = _("The folder that this should go into does not exist.")


class SubjectNotFound(NotFound):
    """Does not exist, or is another team's: deliberately not said which."""

    code = "subject_not_found"
    message = _("There is no such person, group or team.")


class LastManager(FileError):
    code = "last_manager"
    message = _("A space keeps at least one manager.")


class Forbidden(FileError):
    code = "forbidden"
    message = _("You may see this, but you may not do that with it.")


class SpaceArchived(FileError):
    code = "space_archived"
    message = _("This space is archived: it can be read, and nothing in it changes until it is brought back.")


class InvalidName(FileError):
    """`reason`: see common.paths.InvalidName. The three that are about a measure have `limit` and `length`."""

    code = "invalid_name"
    message = _("That name cannot be used.")

    def __init__(self, reason: str, **detail: Any) -> None:
        super().__init__(NAME_REASONS[reason], reason=reason, **detail)

    @classmethod
    def of(cls, error: paths.InvalidName) -> "InvalidName":
        if error.limit is None:
            return cls(error.reason)
        return cls(error.reason, limit=error.limit, length=error.length)


class NameTaken(FileError):
    code = "name_taken"
    message = _("There is already something with that name.")


class NotAFolder(FileError):
    code = "not_a_folder"
    message = _("That is a file, not a folder.")


class NotAFile(FileError):
    code = "not_a_file"
    message = _("That is a folder, not a file.")


class VersionConflict(FileError):
    code = "version_conflict"
    message = _("The file has changed since the version that you started from.")


class PreconditionFailed(FileError):
    code = "precondition_failed"
    message = _("A condition of the request does not hold.")


class Locked(FileError):
    """`path` is that of the lock, `holder` the person's name, `expires_at` RFC 3339."""

    code = "locked"
    message = _("Somebody has locked this.")


class ChangesHeld(FileError):
    """The client has deleted, overwritten or renamed too much (files/tree/brake.py), and changes nothing until somebody
    lets it go on. `brake` is the id of what holds it.
    """

    code = "changes_held"
    message = _(
        "This program has deleted, overwritten or renamed very many files in a short time. It changes nothing until "
        "somebody who may decide it has allowed that, or has undone it, on the page “Held changes”."
    )


class LockTokenMismatch(FileError):
    code = "lock_token_mismatch"
    message = _("There is no such lock here.")


class MoveIntoItself(FileError):
    code = "move_into_itself"
    message = _("A folder cannot go into itself.")


class RootIsFixed(FileError):
    code = "root_is_fixed"
    message = _("The top folder of a space cannot be moved, renamed or deleted.")


class TooDeep(FileError):
    code = "too_deep"
    message = _("Folders cannot be nested that deep.")


class ChecksumMismatch(FileError):
    """Nothing was stored. `algorithm` says which checksum."""

    code = "checksum_mismatch"
    message = _("The bytes that arrived are not the ones that were announced.")


class LengthMismatch(FileError):
    """Fewer or more bytes arrived than announced. Nothing was stored."""

    code = "length_mismatch"
    message = _("The number of bytes that arrived is not the one that was announced.")


class UploadNotFound(NotFound):
    code = "upload_not_found"
    message = _("There is no such upload: it was finished, aborted, or it expired.")


class UploadEnded(FileError):
    """While its bytes arrived: by the person, a manager of the team or an administrator."""

    code = "upload_ended"
    message = _("Somebody has ended this upload. Nothing was stored.")


class UploadFinished(FileError):
    code = "upload_finished"
    message = _("The upload is finished already.")


class UploadIncomplete(FileError):
    """`missing` is a list of at most 100 `[offset, length]`."""

    code = "upload_incomplete"
    message = _("Pieces of the upload are missing.")


class OffsetConflict(FileError):
    """`offset` is where the upload goes on."""

    code = "offset_conflict"
    message = _("That is not where the upload goes on.")


class PieceOverlaps(FileError):
    code = "piece_overlaps"
    message = _("The piece overlaps one that is there already.")


class CursorReset(FileError):
    """The journal no longer reaches back to this cursor: list again from the start."""

    code = "cursor_reset"
    message = _("Start again from a new listing.")


class HistoryGone(FileError):
    code = "history_gone"
    message = _("What this would bring back is no longer kept.")


class MovedFileGone(FileError):
    """What was moved out of a space is nowhere in the team any more."""

    code = "moved_file_gone"
    message = _("What was moved out of this space has been permanently removed since. It cannot be taken back.")


class MemberNotRemoved(FileError):
    code = "member_not_removed"
    message = _("This person is still in the team. Remove them first, then hand over their files.")


class HomeEmpty(FileError):
    code = "home_empty"
    message = _("There are no files in this person's home.")


class StorageUnavailable(FileError):
    code = "storage_unavailable"
    message = _("The storage does not answer. Nothing was stored; try again.")


class StorageFull(FileError):
    code = "storage_full"
    message = _("The storage is full. Nothing was stored.")


class ContentDamaged(FileError):
    """The rows say one thing, the object store another: an operator has to look (`manage.py fsck`)."""

    code = "content_damaged"
    message = _("The content of this file cannot be read.")


class NoPool(FileError):
    code = "no_pool"
    message = _("No storage pool accepts new files.")


class NoPoolInRegion(NoPool):
    code = "no_pool_in_region"
    message = _("No storage pool of your team's region accepts new files.")


class RegionDiffers(FileError):
    """Bytes never leave the region of their team."""

    code = "region_differs"
    message = _("The two places belong to teams whose files are kept in different regions.")


class DirectUploadUnavailable(FileError):
    code = "direct_upload_unavailable"
    message = _("This storage does not take uploads directly.")


class Busy(FileError):
    code = "busy"
    message = _("Too many are waiting. Try again in a moment.")


class MountUnavailable(FileError):
    """A mount whose target cannot be found although it should be there. Nothing that it belongs to is listed without
    it: sync clients would delete what they have of it.
    """

    code = "mount_unavailable"
    message = _("Something shared in here cannot be opened at this moment.")


class MountStaysHome(FileError):
    """`path` is that of the mount."""

    code = "mount_stays_home"
    message = _("What is shared with you stays in your own files: it cannot go into another space, nor what holds it.")


class IdempotencyConflict(FileError):
    code = "idempotency_conflict"
    message = _("That idempotency key was used for another request.")
