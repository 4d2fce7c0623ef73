"""The link to the page a client is offered at the end, and how long it opens."""

import base64
import binascii
import uuid
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db.models import OuterRef, Subquery

from goldseam_web.accounts.queries import local_day
from goldseam_web.alerts.look_back_tables import LookBack
from goldseam_web.alerts.own_mendings import looks_back
from goldseam_web.cases.models import Case, RecordState
from goldseam_web.measures.own_word_tables import OwnWord

# So long after the end, or after the link was made where that came later, it opens.
WORKS_FOR = timedelta(days=90)

_SIGNER = signing.Signer(sep="~", salt="goldseam.look_back")


def token_of_look_back(page: LookBack) -> str:
    """The part of the link after ``/c/look/``."""
    short_id = base64.urlsafe_b64encode(page.id.bytes).decode().rstrip("=")
    return _SIGNER.sign(f"{short_id}.{page.nonce}")


def look_back_behind(*, token: str) -> tuple[LookBack, datetime | None] | None:
    """The page a link was made for, and when its member chose the word they have, if any.

    The link is the permission to ask; None if it was altered, or all was erased, or nothing is looked for here.
    """
    if settings.GOLDSEAM_RECORD_ONLY:
        return None
    try:
        short_id, nonce = _SIGNER.unsign(token).split(".", 1)
        page_id = uuid.UUID(bytes=base64.urlsafe_b64decode(short_id + "=="))
    except (signing.BadSignature, ValueError, binascii.Error):
        return None
    chosen = OwnWord.objects.filter(member=OuterRef("member")).values("chosen_at")
    found = LookBack.objects.filter(pk=page_id, nonce=nonce, member__person__state=RecordState.ACTIVE)
    found = found.exclude(member__case__state=RecordState.ERASED).annotate(chosen_at=Subquery(chosen))
    page = found.select_related(
        "clinic", "member__clinic", "member__case", "member__person__identity"
    ).first()
    return (page, vars(page)["chosen_at"]) if page else None


def opens_until(page: LookBack, case: Case, day: date) -> date:
    """The last day on which it opens, as that stands on this day: while the case goes on it does not come nearer."""
    since = max(local_day(page.clinic, page.offered_at), case.ended_on or day)
    return since + WORKS_FOR


def still_opens(page: LookBack, *, at: datetime) -> bool:
    """Whether there is an end to look back from, and the member belongs to it: facts that all of them know."""
    member, case, day = page.member, page.member.case, local_day(page.clinic, at)
    has_left = member.left_on is not None and member.left_on <= day
    return looks_back(case, day) and not has_left and day <= opens_until(page, case, day)


def needs_word(page: LookBack, chosen_at: datetime | None) -> bool:
    """Where one was chosen at any time it is asked for; taken back, nothing opens."""
    return page.by_word or chosen_at is not None
