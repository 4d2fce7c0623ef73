"""The episodes of a case as cards, each with its timeline."""

from django.urls import reverse

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.models import AcknowledgeChoice, Episode, EpisodeStatus, RepairDoubt
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.alerts.states import State
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.page import (
    EpisodeCard,
    TimelineStep,
)
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.case.status import label_of_episode
from goldseam_web.dashboard.language import case_page as say
from goldseam_web.dashboard.language.phrases import YOU, session
from goldseam_web.dashboard.language.status_labels import (
    ENDED_BY_HANDOVER,
    LABELS,
    MEASURE_CHANGED,
    OVER_NOT_MENDED,
    StatusLabel,
)
from goldseam_web.dashboard.language.times import how_long
from goldseam_web.measures.own_measures import WITHIN

EPISODES_SHOWN = 3


def episode_cards(rows: CaseRows) -> tuple[EpisodeCard, ...]:
    """The newest episodes first, and those opened by hand that nobody has ended; each with what is known of its way."""
    newest = rows.record.episodes[::-1]
    shown = [*newest[:EPISODES_SHOWN], *(e for e in newest[EPISODES_SHOWN:] if _waits_for_a_word(e))]
    return tuple(episode_card(rows, e) for e in shown)


def _waits_for_a_word(episode: Episode) -> bool:
    return episode.by_hand and episode.status == EpisodeStatus.OPEN


def episode_card(rows: CaseRows, episode: Episode) -> EpisodeCard:
    """What an episode is called, who it is with, and its way so far."""
    record = rows.record
    signal_status = record.signal_status_of(episode)
    label = label_of_episode(record, episode) or _closed_label(episode)
    return EpisodeCard(
        key=f"episode-{episode.number}",
        badge=Badge.of(label),
        name=_who(record, episode),
        steps=tuple(_steps(record, episode, signal_status)),
        mended=episode.mended,
        asks=rows.mine and not episode.by_hand,
        url=reverse("dashboard:episode", args=[episode.id]),
        say_url=reverse("dashboard:say_strain", args=[episode.id]),
        said_yes=episode.therapist_confirmed_at is not None,
    )


def _who(record: CaseRecord, episode: Episode) -> str:
    between = episode.series is not None and episode.series.scale == WITHIN
    told = record.of_series(episode.series)
    own, therapist = told.own, told.therapist_name
    if episode.opened_by is not None:
        own, therapist = episode.opened_by_id == record.reader, episode.opened_by.full_name
    text = say.WITH_OTHERS if between else say.WITH_THERAPIST_OF.told(own=own)
    return text.format(
        name=record.name(episode.member_id), others=record.others(episode.member_id), therapist=therapist
    )


def _closed_label(episode: Episode) -> StatusLabel:
    """What an episode is called that is history."""
    if episode.mended:
        return LABELS[State.REPAIRED]
    if episode.by_hand and episode.status in _CLOSED_BY_HAND:
        return _CLOSED_BY_HAND[EpisodeStatus(episode.status)]
    return _CLOSED.get(EpisodeStatus(episode.status), LABELS[State.LOWER_NOW])


_CLOSED_BY_HAND = {
    EpisodeStatus.REPAIRED: LABELS[State.MENDED_NOT_SAID],
    EpisodeStatus.UNREPAIRED: OVER_NOT_MENDED,
}
_CLOSED = {
    EpisodeStatus.REPAIRED: LABELS[State.BACK_IN_RANGE],
    EpisodeStatus.HANDOVER: ENDED_BY_HANDOVER,
    EpisodeStatus.MEASURE_CHANGED: MEASURE_CHANGED,
}


def _steps(record: CaseRecord, episode: Episode, signal_status: SignalStatus | None) -> list[TimelineStep]:
    """What happened, in order; gold leads to what was mended."""
    leads = "mend" if episode.mended else ""
    name = record.name(episode.member_id)
    steps = [
        TimelineStep(
            "strain",
            "dot-iron",
            say.NOTICED,
            _session(record, episode.onset_id),
            _noticed(episode, signal_status),
        )
    ]
    if signal_status is not None and signal_status.choice == AcknowledgeChoice.TALKED:
        who = YOU if signal_status.chosen_by == record.reader else signal_status.chosen_by_name
        steps.append(TimelineStep("asked", "", say.TALKED, "", say.SAID_SO.format(who=who)))
    if signal_status is not None and signal_status.choice == AcknowledgeChoice.DIFFERENT:
        text = say.SEEN_DIFFERENTLY.told(own=signal_status.chosen_by == record.reader)
        title = text.format(who=signal_status.chosen_by_name)
        steps.append(TimelineStep("eye", "", title, "", say.VIEW_COUNTS))
    if episode.nadir is not None and episode.nadir_encounter_id != episode.onset_id:
        steps.append(
            TimelineStep(
                "low",
                "",
                say.LOWEST,
                _session(record, episode.nadir_encounter_id),
                say.LOWEST_VALUE.format(value=episode.nadir),
            )
        )
    steps += _way_back(record, episode, leads)
    if episode.client_confirmed_at is not None:
        steps.append(TimelineStep("listen", "", say.CLIENT_CONFIRMED.format(name=name), "", ""))
    if episode.client_confirmed_at is not None and episode.therapist_denied_at is not None:
        steps.append(TimelineStep("split", "", say.SEEN_IN_TWO_WAYS.format(name=name), "", ""))
    if episode.client_said_repaired_at is not None:
        steps.append(TimelineStep("listen", "", say.CLIENT_SAID_REPAIRED.format(name=name), "", "", leads))
    if episode.contradicted_at is not None:
        steps.append(TimelineStep("listen", "dot-iron", say.CLIENT_CONTRADICTED.format(name=name), "", ""))
    return steps


def _session(record: CaseRecord, encounter_id: object) -> str:
    found = next((e.id for e in record.held if e.id == encounter_id), None)
    return session(record.session(found)) if found else ""


def _noticed(episode: Episode, signal_status: SignalStatus | None) -> str:
    if episode.onset_value is None or episode.baseline is None:
        return say.SEEN_IN_THE_ROOM
    slow = signal_status is not None and signal_status.signal.is_slow
    text = say.LOWER_THAN_BEFORE if slow else say.LOWER_THAN_EXPECTED
    text = text.format(value=episode.onset_value, level=episode.baseline)
    if signal_status is None:
        return text
    rated_at = signal_status.signal.form.rated_at
    if rated_at is None:
        return text
    length = how_long(signal_status.signal.raised_at - rated_at)
    return f"{text} {say.RAISED_AFTER.format(length=length)}"


def _doubt(episode: Episode) -> str:
    """Why ratings that are back say less than they seem to; empty where nothing speaks against them."""
    return say.REPAIR_DOUBTS[RepairDoubt(episode.repair_doubt)] if episode.repair_doubt else ""


def _by_hand(record: CaseRecord, episode: Episode, leads: str) -> list[TimelineStep]:
    """What the therapist who saw it says of it: no rating opened it, and none ends it."""
    own = episode.opened_by_id == record.reader
    therapist = episode.opened_by.full_name if episode.opened_by else ""
    places = {"therapist": therapist, "name": record.name(episode.member_id)}
    if episode.status == EpisodeStatus.REPAIRED:
        title = say.MENDED_SO_FAR.told(own=own).format(**places)
        note = "" if episode.mended else say.GOLD_NEEDS_A_YES.format(**places)
        back = _session(record, episode.repair_encounter_id)
        return [TimelineStep("repaired", "dot-gold" if episode.mended else "", title, back, note, leads)]
    if episode.status == EpisodeStatus.UNREPAIRED:
        return [TimelineStep("steady", "", say.OVER_NOT_MENDED.told(own=own).format(**places), "", "")]
    return []


def _way_back(record: CaseRecord, episode: Episode, leads: str) -> list[TimelineStep]:
    if episode.by_hand and episode.status not in say.ENDED_BY:
        return _by_hand(record, episode, leads)
    gold = "dot-gold" if episode.mended else ""
    back = _session(record, episode.repair_encounter_id)
    if episode.status == EpisodeStatus.REPAIRED:
        return [
            TimelineStep("repaired", gold, say.BACK_IN_RANGE, back, _doubt(episode), leads),
            TimelineStep("check", gold, say.HELD, say.SINCE_THEN, "", leads),
        ]
    if episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED:
        return [
            TimelineStep("repaired", "dot-mending" if episode.confirmed else "", say.BACK_IN_RANGE, back, ""),
            TimelineStep("check", "dot-ahead", say.HOLDS_OR_NOT, "", say.NEXT_RATING_SHOWS, "ahead"),
        ]
    if episode.status in (EpisodeStatus.PARTIAL, EpisodeStatus.UNREPAIRED):
        how = say.BACK_IN_PART if episode.status == EpisodeStatus.PARTIAL else say.STAYED_LOWER
        return [TimelineStep("steady", "", how, "", say.COMPARED_WITH_LOWER)]
    if episode.status in (EpisodeStatus.HANDOVER, EpisodeStatus.MEASURE_CHANGED):
        ended = say.ENDED_BY[EpisodeStatus(episode.status)]
        return [TimelineStep("pause", "", ended.title, "", ended.text)]
    return [TimelineStep("repaired", "dot-ahead", say.BACK_NEAR_EARLIER, "", say.NOT_YET, "ahead")]
