"""People, teams, quotas, tokens. Order of dependency: user, team, quota, token, audit, throttle, setup."""

from accounts.models.audit import AuditEvent
from accounts.models.quota import QuotaAccount
from accounts.models.setup import SetupLink
from accounts.models.team import Membership, Role, Team
from accounts.models.throttle import SignInThrottle
from accounts.models.token import AccessToken
from accounts.models.user import User, UserManager

__all__ = [
    "AccessToken",
    "AuditEvent",
    "Membership",
    "QuotaAccount",
    "Role",
    "SetupLink",
    "SignInThrottle",
    "Team",
    "User",
    "UserManager",
]
