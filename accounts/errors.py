"""The catalogue of what can go wrong with accounts. Codes are stable; nothing here knows HTTP."""

from django.utils.translation import gettext_lazy as _

from common.errors import CodedError


class AccountError(CodedError):
    """What only accounts and teams can get wrong."""

    code = "account_error"
    message = _("The account operation failed.")


class QuotaExceeded(AccountError):
    """`needed` and `free` are bytes; `whose` is "account" or "team"."""

    code = "quota_exceeded"
    message = _("There is not enough space left in the quota.")


class LimitReached(AccountError):
    """`what`: nodes, properties, uploads, locks or answers; `limit` how many, `whose` "account" or "team"."""

    code = "limit_reached"
    message = _("There are too many of these in the account. Remove some first.")


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
    code = "invalid_name"
    message = _("Give a name of 1 to 100 characters.")


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
    """`seats` is how many active people the team may have."""

    code = "team_full"
    message = _("The team has no free seat. An administrator can give it more.")


class SetupClosed(AccountError):
    code = "setup_closed"
    message = _("This set-up link is not valid, has expired, or was used.")
