"""The episodes of a case as cards, each with its timeline."""

from django.urls import reverse

from goldseam_web.alerts.models import AcknowledgeChoice, Episode, EpisodeStatus
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.page import (
    EpisodeCard,
    TimelineStep,
)
from goldseam_web.dashboard.case.record import WITH_EACH_OTHER, CaseRecord
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.case.status import label_of_episode
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.sentences import session
from goldseam_web.dashboard.language.times import (
    how_long,
)

EPISODES_SHOWN = 3


def episode_cards(rows: CaseRows) -> tuple[EpisodeCard, ...]:
    """The newest episodes first, each with what is known of its way."""
    return tuple(_episode(rows, e) for e in rows.record.episodes[::-1][:EPISODES_SHOWN])


def _episode(rows: CaseRows, episode: Episode) -> EpisodeCard:
    record = rows.record
    signal_status = record.signal_status_of(episode)
    label = label_of_episode(record, episode, signal_status) or _closed_label(episode)
    return EpisodeCard(
        key=f"episode-{episode.number}",
        badge=Badge.of(label),
        name=_who(record, episode),
        steps=tuple(_steps(record, episode, signal_status)),
        mended=episode.mended,
        asks=rows.mine,
        url=reverse("dashboard:say_strain", args=[episode.id]),
        said_yes=episode.therapist_confirmed_at is not None,
    )


def _who(record: CaseRecord, episode: Episode) -> str:
    name = record.name(episode.member_id)
    between = episode.series is not None and episode.series.scale == WITH_EACH_OTHER
    return f"{name}, with {record.others(episode.member_id)}" if between else f"{name}, with you"


def _closed_label(episode: Episode) -> status_labels.StatusLabel:
    if episode.status == EpisodeStatus.REPAIRED:
        return status_labels.REPAIRED if episode.mended else status_labels.BACK_IN_RANGE
    return status_labels.LOWER_NOW


def _steps(record: CaseRecord, episode: Episode, signal_status: SignalStatus | None) -> list[TimelineStep]:
    """What happened, in order; gold leads to what was mended."""
    leads = "mend" if episode.mended else ""
    steps = [
        TimelineStep(
            "strain",
            "dot-iron",
            "Noticed",
            _session(record, episode.onset_id),
            _noticed(episode, signal_status),
        )
    ]
    if signal_status is not None and signal_status.choice == AcknowledgeChoice.TALKED:
        steps.append(TimelineStep("asked", "", "Talked about", "", "You said so."))
    if signal_status is not None and signal_status.choice == AcknowledgeChoice.DIFFERENT:
        steps.append(TimelineStep("eye", "", "You see it differently", "", "Your view counts as data."))
    if episode.nadir is not None and episode.nadir_encounter_id != episode.onset_id:
        steps.append(
            TimelineStep(
                "low", "", "Lowest", _session(record, episode.nadir_encounter_id), f"{episode.nadir:.1f}."
            )
        )
    steps += _way_back(record, episode, leads)
    if episode.client_confirmed_at is not None:
        steps.append(
            TimelineStep("listen", "", f"{record.name(episode.member_id)} said there was tension", "", "")
        )
    if episode.contradicted_at is not None:
        steps.append(
            TimelineStep(
                "listen", "dot-iron", f"{record.name(episode.member_id)} says it is not worked out", "", ""
            )
        )
    return steps


def _session(record: CaseRecord, encounter_id: object) -> str:
    found = next((e.id for e in record.held if e.id == encounter_id), None)
    return session(record.session(found)) if found else ""


def _noticed(episode: Episode, signal_status: SignalStatus | None) -> str:
    if episode.onset_value is None or episode.baseline is None:
        return "Seen in the room."
    slow = signal_status is not None and signal_status.signal.is_slow
    level = f"{episode.baseline:.1f}"
    text = f"{episode.onset_value:.1f}, " + (
        f"down from {level}." if slow else f"where {level} was expected."
    )
    if signal_status is None:
        return text
    rated_at = signal_status.signal.response.rated_at
    if rated_at is None:
        return text
    return f"{text} Raised {how_long(signal_status.signal.raised_at - rated_at)} after the answer."


def _way_back(record: CaseRecord, episode: Episode, leads: str) -> list[TimelineStep]:
    gold = "dot-gold" if episode.mended else ""
    back = _session(record, episode.repair_encounter_id)
    if episode.status == EpisodeStatus.REPAIRED:
        return [
            TimelineStep("repaired", gold, "Back in range", back, "", leads),
            TimelineStep("check", gold, "Held", "since then", "", leads),
        ]
    if episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED:
        return [
            TimelineStep("repaired", "dot-mending" if episode.confirmed else "", "Back in range", back, ""),
            TimelineStep("check", "dot-ahead", "Holds, or not", "", "The next rating will show.", "ahead"),
        ]
    if episode.status in (EpisodeStatus.PARTIAL, EpisodeStatus.UNREPAIRED):
        how = "Came back in part" if episode.status == EpisodeStatus.PARTIAL else "Stayed lower"
        return [TimelineStep("steady", "", how, "", "Ratings are now compared with the lower level.")]
    return [TimelineStep("repaired", "dot-ahead", "Back near the earlier level", "", "Not yet.", "ahead")]
