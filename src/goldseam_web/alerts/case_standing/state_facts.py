"""The rows of a case, as the facts that its state depends on."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.models import (
    AcknowledgeChoice,
    AlertSignal,
    Episode,
    EpisodeStatus,
    OnsetKind,
    RepairDoubt,
    SignalKind,
)
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.alerts.rules import BETWEEN_MEMBERS
from goldseam_web.alerts.states import (
    Asked,
    CaseFacts,
    FindingFacts,
    MemberFacts,
    MemberState,
    RatingFacts,
    Relation,
    StrainFacts,
)
from goldseam_web.cases.models import Encounter, EncounterState, Member
from goldseam_web.measures.models import OccasionState
from goldseam_web.measures.own_measures import SELF_THERAPIST, WITHIN, WITHIN_GOAL
from goldseam_web.measures.queries import RatingRow
from goldseam_web.measures.request_rows import RequestRow

SCALES = {Relation.THERAPIST: SELF_THERAPIST, Relation.WITHIN: WITHIN, Relation.GOALS: WITHIN_GOAL}


def facts_of(record: CaseRecord) -> CaseFacts:
    """Everything the state of a case depends on."""
    members = [member_facts(record, m) for m in record.members]
    for other in sorted(record.with_them):
        members += [found for m in record.members if (found := _of_other(record, other, m)) is not None]
    return CaseFacts(
        members=members,
        ended_at=[e.ends_at for e in record.held],
        planned_to_end=[e.ends_at for e in record.encounters if e.state == EncounterState.PLANNED],
    )


def member_facts(record: CaseRecord, member: Member) -> MemberFacts:
    return MemberFacts(
        id=member.id,
        ratings={relation: _ratings(record, member, relation) for relation in Relation},
        findings=_findings(
            record, member, [s for s in record.signals if not record.is_of_other(s.signal.series)]
        ),
        strains=[
            strain_facts(record, e)
            for e in record.all_episodes
            if e.member_id == member.id and not record.is_of_other(e.series)
        ],
        is_asked=member.paused_on is None,
        has_left=member.left_on is not None,
        of_anyone=_of_anyone(record, member),
    )


def _findings(record: CaseRecord, member: Member, signals: Iterable[SignalStatus]) -> Sequence[FindingFacts]:
    return [finding_facts(record, s) for s in signals if s.signal.member_id == member.id]


def _of_other(record: CaseRecord, other: uuid.UUID, member: Member) -> MemberFacts | None:
    """What was found with the other of two therapists, beside the ratings of that one; None where nothing was.

    Nothing is told of ratings in which nothing was found: that is the other's own page.
    """
    signals = [s for s in record.signals if s.signal.series and s.signal.series.therapist_id == other]
    strains = [
        strain_facts(record, e)
        for e in record.all_episodes
        if e.member_id == member.id and e.series is not None and e.series.therapist_id == other
    ]
    findings = _findings(record, member, signals)
    if not findings and not strains:
        return None
    told = record.told_of(other)
    return MemberFacts(
        id=member.id,
        ratings={Relation.THERAPIST: _ratings(told, member, Relation.THERAPIST)},
        findings=findings,
        strains=strains,
        is_asked=False,
        has_left=member.left_on is not None,
    )


def _of_anyone(record: CaseRecord, member: Member) -> Sequence[RatingFacts]:
    """The ratings of whichever of two therapists was named, session by session; empty where one treats."""
    if not record.with_them:
        return ()
    return [
        _rating(record.told_of(record.asked_about(e, member.id)), member, SELF_THERAPIST, e)
        for e in record.read
    ]


def record_of(record: CaseRecord, state: MemberState) -> CaseRecord:
    """The case as it is told of the therapist whom a state is about."""
    if state.strain is not None and (episode := record.episode(state.strain.id)) is not None:
        return record.of_series(episode.series)
    if state.finding is not None:
        found = next((s.signal for s in record.signals if s.signal.id == state.finding.id), None)
        return record.of_series(found.series) if found is not None else record
    return record


def _ratings(record: CaseRecord, member: Member, relation: Relation) -> Sequence[RatingFacts]:
    """Of the sessions that were read; the work with a therapist is rated about that therapist's own.

    Where nobody rated being with each other there is nothing to say of it.
    """
    if relation != Relation.THERAPIST and not record.ratings_by(member.id, SCALES[relation]):
        return ()
    about = [
        e
        for e in record.read
        if relation != Relation.THERAPIST or record.asked_about(e, member.id) == record.therapist_id
    ]
    return [_rating(record, member, SCALES[relation], encounter) for encounter in about]


def _rating(record: CaseRecord, member: Member, scale: str, encounter: Encounter) -> RatingFacts:
    row = record.ratings_by(member.id, scale).get(encounter.id)
    row = row if row is not None and record.is_current(row) else None
    verdict = record.judged.get((row.series_id, encounter.id)) if row else None
    request = record.request(encounter.id, member.id)
    asked, closes_at = _asked(request, row)
    return RatingFacts(
        session=record.session(encounter.id) or 0,
        asked=asked,
        value=row.value if row else None,
        usual_low=verdict.usual_low if verdict and verdict.judged else None,
        usual_high=verdict.usual_high if verdict and verdict.judged else None,
        earlier=verdict.earlier_ratings if verdict else 0,
        closes_at=closes_at,
        tension=request.tension if request else "",
    )


def _asked(request: RequestRow | None, row: RatingRow | None) -> tuple[Asked, datetime | None]:
    """What became of asking a member about a session, and until when an answer can come."""
    if row is not None and row.value is not None:
        return (Asked.LATE if row.late else Asked.RATED), None
    if request is None:
        return Asked.NOT_ASKED, None
    if request.state in (OccasionState.ANSWERED, OccasionState.PARTLY_ANSWERED):
        return Asked.SKIPPED, None
    return Asked.ASKED, request.closes_at


def finding_facts(record: CaseRecord, status: SignalStatus) -> FindingFacts:
    signal = status.signal
    return FindingFacts(
        id=signal.id,
        kind=SignalKind(signal.kind),
        relation=_relation(signal),
        session=record.session(signal.encounter_id),
        raised_at=signal.raised_at,
        unopened=status.unopened,
        choice=AcknowledgeChoice(status.choice) if status.choice else None,
        chosen_at=status.chosen_at,
        plans=status.plans,
        strain=signal.episode_id,
        cut_off=signal.evidence.get("limit") if signal.kind in _MAY_BE_LOW else None,
    )


_MAY_BE_LOW = (SignalKind.LOW, SignalKind.GOALS_APART)


def _relation(signal: AlertSignal) -> Relation:
    """A fall between members is of both answers about each other, whatever it is called; a low goal is of the one."""
    if signal.kind not in BETWEEN_MEMBERS:
        return Relation.THERAPIST
    return Relation.WITHIN if signal.episode_id is not None else Relation.GOALS


def strain_facts(record: CaseRecord, episode: Episode) -> StrainFacts:
    between = episode.series is not None and episode.series.scale == WITHIN
    return StrainFacts(
        id=episode.id,
        relation=Relation.WITHIN if between else Relation.THERAPIST,
        status=EpisodeStatus(episode.status),
        onset=record.session(episode.onset_id),
        onset_kind=OnsetKind(episode.onset_kind),
        baseline=episode.baseline,
        nadir=episode.nadir,
        repair=record.session(episode.repair_encounter_id),
        confirmed=episode.confirmed,
        client_said=episode.client_confirmed_at is not None,
        mended=episode.mended,
        contradicted=episode.contradicted_at is not None,
        doubt=RepairDoubt(episode.repair_doubt) if episode.repair_doubt else None,
        by_hand=episode.by_hand,
    )
