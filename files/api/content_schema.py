"""The OpenAPI description, by hand, of the endpoints that are no REST framework views: content and zip."""

from typing import Any

Json = dict[str, Any]

_BYTES: Json = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_NODE: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
_TRASHED: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/TrashItem"}}}
_ZIP: Json = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
_ETAG: Json = {"ETag": {"schema": {"type": "string"}, "description": "Strong; changes with the content."}}
_SECURITY: list[Json] = [{"accessToken": []}, {"basic": []}, {"session": []}]

_ENTITY_TAG: Json = {"type": "string", "example": '"7.12"'}
_DATE: Json = {"type": "string", "example": "Tue, 14 Nov 2023 22:13:20 GMT"}


def _query(name: str, schema: Json | None = None, description: str = "") -> Json:
    return {"in": "query", "name": name, "schema": schema or {"type": "string"}, "description": description}


def _header(name: str, description: str, schema: Json | None = None) -> Json:
    return {"in": "header", "name": name, "schema": schema or {"type": "string"}, "description": description}


def _path(name: str, description: str, schema: Json | None = None) -> Json:
    found = {"in": "path", "name": name, "required": True, "description": description}
    return {**found, "schema": schema or {"type": "string"}}


_SPACE = _query("space", description="The space's id; the home without it.")
_CONDITIONS = [
    _header("If-Match", "RFC 9110, section 13.", _ENTITY_TAG),
    _header("If-None-Match", "RFC 9110, section 13; `*` with PUT: only a new file.", _ENTITY_TAG),
    _header("If-Unmodified-Since", "RFC 9110, section 13.", _DATE),
]
_READING = [
    _query("inline", {"type": "boolean"}, "Show it in place, if it is of a harmless kind."),
    *_CONDITIONS,
    _header("If-Modified-Since", "RFC 9110, section 13.", _DATE),
    _header("If-Range", "RFC 9110, section 13.1.5."),
    _header("Range", "One range, or several (multipart/byteranges).", {"type": "string", "example": "bytes=0-99"}),
]
_TIMES = "RFC 3339, or seconds since 1970."
_WRITING = [
    _query("mode", {"type": "string", "enum": ["overwrite", "create", "update"]}, "overwrite without it."),
    _query("base_version", description="The version that this one replaces, else `version_conflict`."),
    _query("autorename", {"type": "boolean"}, "Find a free name rather than refuse."),
    _query("modified_at", description=_TIMES),
    *_CONDITIONS,
    _header("X-Modified-At", _TIMES),
    _header("X-OC-Mtime", "Seconds since 1970."),
    _header("Content-Digest", "RFC 9530: `sha-256=:<base64>:` or sha-512."),
    _header("Content-MD5", "Base64."),
    _header("OC-Checksum", "`SHA1:<hex>`, also MD5, SHA256, ADLER32."),
    _header("X-Content-Hash", "Hex: SHA-256 over the SHA-256 digests of the 4 MiB blocks."),
]


def _operation(name: str, text: str, parameters: list[Json], responses: Json, **more: Json) -> Json:
    summary, _, description = text.partition("\n")
    found = {"operationId": name, "tags": ["content"], "description": f"{summary}\n{description}".strip()}
    return {**found, "parameters": parameters, "security": _SECURITY, "responses": responses, **more}


def _read(name: str, parameters: list[Json], *, head: bool = False) -> Json:
    text = "The headers that GET would give." if head else "The bytes of the file; the name is in Content-Disposition."
    responses: Json = {
        "200": {"description": "All of it.", "headers": _ETAG, "content": {} if head else _BYTES},
        "304": {"description": "It is what the client has.", "headers": _ETAG},
    }
    if not head:
        responses["206"] = {"description": "A part of it.", "headers": _ETAG, "content": _BYTES}
        responses["302"] = {"description": "To the object store, where the pool says so; the URL expires soon."}
        responses["416"] = {"description": "The file is shorter."}
    return _operation(name, text, parameters, responses)


def _write(name: str, parameters: list[Json]) -> Json:
    text = (
        "Writes the file: the raw bytes, of announced length or chunked.\n"
        "What cannot succeed is refused before the body is read; `Expect: 100-continue` waits for that. Checksums are "
        "verified before anything is stored. The same bytes and time again make no new version."
    )
    responses: Json = {
        "200": {"description": "A new version, or what was there already.", "headers": _ETAG, "content": _NODE},
        "201": {"description": "A new file.", "headers": _ETAG, "content": _NODE},
    }
    return _operation(name, text, parameters, responses, requestBody={"required": True, "content": _BYTES})


def _trash(name: str, parameters: list[Json]) -> Json:
    responses: Json = {"200": {"description": "Where it is in the trash.", "content": _TRASHED}}
    return _operation(name, "Puts the file into the trash.", [*parameters, *_CONDITIONS], responses)


def _door(name: str, where: list[Json], reading: list[Json] | None = None) -> Json:
    read = [*where, *(reading or []), *_READING]
    return {
        "get": _read(f"{name}_get", read),
        "head": _read(f"{name}_head", read, head=True),
        "put": _write(f"{name}_put", [*where, *_WRITING]),
        "delete": _trash(f"{name}_trash", where),
    }


def _zip() -> Json:
    what = (
        "A selection as one zip, streamed: not compressed, ZIP64 where needed.\n"
        "Up to 10,000 entries its length is told. A file that cannot be read is left out of a longer one, and named in "
        "`_errors.txt`."
    )
    answer: Json = {"200": {"description": "The zip.", "content": _ZIP}}
    ids: Json = {"type": "array", "items": {"type": "string"}, "maxItems": 1000}
    body: Json = {
        "type": "object",
        "properties": {"ids": ids, "paths": ids, "space": {"type": "string"}, "name": {"type": "string"}},
    }
    example: Json = {"ids": ["7", "8"], "name": "photos"}
    content: Json = {
        "application/json": {"schema": body, "examples": {"two": {"value": example}}},
        "application/x-www-form-urlencoded": {"schema": body},
    }
    query = [_query("ids", ids), _query("paths", ids), _SPACE, _query("name", description="Of the zip.")]
    return {
        "get": _operation("zip_get", what, query, answer),
        "post": _operation("zip_post", what, [], answer, requestBody={"required": True, "content": content}),
    }


def content_paths() -> Json:
    """For `paths` of the schema."""
    number: Json = {"type": "integer"}
    node, version = _path("node_id", "Of the file.", number), _path("version_id", "Of the version.", number)
    path = _path("path", "From the top of the space; folders on the way are made. Slashes stay as they are.")
    by_version = [node, version]
    return {
        "/api/v1/content/{path}": _door("content", [path, _SPACE]),
        "/api/v1/nodes/{node_id}/content": _door(
            "node_content", [node], [_query("version", description="An earlier version.")]
        ),
        "/api/v1/nodes/{node_id}/versions/{version_id}/content": {
            "get": _read("version_content_get", [*by_version, *_READING]),
            "head": _read("version_content_head", [*by_version, *_READING], head=True),
        },
        "/api/v1/zip": _zip(),
    }
