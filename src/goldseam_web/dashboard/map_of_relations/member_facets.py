"""Each member's goals, way of working, being understood and speaking up over the sessions, with what noise makes."""

from math import sqrt
from statistics import NormalDist, fmean

from goldseam_web.alerts.single_answers import ANSWER_SD
from goldseam_web.cases.models import Member
from goldseam_web.dashboard.case.page import ProgressFigure
from goldseam_web.dashboard.case.progress_figures import change_in_words
from goldseam_web.dashboard.drawing import draw_small
from goldseam_web.dashboard.language import relations_page as say
from goldseam_web.dashboard.map_of_relations.page import MemberFacets
from goldseam_web.dashboard.map_of_relations.ratings_about import RelationView
from goldseam_web.measures.own_measures import FACETS

FEWEST_EARLIER = 3
INSIDE_BAND = 0.95


def facets_of_member(view: RelationView, member: Member) -> MemberFacets | None:
    """Small charts of one member; None where nothing was answered. No single answer raises an alert."""
    record = view.record
    given = (row for scale in FACETS for row in record.ratings_by(member.id, scale).values())
    if not any(record.is_current(row) and row.value is not None for row in given):
        return None
    return MemberFacets(record.name(member.id), tuple(_figure(view, member, scale) for scale in FACETS))


def _figure(view: RelationView, member: Member, scale: str) -> ProgressFigure:
    record, name = view.record, view.record.name(member.id)
    given = record.ratings_by(member.id, scale)
    rated = [
        given.get(e.id)
        for e in record.held
        if not record.with_them or record.asked_about(e, member.id) not in record.with_them
    ]
    values = [
        row.value if row is not None and record.is_current(row) and not row.late else None for row in rated
    ]
    there = [value for value in values if value is not None]
    band = noise_band(there) if view.visit.judging else None
    some = next(iter(given.values()), None)
    minimum, maximum = (some.minimum, some.maximum) if some else (0.0, 10.0)
    title = say.FACET_TITLES[scale]
    label = say.FACET_LABEL_EMPTY.format(name=name, facet=title)
    if there:
        noise = say.FACET_NOISE.format(low=band[0], high=band[1]) if band else ""
        label = say.FACET_LABEL.format(
            name=name, facet=title, count=len(there), first=there[0], last=there[-1], noise=noise
        ).strip()
    return ProgressFigure(
        name=title,
        change=change_in_words(there),
        chart=draw_small(member.position, values, minimum, maximum, band=band),
        label=label,
    )


def noise_band(given: list[float]) -> tuple[float, float] | None:
    """Where a further answer like the earlier ones lies in 19 of 20 sessions; None under three earlier ones.

    The earlier ones are all but the last; an answer's own SD is the assumed one of `alerts.single_answers`.
    """
    earlier = given[:-1]
    if len(earlier) < FEWEST_EARLIER:
        return None
    reach = NormalDist().inv_cdf((1 + INSIDE_BAND) / 2) * ANSWER_SD * sqrt(1 + 1 / len(earlier))
    return fmean(earlier) - reach, fmean(earlier) + reach
