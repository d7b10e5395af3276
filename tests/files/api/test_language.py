"""An error speaks the language of the request, in every dialect; codes never change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from common.errors import CodedError
from files.errors import InvalidName, NotFound
from http_kit.problems import describe
from tests.support.clients import Api, Dav, HttpClient, Nextcloud, Tus, problem
from tests.support.translations import language

pytestmark = pytest.mark.django_db

GERMAN = {
    "There is no such file or folder.": "Diese Datei oder diesen Ordner gibt es nicht.",
    "Not found": "Nicht gefunden",
    "The name is %(length)d characters long (as UTF-16); it may have at most %(limit)d.": (
        "Der Name hat %(length)d Zeichen (in UTF-16), erlaubt sind %(limit)d."
    ),
    "%(parameter)s is true or false.": "%(parameter)s ist true oder false.",
    "Upload-Metadata is malformed.": "Upload-Metadata ist fehlerhaft.",
    "Depth is 0, 1 or infinity.": "Depth ist 0, 1 oder infinity.",
    "There is nothing at this address.": "Unter dieser Adresse gibt es nichts.",
    "Invalid query, please check the syntax.": "Die Anfrage ist fehlerhaft.",
    "This address does not do that.": "Diese Adresse kann das nicht.",
    "The input is not valid.": "Die Eingabe ist fehlerhaft.",
}


@pytest.fixture(autouse=True)
def german(tmp_path: Path) -> Iterator[None]:
    with language(tmp_path, "de", GERMAN):
        yield


@pytest.mark.parametrize(
    ("wanted", "detail", "title"),
    [
        ("de-AT,de;q=0.9", GERMAN["There is no such file or folder."], "Nicht gefunden"),
        ("en", "There is no such file or folder.", "Not found"),
        ("xx", "There is no such file or folder.", "Not found"),
        (None, "There is no such file or folder.", "Not found"),
    ],
)
def test_rest(api: Api, wanted: str | None, detail: str, title: str) -> None:
    answer = api.request("GET", "/nodes/999", None, accept_language=wanted)
    assert problem(answer) == (404, "not_found")
    assert (answer.json()["detail"], answer.json()["title"]) == (detail, title)


def test_a_text_with_values(api: Api) -> None:
    answer = api.request("POST", "/folders", {"name": "x" * 256}, accept_language="de")
    assert problem(answer) == (400, "invalid_name")
    assert answer.json()["detail"] == "Der Name hat 256 Zeichen (in UTF-16), erlaubt sind 255."
    assert (answer.json()["length"], answer.json()["limit"]) == (256, 255)


def test_what_has_no_view_and_what_the_framework_says(api: Api) -> None:
    assert (
        api.request("GET", "/nothing", None, accept_language="de").json()["detail"]
        == (GERMAN["There is nothing at this address."])
    )
    answer = api.request("POST", "/folders", {"name": 5, "parent_id": []}, accept_language="de")
    assert problem(answer) == (400, "invalid_request")
    assert answer.json()["detail"] == GERMAN["The input is not valid."]
    answer = api.request("POST", "/content/a.txt", None, accept_language="de")
    assert answer.json()["detail"] == GERMAN["This address does not do that."]


def test_the_table_of_problems(api: Api) -> None:
    titles = {
        item["code"]: item["title"]
        for item in api.request("GET", "/problems", None, accept_language="de").json()["items"]
    }
    assert (titles["not_found"], titles["name_taken"]) == ("Nicht gefunden", "Name taken")


def test_webdav_tus_and_ocs(user: User) -> None:
    answers: list[Any] = [
        (Dav(user).propfind("", depth="2", accept_language="de"), GERMAN["Depth is 0, 1 or infinity."]),
        (Tus(user).create(5, meta="a YQ==,a YQ==", accept_language="de"), GERMAN["Upload-Metadata is malformed."]),
        (Nextcloud(user).ocs("apps/none", accept_language="de"), GERMAN["Invalid query, please check the syntax."]),
    ]
    for answer, text in answers:
        assert text in answer.content.decode()


def test_one_request_leaves_nothing_for_the_next(api: Api) -> None:
    api.request("GET", "/nodes/999", None, accept_language="de")
    assert str(NotFound()) == "There is no such file or folder."


def test_a_visitor_is_told_in_their_language(tmp_path: Path) -> None:
    with language(tmp_path, "de", {"Sign in, or send an access token.": "Bitte anmelden."}):
        answer = HttpClient().send("GET", "/api/v1/spaces", accept_language="de")
    assert (answer.status_code, answer.json()["detail"]) == (401, "Bitte anmelden.")


def test_a_text_is_made_when_it_is_read(tmp_path: Path) -> None:
    from django.utils import translation

    error = InvalidName("too_long", length=300, limit=255)
    with translation.override("de"):
        assert str(error) == "Der Name hat 300 Zeichen (in UTF-16), erlaubt sind 255."
    assert str(error).startswith("The name is 300")


def test_a_text_of_somebody_else_is_not_read_for_values() -> None:
    assert str(CodedError("100 %(s of it", limit=1)) == "100 %(s of it"
    found = describe(NotFound(id=1))
    assert found is not None
    assert found.body["detail"] == "There is no such file or folder."
