"""Pages of comments, without JavaScript: forms that are filled in and sent."""

import pytest
from django.test import Client

from files.access.rights import Role
from sharing.actions import comments as actions
from sharing.models import Comment
from tests.sharing.team import Team
from tests.sharing.web.test_shares import browser, text_of

SEA = "/Photos/sea.jpg"


@pytest.fixture
def ada(team: Team) -> Client:
    return browser(team.ada)


def test_on_the_page_of_a_file(team: Team, ada: Client) -> None:
    page = f"/files/{team.node(SEA).pk}/"
    assert "No comments yet: be the first." in text_of(ada.get(page))
    form = {"text": "<b>Nice</b>,\r\n@bob@example.com", "next": page}
    done = ada.post(f"{page}comments/add", form, follow=True)
    assert done.redirect_chain == [(f"{page}#comments", 302)]
    assert "Your comment is there." in text_of(done)
    html = done.content.decode()
    assert '&lt;b&gt;Nice&lt;/b&gt;,\n<strong class="mention">@Bob</strong></p>' in html
    assert "No comments yet" not in html
    comment = Comment.objects.get()
    edit, delete = f"/comments/{comment.pk}/edit", f"/comments/{comment.pk}/delete"
    assert f'href="{edit}"' in html
    assert f'href="{delete}"' in html
    shown = ada.get(edit, headers={"Referer": f"http://testserver{page}"}).content.decode()
    assert "\n@bob@example.com</textarea>" in shown
    assert f'value="{page}#comments"' in shown
    done = ada.post(edit, {"text": "Better", "next": f"{page}#comments"}, follow=True)
    assert done.redirect_chain == [(f"{page}#comments", 302)]
    assert "edited" in text_of(done)
    asked = text_of(ada.get(delete))
    assert "Delete this comment?" in asked
    assert "Better" in asked
    assert Comment.objects.exists()
    assert "The comment is deleted." in text_of(ada.post(delete, follow=True))
    assert not Comment.objects.exists()


def test_what_is_wrong_is_said_with_the_text(team: Team, ada: Client) -> None:
    comment = actions.add_comment(team.actor, node_id=team.node(SEA).pk, text="x")
    answer = ada.post(f"/comments/{comment.pk}/edit", {"text": "y" * 4_001})
    assert "A comment has at most 4000 characters." in text_of(answer).replace(",", "")
    assert "y" * 4_001 in answer.content.decode()
    assert "Write something first." in text_of(ada.post(f"/comments/{comment.pk}/edit", {"text": " "}))
    comment.refresh_from_db()
    assert comment.text == "x"


def test_what_a_viewer_is_shown(team: Team) -> None:
    team.share(team.bob, Role.VIEWER)
    comment = actions.add_comment(team.actor, node_id=team.node(SEA).pk, text="For @carl@example.com")
    bob, page = browser(team.bob), f"/files/{team.node(SEA).pk}/"
    shown = bob.get(page).content.decode()
    assert "For <strong" in shown
    assert "Your comment" not in shown
    assert f"/comments/{comment.pk}/" not in shown
    assert bob.post(f"{page}comments/add", {"text": "x"}).status_code == 403
    for what in ("edit", "delete"):
        assert bob.get(f"/comments/{comment.pk}/{what}").status_code == 403
        assert bob.post(f"/comments/{comment.pk}/{what}", {"text": "x"}).status_code == 403
    carl = browser(team.carl)
    addresses = (f"{page}comments/", f"/comments/{comment.pk}/edit", f"/comments/{comment.pk}/delete")
    assert {carl.get(address).status_code for address in addresses} == {404}
    assert "No comments yet." in text_of(bob.get(f"/files/{team.node('/Photos').pk}/comments/"))


def test_pages_of_a_folder_and_a_former_member(team: Team, ada: Client) -> None:
    node_id = team.node().pk
    for number in range(51):
        Comment.objects.create(node_id=node_id, author=None, text=f"number {number}, @user:1")
    page = f"/files/{node_id}/comments/"
    first = ada.get(page).content.decode()
    assert "A former member" in first
    assert "@a former member</strong>" in first
    assert "number 0," not in first
    cursor = first.partition('href="?cursor=')[2].partition('"')[0]
    assert "number 0," in ada.get(f"{page}?cursor={cursor}").content.decode()
    assert "/edit" not in first
