"""The schema, its browsable form, and that the answers are what it says."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework import serializers

from accounts.actor import Actor
from files.api.outputs import journal_shapes, shapes, upload_shapes
from files.api.outputs.bulk import BulkResultShape
from tests.files.api.test_bulk import form, send
from tests.support.clients import Api, items
from tests.support.trees import put


def test_the_schema_has_no_warnings(tmp_path: Any) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))


@pytest.mark.django_db
def test_the_schema_is_served_and_complete() -> None:
    response = Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    schema = json.loads(response.content)
    assert response.status_code == 200
    assert {"/api/v1/nodes/{node_id}", "/api/v1/changes", "/api/v1/account", "/api/v1/bulk"} <= schema["paths"].keys()
    names = []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            names.append(operation["operationId"])
            assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}
            if path.startswith("/api/v1/") and "requestBody" in operation:
                assert operation["requestBody"]["content"], (path, method)
    assert len(set(names)) == len(names)


@pytest.mark.django_db
def test_every_json_body_has_an_example() -> None:
    schema = json.loads(Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).content)
    without = [
        (method, path)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if operation["tags"][0] not in ("account", "tokens", "team", "administration", "search")
        and (body := operation.get("requestBody", {}).get("content", {}).get("application/json")) is not None
        and not body.get("examples")
    ]
    assert without == []


@pytest.mark.django_db
def test_the_documentation_page_needs_no_inline_script() -> None:
    page = Client().get("/api/v1/docs/")
    assert page.status_code == 200
    assert b"swagger-ui" in page.content
    policy = page["Content-Security-Policy"]
    assert "script-src" not in policy  # default-src 'self' holds
    for tag in page.content.decode().split("<script")[1:]:
        assert tag.startswith(' src="'), tag[:80]
    script = Client().get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")


def agrees(shape: "type[serializers.Serializer[Any]]", value: dict[str, Any]) -> None:
    """The keys are those of the shape, and null only where it may be."""
    fields = shape().fields
    assert value.keys() == fields.keys()
    for name, field in fields.items():
        if value[name] is None:
            assert field.allow_null, name
        elif isinstance(field, serializers.ListSerializer):
            for item in value[name]:
                agrees(type(field.child), item)
        elif isinstance(field, serializers.Serializer):
            agrees(type(field), value[name])
        elif isinstance(field, serializers.CharField):
            assert isinstance(value[name], str), name
        elif isinstance(field, serializers.IntegerField):
            assert isinstance(value[name], int), name


@pytest.mark.django_db
def test_answers_are_as_described(api: Api, actor: Actor) -> None:
    node = put(actor, "a/b.txt").node
    put(actor, "a/b.txt", b"two")
    agrees(shapes.NodeDetailsShape, api.get(f"/nodes/{node.pk}").json())
    agrees(shapes.NodeDetailsShape, api.get("/metadata").json())
    listing = api.get("/folders", path="/a").json()
    agrees(shapes.ListingShape, listing)
    agrees(shapes.NodeShape, listing["items"][0])
    agrees(shapes.MovedList, api.post("/move", {"from_path": "/a/b.txt", "to_path": "/c.txt"}).json())
    agrees(shapes.NodeList, api.post("/copy", {"from_path": "/c.txt", "to_path": "/d.txt"}).json())
    agrees(shapes.MovedShape, api.patch(f"/nodes/{node.pk}", {"name": "e.txt"}).json())
    agrees(shapes.VersionPage, api.get(f"/nodes/{node.pk}/versions").json())
    agrees(shapes.WrittenShape, api.post(f"/nodes/{node.pk}/versions/{node.version_id}/restore").json())
    agrees(journal_shapes.ChangesShape, api.get("/changes").json())
    agrees(journal_shapes.CursorShape, api.get("/changes/cursor").json())
    agrees(journal_shapes.JournalPage, api.get("/journal").json())
    agrees(journal_shapes.UsageShape, api.get("/usage").json())
    agrees(shapes.SpaceList, api.get("/spaces").json())
    agrees(shapes.SpaceShape, api.post("/spaces", {"name": "S"}).json())
    agrees(journal_shapes.RewoundShape, api.post(f"/nodes/{listing['folder']['id']}/rewind", {"seq": 1}).json())
    agrees(shapes.ProblemKindList, api.get("/problems").json())
    agrees(shapes.TrashItemList, api.post("/trash", {"ids": [str(node.pk)]}).json())
    agrees(shapes.TrashItemPage, api.get("/trash").json())
    agrees(shapes.PurgedShape, api.post("/trash/empty", {}).json())
    past = api.get("/folders", at="2099-01-01T00:00:00Z").json()
    agrees(shapes.PastListingShape, past)
    agrees(shapes.PastNodeShape, past["items"][0])
    for row in items(send(api, *form(("f.txt", b"x"), ("..", b"x")))):
        agrees(
            BulkResultShape,
            {**row, "error": row["error"] and {k: row["error"][k] for k in shapes.ProblemShape().fields}},
        )


@pytest.mark.django_db
def test_answers_of_uploads_are_as_described(api: Api) -> None:
    opened = api.post("/uploads", {"path": "/u.bin", "length": 2}).json()
    agrees(upload_shapes.ProgressShape, opened)
    agrees(upload_shapes.UploadPage, api.get("/uploads").json())
    pieces = f"/uploads/{opened['id']}/pieces/0"
    agrees(upload_shapes.ProgressShape, api.put(pieces, b"ab", Content_Type="application/octet-stream").json())
    agrees(shapes.WrittenShape, api.post(f"/uploads/{opened['id']}/finish", {}).json())
