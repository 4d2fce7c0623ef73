"""Keeping episodes in step with what detection says about a series, and hearing the client's own word on them."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import local_day, on_day
from goldseam_web.accounts.services import record_change
from goldseam_web.alerts.models import MAY_STILL_CHANGE, Episode, EpisodeEvent, EpisodeStatus
from goldseam_web.alerts.services.ratings import HeldSession, Ratings
from goldseam_web.alerts.services.repair_doubts import repair_doubt
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import CaseTherapist
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.models import Occasion, Series

# Ended by something other than ratings; no later rating of the old series changes that.
ENDED_OTHERWISE = (EpisodeStatus.HANDOVER, EpisodeStatus.MEASURE_CHANGED)


def strains_of(occasion: Occasion) -> list[Episode]:
    """The episodes of whoever answered that stand, locked; what is opened from now on is added to the list."""
    stands = Episode.objects.filter(case=occasion.case_id, member=occasion.respondent_id).exclude(
        status=EpisodeStatus.WITHDRAWN
    )
    return list(locked(stands.select_related("series", "onset", "repair_encounter")))


def keep_episodes(
    ratings: Ratings,
    events: Sequence[Mapping[str, Any]],
    by_earlier_rules: Collection[uuid.UUID],
    strains: list[Episode],
    at: datetime,
) -> dict[int, Episode]:
    """Open, update or withdraw the episodes of a series; returned by onset session.

    The baseline and grade at onset are frozen when the episode is first stored. At encounters whose evaluation
    stands from earlier rules, none is withdrawn. ``strains`` are all of this client's that stand.
    """
    by_session = ratings.by_session
    known = {
        e.onset_id: e
        for e in strains
        if e.series_id == ratings.series.pk and e.status != EpisodeStatus.WITHDRAWN
    }
    kept: dict[int, Episode] = {}
    for event in events:
        onset = by_session[event["onset_session"]]
        episode = known.pop(onset.id, None)
        if episode is None:
            episode = _open(ratings, event, onset, at)
            strains.append(episode)
        if episode.status not in ENDED_OTHERWISE:
            _update(episode, event, ratings, at)
        kept[event["onset_session"]] = episode
    for episode in known.values():
        if episode.onset_id in by_earlier_rules or episode.status in ENDED_OTHERWISE:
            continue
        if episode.onset_id in ratings.in_company:
            _stays_open(episode, at)
            continue
        _change_status(episode, EpisodeStatus.WITHDRAWN, at)
        episode.save(update_fields=["status", "closed_at"])
    return kept


def _open(ratings: Ratings, event: Mapping[str, Any], onset: HeldSession, at: datetime) -> Episode:
    series = ratings.series
    last = Episode.objects.filter(case_id=series.case_id).aggregate(last=Max("number"))["last"] or 0
    return Episode(
        clinic_id=series.clinic_id,
        case_id=series.case_id,
        series=series,
        member=series.rater,
        number=last + 1,
        onset_id=onset.id,
        onset_kind=event["onset_kind"],
        onset_grade=event["grade"],
        baseline=event["baseline"],
        spread=event["spread"],
        onset_value=event["value"],
        status=EpisodeStatus.OPEN,
        opened_at=at,
    )


def _update(episode: Episode, event: Mapping[str, Any], ratings: Ratings, at: datetime) -> None:
    """Write what is another than before."""
    by_session = ratings.by_session
    onset, nadir = by_session[event["onset_session"]], by_session.get(event["nadir_session"])
    repaired = by_session.get(event["repair_session"])
    is_new, before = episode._state.adding, episode.status  # noqa: SLF001 - Django's own "not stored yet"
    found = {
        "nadir": event["nadir"],
        "nadir_encounter_id": nadir.id if nadir else None,
        "depth": event["depth"],
        "depth_z": event["depth_z"],
        "duration": event["duration"],
        "shape": event["shape"] or "",
        "repair_encounter_id": repaired.id if repaired else None,
        "repair_doubt": repair_doubt(ratings, onset, repaired) or "",
        "status": event["status"],
        "closed_at": None if event["status"] in MAY_STILL_CHANGE else episode.closed_at or at,
    }
    changed = [name for name, value in found.items() if getattr(episode, name) != value]
    for name in changed:
        setattr(episode, name, found[name])
    if is_new:
        episode.save(force_insert=True)
    elif changed:
        episode.save(update_fields=changed)
    if is_new or before != episode.status:
        _note(
            episode,
            "status",
            ("" if is_new else before, episode.status),
            episode.repair_encounter_id or onset.id,
            at,
        )


def _stays_open(episode: Episode, at: datetime) -> None:
    """What a form raised that was answered in company stays open: no rating is compared with it any more."""
    if episode.status in (EpisodeStatus.OPEN, EpisodeStatus.INDETERMINATE):
        return
    _note(episode, "status", (episode.status, EpisodeStatus.OPEN), None, at)
    episode.status, episode.closed_at, episode.repair_encounter = EpisodeStatus.OPEN, None, None
    episode.save(update_fields=["status", "closed_at", "repair_encounter"])


def end_by_new_measure(strains: Iterable[Episode], *, series: Sequence[Series], at: datetime) -> None:
    """Ratings by a new major version are not compared with those by an older one: what is open ends, and is told."""

    def is_older(of: Series | None) -> bool:
        return of is not None and any(
            (of.rater_id, of.scale, of.measure_key) == (each.rater_id, each.scale, each.measure_key)
            and of.major < each.major
            for each in series
        )

    older = [e for e in strains if e.status in MAY_STILL_CHANGE and is_older(e.series)]
    _end(older, EpisodeStatus.MEASURE_CHANGED, at)


@one_transaction
def end_by_handover(*, at: datetime) -> None:
    """An episode is about one therapist: when nobody goes on with that work, it ends and becomes history.

    Asked only of what may still change, of which there is an index and which is never closed: a clinic's past grows.
    """
    for clinic in Clinic.objects.all():
        open_ones = Episode.objects.filter(
            clinic=clinic, case__ended_on=None, status__in=MAY_STILL_CHANGE, closed_at=None
        )
        running = CaseTherapist.objects.filter(on_day(local_day(clinic, at)), case=OuterRef("case"))
        by_ratings = running.filter(therapist=OuterRef("series__therapist"))
        left = open_ones.filter(~Exists(by_ratings), series__therapist__isnull=False)
        _end(locked(left), EpisodeStatus.HANDOVER, at)
        by_hand = running.filter(therapist=OuterRef("opened_by"))
        _end(locked(open_ones.filter(~Exists(by_hand), series=None)), EpisodeStatus.HANDOVER, at)


def _end(episodes: "Iterable[Episode] | QuerySet[Episode]", status: EpisodeStatus, at: datetime) -> None:
    for episode in episodes:
        _change_status(episode, status, at)
        episode.save(update_fields=["status", "closed_at"])
        record_change(episode, at=at, actor=SYSTEM, action=f"episode.{status}", object_kind="episode")


def _change_status(episode: Episode, status: EpisodeStatus, at: datetime) -> None:
    _note(episode, "status", (episode.status, status), None, at)
    episode.status, episode.closed_at = status, at


def _note(
    episode: Episode, kind: str, change: tuple[str, str], encounter: uuid.UUID | None, at: datetime
) -> None:
    before, after = change
    EpisodeEvent.objects.create(
        clinic_id=episode.clinic_id,
        episode=episode,
        at=at,
        encounter_id=encounter,
        kind=kind,
        before=before,
        after=after,
    )
