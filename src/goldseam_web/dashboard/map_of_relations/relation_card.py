"""Who rated which relation: a picture, its sentence, and the table behind it."""

from collections.abc import Sequence

from goldseam_web.alerts.case_standing.state_facts import record_of
from goldseam_web.alerts.states import Group, Relation
from goldseam_web.cases.models import CaseKind, Member
from goldseam_web.dashboard.case.page import Cell
from goldseam_web.dashboard.drawing import (
    RelationFigures,
    RelationValue,
    Seat,
    TherapistSeat,
    draw_narrow,
    draw_wide,
)
from goldseam_web.dashboard.language import relations_page as say
from goldseam_web.dashboard.language.phrases import session
from goldseam_web.dashboard.map_of_relations.page import RelationCard, RelationRow
from goldseam_web.dashboard.map_of_relations.ratings_about import (
    INSIDE,
    About,
    RelationView,
    earlier_rating,
    shown,
)
from goldseam_web.measures.own_measures import SELF_THERAPIST, WITHIN


def relation_card(view: RelationView) -> RelationCard:
    """The card of a case in which at least one session was rated."""
    record, about = view.record, view.about
    seats = tuple(_seat(view, m) for m in view.seated)
    some = next(iter(view.told(about[0]).ratings_by(about[0].rater, SELF_THERAPIST).values()))
    figures = RelationFigures(
        therapists=tuple(
            TherapistSeat(a.name, say.ABOUT.format(session=session(record.session(a.encounter.id))))
            for a in about
        ),
        seats=seats,
        relations=say.HEADS[view.kind],
        minimum=some.minimum,
        maximum=some.maximum,
    )
    columns = [say.WITH_YOU.told(own=a.own).format(therapist=a.name) for a in about]
    columns += say.COLUMNS[view.kind]
    return RelationCard(
        sentence=_ranges(view, seats),
        wide=draw_wide(figures),
        narrow=draw_narrow(figures),
        label=_described(seats, columns),
        caption=" ".join(_caption(view, seats)),
        columns=tuple(columns),
        rows=tuple(_row(view, m) for m in view.seated),
    )


def _seat(view: RelationView, member: Member) -> Seat:
    record, judging = view.record, view.visit.judging
    worth = [s for s in view.status.states if s.member == member.id and s.group == Group.WORTH]
    therapists = {record_of(record, s).therapist_id for s in worth if s.relation == Relation.THERAPIST}
    ties = tuple(
        shown(
            view.value(member, SELF_THERAPIST, a), judging=judging, worth_a_word=a.therapist_id in therapists
        )
        for a in view.about
    )
    inside = tuple(
        shown(
            view.value(member, scale, view.latest),
            judging=judging,
            worth_a_word=scale == WITHIN and any(s.relation == Relation.WITHIN for s in worth),
        )
        for scale in INSIDE
    )
    silent = all(each.value is None for each in (*ties, *inside))
    last = view.latest.encounter
    named = record.asked_about(last, member.id)
    reason = view.reason(member, SELF_THERAPIST, last, named) if silent else ""
    return Seat(
        position=member.position,
        name=record.name(member.id),
        role=say.ROLES[member.role] if record.case.kind == CaseKind.FAMILY else "",
        ties=ties,
        others=inside,
        reason=say.REASON_LINES[reason] if silent else ("", ""),
    )


def _ranges(view: RelationView, seats: Sequence[Seat]) -> str:
    """From the lowest to the highest of each relation: names stand in the picture, beside each other."""
    told = []
    for k, each in enumerate(view.about):
        said = say.RANGE_TIE.told(own=each.own), say.ONE_TIE.told(own=each.own)
        told += _range([s.ties[k] for s in seats], *said, therapist=each.name)
    for k, texts in enumerate(zip(say.RANGE[view.kind], say.ONE_OF[view.kind], strict=True)):
        told += _range([s.others[k] for s in seats], *texts)
    return " ".join(told)


def _range(values: Sequence[RelationValue], text: str, one: str, **places: str) -> list[str]:
    given = [v.value for v in values if v.value is not None]
    if not given:
        return []
    alike = round(max(given) - min(given), 1) == 0
    return [(one if alike else text).format(low=min(given), high=max(given), **places)]


def _caption(view: RelationView, seats: Sequence[Seat]) -> list[str]:
    told = [say.CAPTION[view.kind]]
    if any(v.low for s in seats for v in (*s.ties, *s.others)):
        told.append(say.LOW_MARKED)
    last = view.held[-1]
    if last.starts_at > view.latest.encounter.starts_at:
        told.append(say.LATER_SESSION.format(session=session(view.record.session(last.id))))
    return told


def _described(seats: Sequence[Seat], columns: Sequence[str]) -> str:
    """The picture for those who cannot see it."""
    told = []
    for seat in seats:
        values = zip(columns, (*seat.ties, *seat.others), strict=True)
        ratings = [f"{name} {v.text}" for name, v in values if v.value is not None]
        reason = " ".join(filter(None, seat.reason))
        told.append(say.DESCRIBED.format(name=seat.name, ratings=", ".join(ratings) or reason))
    return " ".join(told)


def _row(view: RelationView, member: Member) -> RelationRow:
    cells = [rating_cell(view, member, SELF_THERAPIST, a) for a in view.about]
    cells += [rating_cell(view, member, scale, view.latest) for scale in INSIDE]
    return RelationRow(view.record.name(member.id), tuple(cells))


def rating_cell(view: RelationView, member: Member, scale: str, about: About) -> Cell:
    """The rating with its change since the last one of the same relation, or why there is none and what it was last."""
    record, encounter = view.told(about), about.encounter
    value = view.value(member, scale, about)
    before = earlier_rating(record, member, scale, encounter)
    since = session(record.session(before[0].id)) if before else ""
    if value is not None:
        return Cell(f"{value:.1f}", _change(value - before[1], since) if before else "")
    reason = say.REASONS[view.reason(member, scale, encounter, about.therapist_id)]
    if before:
        reason = say.LAST_RATED.format(reason=reason, value=before[1], session=since)
    return Cell(RelationValue(None).text, reason)


def _change(change: float, since: str) -> str:
    if round(change, 1) == 0:
        return say.UNCHANGED.format(session=since)
    return (say.UP if change > 0 else say.DOWN).format(change=abs(change), session=since)
