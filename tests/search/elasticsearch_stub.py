"""As much of an Elasticsearch 7 as haystack's backend talks to: it keeps documents, and answers every search with all
of them, in order. What a real one would select is judged by the query that it was sent.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_SIMILARITY = "Mapper for [text] conflicts: Cannot update parameter [similarity] from [BM25] to [boolean]"


class ElasticsearchStub:
    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.mapping: dict[str, Any] = {}
        self.queries: list[dict[str, Any]] = []
        self.is_broken = False
        self.is_old = False  # its fields have the similarity of an earlier release, and cannot get another one
        self.url = ""

    @contextmanager
    def serve(self) -> Iterator["ElasticsearchStub"]:
        stub = self

        class Handler(_Handler):
            owner = stub

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join(5)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        parts = path.partition("?")[0].strip("/").split("/")
        if parts == [""]:
            version = {"number": "7.17.13", "build_flavor": "default"}
            return 200, {"version": version, "tagline": "You Know, for Search"}
        if self.is_broken:
            return 503, {"error": "unavailable", "status": 503}
        if parts[-1] == "_bulk":
            return 200, self._bulk(body)
        if parts[-1] == "_search":
            return 200, self._search(json.loads(body))
        if parts[-1] == "_mapping" and method == "PUT" and self.is_old:
            cause = {"type": "illegal_argument_exception", "reason": _SIMILARITY}
            return 400, {"error": {**cause, "root_cause": [cause]}, "status": 400}
        if parts[-1] == "_mapping" and method == "PUT":
            self.mapping = json.loads(body)["properties"]
        elif parts[-1] == "_mapping" and not self.mapping:
            return 404, {"error": "index_not_found_exception", "status": 404}
        elif method == "DELETE" and len(parts) == 1:
            self.documents.clear()
            self.is_old = False
        elif method == "DELETE":
            self.documents.pop(parts[-1], None)
        return 200, {"acknowledged": True}

    def _bulk(self, body: bytes) -> dict[str, Any]:
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        items = []
        for action, document in zip(lines[::2], lines[1::2], strict=True):
            identifier = action["index"]["_id"]
            self.documents[identifier] = document
            items.append({"index": {"_id": identifier, "status": 201}})
        return {"errors": False, "items": items}

    def _search(self, body: dict[str, Any]) -> dict[str, Any]:
        self.queries.append(body)
        hits = [{"_id": pk, "_score": 1.0, "_source": source} for pk, source in self.documents.items()]
        start = body.get("from", 0)
        part = hits[start : start + body.get("size", 10)]
        return {"hits": {"total": {"value": len(hits), "relation": "eq"}, "hits": part}}


class _Handler(BaseHTTPRequestHandler):
    owner: ElasticsearchStub
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, answer = self.owner.answer(self.command, self.path, body)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _any  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass
