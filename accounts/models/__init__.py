"""People, teams, quotas, tokens. Order of dependency: user, team, group, policy, invitation, quota, token, audit,
throttle, setup, login flow, outgoing mail, support."""

from accounts.models.audit import AuditAnchor, AuditEvent, AuditHead, AuditKey, Origin
from accounts.models.credentials import AccessToken, LoginFlow, SetupLink, SignInThrottle, TokenKind
from accounts.models.group import Group, GroupMember
from accounts.models.invitation import Invitation, InvitationMail, OutgoingMail
from accounts.models.policy import Outside, TeamPolicy
from accounts.models.quota import QuotaAccount
from accounts.models.support import SupportAccess, SupportConsent, SupportEnd
from accounts.models.team import Membership, Role, Team
from accounts.models.user import User, UserManager

__all__ = [
    "AccessToken",
    "AuditAnchor",
    "AuditEvent",
    "AuditHead",
    "AuditKey",
    "Group",
    "GroupMember",
    "Invitation",
    "InvitationMail",
    "LoginFlow",
    "Membership",
    "Origin",
    "OutgoingMail",
    "Outside",
    "QuotaAccount",
    "Role",
    "SetupLink",
    "SignInThrottle",
    "SupportAccess",
    "SupportConsent",
    "SupportEnd",
    "Team",
    "TeamPolicy",
    "TokenKind",
    "User",
    "UserManager",
]
