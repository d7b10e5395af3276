"""The configuration of HAProxy, filled in: `python -m deploy.haproxy --server a=10.0.0.1:8000 > haproxy.cfg`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).with_name("haproxy.cfg.template")
NOWHERE = "127.0.0.1:1"


def render(
    *,
    bind: str,
    servers: Mapping[str, str | None],
    admin_socket: str = "/run/haproxy/admin.sock",
    outer_proxies: Sequence[str] = (),
    server_options: str = "",
    maximum_connections: int = 10_000,
    connections_per_address: int = 500,
    page_body_limit: int = 256 * 1024,
    anonymous_body_limit: int = 64 * 1024,
) -> str:
    """`bind` is what follows HAProxy's keyword (`:443 ssl crt /etc/ssl/files.pem`).

    `servers` are names and addresses (`host:port`); those of None are places for replicas that come later, by the
    commands of the admin socket. `outer_proxies` are networks whose X-Forwarded-* are passed on. A connection
    takes two file descriptors; HAProxy does not start where its limit (ulimit -n) has not as many. The last three are
    the replicas' settings of the same names.
    """
    lines = [
        f"    server {name} {address or NOWHERE}{'' if address else ' disabled'}" for name, address in servers.items()
    ]
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        bind=bind,
        servers="\n".join(lines),
        admin_socket=admin_socket,
        outer_proxies=" ".join(outer_proxies) or "255.255.255.255",
        server_options=server_options,
        maximum_connections=maximum_connections,
        connections_per_address=connections_per_address,
        page_body_limit=page_body_limit,
        anonymous_body_limit=anonymous_body_limit,
    )
    return "\n".join(line.rstrip() for line in text.split("\n"))
