"""What editors of a link do from its page, and reports of a link."""

import pytest

from accounts.models import AuditEvent, OutgoingMail, Role
from files.models import Node, TrashItem
from files.queries.tree import locate_path
from sharing.models import LinkRole
from tests.sharing.linked import SECRET, Linked
from tests.sharing.web.visiting import Visitor, code_of, links_in, text_of
from tests.support.people import make_member

pytestmark = pytest.mark.django_db


def test_an_editor_makes_renames_and_deletes(world: Linked) -> None:
    visitor, more = Visitor(world.link(role=LinkRole.EDITOR)), locate_path(world.actor, "Photos/more").node
    made = visitor.post(f"/{more.pk}/folders", {"name": "new"})
    assert made.status_code == 302
    assert "The folder was made." in text_of(visitor.client.get(made.headers["Location"]))
    new = Node.objects.get(name="new")
    assert visitor.post(f"/{new.pk}/rename", {"name": "newer"}).status_code == 302
    assert locate_path(world.actor, "Photos/more/newer").node.pk == new.pk
    taken = visitor.post(f"/{more.pk}/folders", {"name": "newer"})
    assert (taken.status_code, code_of(taken)) == (409, "name_taken")
    assert visitor.post(f"/{new.pk}/rename", {"name": "a/b"}).status_code == 400
    gone = visitor.post(f"/{new.pk}/delete")
    assert gone.headers["Location"].endswith(f"/{more.pk}?done=deleted")
    item = TrashItem.objects.get()
    assert (item.node_id, item.space.owner_id) == (new.pk, world.owner.pk)
    assert "set-cookie" not in {name.lower() for name in gone.headers}


def test_what_the_link_leads_to_stays(world: Linked) -> None:
    visitor = Visitor(world.link(role=LinkRole.EDITOR))
    for act, data in (("rename", {"name": "mine"}), ("delete", {})):
        answer = visitor.post(f"/{world.home.pk}/{act}", data)
        assert (answer.status_code, code_of(answer)) == (409, "root_is_fixed")
    assert not [found for found in links_in(visitor.get()) if found.endswith(("/rename", "/delete"))]


@pytest.mark.parametrize("role", [LinkRole.VIEWER, LinkRole.UPLOADER])
def test_others_change_nothing(world: Linked, role: LinkRole) -> None:
    visitor, sea = Visitor(world.link(role=role)), locate_path(world.actor, "Photos/sea.jpg").node
    for path, data in (
        (f"/{sea.pk}/rename", {"name": "x"}),
        (f"/{sea.pk}/delete", {}),
        (f"/{world.home.pk}/folders", {"name": "x"}),
    ):
        assert visitor.post(path, data).status_code in (403, 404), path
    assert locate_path(world.actor, "Photos/sea.jpg").node.pk == sea.pk
    assert not [found for found in links_in(visitor.get()) if found.endswith(("/rename", "/delete", "/folders"))]


def test_a_report_goes_to_who_answers_for_the_team(world: Linked) -> None:
    make_member(world.owner, role=Role.ADMIN, email="admin@example.com")
    link = world.link(password=SECRET, title="Win a prize")
    visitor, mails = Visitor(link), OutgoingMail.objects.count()
    assert visitor.get("/report").status_code == 200
    answer = visitor.post("/report", {"reason": "deception", "text": "They ask for\nmy bank"})
    assert "have been told" in text_of(answer)
    event = AuditEvent.objects.get(kind="link.report")
    assert event.detail == {"reason": "deception", "text": "They ask for\nmy bank"}
    assert (event.target, event.team_id, event.address) == (str(link.pk), world.owner.membership.team_id, "203.0.113.9")
    assert OutgoingMail.objects.count() == mails + 2
    visitor.post("/report", {"reason": "deception", "text": "again"})  # the same network, at once
    assert AuditEvent.objects.filter(kind="link.report").count() == 1


def test_reports_are_bounded(world: Linked) -> None:
    link, mails = world.link(), OutgoingMail.objects.count()
    for number in range(6):
        answer = Visitor(link, f"203.0.113.{number + 1}").post("/report", {"reason": "nonsense", "text": "x" * 5000})
        assert answer.status_code == 200
    events = AuditEvent.objects.filter(kind="link.report")
    assert {(event.detail["reason"], len(event.detail["text"])) for event in events} == {("other", 1000)}
    assert (events.count(), OutgoingMail.objects.count()) == (6, mails + 3)
    assert Visitor("nothing").post("/report", {"reason": "other"}).status_code == 404
    assert Visitor(link).post("/report", {}, sec_fetch_site="cross-site").status_code == 403
