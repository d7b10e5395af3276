"""Results of a bulk upload."""

from rest_framework import serializers
from rest_framework.fields import CharField

from files.api.bulk import Part
from files.api.outputs.render import Json
from files.api.outputs.shapes import ProblemShape
from files.tree.writing import WriteOutcome
from http_kit.fields import Shape
from http_kit.problems import describe


class BulkResultShape(Shape):
    """`error` is a problem, and then the rest is null but `path`."""

    path = CharField(help_text="As it was sent.")
    id = CharField(allow_null=True)
    name = CharField(allow_null=True, help_text="Another one than sent after autorename.")
    version_id = CharField(allow_null=True)
    etag = CharField(allow_null=True)
    created = serializers.BooleanField(allow_null=True)
    changed = serializers.BooleanField(allow_null=True)
    error = ProblemShape(allow_null=True)


class BulkShape(Shape):
    items = BulkResultShape(many=True)


def result(part: Part, put: WriteOutcome) -> Json:
    if put.node is not None and put.version is not None:
        return {
            "path": part.path,
            "id": str(put.node.pk),
            "name": put.node.name,
            "version_id": str(put.version.pk),
            "etag": put.node.etag,
            "created": put.created,
            "changed": put.changed,
            "error": None,
        }
    assert put.error is not None
    found = describe(put.error)
    empty = dict.fromkeys(("id", "name", "version_id", "etag", "created", "changed"))
    return {"path": part.path, **empty, "error": found.body if found else None}
