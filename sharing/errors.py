"""The catalogue of what can go wrong with sharing. Codes are stable; nothing here knows HTTP."""

from django.utils.translation import gettext_lazy as _

from common.errors import CodedError
from files.errors import Forbidden as Forbidden
from files.errors import InvalidRequest as InvalidRequest
from files.errors import NotFound as NotFound
from files.errors import TooMany as TooMany


class SharingError(CodedError):
    """What only sharing can get wrong."""

    code = "sharing_error"
    message = _("That could not be shared.")


# Links: what visitors are told.


class LinkNotFound(SharingError):
    """Unknown, revoked, or of something that is gone for good: deliberately not said which."""

    code = "link_not_found"
    message = _("There is no such link, or it was revoked.")


class LinkExpired(SharingError):
    code = "link_expired"
    message = _("This link has expired.")


class LinkClosed(SharingError):
    """Of a file request: its deadline, and the time after it, have passed."""

    code = "link_closed"
    message = _("This file request has ended. It takes no more files.")


class LinkUsedUp(SharingError):
    code = "link_used_up"
    message = _("This link has been used for as many downloads as its owner allowed.")


class LinkPaused(SharingError):
    """Who made it may not share this at present, or is gone: whoever manages the folder can take the link over."""

    code = "link_paused"
    message = _("This link is paused, because the person who made it may not share this any more.")


class LinkAgainstPolicy(SharingError):
    """The team that it comes from does not allow such links at present."""

    code = "link_against_policy"
    message = _("This link is paused: the team that it comes from does not allow links of this kind at present.")


class LinkTargetInTrash(SharingError):
    """It opens again when the file or folder is restored."""

    code = "link_target_in_trash"
    message = _("What this link leads to is in the trash. The link opens again when its owner restores it.")


class LinkPasswordRequired(SharingError):
    code = "link_password_required"
    message = _("This link is protected by a password.")


class LinkPasswordWrong(SharingError):
    code = "link_password_wrong"
    message = _("This is not the password of this link.")


class LinkSignInRequired(SharingError):
    code = "link_sign_in_required"
    message = _("Sign in to open this link.")


class LinkNotForYou(SharingError):
    """It is for people of another team."""

    code = "link_not_for_you"
    message = _("This link is only for people of the team that it comes from.")


# Links: what their owners are told.


class LinkAddressTaken(SharingError):
    """`address` is the one that another link has."""

    code = "link_address_taken"
    message = _("Another link has this address.")


# Shares.


class AlreadyShared(SharingError):
    """`share` is the id of the one that is there."""

    code = "already_shared"
    message = _("This is shared with them already. Change that share instead.")


class NotInTeam(SharingError):
    """Said of an address only to who may share with the people of the team."""

    code = "not_in_team"
    message = _("Nobody in your team has this address. An owner or admin of the team can invite them.")
