"""What each member said when seen alone, beside who answered low on *I could speak openly with them there* since.

A low answer is a matter to ask about alone before anything else.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import DateTimeField, OuterRef, Prefetch, QuerySet, Subquery, Value

from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.single_answers import LOW
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import current_members
from goldseam_web.cases.safety_tables import SafetyNote, SpokenTogether
from goldseam_web.cases.single_time import LowAnswer, SaidAlone, SingleTime
from goldseam_web.measures.models import Answer, ResponseState
from goldseam_web.measures.own_measures import SPEAK_OPENLY_ITEM


def members_and_safety() -> "QuerySet[Member]":
    """Members with names, what each said alone last, and when each last answered low: one reading for a page.

    An answer that was later corrected counts as it was first given: what comes later never takes a low one away.
    An install that only records and displays judges no answer.
    """
    said = SafetyNote.objects.filter(member=OuterRef("pk")).order_by("-position")
    low = (
        Answer.objects.filter(
            item=SPEAK_OPENLY_ITEM, value__lt=LOW, response__occasion__respondent=OuterRef("pk")
        )
        .exclude(response__state=ResponseState.IN_PROGRESS)
        .order_by("-answered_at")
        .values("answered_at")[:1]
    )
    nothing = Value(None, output_field=DateTimeField())
    return (
        Member.objects.select_related("person__identity")
        .annotate(
            seen_alone_on=Subquery(said.values("seen_on")[:1]),
            spoken_together=Subquery(said.values("spoken")[:1]),
            safety_noted_at=Subquery(said.values("at")[:1]),
            answered_low_at=nothing if settings.GOLDSEAM_RECORD_ONLY else Subquery(low),
        )
        .order_by("position")
    )


def members_with_safety() -> "Prefetch[str, QuerySet[Member], str]":
    """The same, for reading a case."""
    return Prefetch("members", members_and_safety())


def single_time_of(viewer: Viewer, case: Case) -> SingleTime:
    """What was asked of each alone, and whether an answer since asks for it again, of a case read for this viewer.

    A case that was read without it is read once more.
    """
    members = current_members(case)
    if not all(hasattr(member, "seen_alone_on") for member in members):
        return single_time_in(case, viewer.time_zone)
    return _said_by(members, viewer.time_zone)


def single_time_in(case: Case, zone: ZoneInfo) -> SingleTime:
    """The same, where no viewer but one of the members asks, who is told nothing of it."""
    return _said_by(tuple(members_and_safety().filter(case=case.pk, left_on=None)), zone)


def _said_by(members: Sequence[Member], zone: ZoneInfo) -> SingleTime:
    notes, low = {}, {}
    for member in members:
        read = vars(member)
        if (seen_on := read["seen_alone_on"]) is not None:
            spoken = SpokenTogether(read["spoken_together"])
            notes[member.pk] = SaidAlone(seen_on, spoken, read["safety_noted_at"])
        if (at := read["answered_low_at"]) is not None:
            low[member.pk] = LowAnswer(at.astimezone(zone).date(), at)
    return SingleTime(tuple(members), notes, low)
