"""The table behind the chart of a case."""

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.queries import SessionVerdict
from goldseam_web.cases.models import Encounter, Member
from goldseam_web.dashboard.case.chart_sentences import onset_texts, repair_texts
from goldseam_web.dashboard.case.page import Cell, Table, TableRow
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.language import case_chart as say
from goldseam_web.dashboard.language.phrases import DASH, first_capital
from goldseam_web.dashboard.language.times import day
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.own_measures import SELF_THERAPIST


def chart_table(visit: StaffVisit, rows: CaseRows, scale: str, selected: Member, about: str) -> Table:
    """``about``: with which therapist, where two hold the sessions."""
    record = rows.record
    caption = say.THERAPIST_TABLE if scale == SELF_THERAPIST else say.BETWEEN_TABLE
    caption = f"{about} {caption}" if about else caption
    return Table(
        names=tuple(record.name(m.id) for m in rows.raters),
        usual_of=record.name(selected.id) if visit.judging else "",
        caption=f"{caption} {say.USUAL_RANGE_EXPLAINED}" if visit.judging else caption,
        rows=tuple(_table_row(visit, rows, scale, selected, e) for e in record.held),
    )


def _table_row(
    visit: StaffVisit, rows: CaseRows, scale: str, selected: Member, encounter: Encounter
) -> TableRow:
    record = rows.record
    return TableRow(
        session=record.numbers[encounter.id],
        date=day(encounter.local_date, today=visit.viewer.today),
        cells=tuple(_cell(rows, scale, m, encounter) for m in rows.raters),
        usual=_usual_range(record.verdict(selected.id, scale, encounter.id)),
        happened=_happened(record, scale, encounter),
    )


def _usual_range(verdict: SessionVerdict | None) -> str:
    if verdict is None or verdict.usual_low is None or verdict.usual_high is None:
        return say.NOT_ENOUGH_DATA
    return say.RANGE.format(low=verdict.usual_low, high=verdict.usual_high)


def _cell(rows: CaseRows, scale: str, member: Member, encounter: Encounter) -> Cell:
    row = rows.record.ratings_by(member.id, scale).get(encounter.id)
    if row is not None and row.value is not None:
        return Cell(f"{row.value:.1f}", say.LATE if row.late else "")
    return Cell(
        DASH, row.reason if row and row.reason else say.NO_RATING[rows.asked(encounter, member.id, scale)]
    )


def _happened(record: CaseRecord, scale: str, encounter: Encounter) -> str:
    told = []
    for episode in record.episodes_on(scale):
        name = record.name(episode.member_id)
        if episode.onset_id == encounter.id:
            told.append(onset_texts(record, episode).happened.format(name=name))
        if episode.nadir_encounter_id == encounter.id:
            told.append(say.LOWEST_OF.format(name=name))
        if episode.repair_encounter_id == encounter.id:
            told.append(repair_texts(episode).happened.format(name=name))
    return first_capital("; ".join(told))
