"""The OpenAPI schema of accounts' own routes is whole."""

from typing import Any

from django.urls import include, path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator


def test_the_schema_has_no_warnings() -> None:
    patterns = [path("api/v1/", include("accounts.api.urls"))]
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        schema: dict[str, Any] = SchemaGenerator(patterns=patterns).get_schema(request=None, public=True)
        assert not GENERATOR_STATS._error_cache
        assert not GENERATOR_STATS._warn_cache
    assert len(schema["paths"]) == len(__import__("accounts.api.urls", fromlist=["urlpatterns"]).urlpatterns)
    assert set(schema["components"]["securitySchemes"]) == {"accessToken", "basic", "session"}
