"""What a client gave and said over the sessions, for themselves: ratings, what was taken up, and their own taps.

Nothing of anybody else, no finding, and only what came first: what was sent later from another device is not theirs
for sure.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from goldseam_web.measures.mending_tables import MendingTap, MetElsewhere
from goldseam_web.measures.models import HANDED_IN, Answer, Response, ResponseState, Score
from goldseam_web.measures.own_measures import (
    GROUP_THERAPIST,
    HOME_ITEM,
    OTHER_THERAPIST,
    SELF_THERAPIST,
    WITHIN,
)
from goldseam_web.measures.whose_view import RATED_OF_THEMSELVES

RELATIONS = (SELF_THERAPIST, OTHER_THERAPIST, GROUP_THERAPIST, WITHIN)


@dataclass(frozen=True, order=True)
class RatedSession:
    """The latest one is the greatest."""

    starts_at: datetime
    day: date
    id: UUID


@dataclass(frozen=True)
class OwnSeries:
    """One relation as the client rated it, oldest first; ``therapist`` is empty among the members.

    ``sessions``: about which each was, with its beginning and its day.
    """

    scale: str
    therapist: str
    given: tuple[tuple[datetime, float], ...]
    minimum: float
    maximum: float
    sessions: tuple[RatedSession, ...] = ()


@dataclass(frozen=True)
class OwnSaying:
    """What was said of one time; empty where nothing was.

    ``home`` is what was answered on settling things at home; ``elsewhere`` is not read by another word.
    """

    said_at: datetime
    taken_up: str
    taps: tuple[str, ...]
    elsewhere: str
    home: str = ""


def own_series(member_id: UUID) -> list[OwnSeries]:
    rows = (
        Score.objects.filter(
            RATED_OF_THEMSELVES, series__rater=member_id, scale__in=RELATIONS, value__isnull=False
        )
        .exclude(response__state=ResponseState.AMENDED)
        .order_by("series_id", "response__rated_at")
        .values_list(
            "series_id",
            "scale",
            "series__therapist__called",
            "response__rated_at",
            "value",
            "minimum",
            "maximum",
            "encounter__starts_at",
            "encounter__local_date",
            "encounter_id",
        )
    )
    found = [_series(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row[0])]
    return sorted(found, key=lambda series: (RELATIONS.index(series.scale), series.given[0][0]))


def _series(rows: list[tuple[Any, ...]]) -> OwnSeries:
    _, scale, therapist, _, _, minimum, maximum, *_ = rows[-1]
    given = tuple((row[3], row[4]) for row in rows)
    sessions = tuple(RatedSession(*row[7:]) for row in rows if row[7] is not None)
    return OwnSeries(scale, therapist or "", given, minimum, maximum, sessions)


def own_sayings(member_id: UUID, *, since: datetime) -> list[OwnSaying]:
    """Since when their word was chosen, for what they tapped for themselves: who changes the word reads none of it.

    Three statements, whatever there is.
    """
    home = Answer.objects.filter(response=OuterRef("pk"), item=HOME_ITEM, skipped=False)
    forms = Response.objects.filter(
        occasion__respondent=member_id, state__in=HANDED_IN, rated_at__isnull=False
    ).annotate(home=Coalesce(Subquery(home.values("choice")[:1]), Value("")))
    forms = forms.exclude(taken_up="", home="")
    said = MendingTap.objects.filter(response__occasion__respondent=member_id)
    own = MetElsewhere.objects.filter(
        response__occasion__respondent=member_id, is_of_sender=True, said_at__gte=since
    )
    taps: dict[UUID, list[str]] = {}
    for tap in said:
        taps.setdefault(tap.response_id, []).append(tap.what)
    elsewhere = {each.response_id: each.place for each in own}
    return [
        OwnSaying(
            said_at=response.rated_at,
            taken_up=response.taken_up,
            taps=tuple(taps.get(response.pk, ())) if response.is_mended else (),
            elsewhere=elsewhere.get(response.pk, "") if response.is_mended else "",
            home=response.home,
        )
        for response in forms.order_by("rated_at")
        if response.rated_at is not None
    ]
