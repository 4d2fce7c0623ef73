"""Releasing one's own ratings for looking at together, and taking that back: by the member alone, behind their word.

Nothing of either goes on record and no open page is told. Whether somebody released would be read from it, and that
it was taken back would leave a trace.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from goldseam_web.cases.joint_tables import JointRelease
from goldseam_web.cases.models import Case, CaseKind, Encounter, Member, RecordState
from goldseam_web.cases.services.joint_endings import drop_release_of
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.own_word_tables import OwnWord


@dataclass(frozen=True)
class StandingRelease:
    """What holds of one member now: the day of the last session they release, or None."""

    day: date | None


def may_release(member: Member, case: Case) -> bool:
    """Whether there is somebody to look at it with, and they take part."""
    is_open = case.state == RecordState.ACTIVE and case.ended_on is None
    takes_part = member.left_on is None and member.paused_on is None
    return case.kind != CaseKind.INDIVIDUAL and is_open and takes_part


@one_transaction
def release_up_to(
    *, member: Member, session_id: UUID, opened_at: datetime, at: datetime
) -> StandingRelease | None:
    """Let what they rated up to this session be shown. None where the page it comes from holds no more.

    ``opened_at``: when their word opened that page, which does one thing once.
    """
    member = locked(Member.objects.select_related("case")).get(pk=member.pk)
    session = Encounter.objects.filter(pk=session_id, case=member.case_id).first()
    if session is None or not may_release(member, member.case) or not _used_once(member, opened_at):
        return None
    everybody = member.case.members.filter(left_on=None).values_list("pk", flat=True)
    facts = {"up_to": session, "at": at, "with_members": sorted(map(str, everybody))}
    JointRelease.objects.bulk_create(
        [JointRelease(clinic_id=member.clinic_id, member=member, **facts)],
        update_conflicts=True,
        unique_fields=["member", "shown"],
        update_fields=list(facts),
    )
    return StandingRelease(session.local_date)


@one_transaction
def take_release_back(*, member: Member, opened_at: datetime) -> StandingRelease | None:
    """As if it had never been; what is being shown or was shown stays so."""
    locked(Member.objects.filter(pk=member.pk)).get()
    if not _used_once(member, opened_at):
        return None
    drop_release_of(member.pk)
    return StandingRelease(None)


def _used_once(member: Member, opened_at: datetime) -> bool:
    """Whether the page their word opened then is the latest one, and nothing was done on it yet.

    A browser that goes back and sends its form again does nothing by it.
    """
    latest = OwnWord.objects.filter(
        member=member, chosen_at__lte=opened_at, form_shown_at__lt=opened_at
    ).exclude(word_hash="")
    return latest.update(form_shown_at=opened_at) == 1
