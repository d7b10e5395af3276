"""What a person has filled in about a share."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Given, Subject
from http_kit import forms
from sharing.days import end_of
from sharing.errors import InvalidRequest
from sharing.roles import OFFERED

WHOLE_TEAM = "team"


@dataclass(frozen=True, slots=True)
class ShareForm:
    """As it was typed, so that the page shows it again."""

    email: str
    group: str
    role: str
    until: str
    message: str
    may_download: bool
    may_share: bool

    @classmethod
    def of(cls, data: QueryDict) -> "ShareForm":
        text = forms.text
        return cls(
            text(data, "email").strip(),
            text(data, "group"),
            text(data, "role") or Role.VIEWER,
            text(data, "until"),
            text(data, "message"),
            text(data, "no_download") != "1",
            text(data, "no_share") != "1",
        )

    def to(self, actor: Actor) -> Subject | str:
        """Raises InvalidRequest."""
        if self.email:
            return self.email
        if self.group == WHOLE_TEAM:
            return Subject(SubjectKind.TEAM, actor.team_id or 0)
        if not self.group:
            raise InvalidRequest(_("Say with whom: an e-mail address, a group or the whole team."))
        data = QueryDict(mutable=True)
        data["group"] = self.group
        return Subject(SubjectKind.GROUP, forms.one_id(data, "group"))

    @property
    def given(self) -> Given:
        """Raises InvalidRequest."""
        return Given(role_of(self.role), self.may_download, end_of(self.until), self.may_share)


def role_of(text: str) -> Role:
    if text not in OFFERED:
        raise InvalidRequest(_("There is no such role."), parameter="role")
    return Role(text)
