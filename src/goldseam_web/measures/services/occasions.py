"""Requests to answer: who is asked what about which encounter, and when the link works."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet

from goldseam_web.accounts.models import Phase
from goldseam_web.audit.services import Actor, record_about
from goldseam_web.cases.guardians import not_asked_yet
from goldseam_web.cases.models import Encounter, EncounterState, Member, Presence, ProxyGrant, RecordState
from goldseam_web.cases.queries import therapist_away
from goldseam_web.cases.services import change_encounter, hold_encounter, hold_if_planned
from goldseam_web.cases.services.proxies import grants_on
from goldseam_web.lib.case_changes import case_changed, pages_of_case_changed
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.home_calendar import asking_about_home
from goldseam_web.measures.link_facts import CareConsent
from goldseam_web.measures.links import care_consent
from goldseam_web.measures.models import (
    MeasureVersion,
    Occasion,
    OccasionMeasure,
    OccasionState,
    Response,
    Score,
)
from goldseam_web.measures.nonce import new_nonce
from goldseam_web.measures.own_measures import ALLIANCE_MEASURE, CHILD_MEASURE, HOME_MEASURE, PROGRESS_MEASURE
from goldseam_web.measures.services.home_questions import follow_home_calendar
from goldseam_web.measures.services.jobs import queue_jobs
from goldseam_web.measures.services.rated_therapists import therapists_to_rate


@one_transaction
def plan_occasions(*, encounter: Encounter, at: datetime, actor: Actor) -> list[Occasion]:
    """Ask every expected member, and the therapist, about one encounter. Asking twice changes nothing.

    Progress is asked before the encounter, alliance after it, or both before it where the clinic chose so; the first
    encounter has no earlier meeting whose alliance could be asked about.
    """
    # Of two who plan the same encounter at once, the second waits here and finds what the first has asked.
    locked(Encounter.objects.filter(pk=encounter.pk)).get()
    occasions = _ask(encounter, list(_requests(encounter, at)))
    _end_earlier_windows(encounter)
    follow_home_calendar(encounter.case_id, at=at, after=encounter.starts_at)
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
    ahead, afterwards = window_of(encounter, Phase.PRE), window_of(encounter, Phase.POST)
    grants = _grants(encounter) if CHILD_MEASURE in versions else {}
    there = encounter.attendance.exclude(presence=Presence.AWAY).select_related("member__person")
    present = [each.member for each in there.order_by("member__position")]
    asked = [member for member in present if _may_be_asked(member, encounter.local_date)]
    rated = therapists_to_rate(encounter, asked)
    for member in asked:
        of_member = {
            **of_encounter,
            "respondent": member,
            "subject": member,
            "therapist_id": rated[member.pk],
        }
        grant = grants.get(member.pk)
        # Nobody is asked more than twelve questions: the form about a child stands in for the one about their own week.
        own = [version for version in before if grant is None or version.key != PROGRESS_MEASURE]
        if own and encounter.starts_at > at:
            yield Occasion(**of_member, **ahead, phase=Phase.PRE), own
        if grant and encounter.starts_at > at:
            about = {**of_member, "subject": grant.subject, "proxy_grant": grant}
            yield Occasion(**about, **ahead, phase=Phase.PRE), [versions[CHILD_MEASURE]]
        if after:
            yield Occasion(**of_member, **afterwards, phase=Phase.POST), after
    if ALLIANCE_MEASURE in versions:
        for therapist in filter(None, (encounter.therapist_id, encounter.beside_id)):
            of_staff = {**of_encounter, "therapist_id": therapist, "respondent_staff_id": therapist}
            yield Occasion(**of_staff, **afterwards, phase=Phase.POST), [versions[ALLIANCE_MEASURE]]


def _grants(encounter: Encounter) -> dict[uuid.UUID, ProxyGrant]:
    """By who answers, about which child they do at this session.

    Whether the child is asked changes nothing of it: from what a parent is asked nobody learns what a child has said.
    """
    running = grants_on(encounter.case_id, encounter.local_date).items()
    return {respondent: grant for respondent, grant in running if grant.subject.left_on is None}


def _may_be_asked(member: Member, day: date) -> bool:
    """Whether a member takes part now: neither paused nor gone, and they did not say that they want no questions.

    Who is too young that day to agree alone is not asked before a guardian has agreed too.
    """
    takes_part = member.paused_on is None and member.left_on is None
    is_active = takes_part and member.person.state == RecordState.ACTIVE
    if not is_active or not_asked_yet(member, day):
        return False
    return care_consent(member) != CareConsent.REFUSED


def _ask(
    encounter: Encounter, requests: Sequence[tuple[Occasion, Sequence[MeasureVersion]]]
) -> list[Occasion]:
    """Store the requests that were not made before; those that were are given as they stand."""
    asked = {_who(o): o for o in encounter.occasions.exclude(state=OccasionState.CANCELLED)}
    new = [request for request in requests if _who(request[0]) not in asked]
    Occasion.objects.bulk_create(occasion for occasion, _ in new)
    _link_measures(new)
    return [asked.get(_who(occasion), occasion) for occasion, _ in requests]


def _link_measures(requests: Sequence[tuple[Occasion, Sequence[MeasureVersion]]]) -> None:
    OccasionMeasure.objects.bulk_create(
        OccasionMeasure(clinic_id=occasion.clinic_id, occasion=occasion, measure_version=version, position=k)
        for occasion, versions in requests
        for k, version in enumerate(versions)
    )


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
    # Last, so that nothing comes otherwise than usual before what is compared.
    home = _about_home(encounter, versions) if alliance else []
    progress = [versions[PROGRESS_MEASURE]] if PROGRESS_MEASURE in versions else []
    if encounter.clinic.alliance_phase == Phase.POST:
        return progress, alliance + home
    met_before = Encounter.objects.filter(
        case_id=encounter.case_id, starts_at__lt=encounter.starts_at
    ).exclude(state=EncounterState.CANCELLED)
    return (alliance + progress + home if met_before.exists() else progress), []


def _about_home(encounter: Encounter, versions: dict[str, MeasureVersion]) -> list[MeasureVersion]:
    """The question on home where it is its turn; it stands beside the alliance alone."""
    if HOME_MEASURE not in versions or encounter.pk not in asking_about_home(encounter.case_id):
        return []
    return [versions[HOME_MEASURE]]


def window_of(encounter: Encounter, phase: Phase) -> dict[str, datetime]:
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
    earlier = Occasion.objects.filter(
        case_id=encounter.case_id,
        phase=Phase.POST,
        state=OccasionState.WAITING,
        opens_at__lt=encounter.starts_at,
        closes_at__gt=encounter.starts_at,
    )
    _waiting(earlier).update(closes_at=encounter.starts_at)


def _waiting(occasions: "QuerySet[Occasion]") -> "QuerySet[Occasion]":
    """Lock these, and give those of them that are still waiting then."""
    ids = [occasion.pk for occasion in locked(occasions).only("pk")]
    return Occasion.objects.filter(pk__in=ids, state=OccasionState.WAITING)


@one_transaction
def end_encounter(
    *, encounter: Encounter, at: datetime, actor: Actor, away: Sequence[Member] = ()
) -> Encounter:
    """The session is over: hold it, note who was away, and open the links about it now.

    Links of members who were away are cancelled, those of others who were noted as away before are alive again; the
    windows move with the end of the session. Earlier sessions that are only planned took place before this one did, so
    that no number changes later.
    """
    _hold_earlier(encounter, at)
    ended_at = min(at, encounter.ends_at) if at > encounter.starts_at else None
    encounter = hold_encounter(
        encounter=encounter, at=at, actor=actor, ended_at=ended_at, away=[member.id for member in away]
    )
    list(locked(encounter.occasions.all()).only("pk"))
    call_off(encounter.occasions.filter(phase=Phase.POST, respondent__in=list(away)))
    ask_after_all(encounter, at)
    waiting = encounter.occasions.filter(phase=Phase.POST, state=OccasionState.WAITING)
    waiting.update(**window_of(encounter, Phase.POST))
    return encounter


def _hold_earlier(encounter: Encounter, at: datetime) -> None:
    earlier = Encounter.objects.filter(
        case_id=encounter.case_id, state=EncounterState.PLANNED, starts_at__lt=encounter.starts_at
    )
    # Several sessions are locked in the order of their ids, this one among them.
    for one in list(locked(earlier | Encounter.objects.filter(pk=encounter.pk))):
        if one.pk != encounter.pk:
            hold_if_planned(encounter=one, at=at)


@one_transaction
def correct_encounter(
    *,
    encounter: Encounter,
    starts_at: datetime,
    minutes: int,
    away: Sequence[Member],
    at: datetime,
    actor: Actor,
) -> Encounter:
    """Put right when a session was and who was there: links, windows and judgements follow.

    Who was ticked away by mistake is asked after all, by the link they had. Raises ValidationError for a time that
    cannot be, and for one that lies ahead where the session was answered about already.
    """
    if (
        starts_at > at
        and Response.objects.filter(occasion__encounter=encounter, occasion__phase=Phase.POST).exists()
    ):
        raise ValidationError("This session has been answered about, so it cannot lie ahead.")
    encounter = change_encounter(
        encounter=encounter,
        starts_at=starts_at,
        minutes=minutes,
        away=[member.id for member in away],
        at=at,
        actor=actor,
    )
    # Windows of other sessions follow too, and all requests are locked at once.
    list(locked(Occasion.objects.filter(case_id=encounter.case_id)).only("pk"))
    call_off(encounter.occasions.filter(respondent__in=list(away)))
    ask_after_all(encounter, at)
    set_windows(encounter, at)
    follow_home_calendar(encounter.case_id, at=at)
    queue_jobs(newest_of_each_series(encounter.case_id), at=at)
    return encounter


def call_off(occasions: "QuerySet[Occasion]") -> None:
    """Begun or not: whoever is not there is asked nothing more. What was handed in stays."""
    open_ones = occasions.filter(state__in=(OccasionState.WAITING, OccasionState.UNANSWERED))
    open_ones.update(state=OccasionState.CANCELLED)


def ask_after_all(encounter: Encounter, at: datetime) -> None:
    """Ask whoever is there now: by the link that was called off, if there was one.

    What nobody has begun asks what is asked now: a right to answer about a child may have come or gone meanwhile.
    """
    requests = list(_requests(encounter, at))
    stand = list(encounter.occasions.all())
    asked = {_who(o) for o in stand if o.state != OccasionState.CANCELLED}
    wanted = {_who(occasion) for occasion, _ in requests} - asked
    called_off = {_who(o): o.pk for o in stand if _who(o) in wanted}
    again = Occasion.objects.filter(pk__in=called_off.values())
    again.update(state=OccasionState.WAITING)
    if encounter.starts_at > at:
        _set_anew(again.filter(phase=Phase.PRE), requests)
    _ask(encounter, requests)


def _set_anew(
    occasions: "QuerySet[Occasion]", requests: Sequence[tuple[Occasion, Sequence[MeasureVersion]]]
) -> None:
    """Give requests the right by which they would be made now; those that nobody has begun, their measures, too."""
    wanted = {_who(occasion): (occasion, versions) for occasion, versions in requests}
    begun = set(occasions.exclude(responses=None).values_list("pk", flat=True))
    for stands in occasions:
        now, versions = wanted[_who(stands)]
        Occasion.objects.filter(pk=stands.pk).update(proxy_grant=now.proxy_grant)
        if stands.pk in begun:
            continue
        OccasionMeasure.objects.filter(occasion=stands).delete()
        _link_measures([(stands, versions)])


def ask_anew_before(encounter: Encounter, member: Member, at: datetime) -> None:
    """Ask a member before a session what is to be asked now. What they have begun or sent stays as it is."""
    untouched = encounter.occasions.filter(phase=Phase.PRE, respondent=member, responses=None)
    call_off(Occasion.objects.filter(pk__in=list(untouched.values_list("pk", flat=True))))
    ask_after_all(encounter, at)


def set_windows(encounter: Encounter, at: datetime) -> None:
    """Set the windows of what is not answered anew, over the whole case: one session ends where the next begins."""
    states = (OccasionState.WAITING, OccasionState.UNANSWERED)
    for other in Encounter.objects.filter(case_id=encounter.case_id).select_related("clinic"):
        for phase in (Phase.PRE, Phase.POST):
            window = window_of(other, phase)
            state = OccasionState.WAITING if window["closes_at"] > at else F("state")
            other.occasions.filter(phase=phase, state__in=states).exclude(**window).update(
                **window, state=state
            )


def newest_of_each_series(case_id: uuid.UUID) -> list[Response]:
    """Who was there and in which order decides every verdict: a judgement of these reaches all series of the case."""
    scores = Score.objects.filter(series__case_id=case_id, series__rater__isnull=False)
    newest = {
        score.series_id: score.response
        for score in scores.select_related("response").order_by("response__rated_at")
    }
    return list({response.pk: response for response in newest.values()}.values())


@one_transaction
def renew_link(*, occasion: Occasion, at: datetime, actor: Actor) -> Occasion:
    """Take the old link back and make a new one."""
    occasion.nonce = new_nonce()
    occasion.save(update_fields=["nonce"])
    record_about(occasion, at=at, actor=actor, action="link.renew", object_kind="occasion")
    return occasion


def settle_past_encounters(*, at: datetime) -> int:
    """Count planned encounters whose time has passed as held; a therapist can still correct it. No typing needed.

    While the therapist is away nothing says that one took place, until somebody does or a client answers about it.
    """
    past = Encounter.objects.filter(~therapist_away(), state=EncounterState.PLANNED, ends_at__lte=at)
    return sum(hold_if_planned(encounter=encounter, at=at) for encounter in past)


@one_transaction
def close_unanswered(*, at: datetime) -> int:
    """Mark requests whose window is over and which nobody began."""
    over = Occasion.objects.filter(state=OccasionState.WAITING, closes_at__lt=at, responses=None)
    requests = list(over.only("clinic_id", "case_id"))
    closed = _waiting(over).filter(responses=None).update(state=OccasionState.UNANSWERED)
    for request in requests:
        case_changed(request)
        pages_of_case_changed(request)
    return closed
