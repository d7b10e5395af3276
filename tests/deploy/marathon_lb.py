"""What marathon-lb (1.15) makes of the labels of one application, in the words of its documentation (Longhelp.md): one
backend, in this order: its head, the HTTP options, the health check, the servers. Labels that are templates replace the
default of the same name; those of health checks and servers are filled in by str.format.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

# Defaults of marathon-lb, for what the labels do not say.
HEAD = """\
global
  maxconn 50000
defaults
  log               global
  retries                   3
  maxconn               10000
  timeout connect          3s
  timeout client          30s
  timeout server          30s
  timeout tunnel        3600s
  timeout http-keep-alive  1s
  timeout http-request    15s
  timeout queue           30s
  timeout tarpit          60s
  option            dontlognull
  option            http-server-close
  option            redispatch
"""
DEFAULTS = {
    "BALANCE": "roundrobin",
    "BACKEND_HTTP_OPTIONS": (
        "  option forwardfor\n"
        "  http-request set-header X-Forwarded-Port %[dst_port]\n"
        "  http-request add-header X-Forwarded-Proto https if { ssl_fc }\n"
    ),
    "BACKEND_HSTS_OPTIONS": "  rspadd  Strict-Transport-Security:\\ max-age=15768000\n",
    "BACKEND_HTTP_HEALTHCHECK_OPTIONS": (
        "  option httpchk GET {healthCheckPath}\n  timeout check {healthCheckTimeoutSeconds}s\n"
    ),
    "BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS": (
        "  check inter {healthCheckIntervalSeconds}s fall {healthCheckFalls}{healthCheckPortOptions}\n"
    ),
}


def backend_name(application: dict[str, Any]) -> str:
    mapping = application["container"]["portMappings"][0]
    return f"{application['id'][1:].replace('/', '_')}_{mapping['servicePort']}"


def configuration(application: dict[str, Any], tasks: Sequence[tuple[str, int]], http_port: int = 80) -> str:
    """The whole file, for tasks (address, port) that Marathon calls healthy."""
    labels = application["labels"]
    hosts = labels["HAPROXY_0_VHOST"].lower().split(",")
    backend = backend_name(application)
    lines = [HEAD, f"frontend marathon_http_in\n  bind 127.0.0.1:{http_port}\n  mode http\n"]
    for host in hosts:
        name = re.sub(r"[^a-zA-Z0-9\-]", "_", host)
        lines.append(f"  acl host_{name}_{backend} hdr(host) -i {host}\n")
        if labels.get("HAPROXY_0_REDIRECT_TO_HTTPS") == "true":
            lines.append(f"  redirect scheme https code 301 if !{{ ssl_fc }} host_{name}_{backend}\n")
        lines.append(f"  use_backend {backend} if host_{name}_{backend}\n")
    return "".join(lines) + backend_of(application, tasks)


def backend_of(application: dict[str, Any], tasks: Sequence[tuple[str, int]]) -> str:
    check = application["healthChecks"][0]
    values = {
        "healthCheckPath": check.get("path", "/"),
        "healthCheckTimeoutSeconds": check["timeoutSeconds"],
        "healthCheckIntervalSeconds": check["intervalSeconds"],
        "healthCheckFalls": check["maxConsecutiveFailures"] + 1,
        "healthCheckPortOptions": f" port {check['port']}" if "port" in check else "",
    }

    def label(name: str) -> str:
        return application["labels"].get(f"HAPROXY_0_{name}") or DEFAULTS[name]

    text = f"\nbackend {backend_name(application)}\n  balance {label('BALANCE')}\n  mode http\n"
    if application["labels"].get("HAPROXY_0_USE_HSTS") == "true":
        text += label("BACKEND_HSTS_OPTIONS")
    text += label("BACKEND_HTTP_OPTIONS")
    text += label("BACKEND_HTTP_HEALTHCHECK_OPTIONS").format(**values)
    options = label("BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS").format(**values).strip()
    for address, port in tasks:
        text += f"  server {address.replace('.', '_')}_{port} {address}:{port} {options}\n"
    return text
