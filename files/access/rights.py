"""The table of rights and roles. Everything that decides, explains or shows what somebody may do reads it."""

from enum import IntFlag, StrEnum

from accounts.actor import READ, SHARE, WRITE


class Right(IntFlag):
    """What one may do with a node and with everything below it."""

    VIEW = 1  # see it in listings, with its properties
    DOWNLOAD = 2
    COMMENT = 4
    CREATE = 8  # put something new into a folder
    EDIT = 16  # new versions, names and places of what is there
    DELETE = 32  # into the trash; back from it together with CREATE in the folder there
    SHARE = 64  # give others rights that one has
    MANAGE = 128  # members, restrictions, purging, rewinding


NO_RIGHTS = Right(0)
ALL_RIGHTS = Right(255)
READING = Right.VIEW | Right.DOWNLOAD


class Role(StrEnum):
    """What a grant gives, from the least to the most."""

    UPLOADER = "uploader"
    VIEWER = "viewer"
    COMMENTER = "commenter"
    EDITOR = "editor"
    MANAGER = "manager"


_VIEWER = Right.VIEW | Right.DOWNLOAD
_COMMENTER = _VIEWER | Right.COMMENT
_EDITOR = _COMMENTER | Right.CREATE | Right.EDIT | Right.DELETE | Right.SHARE

RIGHTS: dict[str, Right] = {
    Role.UPLOADER: Right.CREATE,  # and sees nothing of it
    Role.VIEWER: _VIEWER,
    Role.COMMENTER: _COMMENTER,
    Role.EDITOR: _EDITOR,
    Role.MANAGER: ALL_RIGHTS,
}

# What the token or session of a user must allow besides: a token that may only read deletes nothing.
SCOPES: dict[Right, str] = {
    Right.VIEW: READ,
    Right.DOWNLOAD: READ,
    Right.COMMENT: WRITE,
    Right.CREATE: WRITE,
    Right.EDIT: WRITE,
    Right.DELETE: WRITE,
    Right.SHARE: SHARE,
    Right.MANAGE: WRITE,  # who manages a team or the members of a space needs ADMIN besides
}


def rights_of(role: str, *, can_download: bool = True, can_share: bool = True) -> Right:
    """Of one grant; a role that nobody knows gives nothing."""
    rights = RIGHTS.get(role, NO_RIGHTS)
    rights = rights if can_download else rights & ~Right.DOWNLOAD
    return rights if can_share else rights & ~Right.SHARE


def names_of(rights: Right) -> list[str]:
    """`["view", "download"]`: as clients read them, in the order of the table."""
    return [right.name.lower() for right in Right if right in rights and right.name]
