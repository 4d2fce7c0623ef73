"""Requests to answer: who is asked what about which encounter, and when the link works."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction

from goldseam_web.accounts.models import Phase
from goldseam_web.accounts.services import bump_change_counter
from goldseam_web.audit.services import SYSTEM, Actor, record_about
from goldseam_web.cases.models import Encounter, EncounterState, Member, Presence
from goldseam_web.cases.services import hold_encounter
from goldseam_web.measures.models import (
    MeasureVersion,
    Occasion,
    OccasionMeasure,
    OccasionState,
    new_nonce,
)
from goldseam_web.measures.own_measures import ALLIANCE_MEASURE, PROGRESS_MEASURE


@transaction.atomic
def plan_occasions(*, encounter: Encounter, at: datetime, actor: Actor) -> list[Occasion]:
    """Ask every expected member, and the therapist, about one encounter. Asking twice changes nothing.

    Progress is asked before the encounter, alliance after it, or both before it where the clinic chose so; the first
    encounter has no earlier meeting whose alliance could be asked about.
    """
    # Of two who plan the same encounter at once, the second waits here and finds what the first has asked.
    Encounter.objects.select_for_update().values_list("pk").get(pk=encounter.pk)
    occasions = _ask(encounter, list(_requests(encounter, at)))
    _end_earlier_windows(encounter)
    record_about(
        encounter,
        at=at,
        actor=actor,
        action="occasions.plan",
        object_kind="encounter",
        details={"occasions": len(occasions)},
    )
    return occasions


def _requests(encounter: Encounter, at: datetime) -> Iterator[tuple[Occasion, list[MeasureVersion]]]:
    """Who is to be asked what, not stored yet."""
    versions = _newest_versions(encounter)
    before, after = _measures_by_phase(encounter, versions)
    of_encounter = {
        "clinic_id": encounter.clinic_id,
        "case_id": encounter.case_id,
        "encounter": encounter,
        "therapist_id": encounter.therapist_id,
        "asked_at": at,
    }
    ahead, afterwards = _window(encounter, Phase.PRE), _window(encounter, Phase.POST)
    for presence in encounter.attendance.exclude(presence=Presence.AWAY).select_related("member"):
        member = presence.member
        if member.paused or member.left_on is not None:
            continue
        of_member = {**of_encounter, "respondent": member, "subject": member}
        if before and encounter.starts_at > at:
            yield Occasion(**of_member, **ahead, phase=Phase.PRE), before
        if after:
            yield Occasion(**of_member, **afterwards, phase=Phase.POST), after
    if ALLIANCE_MEASURE in versions:
        own = {**of_encounter, "respondent_staff_id": encounter.therapist_id}
        yield Occasion(**own, **afterwards, phase=Phase.POST), [versions[ALLIANCE_MEASURE]]


def _ask(
    encounter: Encounter, requests: Sequence[tuple[Occasion, Sequence[MeasureVersion]]]
) -> list[Occasion]:
    """Store the requests that were not made before; those that were are given as they stand."""
    asked = {_who(o): o for o in encounter.occasions.exclude(state=OccasionState.CANCELLED)}
    new = [request for request in requests if _who(request[0]) not in asked]
    Occasion.objects.bulk_create(occasion for occasion, _ in new)
    OccasionMeasure.objects.bulk_create(
        OccasionMeasure(clinic_id=occasion.clinic_id, occasion=occasion, measure_version=version, position=k)
        for occasion, versions in new
        for k, version in enumerate(versions)
    )
    return [asked.get(_who(occasion), occasion) for occasion, _ in requests]


def _who(occasion: Occasion) -> tuple[object, ...]:
    """Whose view of whom an occasion asks for, and when: each is asked once about an encounter."""
    if occasion.respondent_staff_id is not None:
        return (occasion.respondent_staff_id, occasion.phase)
    return (occasion.respondent_id, occasion.subject_id, occasion.therapist_id, occasion.phase)


def _newest_versions(encounter: Encounter) -> dict[str, MeasureVersion]:
    enabled = MeasureVersion.objects.filter(clinic_id=encounter.clinic_id, enabled=True)
    return {version.key: version for version in enabled.order_by("installed_at")}


def _measures_by_phase(
    encounter: Encounter, versions: dict[str, MeasureVersion]
) -> tuple[list[MeasureVersion], list[MeasureVersion]]:
    alliance = [versions[ALLIANCE_MEASURE]] if ALLIANCE_MEASURE in versions else []
    progress = [versions[PROGRESS_MEASURE]] if PROGRESS_MEASURE in versions else []
    if encounter.clinic.alliance_phase == Phase.POST:
        return progress, alliance
    met_before = Encounter.objects.filter(
        case_id=encounter.case_id, starts_at__lt=encounter.starts_at
    ).exclude(state=EncounterState.CANCELLED)
    return (alliance + progress if met_before.exists() else progress), []


def _window(encounter: Encounter, phase: Phase) -> dict[str, datetime]:
    """When the link works: before the encounter, or after it but never past the case's next one."""
    length = timedelta(hours=encounter.clinic.window_hours)
    # In instants: on the night of a clock change, 48 hours of wall-clock time are 47 or 49.
    starts_at, ends_at = encounter.starts_at.astimezone(UTC), encounter.ends_at.astimezone(UTC)
    if phase == Phase.PRE:
        return {"opens_at": starts_at - length, "closes_at": starts_at}
    following = (
        Encounter.objects.filter(case_id=encounter.case_id, starts_at__gt=ends_at)
        .exclude(state=EncounterState.CANCELLED)
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )
    closes_at = ends_at + length
    return {
        "opens_at": ends_at,
        "closes_at": min(closes_at, following) if following else closes_at,
    }


def _end_earlier_windows(encounter: Encounter) -> None:
    """An answer about an earlier session counts only until the next session starts."""
    Occasion.objects.filter(
        case_id=encounter.case_id,
        phase=Phase.POST,
        state=OccasionState.WAITING,
        opens_at__lt=encounter.starts_at,
        closes_at__gt=encounter.starts_at,
    ).update(closes_at=encounter.starts_at)


@transaction.atomic
def end_encounter(
    *, encounter: Encounter, at: datetime, actor: Actor, away: Sequence[Member] = ()
) -> Encounter:
    """The session is over: hold it, note who was away, and open the links about it now.

    Links of members who were away are cancelled; the others' windows move with the end of the session.
    """
    ended_at = min(at, encounter.ends_at) if at > encounter.starts_at else None
    encounter = hold_encounter(
        encounter=encounter, at=at, actor=actor, ended_at=ended_at, away=[member.id for member in away]
    )
    waiting = encounter.occasions.filter(phase=Phase.POST, state=OccasionState.WAITING)
    waiting.filter(respondent__in=list(away)).update(state=OccasionState.CANCELLED)
    waiting.update(**_window(encounter, Phase.POST))
    return encounter


@transaction.atomic
def renew_link(*, occasion: Occasion, at: datetime, actor: Actor) -> Occasion:
    """Take the old link back and make a new one."""
    occasion.nonce = new_nonce()
    occasion.save(update_fields=["nonce"])
    record_about(occasion, at=at, actor=actor, action="link.renew", object_kind="occasion")
    return occasion


@transaction.atomic
def settle_past_encounters(*, at: datetime) -> int:
    """Count planned encounters whose time has passed as held; a therapist can still correct it. No typing needed."""
    past = Encounter.objects.filter(state=EncounterState.PLANNED, ends_at__lte=at)
    encounters = list(past.prefetch_related("attendance"))
    for encounter in encounters:
        away = [a.member_id for a in encounter.attendance.all() if a.presence == Presence.AWAY]
        hold_encounter(encounter=encounter, at=at, actor=SYSTEM, away=away)
    return len(encounters)


@transaction.atomic
def close_unanswered(*, at: datetime) -> int:
    """Mark requests whose window is over and which nobody began."""
    over = Occasion.objects.filter(state=OccasionState.WAITING, closes_at__lt=at, responses=None)
    clinics = set(over.values_list("clinic_id", flat=True))
    closed = Occasion.objects.filter(pk__in=list(over.values_list("pk", flat=True))).update(
        state=OccasionState.UNANSWERED
    )
    for clinic_id in clinics:
        bump_change_counter(clinic_id)
    return closed
