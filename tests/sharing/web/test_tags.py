"""Pages of tags, without JavaScript."""

from files.access.rights import Role
from sharing.models import NodeTag
from tests.sharing.team import Team
from tests.sharing.web.test_shares import browser, text_of


def test_on_the_page_of_a_file_and_what_has_one(team: Team) -> None:
    ada, page = browser(team.ada), f"/files/{team.node('/Photos/sea.jpg').pk}/"
    assert "No tags yet." in text_of(ada.get(page))
    assert "Nothing that you see has a tag." in text_of(ada.get("/tags/"))
    done = ada.post(f"{page}tags/add", {"tag": "to sign", "next": page}, follow=True)
    assert done.redirect_chain == [(f"{page}#tags", 302)]
    assert 'href="/tags/?tag=to%20sign">to sign</a>' in done.content.decode()
    assert 'href="?tag=to%20sign">to sign</a>' in ada.get("/tags/").content.decode()
    found = ada.get("/tags/", {"tag": "To Sign"}).content.decode()
    assert f'href="{page}">sea.jpg</a>' in found
    assert "Nothing that you see has this tag." in text_of(ada.get("/tags/", {"tag": "other"}))
    assert "A tag is a word" in text_of(ada.post(f"{page}tags/add", {"tag": "a,b", "next": page}, follow=True))
    folder = team.node().pk
    assert f'href="/files/{folder}/comments/"' in ada.get(f"/files/{folder}/").content.decode()
    assert "No tags yet." in text_of(ada.get(f"/files/{folder}/comments/"))
    bob = browser(team.bob)
    assert "to sign" not in bob.get("/tags/").content.decode()
    assert bob.post(f"{page}tags/remove", {"tag": "to sign"}).status_code == 404
    team.share(team.bob, Role.VIEWER)
    shown = bob.get(page).content.decode()
    assert "to sign</a>" in shown
    assert "tags/remove" not in shown
    assert bob.post(f"{page}tags/add", {"tag": "x"}).status_code == 403
    ada.post(f"{page}tags/remove", {"tag": "TO sign", "next": page})
    assert not NodeTag.objects.exists()
