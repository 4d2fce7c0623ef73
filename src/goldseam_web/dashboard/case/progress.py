"""Small charts of how each member is doing."""

from goldseam_web.cases.models import Member
from goldseam_web.dashboard.case.page import ProgressFigure
from goldseam_web.dashboard.case.record import CaseRecord
from goldseam_web.dashboard.case.rows import PROGRESS, CaseRows
from goldseam_web.dashboard.drawing import draw_small
from goldseam_web.dashboard.language.times import first_capital

FIGURES_PER_MEMBER = {1: 4, 2: 2}


def progress_figures(rows: CaseRows) -> tuple[ProgressFigure, ...]:
    """Small charts of the same size, those of one member together."""
    record = rows.record
    per_member = FIGURES_PER_MEMBER.get(len(record.members), 2)
    figures: list[ProgressFigure] = []
    for member in record.members:
        rated = [s for s in PROGRESS if record.ratings_by(member.id, s)]
        figures += [_figure(record, member, s) for s in rated[:per_member]]
    return tuple(figures)


def _figure(record: CaseRecord, member: Member, scale: str) -> ProgressFigure:
    values = record.values(member.id, scale)
    some = next(iter(record.ratings_by(member.id, scale).values()))
    name = (
        f"{record.name(member.id)}, {PROGRESS[scale]}"
        if len(record.members) > 1
        else first_capital(PROGRESS[scale])
    )
    given = [v for v in values if v is not None]
    return ProgressFigure(
        name=name,
        change=_change(given),
        chart=draw_small(member.position, values, some.minimum, some.maximum),
        label=f"{name}: from {given[0]:.1f} to {given[-1]:.1f}" if given else f"{name}: no answers yet",
    )


def _change(given: list[float]) -> str:
    """The change and no more: how large one must be to be beyond chance is not known for these scales yet."""
    if len(given) < 2:
        return "one answer so far" if given else "no answers yet"
    change = given[-1] - given[0]
    if round(change, 1) == 0:
        return "As at the first answer"
    return f"{'Up' if change > 0 else 'Down'} {abs(change):.1f} since the first"
