"""Pages of webhooks: they are made, looked at, replayed and deleted without a script."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from sharing.models import Webhook
from sharing.web import webhooks as pages
from tests.sharing.hooked import hook, run, states
from tests.sharing.webhook_receiver import HttpReceiver
from tests.support.mounts import mounted_space
from tests.support.people import actor_of, make_member, sign_in
from tests.support.trees import put

pytestmark = pytest.mark.django_db
LIST = "/webhooks/"


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def test_a_life(browser: Client, actor: Actor, receiver: HttpReceiver) -> None:
    assert reverse("sharing:webhooks") == LIST
    assert "You have no webhooks yet." in browser.get(LIST).content.decode()
    fields = {"place": "home", "url": receiver.url, "description": "<b>wiki", "kinds": ["add"]}
    response = browser.post(LIST, fields)
    page = response.content.decode()
    assert response.context["secret"] in page
    assert "no-store" in response["Cache-Control"]
    row = Webhook.objects.get()
    one = reverse("sharing:webhook", args=[row.pk])
    assert response.context["secret"] not in browser.get(one).content.decode()
    receiver.says(500, b"<script>alert(1)</script>")
    put(actor, "a.txt")
    run()
    page = browser.get(one).content.decode()
    assert "&lt;b&gt;wiki" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "It has failed since" in page
    receiver.answer = None
    browser.post(f"{one}switch", {"on": "0"})
    assert "Switch on" in browser.get(one).content.decode()
    browser.post(f"{one}switch", {"on": "1"})
    assert browser.post(f"{one}test", follow=True).status_code == 200
    run()
    assert states(row) == ["delivered", "delivered"]
    delivery = row.deliveries.earliest("pk")
    page = browser.post(f"{one}replay", {"delivery": delivery.pk}, follow=True).content.decode()
    assert "1 delivery is sent again." in page
    assert "0 deliveries are sent again." in browser.post(f"{one}replay", {"hours": "24"}, follow=True).content.decode()
    assert browser.post(f"{one}secret").context["webhook"].old_secret_until is not None
    response = browser.post(one, {"url": "https://127.0.0.2:99/", "description": "x"})
    assert (response.status_code, "Webhooks are not sent to this port." in response.content.decode()) == (422, True)
    browser.post(one, {"url": "https://example.com/", "description": "other", "kinds": []})
    row.refresh_from_db()
    assert (row.url, row.description, row.kinds) == ("https://example.com/", "other", [])
    assert "Delete this webhook?" in browser.get(f"{one}delete/").content.decode()
    browser.post(f"{one}delete/")
    assert not Webhook.objects.exists()
    assert browser.get(one).status_code == 404


def test_the_log_in_pages(browser: Client, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    row = hook(actor).webhook
    for _ in range(5):
        row.deliveries.create(kind="test", state="failed", created_at=row.created_at)
    url, shown = reverse("sharing:webhook", args=[row.pk]), list[int]()
    while url:
        response = browser.get(url)
        shown += [entry["row"].pk for entry in response.context["log"]]
        url = response.context["next_url"]
    assert shown == sorted(row.deliveries.values_list("pk", flat=True), reverse=True)


def test_places_and_others(browser: Client, actor: Actor, user: User) -> None:
    user.membership.team.seats = 10
    user.membership.team.save()
    space = mounted_space(actor, "Plans")
    bob = make_member(user, name="Bob")
    theirs = Client()
    sign_in(theirs, bob)
    choices = [value for value, _ in browser.get(LIST).context["form"].fields["place"].choices]
    assert choices == ["home", str(space.pk), "team"]
    assert [value for value, _ in theirs.get(LIST).context["form"].fields["place"].choices] == ["home"]
    assert theirs.post(LIST, {"place": "team", "url": "https://example.com/"}).status_code == 422
    browser.post(LIST, {"place": str(space.pk), "url": "https://example.com/secret"})
    browser.post(LIST, {"place": "team", "url": "https://example.com/secret"})
    of_space, of_team = Webhook.objects.order_by("pk")
    assert (of_space.space, of_team.team_id) == (space, actor.team_id)
    assert theirs.get(reverse("sharing:webhook", args=[of_space.pk])).status_code == 404
    bob.membership.role = "admin"
    bob.membership.save()
    page = theirs.get(LIST, {"space": space.pk})
    assert [row.pk for row in page.context["others"]] == [of_space.pk]
    assert [row.pk for row in theirs.get(LIST).context["others"]] == [of_team.pk]
    text = theirs.get(reverse("sharing:webhook", args=[of_space.pk])).content.decode()
    assert "Send a test" not in text
    assert theirs.post(f"/webhooks/{of_space.pk}/test").status_code == 404
    theirs.post(f"/webhooks/{of_space.pk}/switch", {"on": "0"})
    of_space.refresh_from_db()
    assert not of_space.is_on
    assert theirs.get(LIST, {"space": "x"}).status_code == 400


def test_an_old_sign_in_is_asked_for_the_password(user: User, actor: Actor) -> None:
    row = hook(actor).webhook
    client = Client()
    sign_in(client, user, seconds_ago=100_000)
    for address, fields in (
        (LIST, {"place": "home", "url": "https://example.com/"}),
        (f"/webhooks/{row.pk}/secret", {}),
    ):
        response = client.post(address, fields)
        assert response.status_code == 302
        assert "reauthenticate" in response["Location"]
    assert Webhook.objects.count() == 1
    assert actor_of(user).user_id == row.user_id
