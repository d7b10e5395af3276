"""One line for each answered request (ACCESS_LOG=on), written by the thread that has answered it.

Never a query (it may hold a token or what somebody searches for), a header with credentials, or a body. The path of a
link holds its secret, so it ends before that.
"""

import os
import re
from datetime import UTC, datetime
from time import time
from typing import Any

import orjson

from common.log_context import actor_id, request_id
from dropbox_clone import log_queue

enabled = False
as_json = False
# The rest of these paths is a secret: shared links, resets of passwords, confirmations, invitations, the first account.
_SECRET = re.compile(
    r"^(/(?:s|l|link|links|share|shares|setup|d|public\.php/dav/files)/"
    r"|/accounts/(?:password/reset/key|confirm-email|invitation)/)[^/]+"
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\s\"\\]")


def configure(*, on: bool, json: bool) -> None:
    global enabled, as_json
    enabled, as_json = on, json


def shown(path: str) -> str:
    return _SECRET.sub(r"\1***", path) if path.startswith(("/s", "/l", "/d", "/p", "/accounts")) else path


def write(request: Any, environ: dict[str, Any], *, status: int, seconds: float, received: int, sent: int) -> None:
    """`request` is gunicorn's; REMOTE_ADDR is the client's, as TrustedProxyMiddleware left it."""
    fields = {
        "method": request.method,
        "path": shown(request.path),
        "status": status,
        "received": received,
        "sent": sent,
        "ms": round(seconds * 1000, 2),
        "actor_id": actor_id.get(),
        "request_id": request_id.get(),
        "client": environ.get("REMOTE_ADDR") or "",
    }
    if as_json:
        moment = datetime.fromtimestamp(time(), UTC).isoformat(timespec="milliseconds")
        line = orjson.dumps({"time": moment, "level": "INFO", "logger": "access", **fields}) + b"\n"
    else:
        moment = datetime.fromtimestamp(time()).isoformat(" ", timespec="milliseconds")  # noqa: DTZ006 (as the others)
        words = " ".join(f"{name}={_UNSAFE.sub('?', str(value)) or '-'}" for name, value in fields.items())
        line = f"{moment} INFO {os.getpid()} access: {words}\n".encode(errors="replace")
    log_queue.write(line)
