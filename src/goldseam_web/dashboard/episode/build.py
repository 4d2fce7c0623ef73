"""From the rows of a case to the page of one of its episodes."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from goldseam import Share
from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.alerts.repair_outcomes import repair_outcomes
from goldseam_web.alerts.repair_queries import (
    first_looks,
    may_read_episode,
    own_notes,
    readers_of_work,
    work_of,
)
from goldseam_web.alerts.repair_tables import WorkKind, WorkNote
from goldseam_web.alerts.services.episodes import ENDED_OTHERWISE
from goldseam_web.alerts.services.repair_work import words_for
from goldseam_web.cases.models import Encounter, Member, RestReason
from goldseam_web.cases.queries import case_title
from goldseam_web.dashboard.case.chart_sentences import episode_sentence
from goldseam_web.dashboard.case.episode_cards import episode_card
from goldseam_web.dashboard.case.page import EpisodeCard, TimelineStep
from goldseam_web.dashboard.case.rows import CaseRows, read_case
from goldseam_web.dashboard.episode.page import (
    ByHandPage,
    ColleagueWhoMayRead,
    EpisodePage,
    OutcomeRow,
    OutcomesCard,
    OwnNote,
    Tap,
    TapGroup,
)
from goldseam_web.dashboard.language import episode_page as say
from goldseam_web.dashboard.language.phrases import in_words, session
from goldseam_web.dashboard.language.times import day, how_long
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.later_answers import said_taken_up, taps_of_mendings

GROUPS_SHOWN = 2  # the latest sessions; what was tried in earlier ones stands behind one more tap
SESSIONS_BY_HAND = 6
STILL_OPEN = (EpisodeStatus.OPEN, EpisodeStatus.REPAIRED_UNCONFIRMED, EpisodeStatus.INDETERMINATE)


def episode_page(visit: StaffVisit, episode: Episode) -> EpisodePage | None:
    """The page of an episode that was read for this viewer.

    None where what it says is kept back until the therapist's own guess about the last session is made.
    """
    rows = read_case(visit, episode.case_id)
    if rows is None:
        return None
    kept_back = None
    if rows.mine and rows.guess_due(visit) is not None:
        kept_back = rows.record.held[-1].id
        rows = replace(rows, record=rows.record.without(kept_back))
    shown = rows.record.episode(episode.id)
    if shown is None:
        return None
    notes = work_of(visit.viewer, episode)
    own = [note for note in notes if note.author_id == visit.viewer.staff_id]
    words = words_for(shown)
    tried = _tried_groups(visit, rows.record, shown, own, words) if rows.mine else ()
    reading = readers_of_work(visit.viewer, episode) if rows.mine else set()
    return EpisodePage(
        case_id=episode.case_id,
        case_title=case_title(rows.record.case),
        crumb=say.CRUMB.format(
            name=rows.record.name(shown.member_id), session=_when(visit, rows.record, shown.onset)
        ),
        sentence=_sentence(visit, rows.record, shown),
        card=_card(visit, rows, shown, notes),
        mine=rows.mine,
        ends_it=shown.by_hand
        and shown.opened_by_id == visit.viewer.staff_id
        and shown.status not in ENDED_OTHERWISE,
        is_open=shown.status in STILL_OPEN,
        groups=(*tried[:GROUPS_SHOWN], *_whole_groups(own, words)) if rows.mine else (),
        earlier_groups=tried[GROUPS_SHOWN:],
        colleagues=tuple(
            ColleagueWhoMayRead(staff.pk, staff.full_name, staff.pk in reading)
            for staff in (may_read_episode(visit.viewer, shown) if rows.mine else ())
        ),
        notes=tuple(OwnNote(n.written_at, n.text) for n in own_notes(visit.viewer, episode))
        if rows.mine
        else (),
        taken_up=_taken_up(visit, rows.record, shown, kept_back),
        outcomes=_outcomes(visit),
        shared=tuple(
            _told(visit, rows.record, note) for note in notes if note.author_id != visit.viewer.staff_id
        ),
    )


def _taken_up(
    visit: StaffVisit, record: CaseRecord, episode: Episode, kept_back: uuid.UUID | None
) -> tuple[str, ...]:
    """What the client said in later forms of whether it was taken up, in order; not in front of clients.

    Nothing of a session that is kept back until the therapist has guessed.
    """
    if episode.member is None or visit.in_room:
        return ()
    responses = [
        response
        for response in said_taken_up(visit.viewer, episode.member, since=episode.onset)
        if response.taken_up in say.TAKEN_UP
        and response.occasion.encounter_id != kept_back
        and (response.occasion.encounter_id, episode.member.pk) not in record.read_later
    ]
    tapped = taps_of_mendings(responses)
    return tuple(
        text.format(
            session=_when(visit, record, response.occasion.encounter), name=record.name(episode.member_id)
        )
        for response in responses
        for text in (
            say.TAKEN_UP[response.taken_up],
            *(say.MENDED[what] for what in tapped.get(response.pk, ())),
        )
    )


def _when(visit: StaffVisit, record: CaseRecord, encounter: Encounter | None) -> str:
    """ "session 6"; by its day a session that was cancelled later."""
    if encounter is None:
        return ""
    number = record.session(encounter.id)
    if number:
        return session(number)
    return say.SESSION_OF.format(day=day(encounter.local_date, today=visit.viewer.today))


def _sentence(visit: StaffVisit, record: CaseRecord, episode: Episode) -> str:
    if episode.opened_by is None:
        return episode_sentence(record, episode)
    return say.SEEN_BY_HAND.told(own=episode.opened_by_id == record.reader).format(
        name=record.name(episode.member_id),
        session=_when(visit, record, episode.onset),
        therapist=episode.opened_by.full_name,
    )


# ---------- what can be noted ----------


def _whole_groups(own: Sequence[WorkNote], words: Mapping[WorkKind, Sequence[str]]) -> tuple[TapGroup, ...]:
    """What is noted of the episode as a whole."""
    return tuple(
        TapGroup(kind, say.TITLES[kind], kind, "", _taps(kind, words[kind], own, None))
        for kind in words
        if kind != WorkKind.TRIED
    )


def _tried_groups(
    visit: StaffVisit,
    record: CaseRecord,
    episode: Episode,
    own: Sequence[WorkNote],
    words: Mapping[WorkKind, Sequence[str]],
) -> tuple[TapGroup, ...]:
    """A group for each held session from the onset on, the latest first; and wherever something is noted."""
    noted = [note.encounter for note in own if note.encounter is not None]
    since = [e for e in record.held if e.starts_at >= episode.onset.starts_at]
    sessions = sorted({e.id: e for e in (*noted, *since)}.values(), key=lambda e: e.starts_at)
    return tuple(
        TapGroup(
            f"tried-{k}",
            say.TRIED_IN.format(session=_when(visit, record, e)),
            WorkKind.TRIED,
            str(e.id),
            _taps(WorkKind.TRIED, words[WorkKind.TRIED], own, e),
        )
        for k, e in reversed(list(enumerate(sessions)))
    )


def _taps(
    kind: WorkKind, words: Sequence[str], own: Sequence[WorkNote], encounter: Encounter | None
) -> tuple[Tap, ...]:
    at = encounter.id if encounter else None
    noted = {note.what for note in own if note.kind == kind and note.encounter_id == at}
    return tuple(Tap(what, say.WORK_TEXTS[kind][what], what in noted) for what in words)


def _told(visit: StaffVisit, record: CaseRecord, note: WorkNote) -> str:
    """A colleague's note as the reader reads it."""
    text = say.NOTED_IN_BY if note.encounter_id else say.NOTED_BY
    return text.format(
        author=note.author.full_name,
        session=_when(visit, record, note.encounter),
        what=say.WORK_TEXTS[note.kind][note.what],
    )


# ---------- from the answer to the mending ----------


def _card(visit: StaffVisit, rows: CaseRows, episode: Episode, notes: Sequence[WorkNote]) -> EpisodeCard:
    """The card of the case's page, with who looked when, and what was tried in which session."""
    card = episode_card(rows, episode)
    first, *rest = card.steps
    for number, step in _tried(visit, rows.record, notes):
        later = (
            k for k, other in enumerate(rest) if (_number(other) or 0) > number or other.leads == "ahead"
        )
        rest.insert(next(later, len(rest)), step)
    return replace(card, steps=(first, *_looked(rows.record, episode), *rest))


def _number(step: TimelineStep) -> int | None:
    """The session a step stands at, where it names one."""
    found = re.search(r"\d+$", step.session)
    return int(found[0]) if found else None


def _looked(record: CaseRecord, episode: Episode) -> list[TimelineStep]:
    looks = first_looks(episode)
    signals = [s.signal for s in record.signals if s.signal.episode_id == episode.id]
    first = min(signals, key=lambda signal: signal.raised_at, default=None)
    seen = looks.get(first.id) if first else None
    if first is None or seen is None:
        return []
    waited = seen.at - first.meeting.ends_at
    after = (
        say.LOOKED_AFTER.format(length=how_long(waited))
        if waited.total_seconds() > 0
        else say.LOOKED_BEFORE_END
    )
    title = say.LOOKED.told(own=seen.staff_id == record.reader).format(who=seen.staff.full_name)
    return [TimelineStep("eye", "", title, "", after)]


def _tried(
    visit: StaffVisit, record: CaseRecord, notes: Sequence[WorkNote]
) -> list[tuple[int, TimelineStep]]:
    """One step for each session and author, with the session's number."""
    tried = [note for note in notes if note.kind == WorkKind.TRIED and note.encounter is not None]
    tried.sort(key=lambda note: (note.encounter.starts_at, str(note.author_id)))  # type: ignore[union-attr]
    steps = []
    for (encounter, author), together in groupby(tried, key=lambda note: (note.encounter, note.author)):
        title = say.TRIED.told(own=author.pk == record.reader).format(who=author.full_name)
        words = ", ".join(say.WORK_TEXTS[WorkKind.TRIED][note.what] for note in together)
        number = record.session(encounter.id if encounter else None) or 0
        steps.append((number, TimelineStep("hand", "", title, _when(visit, record, encounter), words)))
    return steps


# ---------- what was tried before repairs that held ----------


def _outcomes(visit: StaffVisit) -> OutcomesCard:
    """Over the clinic; the share with nothing noted stands beside the others, since much comes back by itself."""
    found = repair_outcomes(visit.viewer, at=visit.at)
    if found.any_noted is None:
        return OutcomesCard(say.OUTCOMES_TOO_FEW.format(count=in_words(found.episodes, none="none")), ())
    told = [_with_share(say.OUTCOMES, found.any_noted)]
    if found.nothing_noted is None:
        told.append(say.OUTCOMES_ALONE)
    else:
        told.append(_with_share(say.OUTCOMES_BESIDE, found.nothing_noted))
    rows = [_outcome_row(say.WORK_TEXTS[WorkKind.TRIED][what], share) for what, share in found.tried.items()]
    if found.nothing_noted is not None:
        rows.append(_outcome_row(say.NOTHING_NOTED, found.nothing_noted))
    return OutcomesCard(" ".join(told), tuple(rows))


def _outcome_row(tried: str, share: Share) -> OutcomeRow:
    return OutcomeRow(
        tried,
        _with_share(say.HELD_OF, share),
        _with_share(say.SHARE, share),
        _with_share(say.INTERVAL, share),
    )


def _with_share(text: str, share: Share) -> str:
    return text.format(held=share.count, count=share.of, share=share.value, low=share.low, high=share.high)


# ---------- opened by hand ----------


def takes_part(member: Member) -> bool:
    """Whether a member is still there."""
    return member.left_on is None and member.rests_because != RestReason.DIED


def by_hand_page(visit: StaffVisit, case_id: uuid.UUID) -> ByHandPage | None:
    """The form for whoever treats the case; None for anybody else, and while no session took place."""
    rows = read_case(visit, case_id)
    if rows is None or not rows.mine or not rows.record.held:
        return None
    record, today = rows.record, visit.viewer.today
    latest = record.held[::-1][:SESSIONS_BY_HAND]
    return ByHandPage(
        case_id=case_id,
        case_title=case_title(record.case),
        has_ended=record.case.ended_on is not None,
        members=tuple((str(m.id), record.name(m.id)) for m in record.members if takes_part(m)),
        sessions=tuple(
            (
                str(e.id),
                say.SESSION_OPTION.format(
                    session=session(record.numbers[e.id]), day=day(e.local_date, today=today)
                ),
            )
            for e in latest
        ),
    )
