"""manage.py createteam."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, Invitation, Membership, Team
from tests.support.mails import sent_mails
from tests.support.people import PASSWORD, make_member, make_user

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("createteam", *arguments, stdout=out)
    return out.getvalue()


def test_with_an_account_that_exists() -> None:
    user = make_user()
    assert user.email in run("Works", "--owner", user.email, "--seats", "20", "--quota", "10GB")
    team = Team.objects.get()
    assert (team.name, team.seats, team.quota.limit_bytes) == ("Works", 20, 10**10)
    event = AuditEvent.objects.get(kind="team.create")
    assert (event.client, event.team) == ("createteam", team)


def test_with_somebody_who_is_invited() -> None:
    assert "invited" in run("Works", "--owner", "boss@example.com", "--seats", "none")
    assert (Team.objects.get().seats, Invitation.objects.get().role) == (None, "owner")
    assert len(sent_mails("boss@example.com")) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Works", "--owner", "x"], "not a valid e-mail"),
        ([" ", "--owner", "boss@example.com"], "1 to 100"),
        (["Works", "--owner", "boss@example.com", "--seats", "many"], "no number of seats"),
        (["Works", "--owner", "boss@example.com", "--seats", "0"], "from 1"),
        (["Works", "--owner", "boss@example.com", "--quota", "big"], "not a size"),
        (["Works", "--owner", "boss@example.com", "--region", "mars"], "no active storage pool"),
        (["Works", "--owner", "ada@example.com"], "another team"),
    ],
)
def test_what_it_refuses(arguments: list[str], words: str) -> None:
    make_member(make_user("ada@example.com"))
    with pytest.raises(CommandError, match=words):
        run(*arguments)
    assert not Team.objects.filter(name="Works").exists()


def test_an_account_in_a_team(monkeypatch: pytest.MonkeyPatch) -> None:
    """For servers without mail."""
    owner = make_user()
    team = str(owner.membership.team_id)

    def create(email: str, *arguments: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
        call_command("createaccount", email, "--password-stdin", *arguments, stdout=io.StringIO())

    create("a@example.com", "--team", team)
    create("b@example.com", "--team", team, "--role", "admin")
    rows = Membership.objects.filter(team_id=owner.membership.team_id).order_by("pk")
    assert list(rows.values_list("user__email", "role")) == [
        (owner.email, "owner"),
        ("a@example.com", "member"),
        ("b@example.com", "admin"),
    ]
    with pytest.raises(CommandError, match="no such team"):
        create("c@example.com", "--team", "999999")


def test_without_mail_it_says_so(settings: object) -> None:
    settings.MAIL_IS_SENT = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="EMAIL_URL"):
        run("Works", "--owner", "boss@example.com")
