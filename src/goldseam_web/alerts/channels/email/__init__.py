"""E-mail by any SMTP server. No name, no score, no clinical word: only that something is waiting, and where."""

from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from goldseam_web.alerts.channels.errors import PermanentError
from goldseam_web.alerts.models import Delivery

SUBJECT = "Something new is waiting for you in Goldseam"
_DJANGOS_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_MARKING_SMTP = "goldseam_web.alerts.channels.email.smtp.MarkingBackend"
MAILBOX_UNKNOWN = range(
    500, 600
)  # RFC 5321, 4.2.1: a 5yz reply says that repeating the request will not help


def notify(delivery: Delivery) -> None:
    """Hand one message to the mail server."""
    body = render_to_string(
        "alerts/email.txt", {"link": f"{settings.GOLDSEAM_BASE_URL}/signals/{delivery.signal_id}/"}
    )
    message = EmailMessage(
        subject=SUBJECT,
        body=body,
        to=[delivery.recipient.user.email],
        headers={"Message-ID": f"<{delivery.id}@goldseam>", "Auto-Submitted": "auto-generated"},
        connection=get_connection(_MARKING_SMTP if settings.EMAIL_BACKEND == _DJANGOS_SMTP else None),
    )
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        if all(code in MAILBOX_UNKNOWN for code, _ in error.recipients.values()):
            raise PermanentError from error
        raise
    except SMTPResponseException as error:
        if error.smtp_code in MAILBOX_UNKNOWN:
            raise PermanentError from error
        raise
