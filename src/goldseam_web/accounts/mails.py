"""Mails about a sign-in: queued with what they tell of, sent by the worker.

Nobody waits for a mail server, none of its failures is a page's, and asking for a new password takes the same time
whether the address has a sign-in or not: whether it has one is looked up at sending.
"""

from datetime import datetime, timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from goldseam_web.accounts.models import AccountMail, AccountMailKind, AccountMailState, Staff, User
from goldseam_web.lib.claims import ClaimQueue

MAILS = ClaimQueue(
    AccountMail,
    waiting=AccountMailState.PENDING,
    claimed=AccountMailState.SENDING,
    given_up=AccountMailState.FAILED,
    pauses=(timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)),
    takes_over=True,  # the same mail twice harms nobody
)


def queue_account_mail(*, kind: AccountMailKind, address: str, at: datetime) -> None:
    """Queue a mail to the address of a sign-in. Call inside the transaction that does what it tells of."""
    AccountMail.objects.create(kind=kind, address=address, queued_at=at, due_at=at, happened_at=at)


def send_next_account_mail(*, worker: str, at: datetime) -> bool:
    """Send the next mail that is due; False if none is."""
    mail = MAILS.claim(worker=worker, at=at)
    if mail is None:
        return False
    user = User.objects.filter(email__iexact=mail.address, is_active=True).first()
    if user is None or not Staff.objects.filter(user=user, active=True).exists():
        mail.delete()  # an address nobody signs in with is nobody's record
        return True
    try:
        with MAILS.held(mail):
            _message(mail, user).send()
    except Exception as error:  # noqa: BLE001 - whatever a mail server does may pass; it is kept and tried again
        MAILS.try_again(mail, at=at, error=error)
    else:
        MAILS.finish(mail, state=AccountMailState.SENT)
    return True


def _message(mail: AccountMail, user: User) -> EmailMessage:
    context = {"kind": mail.kind, "at": mail.happened_at, "link": _link(mail, user)}
    subject, _, body = render_to_string("account/email/notice.txt", context).strip().partition("\n")
    headers = {"Message-ID": f"<{mail.id}@goldseam>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject=subject.strip(), body=f"{body.strip()}\n", to=[user.email], headers=headers)


def _link(mail: AccountMail, user: User) -> str:
    """The address in the mail, from the configured one: what a request calls its host is anybody's choice."""
    if mail.kind == AccountMailKind.RESET_ASKED:
        return f"{settings.GOLDSEAM_BASE_URL}{reverse('office:second_step_resets')}"
    if mail.kind not in (AccountMailKind.NEW_PASSWORD, AccountMailKind.INVITATION):
        return f"{settings.GOLDSEAM_BASE_URL}{reverse('mfa_index')}"
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return f"{settings.GOLDSEAM_BASE_URL}{reverse('account_reset_password_from_key', kwargs=key)}"


def failed_account_mails(*, since: datetime) -> int:
    """How many of those queued since a moment were given up."""
    return AccountMail.objects.filter(state=AccountMailState.FAILED, queued_at__gte=since).count()
