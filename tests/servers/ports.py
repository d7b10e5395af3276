"""Free ports of 127.0.0.1 for servers that tests start."""

import socket


def free_ports(count: int) -> list[int]:
    """Distinct ports that were free a moment ago; whoever starts a server must cope with losing one."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in sockets]
    finally:
        for listener in sockets:
            listener.close()
