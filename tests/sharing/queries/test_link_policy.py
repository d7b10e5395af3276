"""Policies of a team for links: who may make them, that they are asked whenever a link opens, and what a tighter one
says before.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.members import change_role
from accounts.actions.policies import change_policy
from accounts.errors import AgainstPolicy, PolicyWouldEnd
from accounts.models import AuditEvent, TeamPolicy, User
from accounts.policies import Preview
from accounts.queries import policy_preview
from accounts.unit_of_work import look_again
from common.clock import now
from files.access.rights import Role
from sharing import errors
from sharing.actions.links import change_link
from sharing.models import Audience, Link, LinkRole
from sharing.queries.link_access import closes_at, find_link, renewed
from sharing.queries.links import LinkState, get_link
from tests.sharing.linked import SECRET, Linked, give, opened
from tests.support.people import actor_of, make_user
from tests.support.threads import at_once
from tests.support.trees import put

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OFF: dict[str, Any] = {"link_password_required": False, "link_expiry_required": False, "link_longest_days": None}


def preview_of(world: Linked, **changes: Any) -> Preview:
    return policy_preview(world.actor, changes=changes)


def set_policy(world: Linked, **changes: Any) -> TeamPolicy:
    """As somebody who reads what it ends, and confirms it."""
    confirmation = preview_of(world, **changes).confirmation
    return change_policy(world.actor, changes=changes, confirmation=confirmation)


def counts(world: Linked, **changes: Any) -> Mapping[str, int]:
    return preview_of(world, **changes).counts


def of_space(world: Linked, by: User, **settings: Any) -> Link:
    return world.link(world.plans, by, **settings)


def made_before(link: Link, age: timedelta) -> Link:
    Link.objects.filter(pk=link.pk).update(created_at=now() - age)
    return find_link(link.token)


def state_of(world: Linked, link: Link) -> LinkState:
    return get_link(world.actor, link.pk).state


def rule_of(error: "pytest.ExceptionInfo[AgainstPolicy]") -> tuple[str, str]:
    return error.value.detail["rule"], error.value.detail["parameter"]


def test_nobody_shares_outside(world: Linked) -> None:
    link, inside = world.link(), world.link(audience=Audience.TEAM)
    signed_in = world.link(audience=Audience.SIGNED_IN)
    actor = opened(link).actor
    set_policy(world, external_links="nobody")
    with pytest.raises(errors.LinkAgainstPolicy):
        opened(link)
    with pytest.raises(errors.LinkAgainstPolicy):
        look_again(actor)  # what is under way: a download, a long poll
    with pytest.raises(errors.LinkAgainstPolicy):
        opened(signed_in, actor_of(make_user()))
    assert opened(inside, actor_of(world.other)).place.node == world.home
    assert [state_of(world, one) for one in (link, inside)] == [LinkState.AGAINST_POLICY, LinkState.OPEN]
    with pytest.raises(AgainstPolicy) as refused:
        world.link()
    assert rule_of(refused) == ("external_links", "audience")
    assert world.link(audience=Audience.TEAM).pk
    set_policy(world, external_links="everybody")
    assert opened(link).place.node == world.home
    assert look_again(actor).link_id == link.pk


def test_only_who_manages_the_team_shares_outside(world: Linked) -> None:
    mine, theirs = world.link(), of_space(world, world.editor)
    assert counts(world, external_links="admins") == {"links_paused": 1}
    set_policy(world, external_links="admins")
    assert opened(mine)
    with pytest.raises(errors.LinkAgainstPolicy):
        opened(theirs)
    with pytest.raises(AgainstPolicy):
        of_space(world, world.editor)
    change_role(world.actor, user_id=world.editor.pk, role="admin")
    assert opened(theirs)
    assert of_space(world, world.editor).pk
    change_role(world.actor, user_id=world.editor.pk, role="member")
    with pytest.raises(errors.LinkAgainstPolicy):
        opened(theirs)
    change_link(world.actor, link_id=theirs.pk, changes={}, take_over=True)
    assert opened(find_link(theirs.token)).link.created_by_id == world.owner.pk


def test_nobody_takes_over_what_they_may_not_make(world: Linked) -> None:
    """Who manages the space, and not the team."""
    mine = of_space(world, world.owner)
    give(world.owner, world.space, world.editor, Role.MANAGER)
    set_policy(world, external_links="admins")
    with pytest.raises(AgainstPolicy):
        change_link(actor_of(world.editor), link_id=mine.pk, changes={}, take_over=True)
    assert opened(mine).link.created_by_id == world.owner.pk


def test_a_password_is_required(world: Linked) -> None:
    bare, kept = world.link(), world.link(password=SECRET)
    assert counts(world, link_password_required=True) == {"links_paused": 1}
    set_policy(world, link_password_required=True)
    with pytest.raises(errors.LinkAgainstPolicy):
        opened(bare)
    with pytest.raises(errors.LinkPasswordRequired):
        opened(kept)
    with pytest.raises(AgainstPolicy) as refused:
        world.link()
    assert rule_of(refused) == ("link_password_required", "password")
    with pytest.raises(AgainstPolicy):
        change_link(world.actor, link_id=kept.pk, changes={"password": None})
    change_link(world.actor, link_id=bare.pk, changes={"title": "Sea"})  # what it was against it stays against
    with pytest.raises(errors.LinkAgainstPolicy):
        opened(bare)
    change_link(world.actor, link_id=bare.pk, changes={"password": SECRET})
    with pytest.raises(errors.LinkPasswordRequired):
        opened(bare)


def test_an_end_is_required(world: Linked) -> None:
    endless, ending = world.link(), world.link(expires_at=now() + DAY)
    wanted = world.link(role=LinkRole.UPLOADER, deadline=now() + DAY)
    assert counts(world, link_expiry_required=True) == {"links_paused": 1}
    set_policy(world, link_expiry_required=True)
    with pytest.raises(errors.LinkAgainstPolicy):
        opened(endless)
    assert opened(ending), opened(wanted)
    with pytest.raises(AgainstPolicy) as refused:
        world.link()
    assert rule_of(refused) == ("link_expiry_required", "expires_at")
    with pytest.raises(AgainstPolicy):
        change_link(world.actor, link_id=ending.pk, changes={"expires_at": None})
    set_policy(world, link_expiry_required=False)
    assert opened(endless)


def test_an_end_by_itself(world: Linked) -> None:
    set_policy(world, link_default_days=7, link_expiry_required=True)
    link = world.link()
    assert link.expires_at == link.created_at + 7 * DAY
    later = world.link(expires_at=now() + 30 * DAY)
    assert (later.expires_at or now()) > now() + 29 * DAY
    assert world.link(audience=Audience.TEAM).expires_at is None
    request = world.link(role=LinkRole.UPLOADER, deadline=now() + DAY)
    assert (request.expires_at, closes_at(request)) == (None, request.deadline)


def test_the_longest_time(world: Linked) -> None:
    old, young = made_before(world.link(), 40 * DAY), made_before(world.link(), 10 * DAY)
    soon = made_before(world.link(expires_at=now() + DAY), 10 * DAY)
    assert counts(world, link_longest_days=30) == {"links_over": 1, "links_sooner": 1}
    set_policy(world, link_longest_days=30)
    with pytest.raises(errors.LinkExpired):
        opened(old)
    assert state_of(world, old) == LinkState.ENDED
    assert opened(young), opened(soon)
    assert counts(world, link_longest_days=20) == {"links_sooner": 1}
    assert counts(world, link_longest_days=5) == {"links_over": 2}
    assert counts(world, link_longest_days=60) == {}
    with pytest.raises(AgainstPolicy) as refused:
        world.link(expires_at=now() + 31 * DAY)
    assert (*rule_of(refused), refused.value.detail["days"]) == ("link_longest_days", "expires_at", 30)
    made = world.link()
    assert made.expires_at == made.created_at + 30 * DAY
    with pytest.raises(AgainstPolicy):
        change_link(world.actor, link_id=made.pk, changes={"expires_at": None})
    set_policy(world, link_longest_days=None)
    assert opened(old), opened(young)


def test_what_is_counted(world: Linked) -> None:
    """Exactly those that open: none at its end, revoked, paused already, for the team, or of another team."""
    stranger = make_user("stranger@example.com")
    foreign = put(actor_of(stranger), "a.txt", b"x").node
    world.link(foreign, stranger)
    world.link(audience=Audience.TEAM)
    ended = world.link(expires_at=now() + DAY)
    Link.objects.filter(pk=ended.pk).update(expires_at=now() - DAY)
    closed = world.link(role=LinkRole.UPLOADER, deadline=now() + DAY, grace=DAY)
    assert counts(world, external_links="nobody") == {"links_paused": 1}
    Link.objects.filter(pk=closed.pk).update(deadline=now() - DAY / 2)
    assert counts(world, external_links="nobody") == {"links_paused": 1}  # it is late, and taken
    Link.objects.filter(pk=closed.pk).update(deadline=now() - 2 * DAY)
    assert counts(world, external_links="nobody") == {}
    world.link()
    assert counts(world, external_links="nobody") == {"links_paused": 1}
    set_policy(world, link_password_required=True)
    assert counts(world, external_links="nobody") == {}
    assert counts(world, link_password_required=False) == {}


def test_the_count_is_what_happens(world: Linked) -> None:
    """Each kind of link against each policy: who is listed before is who does not open after."""
    links = [
        *(world.link(**more) for more in ({}, {"password": SECRET}, {"expires_at": now() + DAY})),
        *(world.link(audience=audience) for audience in (Audience.SIGNED_IN, Audience.TEAM)),
        *(world.link(role=LinkRole.UPLOADER, **more) for more in ({}, {"deadline": now() + 3 * DAY})),
        of_space(world, world.editor),
        made_before(world.link(), 5 * DAY),
        made_before(world.link(expires_at=now() + DAY), 5 * DAY),
    ]
    both: dict[str, Any] = {"link_expiry_required": True, "link_longest_days": 4}
    for changes in (
        *({"external_links": who} for who in ("nobody", "admins")),
        *({"link_password_required": True}, {"link_expiry_required": True}, {"link_longest_days": 4}, both),
    ):
        found = preview_of(world, **changes)
        listed = {
            int(one.id)
            for ending in found.endings
            if ending.kind != "links_sooner"
            for one in ending.show(list(ending.rows))
        }
        before = {link.pk for link in links if state_of(world, link) == LinkState.OPEN}
        set_policy(world, **changes)
        shut = {link.pk for link in links if state_of(world, link) != LinkState.OPEN}
        assert before == {link.pk for link in links}
        assert shut == listed, changes
        set_policy(world, external_links="everybody", **OFF)


def test_the_list_says_whose_and_no_names(world: Linked) -> None:
    of_space(world, world.editor)
    (ending,) = preview_of(world, external_links="nobody").endings
    (one,) = ending.show(list(ending.rows))
    assert (one.whose, one.what) == ("editor@example.com", "View")
    assert "Plans" not in str(one)


def test_a_link_that_is_made_while_the_policy_tightens(world: Linked) -> None:
    """It was read without the policy, and is there after it: it does not open."""
    link = world.link(audience=Audience.TEAM)
    set_policy(world, external_links="nobody")
    Link.objects.filter(pk=link.pk).update(audience=Audience.ANYONE)
    with pytest.raises(errors.LinkAgainstPolicy):
        opened(find_link(link.token))


@pytest.mark.django_db(transaction=True)
def test_links_are_made_while_the_policy_tightens(world: Linked) -> None:
    """Really at the same moment: whichever comes first, none of them opens afterwards."""

    def tighten() -> None:
        """Whoever is asked again looks again."""
        for _ in range(20):
            with suppress(PolicyWouldEnd):
                set_policy(world, external_links="nobody")
                return
        raise AssertionError

    at_once(tighten, *[world.link] * 5, expected=AgainstPolicy)
    assert TeamPolicy.objects.get().external_links == "nobody"
    for link in Link.objects.all():
        with pytest.raises(errors.LinkAgainstPolicy):
            opened(find_link(link.token))


def test_more_than_was_shown_is_not_ended(world: Linked) -> None:
    world.link()
    seen = preview_of(world, external_links="nobody").confirmation
    world.link()
    with pytest.raises(PolicyWouldEnd) as refused:
        change_policy(world.actor, changes={"external_links": "nobody"}, confirmation=seen)
    assert refused.value.detail["endings"] == {"links_paused": 2}
    change_policy(world.actor, changes={"external_links": "nobody"}, confirmation=refused.value.detail["confirmation"])
    event = AuditEvent.objects.get(kind="policy.change")
    assert event.detail == {
        "before": {"external_links": "everybody"},
        "after": {"external_links": "nobody"},
        "ended": {"links_paused": 2},
    }


def test_what_opening_costs_with_a_policy(world: Linked, django_assert_num_queries: Any) -> None:
    """As without one: test_what_opening_costs."""
    set_policy(world, link_longest_days=30, external_links="admins")
    link = world.link()
    with django_assert_num_queries(5):
        opened(link)
    actor = opened(link).actor
    with django_assert_num_queries(2):
        renewed(actor)
