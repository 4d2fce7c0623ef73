"""The case page, and what is left of it while a client may see the screen."""

import uuid
from dataclasses import replace

from django.urls import reverse

from goldseam_web.alerts.case_standing.case_status import CaseStatus, waiting_for_answers
from goldseam_web.alerts.case_standing.standing import standing_of
from goldseam_web.alerts.states import State
from goldseam_web.alerts.tracks import tracks_in_use, tracks_of
from goldseam_web.cases.models import CaseKind, Member
from goldseam_web.cases.queries import case_title, held_by
from goldseam_web.cases.same_names import noted_line
from goldseam_web.cases.single_time import sees_several
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.chart_cards import between_card, course_card, courses_beside
from goldseam_web.dashboard.case.child_views import child_view_cards
from goldseam_web.dashboard.case.episode_cards import episode_cards
from goldseam_web.dashboard.case.event_lines import event_lines, event_marks, read_events
from goldseam_web.dashboard.case.fairness import fairness_of
from goldseam_web.dashboard.case.goals_card import goals_card
from goldseam_web.dashboard.case.home_card import home_card
from goldseam_web.dashboard.case.lot_questions import lot_questions
from goldseam_web.dashboard.case.off_track_lines import off_track_cards
from goldseam_web.dashboard.case.page import (
    CasePage,
    Fairness,
    Guess,
    MemberChip,
    NotHeard,
    Option,
    Released,
    RoomCasePage,
    SessionCard,
)
from goldseam_web.dashboard.case.progress_figures import progress_card, rates_progress
from goldseam_web.dashboard.case.rows import CaseRows, read_case
from goldseam_web.dashboard.case.session_cards import session_cards
from goldseam_web.dashboard.case.signal_lines import signal_lines
from goldseam_web.dashboard.case.single_time_card import single_time_card_of
from goldseam_web.dashboard.case.status import label_of_status, status_of
from goldseam_web.dashboard.case.status_sentence import status_sentence
from goldseam_web.dashboard.drawing import mark
from goldseam_web.dashboard.language import case_page as say
from goldseam_web.dashboard.language.help_options import NOT_HEARD
from goldseam_web.dashboard.language.phrases import SKIPPED, counted, names_in_words, session
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.models import Answer
from goldseam_web.measures.queries import measure_of, released_to_all, statement


def case_page(visit: StaffVisit, case_id: uuid.UUID, *, member: str) -> CasePage | None:
    """Everything about one case, or None for a stranger. ``member``: whose usual range to draw, by position."""
    rows = read_case(visit, case_id)
    if rows is None:
        return None
    due = rows.guess_due(visit) if rows.mine else None
    last = rows.record.held[-1] if rows.record.held else None
    kept_back = ""
    if due is not None and last is not None:
        kept_back = session(rows.record.session(last.id))
        rows = replace(rows, record=rows.record.without(last.id))
    selected = _selected(rows, member)
    waiting = rows.waiting(visit.at)
    status = status_of(rows.record, visit, waiting=waiting > 0)
    if due is not None and status.state == State.NOT_ENOUGH and waiting:
        status = waiting_for_answers()
    cards = session_cards(visit, rows)
    compares = visit.judging and rates_progress(rows)
    tracks = tracks_in_use(visit.viewer.clinic_id) if compares else None
    notes = read_events(visit, rows)
    next_card = next(iter(cards), None)
    planned = next_card if next_card and any(e.state == "planned" for e in rows.record.encounters) else None
    return CasePage(
        title=case_title(rows.record.case),
        badge=Badge.of(label_of_status(status)) if visit.judging or status.state == State.WAITING else None,
        news=status_sentence(
            standing_of(rows.record, status), rows.record.people, waiting=waiting, reader=status.reader
        ),
        lede=_lede(visit, rows),
        mine=rows.mine,
        may_note=rows.mine and visit.judging and bool(rows.record.held) and rows.record.case.ended_on is None,
        plan_url=reverse("dashboard:new_encounter", args=[case_id]),
        next_url=planned.url if planned else "",
        next_title=planned.title if planned else "",
        chips=_chips(rows, selected),
        course=course_card(visit, rows, selected, kept_back, event_marks(rows.record, notes)),
        courses_beside=courses_beside(visit, rows, selected, kept_back),
        between=between_card(visit, rows, selected),
        fairness=_fairness(visit, rows) if visit.judging else (),
        not_heard=_not_heard(rows, status) if rows.mine else (),
        off_track=off_track_cards(visit, rows, kept_back=last.id if due and last else None)
        if tracks is not None and tracks.tells
        else (),
        progress=progress_card(visit, rows, tracks_of(tracks) if tracks is not None else None),
        child_views=child_view_cards(visit, rows, kept_back=last.id if due and last else None),
        home=home_card(visit, rows, kept_back=last.id if due and last else None),
        events=event_lines(visit, notes),
        episodes=episode_cards(rows),
        signals=signal_lines(visit, rows),
        sessions=cards if rows.mine else (),
        single_time=single_time_card_of(visit, rows.record.case, sessions=rows.record.sessions)
        if rows.mine
        else None,
        goals=goals_card(visit, rows, status),
        guess=Guess(kept_back, reverse("dashboard:guess", args=[last.id])) if due and last else None,
        lots=lot_questions(visit, rows, kept_back=last.id if due and last else None)
        if rows.mine and visit.judging
        else (),
    )


def _selected(rows: CaseRows, wanted: str) -> Member:
    """The member asked for, else the one of the newest episode, else the first."""
    record = rows.record
    asked = next((m for m in rows.raters if str(m.position) == wanted), None)
    recent = record.by_id.get(record.episodes[-1].member_id) if record.episodes else None  # type: ignore[arg-type]
    return asked or recent or rows.raters[0]


def _chips(rows: CaseRows, selected: Member) -> tuple[MemberChip, ...]:
    if len(rows.raters) < 2:
        return ()
    url = reverse("dashboard:case", args=[rows.record.case.pk])
    return tuple(
        MemberChip(
            f"{url}?member={m.position}",
            rows.record.name(m.id),
            mark(m.position, 6, 6, 4.5),
            m.id == selected.id,
        )
        for m in rows.raters
    )


def _fairness(visit: StaffVisit, rows: CaseRows) -> tuple[Fairness, ...]:
    """Of each member's rating about the last session; options are for a word alone: nothing is released here."""
    if not rows.record.held:
        return ()
    last, reader = rows.record.held[-1], visit.viewer.staff_id
    found = (fairness_of(rows.record, m.id, last, reader=reader, audience=None) for m in rows.record.members)
    return tuple(each for each in found if each is not None)


def _not_heard(rows: CaseRows, status: CaseStatus) -> tuple[NotHeard, ...]:
    """What may be offered, in private, to each member who comes and has never answered."""
    names = [rows.record.name(s.member) for s in status.states if s.state == State.NOT_HEARD_FROM]
    return tuple(
        NotHeard(
            say.NOT_HEARD_TITLE.format(name=name),
            tuple(Option(text.icon, text.title.format(name=name), text.text) for text in NOT_HEARD),
        )
        for name in names
    )


def _lede(visit: StaffVisit, rows: CaseRows) -> str:
    case, record = rows.record.case, rows.record
    parts = [CaseKind(case.kind).label]
    if not visit.in_room and (noted := noted_line(case)):
        parts.append(noted)
    if record.held:
        since = long_day(record.held[0].local_date, today=visit.viewer.today)
        parts.append(counted(record.sessions, *say.SESSIONS_SINCE, day=since))
    else:
        parts.append(say.NOT_MET)
    names = [visit.viewer.full_name]
    if record.encounters:
        names = [one.full_name for one in held_by(record.encounters[-1])]
    parts.append(say.WITH_THERAPIST.format(therapist=names_in_words(names)))
    if case.ended_on is not None:
        parts.append(say.ENDED.format(day=long_day(case.ended_on, today=visit.viewer.today)))
    return " · ".join(parts)


def room_case_page(visit: StaffVisit, case_id: uuid.UUID) -> RoomCasePage | None:
    """Released data only: names, times, and answers whose author let everybody hear of them.

    Of a couple or family it is names and times whatever anybody released: a list that grows, stays empty or grows
    empty again would tell one of them what another one said.
    """
    rows = read_case(visit, case_id)
    if rows is None:
        return None
    case = rows.record.case
    several = sees_several(case)
    released = [] if several else released_to_all(visit.viewer, [case])
    return RoomCasePage(
        title=case_title(case),
        lede=_lede(visit, rows),
        several=several,
        released=tuple(_released(rows, answer) for answer in released),
        sessions=tuple(_without_answers(card) for card in session_cards(visit, rows)) if rows.mine else (),
        mine=rows.mine,
    )


def _released(rows: CaseRows, answer: Answer) -> Released:
    item = measure_of(answer.measure_version).item(answer.item)
    labels = {a.value: a.label for a in item.options.answers("en")}
    occasion = answer.response.occasion
    return Released(
        name=rows.record.name(occasion.respondent_id),
        about=session(rows.record.session(occasion.encounter_id)),
        text=say.RELEASED.format(
            statement=statement(item.key, item.text.resolve("en", rows.record.case.kind), occasion),
            answer=labels.get(answer.choice, answer.choice) or SKIPPED,
        ),
    )


def _without_answers(card: SessionCard) -> SessionCard:
    return replace(card, facts=tuple(fact for fact in card.facts if fact[0] == say.WITH))
