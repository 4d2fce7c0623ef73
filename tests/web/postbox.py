"""A real mail server in this process: what arrives at it left the house."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from django.db.models import QuerySet

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.services.worker import PURPOSES
from goldseam_web.outbox import services as outbox
from goldseam_web.outbox.models import Message


@dataclass
class Postbox:
    """Keeps what arrives. ``refusal`` answers every recipient instead; ``hold`` makes the sender wait for its reply.

    ``drops_at`` breaks the connection off: at RCPT before it has read the message, at DATA when it has taken it and
    before it says so. ``goodbye`` is its answer to QUIT.
    """

    port: int
    refusal: str = ""
    reply: str = "250 OK"
    drops_at: str = ""
    goodbye: str = ""
    hold: threading.Event | None = None
    begun: threading.Event = field(default_factory=threading.Event)
    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  the library's name
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.drops_at == "RCPT":
            server.transport.abort()
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.reply.startswith("2"):
            self.messages.append(
                message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
            )
        if self.drops_at == "DATA":
            server.transport.abort()
        self.begun.set()
        while self.hold is not None and not self.hold.is_set():
            await asyncio.sleep(0.02)
        return self.reply

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        return self.goodbye or "221 Bye"

    @property
    def texts(self) -> list[str]:
        """Everything a reader, a mail server or a notification shows of each message."""
        return [
            "\n".join((*(f"{name}: {value}" for name, value in m.items()), str(m.get_content())))
            for m in self.messages
        ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def open_postbox(port: int | None = None, **server: Any) -> Iterator[Postbox]:
    """Open a postbox on a free port of this machine; what else is given goes to the mail server."""
    postbox = Postbox(port or free_port())
    controller = Controller(postbox, hostname="127.0.0.1", port=postbox.port, **server)
    controller.start()
    try:
        yield postbox
    finally:
        if postbox.hold is not None:
            postbox.hold.set()
        controller.stop()


def messages_of(signal: AlertSignal) -> "QuerySet[Message]":
    """The messages about a signal."""
    return Message.objects.filter(subject=signal.pk)


def send_next(*, worker: str, at: datetime) -> bool:
    """Send the next message as the worker does."""
    return outbox.send_next(purposes=PURPOSES, worker=worker, at=at)
