"""When a criterion gets a new version, or a clinic other norms: what was said stands, what runs is followed on.

A session is judged by the rules in force when its rating came in. An episode is followed to its end by the rules it
began with, for baseline, depth and repair belong together. A strain that only the new rules see begins at the first
session they judge.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from goldseam import detect
from goldseam_web.alerts.models import Episode, EpisodeStatus, Evaluation, NormsVersion, Verdict
from goldseam_web.alerts.services.judged_course import Said
from goldseam_web.alerts.services.norms import norms_of
from goldseam_web.alerts.services.ratings import Ratings

# A row of the table of events, as a plain mapping; "slow" says that the channel for slow decline opened it.
Event = dict[str, Any]
# By encounter: the evaluations made by rules that are no longer in force, and still right about what was rated.
EarlierEvaluations = Mapping[uuid.UUID, Said]


def followed_events(
    ratings: Ratings, criterion: str, by_earlier_rules: EarlierEvaluations, strains: Iterable[Episode]
) -> list[Event]:
    """The episodes that began under earlier rules, as those rules see them today; no other event of theirs."""
    began_by: dict[tuple[str, uuid.UUID | None], set[uuid.UUID]] = {}
    for strain in strains:
        said = by_earlier_rules.get(strain.onset_id)
        stands = strain.series_id == ratings.series.pk and strain.status != EpisodeStatus.WITHDRAWN
        if said is not None and stands:
            began_by.setdefault((said.criterion_version, said.norms_id), set()).add(strain.onset_id)
    return [
        event
        for (version, norms), began in began_by.items()
        for event in _events(ratings, criterion, version, norms)
        if ratings.by_session[event["onset_session"]].id in began
    ]


def _events(ratings: Ratings, criterion: str, version: str, norms_id: uuid.UUID | None) -> list[Event]:
    given = norms_of(NormsVersion.objects.get(pk=norms_id)) if norms_id else None
    return detect(ratings.course, criterion=criterion, version=int(version), norms=given).episode_dicts()


def begun_events(
    ratings: Ratings,
    events: Iterable[Event],
    followed: Sequence[Event],
    evaluations: Mapping[uuid.UUID, Evaluation],
    by_earlier_rules: EarlierEvaluations,
) -> list[Event]:
    """The events of the rules in force, from the first session they judge on, while nothing earlier is running."""

    def is_free(session: int) -> bool:
        return not any(each["onset_session"] <= session <= each["last_session"] for each in followed)

    begun = []
    for event in events:
        onset = event["onset_session"]
        if ratings.by_session[onset].id not in by_earlier_rules:
            found: Event | None = event if is_free(onset) else None
        else:
            found = _seen_late(ratings, event, evaluations, by_earlier_rules, is_free)
        if found is not None:
            begun.append(found)
    return begun


def _seen_late(
    ratings: Ratings,
    event: Event,
    evaluations: Mapping[uuid.UUID, Evaluation],
    by_earlier_rules: EarlierEvaluations,
    is_free: Callable[[int], bool],
) -> Event | None:
    """An event that began before the rules in force did, from the first session on of which they say *met*."""
    for session, encounter in ratings.by_session.items():
        if not event["onset_session"] < session <= event["last_session"] or encounter.id in by_earlier_rules:
            continue
        said = evaluations[encounter.id]
        if said.verdict == Verdict.MET and is_free(session):
            seen = {"onset_session": session, "value": said.value, "grade": said.grade, "p": said.p}
            return {**event, **seen, "slow": False}
    return None
