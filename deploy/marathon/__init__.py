"""The label of web.json that holds HAProxy's directives: `python -m deploy.marathon` writes it anew after a change of
deploy/haproxy.

Marathon-lb has a frontend of its own for all applications; what our template says in its frontend and defaults is said
in our backend instead, where HAProxy takes it as well. What it does not take there is left to marathon-lb.
"""

import json
import re
from pathlib import Path
from typing import Any

from deploy.haproxy import render

WEB = Path(__file__).with_name("web.json")
LABEL = "HAPROXY_0_BACKEND_HTTP_OPTIONS"
SECTIONS = ("frontend public", "defaults")
# What belongs to frontends, to the head, or has labels of its own (balance, checks).
ELSEWHERE = re.compile(
    r"acl from_proxy|stick-table |tcp-request |use_backend|default_backend|bind |capture |option (httplog|dontlognull)"
    r"|log global|mode http"
    r"|timeout (client|http-keep-alive|http-request|check)|server |default-server "
)


def directives(text: str, section: str) -> list[str]:
    """Of one section of a configuration, in order, each on one line, without comments."""
    body = re.search(rf"^{re.escape(section)}\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    if body is None:
        raise ValueError(f"no section {section!r}")
    lines = [re.sub(r"\s+", " ", line).strip() for line in body[1].splitlines()]
    # Marathon-lb is the outermost proxy: nobody is believed.
    return [line.replace(" unless from_proxy", "") for line in lines if line and not line.startswith("#")]


def http_options() -> str:
    template = render(bind=":80", servers={"one": "127.0.0.1:1"})
    lines = [line for section in SECTIONS for line in directives(template, section) if not ELSEWHERE.match(line)]
    return "".join(f"  {line}\n" for line in lines)


def web_application() -> dict[str, Any]:
    application: dict[str, Any] = json.loads(WEB.read_text())
    application["labels"][LABEL] = http_options()
    return application
