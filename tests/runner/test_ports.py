"""tests.servers.ports: what tests that run side by side listen on."""

import socket
import subprocess
import sys

from tests.servers.ports import free_ports

PRINT = "from tests.servers.ports import free_ports; print(*free_ports(20))"


def test_nobody_gets_the_port_of_another_process() -> None:
    processes = [subprocess.Popen([sys.executable, "-c", PRINT], stdout=subprocess.PIPE, text=True) for _ in range(5)]
    given = [port for process in processes for port in process.communicate(timeout=60)[0].split()]
    own = [str(port) for port in free_ports(20)]
    assert len({*given, *own}) == 6 * 20


def test_nobody_listens_there() -> None:
    for port in free_ports(5):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            listener.listen()
            assert port not in free_ports(50)
