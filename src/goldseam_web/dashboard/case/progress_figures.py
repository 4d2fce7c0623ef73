"""Small charts of how each member is doing."""

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.cases.models import Member
from goldseam_web.dashboard.case.page import ProgressFigure
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.drawing import draw_small
from goldseam_web.dashboard.language import case_page as say
from goldseam_web.dashboard.language.phrases import first_capital

FIGURES_PER_MEMBER = {1: 4, 2: 2}


def progress_figures(rows: CaseRows) -> tuple[ProgressFigure, ...]:
    """Small charts of the same size, those of one member together."""
    record = rows.record
    per_member = FIGURES_PER_MEMBER.get(len(record.members), 2)
    figures: list[ProgressFigure] = []
    for member in record.members:
        rated = [s for s in say.PROGRESS if record.ratings_by(member.id, s)]
        figures += [_figure(record, member, s) for s in rated[:per_member]]
    return tuple(figures)


def _figure(record: CaseRecord, member: Member, scale: str) -> ProgressFigure:
    values = record.values(member.id, scale)
    some = next(iter(record.ratings_by(member.id, scale).values()))
    name = first_capital(say.PROGRESS[scale])
    if len(record.members) > 1:
        name = say.PROGRESS_OF.format(name=record.name(member.id), scale=say.PROGRESS[scale])
    given = [v for v in values if v is not None]
    return ProgressFigure(
        name=name,
        change=change_in_words(given),
        chart=draw_small(member.position, values, some.minimum, some.maximum),
        label=label_in_words(name, given),
    )


def label_in_words(name: str, given: list[float]) -> str:
    if not given:
        return say.PROGRESS_LABEL_EMPTY.format(name=name)
    return say.PROGRESS_LABEL.format(name=name, first=given[0], last=given[-1])


def change_in_words(given: list[float]) -> str:
    """The change and no more: how large one must be to be beyond chance is not known for these scales yet."""
    if len(given) < 2:
        return say.ONE_ANSWER if given else say.NO_ANSWERS
    change = given[-1] - given[0]
    if round(change, 1) == 0:
        return say.UNCHANGED
    return (say.UP if change > 0 else say.DOWN).format(change=abs(change))
