"""A test message by a mail server that may not be in use yet, and what went wrong in words for whoever types it in."""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import quote

from django.core.mail import EmailMessage

from goldseam_web.outbox.channels.email.smtp import MarkingBackend
from goldseam_web.outbox.channels.letter import UncertainError

TRY_SECONDS = 10
LONGEST_REPLY = 300

# How the connection is encrypted, by the scheme of the address that says so in the settings.
PLAIN, STARTTLS, ENCRYPTED = "smtp", "smtp+tls", "smtp+ssl"


# The first kind that fits is said.
REFUSED: tuple[tuple[type[smtplib.SMTPResponseException], str], ...] = (
    (smtplib.SMTPAuthenticationError, "User or password were refused."),
    (smtplib.SMTPSenderRefused, "The sender’s address was refused."),
    (smtplib.SMTPResponseException, "The message was refused."),
)
NOT_USABLE: tuple[tuple[type[Exception], str], ...] = (
    (
        smtplib.SMTPNotSupportedError,
        "The server at {host}, port {port}, does not encrypt or sign in in this way.",
    ),
    (
        smtplib.SMTPServerDisconnected,
        "The server at {host}, port {port}, broke off; perhaps it wants the other kind of encryption.",
    ),
    (
        UncertainError,
        "The server at {host}, port {port}, broke off; nobody knows whether it took the message.",
    ),
    (ssl.SSLError, "The server at {host}, port {port}, does not speak encrypted in this way: {error}."),
    (socket.gaierror, "There is no server called {host}."),
    (TimeoutError, "Nobody answered at {host}, port {port}, within {seconds} seconds."),
    (ConnectionRefusedError, "Nobody listens at {host}, port {port}."),
    (Exception, "The server at {host}, port {port}, could not be used: {error}."),
)


class TestMessageError(Exception):
    """The test message was not taken; the text says why, with the server's own words where it spoke."""

    __test__ = False


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. ``scheme`` is one of the three above; user and password may be empty."""

    host: str
    port: int
    scheme: str
    user: str = ""
    password: str = ""

    @property
    def url(self) -> str:
        """The value of ``GOLDSEAM_EMAIL_URL``."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        return f"{self.scheme}://{who}{self.host}:{self.port}"


def send_test_message(server: MailServer, *, sender: str, to: str) -> None:
    """Hand a test message in. Raises TestMessageError."""
    connection = MarkingBackend(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.scheme == STARTTLS,
        use_ssl=server.scheme == ENCRYPTED,
        timeout=TRY_SECONDS,
    )
    text = "This is the test message you asked for. Mail of your install arrives.\n"
    mail = EmailMessage("A test message", text, sender, [to], connection=connection)
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    try:
        mail.send()
    except (smtplib.SMTPException, OSError, UncertainError) as error:
        raise TestMessageError(_in_words(error, server)) from error


def _in_words(error: Exception, server: MailServer) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, text), *_] = error.recipients.values()
        return f"Your address was refused as a receiver. {_said(code, text)}"
    for kind, says in REFUSED:
        if isinstance(error, kind):
            return f"{says} {_said(error.smtp_code, error.smtp_error)}"
    says = next(says for kind, says in NOT_USABLE if isinstance(error, kind))
    return says.format(host=server.host, port=server.port, seconds=TRY_SECONDS, error=error)


def _said(code: int, text: bytes | str) -> str:
    """The server's own words: whoever runs it can be asked about them."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"The server said: {code} {' '.join(words.split())[:LONGEST_REPLY]}"
