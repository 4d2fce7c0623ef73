"""How each member is doing: small charts, and where it may be said what was to be expected of them."""

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.tracks import Tracks
from goldseam_web.cases.models import Member
from goldseam_web.dashboard.case.page import ProgressCard, ProgressFigure
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.case.track_lines import (
    FEWEST_FOR_A_NAME,
    ComparedProgress,
    OwnProgress,
    compared_progress,
)
from goldseam_web.dashboard.drawing import draw_small
from goldseam_web.dashboard.language import case_page as say
from goldseam_web.dashboard.language.phrases import first_capital
from goldseam_web.dashboard.language.track_words import LABEL_BAND, LEARNT_FROM, TOO_SHORT
from goldseam_web.dashboard.staff_visit import StaffVisit

FIGURES_PER_MEMBER = {1: 4, 2: 2}


def rates_progress(rows: CaseRows) -> bool:
    """Whether anybody in the case has ever rated how they are doing."""
    record = rows.record
    return any(record.ratings_by(m.id, scale) for m in record.members for scale in say.PROGRESS)


def progress_card(visit: StaffVisit, rows: CaseRows, tracks: Tracks | None) -> ProgressCard | None:
    """Small charts of the same size, those of one member together; None where nothing was rated.

    ``tracks``: what the clinic compares progress with.
    """
    record = rows.record
    per_member = FIGURES_PER_MEMBER.get(len(record.members), 2)
    rated = [
        (member, scale)
        for member in record.members
        for scale in [s for s in say.PROGRESS if record.ratings_by(member.id, s)][:per_member]
    ]
    if not rated:
        return None
    found = [(member, scale, _compared(visit, record, member, scale, tracks)) for member, scale in rated]
    lines = [compared.line for _, _, compared in found if compared is not None]
    compares = tracks is not None and any(line.track for line in lines)
    return ProgressCard(
        figures=tuple(_figure(record, *one) for one in found),
        lines=tuple(line for line in lines if line.track or line.shape),
        learnt_from=LEARNT_FROM.format(version=tracks.version) if tracks is not None and compares else "",
        too_short=TOO_SHORT.format(fewest=FEWEST_FOR_A_NAME) if any(not line.shape for line in lines) else "",
    )


def _compared(
    visit: StaffVisit, record: CaseRecord, member: Member, scale: str, tracks: Tracks | None
) -> ComparedProgress | None:
    if not visit.judging:
        return None
    own = OwnProgress.of(record, member.id, scale, _name(record, member, scale))
    return compared_progress(own, scale, tracks)


def _name(record: CaseRecord, member: Member, scale: str) -> str:
    if len(record.members) > 1:
        return say.PROGRESS_OF.format(name=record.name(member.id), scale=say.PROGRESS[scale])
    return first_capital(say.PROGRESS[scale])


def _figure(
    record: CaseRecord, member: Member, scale: str, compared: ComparedProgress | None
) -> ProgressFigure:
    values = record.values(member.id, scale)
    some = next(iter(record.ratings_by(member.id, scale).values()))
    name = _name(record, member, scale)
    given = [v for v in values if v is not None]
    label = label_in_words(name, given)
    if compared is not None and compared.last is not None:
        label = LABEL_BAND.format(label=label, low=compared.last.low, high=compared.last.high)
    return ProgressFigure(
        name=name,
        change=change_in_words(given),
        chart=draw_small(
            member.position, values, some.minimum, some.maximum, course=compared.band if compared else None
        ),
        label=label,
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
