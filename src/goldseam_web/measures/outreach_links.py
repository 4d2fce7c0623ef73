"""The link in the message to a client without a next appointment, and what stands behind it."""

import base64
import binascii
import uuid
from collections import Counter
from datetime import date, timedelta

from django.core import signing
from django.db.models import QuerySet

from goldseam_web.accounts.queries import Viewer
from goldseam_web.cases.access import visible_cases
from goldseam_web.cases.models import Case, Member, RecordState
from goldseam_web.measures.links import token_of
from goldseam_web.measures.models import Occasion
from goldseam_web.measures.outreach_tables import Outreach

# So long the link takes an answer.
WORKS_FOR = timedelta(days=28)

_SIGNER = signing.Signer(sep="~", salt="goldseam.outreach")


def token_of_outreach(outreach: Outreach) -> str:
    short_id = base64.urlsafe_b64encode(outreach.id.bytes).decode().rstrip("=")
    return _SIGNER.sign(f"{short_id}.{outreach.nonce}")


def outreach_behind(*, token: str) -> Outreach | None:
    """What a client's link was made for. The link itself is the permission; None if it was altered or is no more."""
    try:
        short_id, nonce = _SIGNER.unsign(token).split(".", 1)
        outreach_id = uuid.UUID(bytes=base64.urlsafe_b64decode(short_id + "=="))
    except (signing.BadSignature, ValueError, binascii.Error):
        return None
    found = Outreach.objects.filter(pk=outreach_id, nonce=nonce, member__person__state=RecordState.ACTIVE)
    found = found.exclude(member__case__state=RecordState.ERASED)
    return found.select_related(
        "clinic", "member__clinic", "member__case__clinic__lead", "member__person__identity"
    ).first()


def latest_request_to(member: Member) -> tuple[str, Occasion] | None:
    """The link of the client's latest request and what it stands for: its pages of help are theirs here, too."""
    asked = Occasion.objects.filter(respondent=member).order_by("-opens_at")
    found = asked.select_related(
        "clinic", "case__clinic__lead", "encounter", "therapist", "respondent__person"
    )
    occasion = found.first()
    return (token_of(occasion), occasion) if occasion else None


def outreaches_in(viewer: Viewer, case: Case) -> "QuerySet[Outreach]":
    """Who of a case that was read for this viewer was written to, oldest first."""
    return Outreach.objects.filter(clinic_id=viewer.clinic_id, member__case=case)


def latest_outreach_to(member: Member) -> Outreach | None:
    """The newest message to a member who was read for a viewer."""
    return member.outreaches.order_by("asked_at").last()


def kept_reasons(viewer: Viewer) -> Counter[str]:
    """How often each reason was given at the viewer's clinic, those kept from therapists among them; never by whom.

    What clients of the viewer's own keep is left out: the count would grow as they answer.
    """
    given = Outreach.objects.filter(clinic_id=viewer.clinic_id, answered_at__isnull=False)
    given = given.exclude(reason_is_kept=True, member__case__in=visible_cases(viewer))
    return Counter(reason for reason in given.values_list("reason", flat=True) if reason)


def takes_answer(outreach: Outreach, *, day: date) -> bool:
    """Whether it can be answered: nobody has yet, the client takes part, and it is not too long ago."""
    member = outreach.member
    gone = member.left_on is not None and member.left_on <= day
    return not outreach.answer and not gone and day <= outreach.asked_at.date() + WORKS_FOR
