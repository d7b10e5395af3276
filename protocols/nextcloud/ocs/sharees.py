"""With whom something can be shared, as Nextcloud's clients search for them."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.errors import InvalidEmail
from accounts.names import clean_email
from accounts.permissions import TEAM_MANAGERS
from files.access.explain import SubjectKind
from files.errors import InvalidRequest
from protocols.nextcloud.ocs.endpoint import ocs_endpoint
from protocols.nextcloud.ocs.envelope import Outcome
from protocols.nextcloud.ocs.share_data import WHOLE_TEAM, Json, sharee, sharees_data
from protocols.nextcloud.ocs.share_request import EMAIL, GROUP, USER, Fields, fields_of
from sharing.queries.people import person_in_team, sharees
from sharing.queries.shares import latest_sharees

LARGEST_PAGE = 200
LONGEST_SEARCH = 200  # characters


@ocs_endpoint("GET", "HEAD", is_plain=True)
def search(request: HttpRequest, actor: Actor) -> Outcome:
    """`apps/files_sharing/api/v1/sharees?search=&itemType=file&page=1&perPage=50[&shareType=0]`."""
    fields = fields_of(request)
    text = (fields.text("search") or "").strip()[:LONGEST_SEARCH]
    size, page = fields.number("perPage") or LARGEST_PAGE, fields.number("page") or 1
    kinds = _kinds(request, fields)
    limit = min(size, LARGEST_PAGE)
    skip = limit * (page - 1)
    if skip > 1_000_000:
        raise InvalidRequest(parameter="page")
    found = sharees(actor, text=text, limit=limit, skip=skip, people=USER in kinds, groups=GROUP in kinds)
    people = [sharee(one.get_full_name(), USER, str(one.pk), one.email) for one in found.people]
    groups = [sharee(one.name, GROUP, str(one.pk)) for one in found.groups]
    if page == 1 and GROUP in kinds:
        groups += _whole_team(text)
    everybody = [*people, *groups]
    is_exact = [
        text.casefold() in (one["label"].casefold(), one["shareWithDisplayNameUnique"].casefold()) for one in everybody
    ]
    exact = [one for one, same in zip(everybody, is_exact, strict=True) if same]
    if page == 1 and EMAIL in kinds:
        exact += _address(actor, text)
    return Outcome(sharees_data(exact, [one for one, same in zip(everybody, is_exact, strict=True) if not same]))


@ocs_endpoint("GET", "HEAD", is_plain=True)
def recommended(request: HttpRequest, actor: Actor) -> Outcome:
    """With whom one has shared last."""
    kinds = {SubjectKind.USER: USER, SubjectKind.GROUP: GROUP}
    found = [
        sharee(one.name, kinds[one.kind], str(one.subject_id), one.email)
        for one in latest_sharees(actor)
        if one.kind in kinds
    ]
    return Outcome(sharees_data([], found))


def _kinds(request: HttpRequest, fields: Fields) -> set[int]:
    """`shareType`, once or as a list (`shareType[]=0&shareType[]=1`); all without it."""
    sent = [*request.GET.getlist("shareType"), *request.GET.getlist("shareType[]")]
    kinds = {int(value) for value in sent if value in ("0", "1", "4")}
    return kinds if sent else {USER, GROUP, EMAIL}


def _whole_team(text: str) -> list[Json]:
    label = _("Everybody in the team")
    return [sharee(label, GROUP, WHOLE_TEAM)] if text.casefold() in label.casefold() else []


def _address(actor: Actor, text: str) -> list[Json]:
    """One that nobody in the team has, to who may invite it."""
    if actor.role not in TEAM_MANAGERS or "@" not in text:
        return []
    try:
        email = clean_email(text)
    except InvalidEmail:
        return []
    return [] if person_in_team(actor.team_id or 0, email) is not None else [sharee(email, EMAIL, email, email)]
