"""Clients that send headers and body apart (Qt does, so Nextcloud's do) get the headers acknowledged at once."""

import base64
import os
import socket
from statistics import median
from time import perf_counter

import pytest

from tests.servers.product import Account, Product


def put_apart(product: Product, account: Account, name: str, *, at_once: bool) -> float:
    """Median seconds of 15 requests on one connection; `at_once`: the client waits for no acknowledgement."""
    credentials = base64.b64encode(f"{account.email}:{account.token}".encode()).decode()
    times = []
    with socket.create_connection(("127.0.0.1", product.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(at_once))
        for number in range(15):
            body = os.urandom(9000)
            head = (
                f"PUT /dav/{name}-{number}.bin HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            started = perf_counter()
            connection.sendall(head.encode())
            connection.sendall(body)
            assert b" 201 " in connection.recv(65536).split(b"\r\n")[0]
            times.append(perf_counter() - started)
    return median(times)


@pytest.mark.timeout(120)
def test_a_client_that_waits_for_acknowledgements_is_as_fast_as_one_that_does_not(
    product: Product, account: Account
) -> None:
    """Without it the system's delay of 40 ms is on top."""
    patient = min(put_apart(product, account, f"patient-{turn}", at_once=False) for turn in range(3))
    hasty = min(put_apart(product, account, f"hasty-{turn}", at_once=True) for turn in range(3))
    assert patient < hasty + 0.03, (patient, hasty)
