"""A real SMTP server on loopback that keeps what it is sent."""

from __future__ import annotations

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from tests.servers.ports import free_port

PATIENCE = 60.0  # seconds until a mail must have come


class Mailbox(Message):
    """`with Mailbox() as mailbox`: the product's EMAIL_URL is `mailbox.url`."""

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.mails: list[EmailMessage] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def handle_message(self, message: object) -> None:
        mail = message_from_bytes(bytes(message), policy=policy.default)  # type: ignore[call-overload]
        self.mails.append(mail)

    def wait_for(self, to: str, text: str) -> EmailMessage:
        """The newest mail to this address with the text in its subject or body."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for mail in reversed(self.mails):
                if mail["To"] == to and text in f"{mail['Subject']}\n{body_of(mail)}":
                    return mail
            time.sleep(0.2)
        known = [(mail["To"], mail["Subject"]) for mail in self.mails]
        raise AssertionError(f"no mail to {to} says {text!r}; there are {known}")

    def __enter__(self) -> Mailbox:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()


def body_of(mail: EmailMessage, kind: str = "plain") -> str:
    """Its text, or its HTML; empty when it has none."""
    part = mail.get_body((kind,))
    return "" if part is None else str(part.get_content())
