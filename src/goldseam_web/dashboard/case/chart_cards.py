"""The chart of a case: what is drawn of its ratings, usual ranges and episodes."""

from dataclasses import replace
from itertools import pairwise

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.cases.models import EncounterState, Member
from goldseam_web.dashboard.case.chart_sentences import (
    between_sentence,
    described,
    onset_texts,
    repair_texts,
    short_title_of,
    therapist_sentence,
    title_of,
)
from goldseam_web.dashboard.case.chart_table import chart_table
from goldseam_web.dashboard.case.page import CourseCard
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.case.status import is_under_way, label_of_episode
from goldseam_web.dashboard.drawing import (
    NARROW,
    NARROW_SMALL,
    WIDE,
    WIDE_SMALL,
    Band,
    ChartData,
    EpisodeMarks,
    EventMark,
    Line,
    Point,
    draw_chart,
)
from goldseam_web.dashboard.language import case_chart as say
from goldseam_web.dashboard.language.phrases import YOU, session
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.own_measures import SELF_THERAPIST, THERAPIST_VIEW, WITHIN


def course_card(
    visit: StaffVisit,
    rows: CaseRows,
    selected: Member,
    kept_back: str,
    events: tuple[EventMark, ...] = (),
) -> CourseCard | None:
    """How each member sees the alliance with the therapist, and what happened meanwhile."""
    return _card(
        visit,
        rows,
        selected,
        scale=SELF_THERAPIST,
        sentence=therapist_sentence(rows.record, rows.raters),
        kept_back=kept_back,
        events=events,
    )


def courses_beside(
    visit: StaffVisit, rows: CaseRows, selected: Member, kept_back: str
) -> tuple[CourseCard, ...]:
    """The same with each therapist who holds sessions together with the one of the first chart."""
    told = [rows.record.told_of(other) for other in rows.record.with_them]
    rated = [each for each in told if any(each.ratings_by(m.id, SELF_THERAPIST) for m in each.members)]
    in_order = sorted(rated, key=lambda each: each.therapist_name)
    cards = (course_card(visit, replace(rows, record=each), selected, kept_back) for each in in_order)
    return tuple(card for card in cards if card is not None)


def between_card(visit: StaffVisit, rows: CaseRows, selected: Member) -> CourseCard | None:
    """How members see being here with each other: a chart of its own, never mixed with the therapist's."""
    record = rows.record
    if len(record.members) < 2 or not any(record.ratings_by(m.id, WITHIN) for m in record.members):
        return None
    return _card(visit, rows, selected, scale=WITHIN, sentence=between_sentence(record))


def _card(
    visit: StaffVisit,
    rows: CaseRows,
    selected: Member,
    *,
    scale: str,
    sentence: str,
    kept_back: str = "",
    events: tuple[EventMark, ...] = (),
) -> CourseCard | None:
    record = rows.record
    if not record.held:
        return None
    data = replace(_chart_data(rows, scale, selected), events=events)
    large = scale == SELF_THERAPIST
    narrow = NARROW if large else NARROW_SMALL
    title = title_of(data, scale)
    about = (
        say.WITH.told(own=record.own).format(therapist=record.therapist_name)
        if _of_two(record, scale)
        else ""
    )
    short = short_title_of(data, scale, most_sessions=narrow.most_sessions)
    return CourseCard(
        sentence=sentence,
        wide=draw_chart(data, WIDE if large else WIDE_SMALL, title),
        narrow=draw_chart(data, narrow, short),
        label=" ".join(filter(None, (about, title, described(record, scale)))),
        table=chart_table(visit, rows, scale, selected, about),
        own_ratings=say.OWN_RATINGS.told(own=record.own).format(therapist=record.therapist_name),
        changes=_changes(record, scale),
        kept_back=kept_back,
        about=about,
    )


def _changes(record: CaseRecord, scale: str) -> tuple[str, ...]:
    """A sentence for each member and session from which on a new version of the measure was answered."""
    said = []
    for member in record.members:
        given = record.ratings_by(member.id, scale)
        rows = [given[e.id] for e in record.held if e.id in given]
        said += [
            say.MEASURE_CHANGED_AT.format(
                session=session(record.session(after.encounter_id)), name=record.name(member.id)
            )
            for before, after in pairwise(rows)
            if after.major != before.major
        ]
    return tuple(said)


def _of_two(record: CaseRecord, scale: str) -> bool:
    return scale == SELF_THERAPIST and bool(record.with_them)


# ---------- the data ----------


def _chart_data(rows: CaseRows, scale: str, selected: Member) -> ChartData:
    record = rows.record
    some = next((r for m in record.members for r in record.ratings_by(m.id, scale).values()), None)
    planned = any(e.state == EncounterState.PLANNED for e in record.encounters)
    return ChartData(
        sessions=tuple(record.numbers[e.id] for e in record.held),
        lines=tuple(_line(rows, m, scale) for m in rows.raters),
        minimum=some.minimum if some else 0.0,
        maximum=some.maximum if some else 10.0,
        selected=selected.position,
        bands=_bands(record, selected, scale),
        episodes=_marks(record, scale, selected),
        planned=record.sessions + 1 if planned else None,
        own=_own_line(record) if scale == SELF_THERAPIST and record.about is None else None,
    )


def _line(rows: CaseRows, member: Member, scale: str) -> Line:
    record = rows.record
    points = []
    for encounter in record.held:
        row = record.ratings_by(member.id, scale).get(encounter.id)
        # A late rating is shown and not judged: no line joins it to the others.
        series = f"late {encounter.id}" if row and row.late else str(row.series_id) if row else ""
        asked = rows.asked(encounter, member.id, scale)
        points.append(Point(record.numbers[encounter.id], row.value if row else None, series, asked))
    return Line(member.position, record.name(member.id), tuple(points))


def _own_line(record: CaseRecord) -> Line | None:
    given = record.ratings_by(None, THERAPIST_VIEW)
    if not given:
        return None
    points = tuple(
        Point(record.numbers[e.id], given[e.id].value if e.id in given else None, "own") for e in record.held
    )
    return Line(0, YOU if record.own else record.therapist_name, points)


def _bands(record: CaseRecord, member: Member, scale: str) -> tuple[Band, ...]:
    found = [(e, record.verdict(member.id, scale, e.id)) for e in record.held]
    return tuple(
        Band(record.numbers[e.id], j.usual_low, j.usual_high, j.limit)
        for e, j in found
        if j is not None and j.usual_low is not None and j.usual_high is not None
    )


def _marks(record: CaseRecord, scale: str, selected: Member) -> tuple[EpisodeMarks, ...]:
    """Every episode is marked; the newest of the selected member, or else the newest, is written out."""
    episodes = [e for e in record.episodes_on(scale) if e.member_id in record.by_id]
    mine = [e for e in episodes if e.member_id == selected.id]
    written = (mine or episodes)[-1] if episodes else None
    return tuple(_mark(record, e, labelled=e is written) for e in episodes if record.session(e.onset_id))


def _mark(record: CaseRecord, episode: Episode, *, labelled: bool) -> EpisodeMarks:
    onset = record.session(episode.onset_id) or 0
    repair = record.session(episode.repair_encounter_id)
    member = record.by_id[episode.member_id] if episode.member_id else record.members[0]
    signal_status = record.signal_status_of(episode)
    texts, way_back = onset_texts(record, episode), repair_texts(episode)
    return EpisodeMarks(
        number=episode.number,
        position=member.position,
        onset=onset,
        title=texts.title.format(session=session(onset)),
        short_title=texts.short,
        notes=_onset_notes(record, episode, signal_status),
        nadir=record.session(episode.nadir_encounter_id),
        repair=repair,
        repair_title=way_back.title.format(session=session(repair)) if repair else "",
        short_repair_title=way_back.short.format(number=repair),
        repair_notes=(say.HELD_SINCE,) if episode.status == EpisodeStatus.REPAIRED else (),
        mended=episode.mended,
        under_way=is_under_way(label_of_episode(record, episode)),
        labelled=labelled,
    )


def _onset_notes(record: CaseRecord, episode: Episode, signal_status: SignalStatus | None) -> tuple[str, ...]:
    notes = []
    if episode.baseline is not None and episode.onset_value is not None:
        slow = signal_status is not None and signal_status.signal.is_slow
        below = say.BELOW_EARLIER_BY if slow else say.BELOW_EXPECTED_BY
        notes.append(below.format(difference=episode.baseline - episode.onset_value))
    if episode.client_confirmed_at is not None:
        notes.append(say.MEMBER_SAID_SO.format(name=record.name(episode.member_id)))
    elif episode.therapist_confirmed_at is not None:
        notes.append(say.THERAPIST_CONFIRMED.told(own=record.own).format(therapist=record.therapist_name))
    return tuple(notes)
