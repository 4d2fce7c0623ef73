"""From the rows of a case to the page of one of its episodes."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from goldseam import Share
from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.alerts.queries import first_looks, may_read_episode, own_notes, readers_of_work, work_of
from goldseam_web.alerts.repair_outcomes import repair_outcomes
from goldseam_web.alerts.repair_tables import WorkKind, WorkNote
from goldseam_web.alerts.services.repair_work import words_for
from goldseam_web.cases.models import Encounter
from goldseam_web.cases.queries import case_title
from goldseam_web.dashboard.case.chart_sentences import episode_sentence
from goldseam_web.dashboard.case.episode_cards import episode_card
from goldseam_web.dashboard.case.page import EpisodeCard, TimelineStep
from goldseam_web.dashboard.case.record import CaseRecord
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
    if rows.mine and rows.guess_due(visit) is not None:
        rows = replace(rows, record=rows.record.without(rows.record.held[-1].id))
    shown = rows.record.episode(episode.id)
    if shown is None:
        return None
    notes = work_of(visit.viewer, episode)
    own = [note for note in notes if note.author_id == visit.viewer.staff_id]
    words = words_for(shown)
    tried = _tried_groups(rows.record, shown, own, words) if rows.mine else ()
    reading = readers_of_work(visit.viewer, episode) if rows.mine else set()
    return EpisodePage(
        case_id=episode.case_id,
        case_title=case_title(rows.record.case),
        crumb=say.CRUMB.format(name=rows.record.name(shown.member_id), session=_onset(rows.record, shown)),
        sentence=_sentence(rows.record, shown),
        card=_card(rows, shown, notes),
        mine=rows.mine,
        by_hand=shown.by_hand,
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
        outcomes=_outcomes(visit),
        shared=tuple(_told(rows.record, note) for note in notes if note.author_id != visit.viewer.staff_id),
    )


def _onset(record: CaseRecord, episode: Episode) -> str:
    return session(record.session(episode.onset_id))


def _sentence(record: CaseRecord, episode: Episode) -> str:
    name = record.name(episode.member_id)
    if not episode.by_hand:
        return episode_sentence(record, episode)
    return say.SEEN_BY_HAND.told(own=episode.opened_by_id == record.reader).format(
        name=name, session=_onset(record, episode), therapist=record.therapist_name
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
    record: CaseRecord,
    episode: Episode,
    own: Sequence[WorkNote],
    words: Mapping[WorkKind, Sequence[str]],
) -> tuple[TapGroup, ...]:
    """A group for each held session from the onset on, the latest first."""
    onset = next((e.starts_at for e in record.held if e.id == episode.onset_id), None)
    since = [e for e in record.held if onset is not None and e.starts_at >= onset]
    return tuple(
        TapGroup(
            f"tried-{record.numbers[e.id]}",
            say.TRIED_IN.format(session=session(record.numbers[e.id])),
            WorkKind.TRIED,
            str(e.id),
            _taps(WorkKind.TRIED, words[WorkKind.TRIED], own, e),
        )
        for e in reversed(since)
    )


def _taps(
    kind: WorkKind, words: Sequence[str], own: Sequence[WorkNote], encounter: Encounter | None
) -> tuple[Tap, ...]:
    at = encounter.id if encounter else None
    noted = {note.what for note in own if note.kind == kind and note.encounter_id == at}
    return tuple(Tap(what, say.WORK_TEXTS[kind][what], what in noted) for what in words)


def _told(record: CaseRecord, note: WorkNote) -> str:
    """A colleague's note as the reader reads it."""
    text = say.NOTED_IN_BY if note.encounter_id else say.NOTED_BY
    return text.format(
        author=note.author.full_name,
        session=session(record.session(note.encounter_id)),
        what=say.WORK_TEXTS[note.kind][note.what],
    )


# ---------- from the answer to the mending ----------


def _card(rows: CaseRows, episode: Episode, notes: Sequence[WorkNote]) -> EpisodeCard:
    """The card of the case's page, with who looked when, and what was tried in which session."""
    card = episode_card(rows, episode)
    first, *rest = card.steps
    steps = (first, *_looked(rows.record, episode), *_tried(rows.record, notes), *rest)
    return replace(card, steps=steps)


def _looked(record: CaseRecord, episode: Episode) -> list[TimelineStep]:
    looks = first_looks(episode)
    signals = [s.signal for s in record.signals if s.signal.episode_id == episode.id]
    first = min(signals, key=lambda signal: signal.raised_at, default=None)
    seen = looks.get(first.id) if first else None
    if first is None or seen is None:
        return []
    waited = seen.at - first.encounter.ends_at
    after = (
        say.LOOKED_AFTER.format(length=how_long(waited))
        if waited.total_seconds() > 0
        else say.LOOKED_BEFORE_END
    )
    title = say.LOOKED.told(own=seen.staff_id == record.reader).format(who=seen.staff.full_name)
    return [TimelineStep("eye", "", title, "", after)]


def _tried(record: CaseRecord, notes: Sequence[WorkNote]) -> list[TimelineStep]:
    """One step for each session and author."""
    tried = [note for note in notes if note.kind == WorkKind.TRIED]
    tried.sort(key=lambda note: (record.session(note.encounter_id) or 0, str(note.author_id)))
    steps = []
    for (number, author), together in groupby(
        tried, key=lambda note: (record.session(note.encounter_id), note.author)
    ):
        title = say.TRIED.told(own=author.pk == record.reader).format(who=author.full_name)
        words = ", ".join(say.WORK_TEXTS[WorkKind.TRIED][note.what] for note in together)
        steps.append(TimelineStep("hand", "", title, session(number) if number else "", words))
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
        members=tuple((str(m.id), record.name(m.id)) for m in record.members if m.left_on is None),
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
