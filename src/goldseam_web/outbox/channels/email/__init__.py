"""E-mail by any SMTP server."""

from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from goldseam_web.outbox.channels.letter import Letter, PermanentError
from goldseam_web.outbox.models import Message

_DJANGOS_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_MARKING_SMTP = "goldseam_web.outbox.channels.email.smtp.MarkingBackend"
MAILBOX_UNKNOWN = range(
    500, 600
)  # RFC 5321, 4.2.1: a 5yz reply says that repeating the request will not help


class NoAddressError(PermanentError):
    """Nobody said where this person may be written to."""


def notify(message: Message, letter: Letter) -> None:
    """Hand one message to the mail server."""
    mail = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[_address(message)],
        headers={"Message-ID": f"<{message.id}@goldseam>", "Auto-Submitted": "auto-generated"},
        connection=get_connection(_MARKING_SMTP if settings.EMAIL_BACKEND == _DJANGOS_SMTP else None),
    )
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        if all(code in MAILBOX_UNKNOWN for code, _ in error.recipients.values()):
            raise PermanentError from error
        raise
    except SMTPResponseException as error:
        if error.smtp_code in MAILBOX_UNKNOWN:
            raise PermanentError from error
        raise


def _address(message: Message) -> str:
    """A client's contact is no permission to write: a mailbox may be shared, and ways have to be asked for alone."""
    if message.staff is None:
        raise NoAddressError
    return message.staff.user.email
