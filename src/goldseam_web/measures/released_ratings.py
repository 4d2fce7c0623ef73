"""What is shown to all of them together: ratings that each released, of sessions that all of them rated.

Of each member what their own answers show them, and of it the work with the therapist as they see it: their own, and
with all of them. No private tap, no word, no rating of each other, nothing of a child by somebody else, no finding.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from goldseam_web.cases.joint_tables import JointRelease
from goldseam_web.cases.models import EncounterState
from goldseam_web.measures.models import ResponseState, Score
from goldseam_web.measures.own_measures import GROUP_THERAPIST, SELF_THERAPIST
from goldseam_web.measures.whose_view import RATED_OF_THEMSELVES

SHOWN_TOGETHER = (SELF_THERAPIST, GROUP_THERAPIST)


@dataclass(frozen=True)
class RatedTogether:
    """One relation, session by session, oldest first; values by member, one of each."""

    scale: str
    therapist: str
    days: tuple[date, ...]
    values: Mapping[UUID, tuple[float, ...]]
    minimum: float
    maximum: float


def rated_together(releases: Sequence[JointRelease]) -> list[RatedTogether]:
    """Up to the earliest release; a session that one of them did not rate is left out, and leaves no gap.

    The releases come with their session (``up_to``). One statement.
    """
    if not releases:
        return []
    given_by = {release.member_id: release.at for release in releases}
    rows = (
        Score.objects.filter(
            RATED_OF_THEMSELVES,
            series__rater__in=given_by,
            scale__in=SHOWN_TOGETHER,
            value__isnull=False,
            encounter__starts_at__lte=min(release.up_to.starts_at for release in releases),
        )
        .exclude(response__state=ResponseState.AMENDED)
        .exclude(encounter__state=EncounterState.CANCELLED)
        .select_related("series__therapist", "encounter", "response")
        .order_by("encounter__starts_at", "response__rated_at", "pk")
    )
    found: dict[tuple[str, UUID | None, str, int], list[Score]] = {}
    for row in rows:
        rated_at, series = row.response.rated_at, row.series
        if series.rater_id and rated_at is not None and rated_at <= given_by[series.rater_id]:
            relation = (row.scale, series.therapist_id, series.phase, series.major)
            found.setdefault(relation, []).append(row)
    together = [_together(scores, given_by) for scores in found.values()]
    return sorted(
        filter(None, together), key=lambda one: (SHOWN_TOGETHER.index(one.scale), one.days[0], one.therapist)
    )


def _together(scores: Sequence[Score], raters: Iterable[UUID]) -> RatedTogether | None:
    days: dict[UUID, date] = {}
    by_session: dict[UUID, dict[UUID, float]] = {}
    for score in scores:
        if score.encounter is not None and score.series.rater_id and score.value is not None:
            days[score.encounter.pk] = score.encounter.local_date
            by_session.setdefault(score.encounter.pk, {})[score.series.rater_id] = score.value
    raters = list(raters)
    shared = [session for session, values in by_session.items() if len(values) == len(raters)]
    if not shared:
        return None
    last = scores[-1]
    return RatedTogether(
        scale=last.scale,
        therapist=last.series.therapist.called if last.series.therapist else "",
        days=tuple(days[session] for session in shared),
        values={rater: tuple(by_session[session][rater] for session in shared) for rater in raters},
        minimum=last.minimum,
        maximum=last.maximum,
    )
