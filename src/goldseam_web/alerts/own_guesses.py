"""What a therapist rated before they looked, beside what clients rated of the same sessions.

For nobody but them, and for whoever supervises them as long as they share it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from goldseam import TableError, TruthAndBias, truth_and_bias, unrecognised_strain
from goldseam_web.accounts.models import Phase, Staff
from goldseam_web.accounts.queries import Viewer, on_day
from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.cases.access import own_cases, visible_cases
from goldseam_web.cases.models import Case, CaseTherapist, EncounterState
from goldseam_web.measures.models import ResponseState, Score
from goldseam_web.measures.own_measures import SELF_THERAPIST, THERAPIST_VIEW
from goldseam_web.measures.whose_view import RATED_OF_THEMSELVES

if TYPE_CHECKING:
    import polars as pl

_COLUMNS = ("case", "rater", "scale", "phase", "session", "value", "minimum", "maximum")
THERAPIST = "therapist"


@dataclass(frozen=True)
class OwnGuesses:
    """How a therapist's ratings relate to clients' (None: they never rated the same session), and strains unseen.

    ``strains``: those found with a client at sessions that the therapist rated too, after three earlier ratings of
    theirs; ``unseen``: those of them at which their rating did not fall and that they did not note themselves.
    """

    beside: TruthAndBias | None
    strains: int
    unseen: int


def own_guesses(viewer: Viewer, *, since: datetime) -> OwnGuesses:
    """Of the cases the viewer treats, from sessions that began then or later. Two statements."""
    return _guesses(viewer.staff_id, own_cases(viewer), since)


def shared_guesses(viewer: Viewer, therapist: Staff, *, since: datetime) -> OwnGuesses | None:
    """What a therapist shares of that, of the cases they treat today that this viewer may read; None: nothing."""
    if therapist.ratings_shared_at is None:
        return None
    treated = CaseTherapist.objects.filter(on_day(viewer.today), therapist=therapist).values("case")
    return _guesses(therapist.pk, visible_cases(viewer).filter(pk__in=treated), since)


def _guesses(therapist: UUID, own: "QuerySet[Case]", since: datetime) -> OwnGuesses:
    mine = Q(scale=THERAPIST_VIEW, series__rater_staff=therapist)
    of_me = Q(scale=SELF_THERAPIST, series__therapist=therapist)
    scores = (
        Score.objects.filter(
            RATED_OF_THEMSELVES,
            mine | of_me,
            series__case__in=own,
            series__phase=Phase.POST,
            encounter__state=EncounterState.HELD,
            encounter__starts_at__gte=since,
            value__isnull=False,
            late=False,
            response__in_company_at=None,
        )
        .exclude(response__state=ResponseState.AMENDED)
        .order_by("encounter__starts_at", "response__revision", "response__rated_at")
    )
    facts = ("series__case", "series__rater", "encounter", "scale", "value", "minimum", "maximum")
    by_ratings = Q(series__scale=SELF_THERAPIST, series__therapist=therapist)
    by_hand = Q(series=None, opened_by=therapist)
    strains = Episode.objects.filter(by_ratings | by_hand, case__in=own, onset__starts_at__gte=since)
    found = strains.exclude(status=EpisodeStatus.WITHDRAWN).values_list("case", "member", "onset", "series")
    return _figures(list(scores.values_list(*facts)), list(found))


def _figures(
    scores: list[tuple[UUID, UUID | None, UUID, str, float, float, float]],
    strains: list[tuple[UUID, UUID | None, UUID, UUID | None]],
) -> OwnGuesses:
    """The newest rating of a session counts; sessions are numbered by those that anybody rated."""
    import polars as pl

    numbers: dict[UUID, int] = {}
    in_case: dict[UUID, int] = {}
    rows = {}
    for case, rater, encounter, scale, *numeric in scores:
        if encounter not in numbers:
            numbers[encounter] = in_case[case] = in_case.get(case, 0) + 1
        by = str(rater) if rater else THERAPIST
        known = (str(case), by, scale, Phase.POST.value, numbers[encounter], *numeric)
        rows[case, by, scale, encounter] = known
    if {scale for _, _, scale, _ in rows} != {SELF_THERAPIST, THERAPIST_VIEW}:
        return OwnGuesses(None, 0, 0)
    ratings = pl.DataFrame(list(rows.values()), schema=list(_COLUMNS), orient="row")
    try:
        beside = truth_and_bias(ratings)
    except TableError:  # no session that both rated, or another range since a new version of the measure
        return OwnGuesses(None, 0, 0)
    events, noted = [], []
    for case, who, onset, series in strains:
        if series is None and onset in numbers:
            noted.append((str(case), numbers[onset]))
        elif (case, str(who), SELF_THERAPIST, onset) in rows:
            events.append((str(case), str(who), numbers[onset]))
    return OwnGuesses(beside, *_unseen(ratings, events, noted))


def _unseen(
    ratings: "pl.DataFrame", events: list[tuple[str, str, int]], noted: list[tuple[str, int]]
) -> tuple[int, int]:
    import polars as pl

    if not events:
        return 0, 0
    columns = {"case": pl.String, "rater": pl.String, "onset_session": pl.Int64}
    table = pl.DataFrame(sorted(set(events)), schema=columns, orient="row").with_columns(
        scale=pl.lit(SELF_THERAPIST),
        phase=pl.lit(Phase.POST.value),
        status=pl.lit("open"),
        p=pl.lit(None, dtype=pl.Float64),
        repair_session=pl.lit(None, dtype=pl.Int64),
    )
    said = pl.DataFrame(sorted(set(noted)), schema={"case": pl.String, "session": pl.Int64}, orient="row")
    verdicts = unrecognised_strain(ratings, table, noted=said).get_column("unrecognised").to_list()
    return sum(one in ("met", "not met") for one in verdicts), verdicts.count("met")
