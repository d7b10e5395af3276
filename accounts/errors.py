"""The catalogue of what can go wrong with accounts. Codes are stable; nothing here knows HTTP."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.errors import CodedError


class AccountError(CodedError):
    """What only accounts and teams can get wrong."""

    code = "account_error"
    message = _("The account operation failed.")


class QuotaExceeded(AccountError):
    """`needed` and `free` are bytes; `whose` is "account", "team" or "space", of which `free` is not told."""

    code = "quota_exceeded"
    message = _("There is not enough space left in the quota.")
    account_id: int | None = None  # of the QuotaAccount, which no client is told


class LimitReached(AccountError):
    """`what`: nodes, properties, uploads, answers, groups or spaces; `limit` how many, `whose` "account" or "team"."""

    code = "limit_reached"
    message = _("There are too many of these already. Remove some first.")


# Who is asking.


class NotAuthenticated(AccountError):
    code = "not_authenticated"
    message = _("Sign in, or send an access token.")


class InvalidCredentials(AccountError):
    """A wrong, expired or revoked secret, or an account that is not active: deliberately not said which."""

    code = "invalid_credentials"
    message = _("The credentials are not valid.")


class SecondFactorRequired(AccountError):
    code = "second_factor_required"
    message = _("This account has a second factor: use an app password (Settings, Devices) instead of the password.")


class TooManyAttempts(AccountError):
    """`retry_after` is whole seconds."""

    code = "too_many_attempts"
    message = _("Too many failed attempts. Wait before the next one.")


class ReauthenticationRequired(AccountError):
    """The session is older than PROOF_LIFETIME: its person types the password, or a code, once more."""

    code = "reauthentication_required"
    message = _("Confirm that it is you: enter your password again, then repeat this.")


class TooManyRequests(AccountError):
    """This account has as many requests of this kind under way as one may have. `limit` is their number."""

    code = "too_many_requests"
    message = _("Too many requests of this account at once. Wait for one to finish.")


class CsrfFailed(AccountError):
    code = "csrf_failed"
    message = _("The CSRF token is missing or wrong.")


# What they may do.


class ScopeMissing(AccountError):
    """`scope` is the one that the token lacks."""

    code = "scope_missing"
    message = _("This access token does not have the scope for that.")


class NotAllowed(AccountError):
    code = "not_allowed"
    message = _("You do not have the right to do that.")


class AccountNotFound(AccountError):
    """Does not exist, or is another tenant's: deliberately not said which."""

    code = "account_not_found"
    message = _("There is no such account.")


class TokenNotFound(AccountError):
    code = "token_not_found"
    message = _("There is no such access token.")


class LoginFlowNotFound(AccountError):
    """Unknown, expired, denied, fetched, or not granted yet: deliberately not said which."""

    code = "login_flow_not_found"
    message = _("There is no such login, it has expired, or it was used.")


# What they sent.


class InvalidEmail(AccountError):
    code = "invalid_email"
    message = _("This is not a valid e-mail address.")


class EmailTaken(AccountError):
    code = "email_taken"
    message = _("An account with this e-mail address exists already.")


class PasswordRefused(AccountError):
    """`reasons` is a list of sentences from the password validators."""

    code = "password_refused"
    message = _("The password is too weak.")


class UnknownScope(AccountError):
    """`scope` is the unknown one; none at all is refused too."""

    code = "unknown_scope"
    message = _("The scopes are read, write, share and admin; give at least one.")


class ScopeTooWide(AccountError):
    """`scope` is the one that the acting token does not have itself."""

    code = "scope_too_wide"
    message = _("An access token cannot make one that may do more than itself.")


class InvalidExpiry(AccountError):
    code = "invalid_expiry"
    message = _("The expiry must be in the future.")


class InvalidName(AccountError):
    """Of teams and groups `reason` says why: blank, too_long (`limit`, `length`), character (`character`)."""

    code = "invalid_name"
    message = _("Give a name of 1 to 100 characters.")

    def __init__(self, message: "str | Promise | None" = None, **detail: Any) -> None:
        if message is None and detail.get("reason") == "character":
            message = _("A name has no control characters and none that change the direction of text.")
        super().__init__(message, **detail)


class InvalidQuota(AccountError):
    code = "invalid_quota"
    message = _("A quota is a number of bytes, zero or more, or none for no limit.")


class UnknownRole(AccountError):
    code = "unknown_role"
    message = _("The roles are owner, admin and member.")


class LastOwner(AccountError):
    code = "last_owner"
    message = _("A team keeps at least one owner who can sign in.")


class TeamFull(AccountError):
    """`seats` is how many active people the team may have; open invitations count. With `stopped`: as many stopped
    accounts wait as there are seats.
    """

    code = "team_full"
    message = _("The team has no free seat. An administrator can give it more.")


class InvalidSeats(AccountError):
    code = "invalid_seats"
    message = _("Seats are a number from 1 to 1000000, or none for no limit.")


class UnknownRegion(AccountError):
    """`region` is the one that no active pool is in."""

    code = "unknown_region"
    message = _("There is no active storage pool in this region.")


class TeamNotFound(AccountError):
    code = "team_not_found"
    message = _("There is no such team.")


class InAnotherTeam(AccountError):
    """An account that cannot leave its team. `reason`: people (it is not alone there), spaces (the team has shared
    spaces), uploads (some are under way in its home). Only the person and administrators are told.
    """

    code = "in_another_team"
    message = _(
        "This account belongs to another team, which has other people. Use another e-mail address, or let an owner "
        "of that team remove the account first."
    )


# Invitations and groups.


class AlreadyMember(AccountError):
    code = "already_member"
    message = _("This person is in the team already; if the account was stopped, let it in again.")


class AlreadyInvited(AccountError):
    """`invitation` is the id of the open one, which can be sent again."""

    code = "already_invited"
    message = _("There is an open invitation for this address. Send it again, or withdraw it.")


class InvitationNotFound(AccountError):
    """Unknown, expired, withdrawn, answered, or replaced by a later mail: deliberately not said which."""

    code = "invitation_not_found"
    message = _("There is no such invitation, it has expired, or it was used.")


class InvitedAddressDiffers(AccountError):
    code = "invited_address_differs"
    message = _("The invitation is for another e-mail address than those of this account.")


class TooManyInvitations(AccountError):
    """`whose` "team" or "address"; `retry_after` is whole seconds."""

    code = "too_many_invitations"
    message = _("Too many invitations were sent today. Wait before the next one.")


class MailUnavailable(AccountError):
    code = "mail_unavailable"
    message = _("This server cannot send invitations: its administrator has to set EMAIL_URL and BASE_URL.")


class GroupNotFound(AccountError):
    """Does not exist, or is another team's: deliberately not said which."""

    code = "group_not_found"
    message = _("There is no such group.")


class GroupExists(AccountError):
    code = "group_exists"
    message = _("The team has a group with this name already.")


class SetupClosed(AccountError):
    code = "setup_closed"
    message = _("This set-up link is not valid, has expired, or was used.")


# An administrator acts as a person.


class SupportNotFound(AccountError):
    """Does not exist, or is nothing that the actor may know of: deliberately not said which."""

    code = "support_not_found"
    message = _("There is no such support access.")


class SupportEnded(AccountError):
    """The session was acting as somebody else, and may not any more: deliberately not as oneself instead."""

    code = "support_ended"
    message = _("The support access has ended. Nothing was done.")


class SupportReadOnly(AccountError):
    code = "support_read_only"
    message = _("You act as somebody else, and may only look: nothing was changed.")


class SupportNotAllowed(AccountError):
    """What is never done in somebody else's place: whatever concerns sign-in, tokens, sharing, people and policies."""

    code = "support_not_allowed"
    message = _("Nobody can do this in somebody else's place. End the support access first.")


class SupportNotNow(AccountError):
    """`state` is what it is now: asked, consented, running, over."""

    code = "support_not_now"
    message = _("The support access was answered, used or ended meanwhile.")


class SupportNeedsSession(AccountError):
    code = "support_needs_session"
    message = _("Sign in with a browser: no access token or password of a client can act as somebody else.")


class SupportRunning(AccountError):
    code = "support_running"
    message = _("You act as somebody else already. End that first.")


class SupportOpen(AccountError):
    """`access` is the id of the one that is open."""

    code = "support_open"
    message = _("You have asked this person already. Withdraw that, or wait for the answer.")


class TooManySupportRequests(AccountError):
    """`whose` "administrator" or "person", `limit` of a day, or of open ones (`open`); `retry_after` whole seconds."""

    code = "too_many_support_requests"
    message = _("Too many support accesses were asked for. Wait before the next one.")


class InvalidSupportRequest(AccountError):
    """`parameter` is what is wrong: reason or minutes."""

    code = "invalid_support_request"
    message = _("Give a reason of 1 to 500 characters, and from 5 to 240 minutes.")


# Policies of a team.


class InvalidPolicy(AccountError):
    """`parameter` is the setting that is wrong."""

    code = "invalid_policy"
    message = _("A policy of the team cannot be that.")


class PolicyWouldEnd(AccountError):
    """`endings` is how many of what, by kind; `confirmation` is what says that this was read."""

    code = "policy_would_end"
    message = _("This change ends what exists. Look at what it is, and confirm it.")


class AgainstPolicy(AccountError):
    """`rule` is the setting of the team's policy; `parameter` what of the request is against it, if it is one."""

    code = "against_policy"
    message = _("A policy of the team does not allow this.")


class SecondFactorSetupRequired(AccountError):
    """`due_at`: since when clients of who has none are refused, for programs; pages lead there at once."""

    code = "second_factor_setup_required"
    message = _("Your team asks for a second factor: sign in with a browser and set one up (Settings, Second factor).")
