"""Prints the configuration; see `python -m deploy.haproxy --help`."""

import argparse
import sys

from deploy.haproxy import render


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.haproxy", description="The configuration of HAProxy.")
    parser.add_argument("--bind", default=":8080", help="as in HAProxy, such as ':443 ssl crt /etc/ssl/files.pem'")
    parser.add_argument(
        "--server", action="append", default=[], metavar="NAME=HOST:PORT", help="a replica; again for more"
    )
    parser.add_argument("--slots", type=int, default=0, help="empty places for replicas that come later")
    parser.add_argument("--admin-socket", default="/run/haproxy/admin.sock")
    parser.add_argument("--outer-proxy", action="append", default=[], metavar="NETWORK", help="may set X-Forwarded-*")
    arguments = parser.parse_args()
    servers: dict[str, str | None] = {}
    for word in arguments.server:
        name, equals, address = word.partition("=")
        if not equals:
            parser.error(f"--server must be NAME=HOST:PORT, got {word!r}")
        servers[name] = address
    servers |= {f"slot{number}": None for number in range(1, arguments.slots + 1)}
    text = render(
        bind=arguments.bind,
        servers=servers,
        admin_socket=arguments.admin_socket,
        outer_proxies=arguments.outer_proxy,
    )
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
