"""The OpenAPI schema of accounts' own routes is whole."""

import re
from typing import Any

from django.urls import include, path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from accounts.api import urls
from files.api.content_schema import content_paths


def test_the_schema_has_no_warnings() -> None:
    patterns = [path("api/v1/", include("accounts.api.urls"))]
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        schema: dict[str, Any] = SchemaGenerator(patterns=patterns).get_schema(request=None, public=True)
        assert not GENERATOR_STATS._error_cache
        assert not GENERATOR_STATS._warn_cache
    own = {"/api/v1/" + re.sub(r"<int:(\w+)>", r"{\1}", str(route.pattern)) for route in urls.urlpatterns}
    assert set(schema["paths"]) - set(content_paths()) == own
    assert set(schema["components"]["securitySchemes"]) == {"accessToken", "basic", "session"}
