"""What would have been mailed: the demo's messages, which stay in files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

# Django's file mail backend writes this line after each message.
END_OF_MESSAGE = b"-" * 79


@dataclass(frozen=True)
class SentMessage:
    """One message as its reader would have got it."""

    subject: str
    to: str
    body: str
    sent_at: datetime


def sent_messages(folder: Path) -> list[SentMessage]:
    """Read the outbox, newest first; a folder that is not there yet holds nothing."""
    found = [message for path in folder.glob("*.log") for message in _messages(path)]
    return sorted(found, key=lambda message: message.sent_at, reverse=True)


def _messages(path: Path) -> Iterator[SentMessage]:
    written: list[bytes] = []
    for line in path.read_bytes().splitlines():
        if line == END_OF_MESSAGE:
            yield _message(b"\n".join(written))
            written = []
        else:
            written.append(line)


def _message(content: bytes) -> SentMessage:
    parsed = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
    return SentMessage(
        subject=str(parsed["Subject"]),
        to=str(parsed["To"]),
        body=str(parsed.get_content()).strip(),
        sent_at=parsedate_to_datetime(str(parsed["Date"])),
    )
