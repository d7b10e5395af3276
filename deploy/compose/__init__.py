"""The HAProxy of compose.yaml: `python -m deploy.compose > deploy/compose/haproxy.cfg` when its template changed."""

from deploy.haproxy import render

REPLICAS = 10  # places for replicas that `docker compose up --scale web=…` starts
RESOLVER = """
# Docker's own name server knows the replicas as they come and go.
resolvers docker
    nameserver docker 127.0.0.11:53
    hold valid 1s
    hold obsolete 1s
    resolve_retries 3
    timeout resolve 1s
    timeout retry 1s
"""


def haproxy_configuration() -> str:
    text = render(
        bind=":8080",
        servers={"NAME": "ADDRESS"},
        admin_socket="/tmp/admin.sock",  # noqa: S108 (of the container)
        server_options="resolvers docker init-addr none",
    )
    return text.replace("server NAME ADDRESS", f"server-template web- {REPLICAS} web:8000").rstrip() + "\n" + RESOLVER
