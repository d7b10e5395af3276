"""T1 and T2 of what was found from outside: whoever held the body of a request open acted with rights that were gone.

Every address that takes a body, found in the table of addresses, is held open against the real server; the right is
taken away; the rest is sent: nothing has happened. An address that asks for a body and has no recipe fails here.
"""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.urls import get_resolver

from dropbox_clone.admission.heads import EndpointKind, endpoint_of
from http_kit.body import PATIENCE
from tests.files.api.test_access import all_patterns
from tests.live.rights.cook import Cook, Recipe
from tests.live.rights.recipes import RECIPES
from tests.live.rights.world import CSRF, Held, Person, Request, World, hold_all
from tests.servers.product import start_product

pytestmark = pytest.mark.timeout(600)
TOGETHER = 12  # requests of one person that are held at the same time
PROGRAMS = ("api/", "tus/", "dav", "remote.php/", "ocs/")
METHODS = (
    *("PUT", "POST", "PATCH", "PROPFIND", "PROPPATCH", "REPORT", "SEARCH", "LOCK", "UNLOCK", "MKCOL", "COPY", "MOVE"),
    "DELETE",
)
REFUSED = {401, 403, 404}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("product")
    with start_product(folder, JSON_BODY_TIMEOUT="10m", DEFAULT_ACCOUNT_QUOTA="none") as product:
        yield World(product, product.create_account("root@example.com", admin=True))


def cook(world: World, person: Person, recipe: Recipe) -> Request:
    return recipe.make(Cook(world, person))


def someone(world: World, *, staff: bool) -> Person:
    person = world.person()
    if staff:
        world.sql("UPDATE accounts_user SET is_staff = 1 WHERE id = ?", person.user_id)
    return person


def in_batches(recipes: list[Recipe]) -> Iterator[list[Recipe]]:
    for staff in (False, True):
        chosen = [recipe for recipe in recipes if (recipe.needs == "staff") == staff]
        for start in range(0, len(chosen), TOGETHER):
            yield chosen[start : start + TOGETHER]


def test_each_recipe_does_something_for_who_may(world: World) -> None:
    """Otherwise nothing would happen below either, whatever the rights."""
    wrong = list[object]()
    for batch in in_batches(RECIPES):
        person = someone(world, staff=batch[0].needs == "staff")
        for recipe in batch:
            (held,) = hold_all(world, [cook(world, person, recipe)], person.credentials())
            before = world.everything()
            status = held.send_rest()
            is_right = status == recipe.status if recipe.status else status < 300
            reads = recipe.method in ("PROPFIND", "REPORT", "SEARCH") or recipe.route.endswith("/zip") or recipe.status
            if not is_right or (world.everything() == before and not reads):
                wrong.append((recipe.method, recipe.route, status, held.text[:300]))
    assert wrong == []


LOSSES: dict[str, tuple[Callable[[World, Person], None], bool]] = {
    "stopped": (World.stop, False),
    "removed": (World.remove, False),
    "revoked": (World.revoke, False),
    "expired": (World.expire, False),
    "narrowed": (World.narrow, False),
    "signed out": (World.sign_out, True),
    "stopped with a session": (World.stop, True),
    "sessions ended": (World.end_sessions, True),
    "password changed": (World.change_password, True),
}


IN_THE_GATE = ("removed", "narrowed", "signed out")  # the others take as long again


@pytest.mark.parametrize(
    "loss", [loss if loss in IN_THE_GATE else pytest.param(loss, marks=pytest.mark.long) for loss in LOSSES]
)
def test_nothing_happens_after_the_right_is_gone(world: World, loss: str) -> None:
    take, by_session = LOSSES[loss]
    for batch in in_batches([recipe for recipe in RECIPES if not (by_session and recipe.needs == "program")]):
        person = someone(world, staff=batch[0].needs == "staff")
        requests = [cook(world, person, recipe) for recipe in batch]
        expect_nothing(world, person, batch, requests, take, by_session=by_session)


def test_a_lower_role_counts_at_once(world: World) -> None:
    """What needs the role is refused; what does not is done."""
    recipes = [recipe for recipe in RECIPES if recipe.needs == "role"]
    person = world.person()
    requests = [cook(world, person, recipe) for recipe in recipes]
    expect_nothing(world, person, recipes, requests, World.demote)
    (put,) = hold_all(world, [Request("PUT", "/api/v1/content/own", b"own")], person.credentials())
    assert put.send_rest() == 201


def test_an_administrator_who_is_none_any_more(world: World) -> None:
    recipes = [recipe for recipe in RECIPES if recipe.needs == "staff" and "quota" in recipe.route]
    person = someone(world, staff=True)
    requests = [cook(world, person, recipe) for recipe in recipes]

    def take(world: World, person: Person) -> None:
        world.sql("UPDATE accounts_user SET is_staff = 0 WHERE id = ?", person.user_id)

    expect_nothing(world, person, recipes, requests, take)


def test_nobody_lets_themselves_in_again(world: World) -> None:
    """The attack as it was found: a removed administrator whose held request makes them active again."""
    person = world.person()
    path = f"/api/v1/team/members/{person.user_id}"
    (held,) = hold_all(world, [Request("PATCH", path, b'{"active": true}', JSON)], person.credentials())
    world.remove(person)
    assert held.send_rest() in REFUSED
    assert world.sql("SELECT is_active FROM accounts_user WHERE id = ?", person.user_id) == [(0,)]


JSON = {"Content-Type": "application/json"}


def expect_nothing(
    world: World,
    person: Person,
    recipes: list[Recipe],
    requests: list[Request],
    take: Callable[[World, Person], None],
    *,
    by_session: bool = False,
) -> None:
    held = hold_all(world, requests, person.credentials(by_session=by_session))
    take(world, person)
    time.sleep(3 * PATIENCE / 1000)  # a body that comes as quickly as most do is not asked about again for a reading
    before, wrong = forget_begun(world.everything()), list[object]()
    for recipe, one in zip(recipes, held, strict=True):
        status = one.send_rest()
        after = forget_begun(world.everything())
        changed = {table for table in after if after[table] != before[table]}
        if status not in REFUSED or changed:
            wrong.append((recipe.method, recipe.route, status, changed, one.text[:300]))
        before = after
    assert wrong == []


def forget_begun(rows: dict[str, set[object]]) -> dict[str, set[object]]:
    """An upload that tus began with the headers goes with its request; that gives its bytes back to the ledger."""
    return {table: found for table, found in rows.items() if table not in ("files_upload", "accounts_quotaaccount")}


VALUES = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int": "{node}",
    "str": "{user}",
    "path": "x",
    "anypath": "{name}",
}


def test_every_address_that_takes_a_body_has_a_recipe(world: World) -> None:
    """Asks every address by every method, and listens whether it wants to have a body.

    Addresses of one view (with and without a slash at the end) need one recipe.
    """
    views = {route: pattern.callback for route, pattern in all_patterns(get_resolver())}
    known = {(views[recipe.route], recipe.method) for recipe in RECIPES}
    asked, unknown = 0, list[tuple[str, str]]()
    routes = [route for route in views if route.startswith(PROGRAMS)]
    for number, route in enumerate(routes):
        if number % TOGETHER == 0:
            chef = Cook(world, world.person())
            values = {"node": str(chef.file()["id"]), "user": chef.user, "name": chef.name}
        view = views[route]
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda match: VALUES[match[1] or "str"], route).format(**values)
        for method in METHODS:
            request = Request(method, f"/{path}", b"x" * 10, {"Tus-Resumable": "1.0.0", "OCS-APIRequest": "true"})
            held = Held(world, request, chef.person.credentials())
            asked += 1
            # For a page the gate asks, before anybody knows whose body it is (tests/platform/admission).
            if held.is_waiting and endpoint_of(f"/{path}") is not EndpointKind.PAGE and (view, method) not in known:
                unknown.append((route, method))
            held.close()
    assert asked > 500
    assert unknown == []


def pages() -> list[str]:
    """Addresses of people, with whatever stands for their parameters; the console's are of one view each."""
    found = []
    for route, _ in all_patterns(get_resolver()):
        if route.startswith(("files/", "trash/", "settings/", "accounts/", "search/")) and "(?P" not in route:
            found.append(re.sub(r"<(?:\w+:)?\w+>", "1", route).replace("^", "").replace("$", ""))
    return sorted(set(found))


@pytest.mark.parametrize("take", [World.stop, World.sign_out, World.end_sessions])
def test_a_form_is_nobodys_after_the_session_is_over(world: World, take: Callable[[World, Person], None]) -> None:
    """A page looks at its session after the form has come; forms for strangers (signing in) are theirs to fill in."""
    listed = pages()
    assert len(listed) > 30
    wrong = list[object]()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for start in range(0, len(listed), TOGETHER):
        person = world.person()
        body = f"csrfmiddlewaretoken={CSRF}&name=x&node=1&item=1&space=1&scopes=read&expires=7".encode()
        waiting = []
        for path in listed[start : start + TOGETHER]:
            held = Held(world, Request("POST", f"/{path}", body, form), person.credentials(by_session=True))
            if held.is_waiting:
                held.send_some()
                waiting.append((path, held))
            else:
                held.close()
        take(world, person)
        before = world.everything()
        for path, held in waiting:
            status, after = held.send_rest(), world.everything()
            changed = {table for table in after if after[table] != before[table]} - {"accounts_auditevent"}
            if changed or (not path.startswith("accounts/") and status not in {302, 403, 404, 405}):
                wrong.append((path, status, changed))
            before = after
    assert wrong == []
