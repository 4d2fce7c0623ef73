"""Keeping episodes in step with what detection says about a series, and hearing the client's own word on them."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import local_day, on_day
from goldseam_web.accounts.services import record_change
from goldseam_web.alerts.models import Episode, EpisodeEvent, EpisodeStatus
from goldseam_web.alerts.services.ratings import Ratings
from goldseam_web.alerts.services.repair_doubts import repair_doubt
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import CaseTherapist, Encounter
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.models import Answer, Response, ResponseState, Series
from goldseam_web.measures.own_measures import FOLLOW_UP_ITEM, SELF_THERAPIST, TENSION_ITEM, TENSION_SAID

MAY_STILL_CHANGE = (EpisodeStatus.OPEN, EpisodeStatus.REPAIRED_UNCONFIRMED, EpisodeStatus.INDETERMINATE)
# Ended by something other than ratings; no later rating of the old series changes that.
ENDED_OTHERWISE = (EpisodeStatus.HANDOVER, EpisodeStatus.MEASURE_CHANGED)


def keep_episodes(
    ratings: Ratings,
    events: Sequence[Mapping[str, Any]],
    by_earlier_rules: Collection[uuid.UUID],
    at: datetime,
) -> dict[int, Episode]:
    """Open, update or withdraw the episodes of a series; returned by onset session.

    The baseline and grade at onset are frozen when the episode is first stored. At encounters whose evaluation
    stands from earlier rules, none is withdrawn.
    """
    by_session = ratings.by_session
    known = {
        e.onset_id: e
        for e in locked(Episode.objects.filter(series=ratings.series).exclude(status=EpisodeStatus.WITHDRAWN))
    }
    kept: dict[int, Episode] = {}
    for event in events:
        onset = by_session[event["onset_session"]]
        episode = known.pop(onset.id, None) or _open(ratings, event, onset, at)
        if episode.status not in ENDED_OTHERWISE:
            _update(episode, event, ratings, at)
        kept[event["onset_session"]] = episode
    for episode in known.values():
        if episode.onset_id in by_earlier_rules or episode.status in ENDED_OTHERWISE:
            continue
        _change_status(episode, EpisodeStatus.WITHDRAWN, None, at)
        episode.save(update_fields=["status", "closed_at"])
    return kept


def _open(ratings: Ratings, event: Mapping[str, Any], onset: Encounter, at: datetime) -> Episode:
    series = ratings.series
    last = Episode.objects.filter(case_id=series.case_id).aggregate(last=Max("number"))["last"] or 0
    return Episode(
        clinic_id=series.clinic_id,
        case_id=series.case_id,
        series=series,
        member=series.rater,
        number=last + 1,
        onset=onset,
        onset_kind=event["onset_kind"],
        onset_grade=event["grade"],
        baseline=event["baseline"],
        spread=event["spread"],
        onset_value=event["value"],
        status=EpisodeStatus.OPEN,
        opened_at=at,
    )


def _update(episode: Episode, event: Mapping[str, Any], ratings: Ratings, at: datetime) -> None:
    by_session = ratings.by_session
    nadir, repair = event["nadir_session"], event["repair_session"]
    episode.nadir = event["nadir"]
    episode.nadir_encounter = by_session.get(nadir)
    episode.depth, episode.depth_z = event["depth"], event["depth_z"]
    episode.duration, episode.shape = event["duration"], event["shape"] or ""
    episode.repair_encounter = by_session.get(repair) if repair is not None else None
    episode.repair_doubt = repair_doubt(ratings, episode) or ""
    before = "" if episode._state.adding else episode.status  # noqa: SLF001 - Django's own "not stored yet"
    episode.status = event["status"]
    episode.closed_at = None if event["status"] in MAY_STILL_CHANGE else episode.closed_at or at
    episode.save()
    if before != episode.status:
        _note(episode, "status", (before, episode.status), episode.repair_encounter or episode.onset, at)


def end_by_new_measure(*, series: Iterable[Series], at: datetime) -> None:
    """Ratings by a new major version are not compared with those by an older one: what is open ends, and is told."""
    older = Q(pk=None)
    for each in series:
        older |= Q(
            series__case_id=each.case_id,
            series__rater_id=each.rater_id,
            series__scale=each.scale,
            series__measure_key=each.measure_key,
            series__major__lt=each.major,
        )
    _end(Episode.objects.filter(older), EpisodeStatus.MEASURE_CHANGED, at)


@one_transaction
def end_by_handover(*, at: datetime) -> None:
    """An episode is about one therapist: when nobody goes on with that work, it ends and becomes history."""
    for clinic in Clinic.objects.all():
        running = CaseTherapist.objects.filter(on_day(local_day(clinic, at)), case=OuterRef("case"))
        by_ratings = running.filter(therapist=OuterRef("series__therapist"))
        left = Episode.objects.filter(
            ~Exists(by_ratings), clinic=clinic, case__ended_on=None, series__therapist__isnull=False
        )
        _end(left, EpisodeStatus.HANDOVER, at)
        by_hand = running.filter(therapist=OuterRef("opened_by"))
        seen_in_the_room = Episode.objects.filter(clinic=clinic, case__ended_on=None, series=None)
        _end(seen_in_the_room.filter(~Exists(by_hand)), EpisodeStatus.HANDOVER, at)


def _end(episodes: "QuerySet[Episode]", status: EpisodeStatus, at: datetime) -> None:
    for episode in locked(episodes.filter(status__in=MAY_STILL_CHANGE)):
        _change_status(episode, status, None, at)
        episode.save(update_fields=["status", "closed_at"])
        record_change(episode, at=at, actor=SYSTEM, action=f"episode.{status}", object_kind="episode")


def _change_status(
    episode: Episode, status: EpisodeStatus, encounter: Encounter | None, at: datetime
) -> None:
    _note(episode, "status", (episode.status, status), encounter, at)
    episode.status, episode.closed_at = status, at


def _note(
    episode: Episode, kind: str, change: tuple[str, str], encounter: Encounter | None, at: datetime
) -> None:
    before, after = change
    EpisodeEvent.objects.create(
        clinic_id=episode.clinic_id,
        episode=episode,
        at=at,
        encounter=encounter,
        kind=kind,
        before=before,
        after=after,
    )


def hear_client(*, response: Response, at: datetime) -> None:
    """Let the client's own answers confirm a strain, or contradict a repair the ratings suggest.

    "A little" or "clearly" about a session from the onset to the repair confirms; "clearly" or "not yet worked out"
    about the repair session or a later one contradicts. A later answer that it was worked out takes that back, and
    is the client's own yes to the repair: silence is none. The case is locked already.
    """
    occasion = response.occasion
    about_the_work = Q(series__scale=SELF_THERAPIST) | Q(series=None)  # without a series: seen in the room
    episodes = Episode.objects.filter(
        about_the_work, case_id=occasion.case_id, member=occasion.respondent
    ).exclude(status=EpisodeStatus.WITHDRAWN)
    for episode in episodes.select_related("onset", "repair_encounter"):
        hear_about(episode, at)


def hear_about(episode: Episode, at: datetime) -> None:
    """Let what the client has answered since the onset say whether there was strain, and whether it is worked out."""
    words = list(_words_since(episode))
    repaired_at = episode.repair_encounter.starts_at if episode.repair_encounter else None
    said = any(
        a.choice in TENSION_SAID and (repaired_at is None or _about(a).starts_at <= repaired_at)
        for a in words
        if a.item == TENSION_ITEM
    )
    contradicted = agreed = False
    for answer in words:
        if repaired_at is None or _about(answer).starts_at < repaired_at:
            continue
        if answer.choice in ("clearly", "not_yet"):
            contradicted, agreed = True, False
        elif answer.item == FOLLOW_UP_ITEM and answer.choice == "yes":
            contradicted, agreed = False, True
    _set(episode, "client_confirmed_at", said, at)
    _set(episode, "contradicted_at", contradicted, at)
    _set(episode, "client_said_repaired_at", agreed, at)


def _words_since(episode: Episode) -> "QuerySet[Answer]":
    return (
        Answer.objects.filter(
            response__occasion__case_id=episode.case_id,
            response__occasion__respondent_id=episode.member_id,
            response__occasion__encounter__starts_at__gte=episode.onset.starts_at,
            response__state__in=(ResponseState.COMPLETED, ResponseState.CLOSED),
            item__in=(TENSION_ITEM, FOLLOW_UP_ITEM),
        )
        .select_related("response__occasion__encounter")
        .order_by("response__occasion__encounter__starts_at", "answered_at")
    )


def _about(answer: Answer) -> Encounter:
    encounter = answer.response.occasion.encounter
    if encounter is None:
        raise ValueError(
            f"Answer {answer.pk} belongs to no encounter; only answers about encounters are heard."
        )
    return encounter


def _set(episode: Episode, field: str, holds: bool, at: datetime) -> None:  # noqa: FBT001 - a fact, not a switch
    before = getattr(episode, field)
    if holds == (before is not None):
        return
    setattr(episode, field, at if holds else None)
    episode.save(update_fields=[field])
    change = ("no", "yes") if holds else ("yes", "no")
    _note(episode, field.removesuffix("_at"), change, None, at)
