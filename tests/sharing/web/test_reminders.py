"""Pages of reminders, without JavaScript."""

from files.actions.trash import trash_nodes
from sharing.models import Reminder
from tests.sharing.team import Team
from tests.sharing.web.test_shares import browser, text_of


def test_on_the_page_of_a_file_and_in_the_list(team: Team) -> None:
    ada, page = browser(team.ada), f"/files/{team.node('/Photos/sea.jpg').pk}/"
    assert "You have no reminders about this." in text_of(ada.get(page))
    assert "You have no reminders." in text_of(ada.get("/reminders/"))
    done = ada.post(f"{page}reminders/add", {"hours": "24", "note": "sign it", "next": page}, follow=True)
    assert done.redirect_chain == [(f"{page}#reminders", 302)]
    assert "You will be reminded." in text_of(done)
    assert "sign it" in text_of(done)
    listed = ada.get("/reminders/").content.decode()
    assert f'href="{page}">sea.jpg</a>' in listed
    assert ada.post(f"{page}reminders/add", {"hours": "7"}).status_code == 400
    wrong = ada.post(f"{page}reminders/add", {"hours": "1", "note": "x" * 201, "next": page}, follow=True)
    assert "A note is one line" in text_of(wrong)
    trash_nodes(team.actor, node_ids=[team.node().pk])
    assert "Something that you do not see at present" in text_of(ada.get("/reminders/"))
    address = f"/reminders/{Reminder.objects.get().pk}/remove"
    assert browser(team.bob).post(address).status_code == 404
    assert "The reminder was removed." in text_of(ada.post(address, {"next": "/reminders/"}, follow=True))
    assert not Reminder.objects.exists()
