"""The mendings of one client that are gold by now, for the client alone, once the end of the treatment is spoken of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.cases.models import Case, Ending
from goldseam_web.measures.own_measures import SELF_THERAPIST


@dataclass(frozen=True)
class OwnMending:
    """Between which two sessions the gold lies: of the lowest rating, and of the first that was back."""

    number: int
    lowest: UUID
    back: UUID


def looks_back(case: Case, day: date) -> bool:
    """Whether the end has been announced by this day, or was reached as planned: the same for every member."""
    announced = case.last_phase_since is not None and case.last_phase_since <= day
    return (announced and case.ended_on is None) or case.ending == Ending.PLANNED


def own_mendings(member_id: UUID) -> list[OwnMending]:
    """Only what is gold: held, confirmed, with the client's own yes and no doubt. One statement, whatever there is."""
    return [
        OwnMending(each.number, each.nadir_encounter_id, each.repair_encounter_id)
        for each in _repaired([member_id])
        if each.mended and each.nadir_encounter_id and each.repair_encounter_id
    ]


def numbers_of_gold(members: Iterable[UUID]) -> dict[UUID, set[int]]:
    """The numbers of what is gold to each. One statement, whatever there is."""
    found: dict[UUID, set[int]] = {}
    for each in _repaired(members):
        if each.mended and each.series is not None and each.series.rater_id is not None:
            found.setdefault(each.series.rater_id, set()).add(each.number)
    return found


def _repaired(members: Iterable[UUID]) -> "QuerySet[Episode]":
    repaired = Episode.objects.filter(
        series__rater__in=list(members), series__scale=SELF_THERAPIST, status=EpisodeStatus.REPAIRED
    )
    return repaired.select_related("series").order_by("number")
