"""Pages of shares, without JavaScript: forms that are filled in and sent."""

import re

import pytest
from django.test import Client

from accounts.models import User
from common.clock import now
from files.access.rights import Role
from files.actions.mounts import reconcile_all
from files.models import Grant
from sharing.models import Transfer, WaitingShare
from tests.sharing.team import Team
from tests.support.people import make_user, sign_in
from tests.support.trees import put


def browser(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


@pytest.fixture
def ada(team: Team) -> Client:
    return browser(team.ada)


def text_of(answer: object) -> str:
    html = getattr(answer, "content").decode()  # noqa: B009
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_first_it_says_what_it_opens_and_then_it_shares(team: Team, ada: Client) -> None:
    page = f"/files/{team.node().pk}/share/"
    assert f'href="{page}"' in ada.get(f"/files/{team.node().pk}/").content.decode()
    assert "It is not shared with anybody itself." in text_of(ada.get(page))
    form = {"email": "bob@example.com", "role": "editor", "until": "2099-03-01", "message": "Look\nhere"}
    shown = ada.post(page, {**form, "step": "look"})
    assert "What this share opens" in text_of(shown)
    assert "4 files and folders" in text_of(shown)
    assert not Grant.objects.exists()
    done = ada.post(page, {**form, "step": "share"}, follow=True)
    assert "“Photos” is shared with Bob now." in text_of(done)
    grant = Grant.objects.get()
    assert (grant.role, grant.user) == ("editor", team.bob)
    assert grant.expires_at is not None
    assert grant.expires_at.isoformat() == "2099-03-02T00:00:00+00:00"
    assert 'value="2099-03-01"' in done.content.decode()  # the last day, as it was chosen
    assert "They may do all of that already." in text_of(ada.post(page, {**form, "role": "viewer", "step": "look"}))
    again = ada.post(page, {**form, "step": "share"})
    assert "This is shared with them already." in text_of(again)


def test_groups_the_team_and_an_address_of_nobody(team: Team, ada: Client) -> None:
    page, group = f"/files/{team.node().pk}/share/", team.group(team.bob, team.carl)
    assert "For 2 people, of whom 0 reach it already." in text_of(ada.post(page, {"group": group.pk, "step": "look"}))
    ada.post(page, {"group": group.pk, "role": "viewer", "step": "share"})
    assert Grant.objects.get().group == group
    ada.post(page, {"group": "team", "role": "viewer", "step": "share"})
    assert Grant.objects.filter(team=team.ada.membership.team).exists()
    shown = text_of(ada.post(page, {"email": "dora@example.com", "step": "look"}))
    assert "Nobody in your team has the address dora@example.com" in shown
    done = ada.post(page, {"email": "dora@example.com", "step": "share"}, follow=True)
    assert "dora@example.com is invited." in text_of(done)
    assert "invited, has not come yet" in text_of(done)
    assert WaitingShare.objects.count() == 1


def test_what_is_wrong_is_said_with_the_form(team: Team, ada: Client) -> None:
    page = f"/files/{team.node().pk}/share/"
    for form, words in (
        ({}, "Say with whom"),
        ({"email": "x"}, "address"),
        ({"group": "9999"}, "There is no such person, group or team."),
        ({"email": "bob@example.com", "role": "king"}, "There is no such role."),
        ({"email": "bob@example.com", "until": "soon"}, "That is no day."),
        ({"email": "bob@example.com", "until": "2001-01-01", "step": "share"}, "would have ended already"),
        ({"email": "ada@example.com", "step": "share"}, "It is theirs already."),
    ):
        answer = ada.post(page, {"step": "look", **form})
        assert answer.status_code == 200, form
        assert words in text_of(answer), form
    assert "<script>" not in ada.post(page, {"email": "<script>", "message": "<script>"}).content.decode()
    assert not Grant.objects.exists()


def test_changing_and_ending(team: Team, ada: Client) -> None:
    page, made = f"/files/{team.node().pk}/share/", team.share(team.bob)
    form = {"role": "editor", "until": "", "next": page}
    assert "The share with Bob has changed." in text_of(ada.post(f"/shares/{made.id}/change", form, follow=True))
    assert Grant.objects.get().role == "editor"
    asked = ada.get(f"/shares/{made.id}/end")
    assert "They lose that at once" in text_of(asked)
    assert Grant.objects.exists()
    ended = ada.post(f"/shares/{made.id}/end", {"next": page}, follow=True)
    assert "“Photos” is no longer shared so." in text_of(ended)
    assert not Grant.objects.exists()


def test_saving_a_row_as_it_is_keeps_its_very_end(team: Team, ada: Client) -> None:
    end = now().replace(year=2099, hour=10, minute=30)
    made = team.share(team.bob, expires_at=end)
    until = (end).date().isoformat()
    ada.post(f"/shares/{made.id}/change", {"role": "editor", "until": until})
    assert Grant.objects.get().expires_at == end
    ada.post(f"/shares/{made.id}/change", {"role": "editor", "until": ""})
    assert Grant.objects.get().expires_at is None


def test_shared_with_me_and_by_me(team: Team, ada: Client) -> None:
    bob = browser(team.bob)
    assert "Nothing is shared with you." in text_of(bob.get("/shared/"))
    assert "You have not shared anything." in text_of(ada.get("/shared/by-me/"))
    made = team.share(team.bob)
    shown = text_of(bob.get("/shared/"))
    assert "Photos" in shown
    assert "shared by Ada Lovelace" in shown
    assert "with Bob" in text_of(ada.get("/shared/by-me/"))
    assert "Leave this share?" in text_of(bob.get(f"/shares/{made.id}/end"))
    bob.post(f"/shares/{made.id}/end")
    assert not Grant.objects.exists()


def test_pages_of_many(team: Team, ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharing.web.shares.PAGE_SIZE", 2)
    for number in range(3):
        put(team.actor, f"Map {number}/a.txt")
        team.share(team.bob, path=f"/Map {number}")
    html = ada.get("/shared/by-me/").content.decode()
    (following,) = re.findall(r'href="(\?cursor=[^"]+)"', html)
    assert "Map 0" in ada.get(f"/shared/by-me/{following}").content.decode()
    assert "Map 0" not in html
    assert ada.get("/shared/by-me/?cursor=x").status_code == 400


def test_who_has_access(team: Team, ada: Client) -> None:
    team.share(team.group(team.carl))
    team.share(team.bob, Role.EDITOR, path="/Photos/2026")
    shown = text_of(ada.get(f"/files/{team.node('/Photos/2026').pk}/access/"))
    for words in ("Ada Lovelace", "It is theirs.", "Group Builders", "Shared with the folder /Photos.", "Shared here."):
        assert words in shown
    reconcile_all()
    carl = text_of(browser(team.carl).get(f"/files/{team.node().pk}/access/"))
    assert "Who else reaches it is shown to those who may share it." in carl
    assert "change it (nobody has given you that)" in carl
    assert "Bob" not in carl
    bob = text_of(browser(team.bob).get(f"/files/{team.node('/Photos/2026').pk}/access/"))
    assert "Shared with a folder above." in bob
    assert "/Photos" not in bob


def test_strangers_and_those_who_may_not(team: Team) -> None:
    made, node_id = team.share(team.bob), team.node().pk
    eve, carl, bob = browser(make_user("eve@example.org")), browser(team.carl), browser(team.bob)
    for other in (eve, carl):
        for address in (f"/files/{node_id}/share/", f"/files/{node_id}/access/", f"/shares/{made.id}/end"):
            assert other.get(address).status_code == 404
            assert other.post(address, {"email": "eve@example.org", "step": "share"}).status_code in (404, 405)
        assert other.post(f"/shares/{made.id}/change", {"role": "editor"}).status_code == 404
    assert bob.get(f"/files/{node_id}/share/").status_code == 403
    assert bob.post(f"/shares/{made.id}/change", {"role": "editor"}).status_code == 403
    assert (Grant.objects.get().role, Grant.objects.count()) == ("viewer", 1)
    for address in ("/shared/", "/shared/by-me/", f"/files/{node_id}/share/"):
        assert Client().get(address).status_code == 302


def test_giving_it_away(team: Team, ada: Client) -> None:
    node_id, bob = team.node().pk, browser(team.bob)
    page = f"/files/{node_id}/share/"
    assert "Give it away" in text_of(ada.get(page))
    team.share(team.bob, Role.EDITOR)
    assert "Give it away" not in text_of(bob.get(page))
    given = ada.post(f"/files/{node_id}/give", {"email": "bob@example.com", "keeps": "viewer"}, follow=True)
    assert "belongs to bob@example.com as soon as they accept" in text_of(given)
    assert "You offer it to Bob" in text_of(ada.get("/shared/"))
    assert "Ada Lovelace offers it to you" in text_of(bob.get("/shared/"))
    transfer = Transfer.objects.get().pk
    assert browser(team.carl).post(f"/transfers/{transfer}/answer", {"accept": "1"}).status_code == 404
    assert "“Photos” is yours now." in text_of(bob.post(f"/transfers/{transfer}/answer", {"accept": "1"}, follow=True))
    assert Grant.objects.get().user == team.ada
    assert ada.post(f"/files/{node_id}/give", {"email": "bob@example.com"}).status_code == 403


def test_declining_and_withdrawing(team: Team, ada: Client) -> None:
    for person in (browser(team.bob), ada):
        ada.post(f"/files/{team.node().pk}/give", {"email": "bob@example.com"})
        answer = person.post(f"/transfers/{Transfer.objects.get().pk}/answer", {"accept": "0"}, follow=True)
        assert "The offer has ended." in text_of(answer)
    assert not Transfer.objects.exists()
