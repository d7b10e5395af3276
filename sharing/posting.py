"""One request to a receiver of a webhook, and what it answers. Knows no tables, and raises nothing.

The connection goes to the address that was judged (sharing/receivers.py), while the certificate is checked against the
name. No redirect is followed, no proxy of the environment asked, no cookie kept. Every part has a limit of time, and
all of it together: a receiver that sends one byte now and then is cut off.
"""

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.response import HTTPResponse
from urllib3.util.ssl_ import create_urllib3_context

from sharing.models.webhook import MAXIMUM_ANSWER
from sharing.receivers import Address, AddressRefused, Receiver, addresses_of

CONNECT_TIME, READ_TIME, WHOLE_TIME = 5.0, 10.0, 15.0  # seconds
READ_AT_MOST = 4 * MAXIMUM_ANSWER  # bytes of the answer; the rest is not waited for
LONGEST_RETRY_AFTER = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is None when there was none; then `error` says why. `retry_after` is seconds, 0 for none."""

    status: int | None
    milliseconds: int
    error: str = ""
    text: str = ""
    retry_after: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(receiver: Receiver, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Takes WHOLE_TIME at most, and the time of the look-up of the name."""
    started = time.monotonic()
    try:
        status, text, retry_after = _ask(receiver, body, headers)
    except AddressRefused as error:
        return Answer(None, _since(started), error.code)
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        return Answer(None, _since(started), _code_of(error))
    return Answer(status, _since(started), "", text, retry_after)


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _code_of(error: Exception) -> str:
    """For the log, whose reader may not be told more of the network of the server than this."""
    if isinstance(error, NewConnectionError):  # which is a ConnectTimeoutError, too
        return "connection"
    if isinstance(error, ConnectTimeoutError | TimeoutError) or "timed out" in str(error):
        return "timeout"
    if isinstance(error, SSLError | ssl.SSLError):
        return "certificate"
    return "connection"


def _ask(receiver: Receiver, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, int]:
    addresses = addresses_of(receiver)
    end = time.monotonic() + WHOLE_TIME
    connection = _connect(receiver, addresses, end)
    # A limit on each read is none on all of them: at the end of the time the socket is shut, which ends any wait.
    watch = threading.Timer(max(0.1, end - time.monotonic()), _shut, [connection])
    watch.daemon = True
    watch.start()
    try:
        connection.timeout = READ_TIME  # from here on
        connection.request(
            "POST",
            receiver.path,
            body=body,
            headers={"Host": receiver.host_header, "Connection": "close", "Accept-Encoding": "identity", **headers},
            preload_content=False,
            decode_content=False,
        )
        response = connection.getresponse()
        text = _text_of(response)
        if time.monotonic() >= end:
            raise TimeoutError
        return response.status, text, _retry_after(response)
    except (HTTPError, HTTPException, OSError) as error:
        if time.monotonic() >= end:
            raise TimeoutError from error
        raise
    finally:
        watch.cancel()
        connection.close()


def _connect(receiver: Receiver, addresses: list[Address], end: float) -> HTTPConnection:
    """To the first address that answers."""
    failure: Exception = TimeoutError()
    for address in addresses:
        left = end - time.monotonic()
        if left <= 0:
            break
        connection = _connection(receiver, str(address), min(CONNECT_TIME, left))
        try:
            connection.connect()
        except (HTTPError, OSError) as error:
            connection.close()
            failure = error
            if isinstance(error, SSLError | ssl.SSLError):
                break
            continue
        return connection
    raise failure


def _connection(receiver: Receiver, address: str, timeout: float) -> HTTPConnection:
    if not receiver.is_secure:
        return HTTPConnection(address, receiver.port, timeout=timeout)
    name = receiver.host.rstrip(".")
    context = create_urllib3_context()
    context.load_default_certs()
    # The certificate is checked against `server_hostname` by OpenSSL.
    return HTTPSConnection(address, receiver.port, timeout=timeout, ssl_context=context, server_hostname=name)


def _shut(connection: HTTPConnection) -> None:
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(2)
        except OSError:
            return


def _text_of(response: HTTPResponse) -> str:
    """The first characters of the answer, without what no database keeps."""
    found = response.read(READ_AT_MOST, decode_content=False)
    return found.decode("utf-8", "replace").replace("\0", "�")[:MAXIMUM_ANSWER]


def _retry_after(response: HTTPResponse) -> int:
    value = response.headers.get("Retry-After", "")
    is_number = value.isascii() and value.isdigit() and len(value) < 10
    return min(int(value), LONGEST_RETRY_AFTER) if is_number else 0
