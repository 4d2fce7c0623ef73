"""The chart of a case and the table behind it."""

from goldseam_web.alerts.models import Episode, EpisodeStatus, OnsetKind
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.cases.models import Encounter, EncounterState, Member
from goldseam_web.dashboard.case.page import Cell, CourseCard, Table, TableRow
from goldseam_web.dashboard.case.record import OWN_VIEW, WITH_EACH_OTHER, WITH_THERAPIST, CaseRecord
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
    Line,
    Point,
    draw_chart,
)
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.sentences import between_course, member_course, session
from goldseam_web.dashboard.language.times import day
from goldseam_web.dashboard.staff_visit import StaffVisit

HIGHER = {
    WITH_THERAPIST: "A stronger alliance with the therapist is higher",
    WITH_EACH_OTHER: "Easier with each other is higher",
}
REASONS = {
    "away": "away",
    "unanswered": "not answered",
    "not_asked": "not asked",
    "answered": "too few answers",
}
MOST_SENTENCES = 2


def course_card(visit: StaffVisit, rows: CaseRows, selected: Member, kept_back: str) -> CourseCard | None:
    """How each member sees the alliance with the therapist."""
    return _card(
        visit, rows, selected, scale=WITH_THERAPIST, sentence=_sentence(rows.record), kept_back=kept_back
    )


def between_card(visit: StaffVisit, rows: CaseRows, selected: Member) -> CourseCard | None:
    """How members see being here with each other: a chart of its own, never mixed with the therapist's."""
    record = rows.record
    if len(record.members) < 2 or not any(record.ratings_by(m.id, WITH_EACH_OTHER) for m in record.members):
        return None
    return _card(visit, rows, selected, scale=WITH_EACH_OTHER, sentence=between_course(record))


def _card(
    visit: StaffVisit, rows: CaseRows, selected: Member, *, scale: str, sentence: str, kept_back: str = ""
) -> CourseCard | None:
    record = rows.record
    if not record.held:
        return None
    course = _course(rows, scale, selected)
    large = scale == WITH_THERAPIST
    title = f"{HIGHER[scale]}, {course.minimum:g} to {course.maximum:g}."
    short = f"Stronger is higher, {course.minimum:g} to {course.maximum:g}" if large else "Easier is higher"
    narrow = NARROW if large else NARROW_SMALL
    if len(record.held) > narrow.most_sessions:
        short = f"{short}; last {narrow.most_sessions} sessions"
    return CourseCard(
        sentence=sentence,
        wide=draw_chart(course, WIDE if large else WIDE_SMALL, title),
        narrow=draw_chart(course, narrow, short),
        label=f"{title} {_label(record, scale)}",
        table=_table(visit, rows, scale, selected),
        kept_back=kept_back,
    )


# ---------- the chart ----------


def _course(rows: CaseRows, scale: str, selected: Member) -> ChartData:
    record = rows.record
    some = next((r for m in record.members for r in record.ratings_by(m.id, scale).values()), None)
    planned = any(e.state == EncounterState.PLANNED for e in record.encounters)
    return ChartData(
        sessions=tuple(record.numbers[e.id] for e in record.held),
        lines=tuple(_line(rows, m, scale) for m in record.members if _takes_part(rows, m)),
        minimum=some.minimum if some else 0.0,
        maximum=some.maximum if some else 10.0,
        selected=selected.position,
        bands=_bands(record, selected, scale),
        episodes=_marks(record, scale, selected),
        planned=record.sessions + 1 if planned else None,
        own=_own_line(record) if scale == WITH_THERAPIST else None,
    )


def _takes_part(rows: CaseRows, member: Member) -> bool:
    """Members who were never asked anything have no row of their own."""
    return any(o.respondent_id == member.id for o in rows.occasions) or member.left_on is None


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
    given = record.ratings_by(None, OWN_VIEW)
    if not given:
        return None
    points = tuple(
        Point(record.numbers[e.id], given[e.id].value if e.id in given else None, "own") for e in record.held
    )
    return Line(0, "You", points)


def _bands(record: CaseRecord, member: Member, scale: str) -> tuple[Band, ...]:
    found = [(e, record.judgement(member.id, scale, e.id)) for e in record.held]
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
    return EpisodeMarks(
        number=episode.number,
        position=member.position,
        onset=onset,
        title=f"{_onset_word(episode)}, {session(onset)}",
        notes=_onset_notes(record, episode, signal_status),
        nadir=record.session(episode.nadir_encounter_id),
        repair=repair,
        repair_title=_repair_title(episode, repair),
        repair_notes=("held since",) if episode.status == EpisodeStatus.REPAIRED else (),
        mended=episode.mended,
        under_way=is_under_way(label_of_episode(record, episode, signal_status)),
        labelled=labelled,
    )


def _onset_word(episode: Episode) -> str:
    if episode.confirmed:
        return "Strain"
    return (
        status_labels.EROSION.text
        if episode.onset_kind == OnsetKind.EROSION
        else status_labels.POSSIBLE_STRAIN.text
    )


def _onset_notes(record: CaseRecord, episode: Episode, signal_status: SignalStatus | None) -> tuple[str, ...]:
    notes = []
    if episode.baseline is not None and episode.onset_value is not None:
        slow = signal_status is not None and signal_status.signal.is_slow
        below = "the earlier level" if slow else "expected"
        notes.append(f"{episode.baseline - episode.onset_value:.1f} below {below}")
    if episode.client_confirmed_at is not None:
        notes.append(f"{record.name(episode.member_id)} said so")
    elif episode.therapist_confirmed_at is not None:
        notes.append("you confirmed it")
    return tuple(notes)


def _repair_title(episode: Episode, repair: int | None) -> str:
    if repair is None:
        return ""
    return f"{'Repaired' if episode.mended else 'Back in range'}, {session(repair)}"


# ---------- words and table ----------


def _sentence(record: CaseRecord) -> str:
    """Members with an episode first; in a family the others in one clause."""
    episodes = record.episodes_on(WITH_THERAPIST)
    with_episode = {e.member_id for e in episodes}
    ordered = sorted(record.members, key=lambda m: (m.id not in with_episode, m.position))
    told = ordered[:MOST_SENTENCES]
    said = [member_course(record, m.id, [e for e in episodes if e.member_id == m.id]) for m in told]
    rest = [record.name(m.id) for m in ordered[MOST_SENTENCES:]]
    return " ".join(said) + (f" The chart also shows {_and(rest)}." if rest else "")


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _label(record: CaseRecord, scale: str) -> str:
    """The picture in words, for those who cannot see it."""
    told = []
    for member in record.members:
        given = [v for v in record.values(member.id, scale) if v is not None]
        if given:
            told.append(
                f"{record.name(member.id)}: {len(given)} ratings, first {given[0]:.1f}, "
                f"lowest {min(given):.1f}, last {given[-1]:.1f}."
            )
    for episode in record.episodes_on(scale):
        onset, repair = record.session(episode.onset_id), record.session(episode.repair_encounter_id)
        back = f", {'repaired' if episode.mended else 'back in range'} at session {repair}" if repair else ""
        what = _onset_word(episode).lower()
        told.append(f"{record.name(episode.member_id)}: {what} at session {onset}{back}.")
    return " ".join(told) or "No ratings yet."


def _table(visit: StaffVisit, rows: CaseRows, scale: str, selected: Member) -> Table:
    record = rows.record
    what = "Alliance with the therapist" if scale == WITH_THERAPIST else "With each other"
    usual = " Usual range: where 8 of 10 ratings are expected, by all those before." if visit.judging else ""
    return Table(
        names=tuple(record.name(m.id) for m in record.members),
        usual_of=record.name(selected.id) if visit.judging else "",
        caption=f"{what} by session, 0 to 10, higher is stronger.{usual}",
        rows=tuple(_table_row(visit, rows, scale, selected, e) for e in record.held),
    )


def _table_row(
    visit: StaffVisit, rows: CaseRows, scale: str, selected: Member, encounter: Encounter
) -> TableRow:
    record = rows.record
    judgement = record.judgement(selected.id, scale, encounter.id)
    known = judgement is not None and judgement.usual_low is not None and judgement.usual_high is not None
    return TableRow(
        session=record.numbers[encounter.id],
        date=day(encounter.local_date, today=visit.viewer.today),
        cells=tuple(_cell(rows, scale, m, encounter) for m in record.members),
        usual=f"{judgement.usual_low:.1f} to {judgement.usual_high:.1f}"  # type: ignore[union-attr]  # known
        if known
        else "not enough data yet",
        happened=_happened(record, scale, encounter),
    )


def _cell(rows: CaseRows, scale: str, member: Member, encounter: Encounter) -> Cell:
    row = rows.record.ratings_by(member.id, scale).get(encounter.id)
    if row is not None and row.value is not None:
        return Cell(f"{row.value:.1f}", "late: shown, not judged" if row.late else "")
    return Cell("–", row.reason if row and row.reason else REASONS[rows.asked(encounter, member.id, scale)])


def _happened(record: CaseRecord, scale: str, encounter: Encounter) -> str:
    told = []
    for episode in record.episodes_on(scale):
        name = record.name(episode.member_id)
        word = status_labels.CONFIRMED_STRAIN.text if episode.confirmed else _onset_word(episode)
        if episode.onset_id == encounter.id:
            told.append(f"{word} ({name})")
        if episode.nadir_encounter_id == encounter.id:
            told.append(f"lowest ({name})")
        if episode.repair_encounter_id == encounter.id:
            told.append(f"{'repaired' if episode.mended else 'back in range'} ({name})")
    text = "; ".join(told)
    return text[:1].upper() + text[1:]
