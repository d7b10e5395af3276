"""tests.servers.ports and process: what tests that run side by side listen on."""

import socket
import subprocess
import sys
from pathlib import Path

from tests.servers.ports import free_port, free_ports
from tests.servers.process import ServerProcess

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


def test_a_server_knows_whether_it_is_the_one_that_listens(tmp_path: Path) -> None:
    port = free_port()
    listen = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(60)"
    (tmp_path / "own").mkdir()
    (tmp_path / "foreign").mkdir()
    own = ServerProcess([sys.executable, "-c", listen], tmp_path / "own")
    foreign = ServerProcess([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "foreign")
    try:
        own.wait_until(lambda: own.listens_on(port))
        assert not foreign.listens_on(port)
    finally:
        own.stop()
        foreign.stop()
    assert not own.listens_on(port)
