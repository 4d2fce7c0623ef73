"""Reads over courses that are not on track: of a member's own, to those who may open the case, and to nobody else."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.off_track_tables import OffTrack, OffTrackState
from goldseam_web.cases.access import own_cases
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, Purpose
from goldseam_web.cases.models import Case, Member, RecordState
from goldseam_web.lib.prepared import gathered, row_from_json

# After so long whoever supervises a case is shown what nobody who treats it has looked at.
TO_SUPERVISOR_AFTER = timedelta(days=7)


def followed_members(day: date) -> "QuerySet[Member]":
    """Who takes part and is asked: nothing is told of anybody who rests, has left or took their consent back."""
    latest = ConsentRecord.objects.filter(member=OuterRef("pk"), purpose=Purpose.CARE)
    said = Subquery(latest.order_by("-said_on", "-position").values("answer")[:1])
    there = Q(left_on=None) | Q(left_on__gt=day)
    asked = Member.objects.filter(there, paused_on=None, case__ended_on=None).annotate(care=said)
    agreed = asked.filter(Q(care=None) | Q(care=ConsentAnswer.GIVEN))
    return agreed.exclude(person__state=RecordState.ERASED)


def _running(viewer: Viewer) -> "QuerySet[OffTrack]":
    rows = OffTrack.objects.filter(clinic_id=viewer.clinic_id, ended_at=None)
    return rows.filter(member__in=followed_members(viewer.today)).order_by(
        "told_at", "member__position", "series__scale", "pk"
    )


def off_track_in(viewer: Viewer, case: Case) -> list[OffTrack]:
    """What is told of a case that was read for this viewer, the oldest first."""
    return list(_running(viewer).filter(case=case).select_related("looked_by"))


def with_off_track(viewer: Viewer, cases: "QuerySet[Case]") -> "QuerySet[Case]":
    """The same cases, read for this viewer, with what is told of each and nobody has looked at: `off_track_of`."""
    told = _running(viewer).filter(case=OuterRef("pk"), state=OffTrackState.TOLD)
    return cases.annotate(off_track_json=gathered(told, "id", "case_id", "member_id", "evidence", "told_at"))


def off_track_of(case: Case) -> list[OffTrack]:
    """What was read with a case, by member, the oldest first; nothing where it was not asked for."""
    rows = [row_from_json(OffTrack, facts) for facts in vars(case).get("off_track_json") or ()]
    return sorted(rows, key=lambda each: (str(each.member_id), each.told_at, str(each.pk)))


def off_track_left(viewer: Viewer, cases: "Iterable[Case] | QuerySet[Case]") -> "QuerySet[OffTrack]":
    """Of cases that were read for this viewer: what whoever supervises them is shown by now."""
    unseen = _running(viewer).filter(case__in=cases, state=OffTrackState.TOLD)
    return unseen.filter(told_at__lte=viewer.at - TO_SUPERVISOR_AFTER)


def off_track_together(viewer: Viewer, off_track_id: UUID) -> list[OffTrack]:
    """One by its id, of a case the viewer treats, with all others of the same member: they are told together."""
    asked = OffTrack.objects.filter(case__in=own_cases(viewer), pk=off_track_id)
    return list(OffTrack.objects.filter(member__in=asked.values("member")).order_by("told_at", "pk"))
