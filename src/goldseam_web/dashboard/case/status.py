"""How a case stands: the one label a row carries, and what that label rests on. Pure: rows in, a status out."""

from dataclasses import dataclass

from goldseam_web.alerts.models import AcknowledgeChoice, Episode, EpisodeStatus, OnsetKind, SignalKind
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.cases.models import Member
from goldseam_web.dashboard.case.record import CaseRecord
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.status_labels import StatusLabel
from goldseam_web.measures.own_measures import SELF_THERAPIST, WITHIN

# A repair stays in sight for so many sessions after it; a strain that settled lower, a little longer.
REPAIR_IN_SIGHT, SETTLED_AFTER = 3, 8
HALF_WAY = 0.5


@dataclass(frozen=True)
class CaseStatus:
    """The label, and the signal, episode or member it is about."""

    label: StatusLabel
    signal_status: SignalStatus | None = None
    episode: Episode | None = None
    member: Member | None = None
    is_new: bool = False


def status_of(record: CaseRecord, *, waiting: bool, judging: bool) -> CaseStatus:
    """The most pressing thing to say of a case. ``waiting``: a client's link is open and not answered."""
    if not judging:
        return CaseStatus(status_labels.WAITING if waiting else status_labels.RECORDED)
    found = [s for signal_status in record.signals if (s := of_signal(record, signal_status)) is not None]
    found += [s for e in _without_signal(record) if (s := _of_episode(record, e, None)) is not None]
    pressing = min(found, key=lambda s: (s.label.rank, not s.is_new), default=None)
    if pressing is not None and pressing.label.group in (
        status_labels.Group.WORTH,
        status_labels.Group.REPAIR,
    ):
        return pressing
    if waiting:
        return CaseStatus(status_labels.WAITING)
    return pressing or _quiet(record)


def _without_signal(record: CaseRecord) -> list[Episode]:
    """Episodes opened by hand."""
    known = {h.signal.episode_id for h in record.signals}
    return [e for e in record.episodes if e.id not in known]


def of_signal(record: CaseRecord, signal_status: SignalStatus) -> CaseStatus | None:
    """How one signal stands now; None when it is no longer a reason to say anything."""
    signal = signal_status.signal
    if signal.episode is not None:
        return _of_episode(record, signal.episode, signal_status)
    if signal.kind in (SignalKind.STRAIN, SignalKind.EROSION, SignalKind.STRAIN_BETWEEN):
        return None
    settled = signal_status.choice in (AcknowledgeChoice.TALKED, AcknowledgeChoice.DIFFERENT)
    if settled or (signal_status.choice == AcknowledgeChoice.TAKE_UP and _met_since(record, signal_status)):
        return None
    label = status_labels.label_of(signal.kind, confirmed=False, session=record.session(signal.encounter_id))
    return CaseStatus(label, signal_status, None, record.by_id.get(signal.member_id), signal_status.unopened)


def _met_since(record: CaseRecord, signal_status: SignalStatus) -> bool:
    """Whether a session has been held since the therapist said they would take it up."""
    return signal_status.chosen_at is not None and any(
        e.starts_at > signal_status.chosen_at for e in record.held
    )


def _of_episode(
    record: CaseRecord, episode: Episode, signal_status: SignalStatus | None
) -> CaseStatus | None:
    if episode.status == EpisodeStatus.WITHDRAWN:
        return None
    label = label_of_episode(record, episode, signal_status)
    if label is None:
        return None
    member = record.by_id.get(episode.member_id) if episode.member_id else None
    is_new = signal_status is not None and signal_status.unopened
    return CaseStatus(label, signal_status, episode, member, is_new)


def label_of_episode(
    record: CaseRecord, episode: Episode, signal_status: SignalStatus | None
) -> StatusLabel | None:
    """What an episode is called now; None once it is history."""
    choice = signal_status.choice if signal_status else None
    if episode.status == EpisodeStatus.REPAIRED:
        return _after_repair(record, episode)
    if episode.status in (EpisodeStatus.PARTIAL, EpisodeStatus.UNREPAIRED):
        return _settled(record, episode, choice, signal_status)
    if choice == AcknowledgeChoice.DIFFERENT:
        return status_labels.SET_ASIDE
    talked = choice == AcknowledgeChoice.TALKED
    coming_back = (
        episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED or way_back(record, episode) >= HALF_WAY
    )
    if talked or (coming_back and episode.confirmed):
        return status_labels.REPAIR_UNDER_WAY
    return status_labels.ON_THE_WAY_BACK if coming_back else _strain_label(record, episode, signal_status)


def _after_repair(record: CaseRecord, episode: Episode) -> StatusLabel | None:
    """Gold only where people confirmed the strain; a client who says it is not worked out comes before ratings."""
    since = record.sessions - (record.session(episode.repair_encounter_id) or 0)
    if episode.contradicted_at is not None and since <= REPAIR_IN_SIGHT:
        return _strain_label(record, episode, None)
    if since > REPAIR_IN_SIGHT:
        return None
    return status_labels.REPAIRED if episode.mended else status_labels.BACK_IN_RANGE


def _settled(
    record: CaseRecord, episode: Episode, choice: str | None, signal_status: SignalStatus | None
) -> StatusLabel | None:
    since = record.sessions - (record.session(episode.onset_id) or 0)
    if choice == AcknowledgeChoice.DIFFERENT or since > SETTLED_AFTER:
        return status_labels.LOWER_NOW if since <= 2 * SETTLED_AFTER else None
    return _strain_label(record, episode, signal_status)


def _strain_label(record: CaseRecord, episode: Episode, signal_status: SignalStatus | None) -> StatusLabel:
    kind = signal_status.signal.kind if signal_status else _kind(episode)
    return status_labels.label_of(kind, confirmed=episode.confirmed, session=record.session(episode.onset_id))


def _kind(episode: Episode) -> str:
    between = episode.series is not None and episode.series.scale == WITHIN
    if between:
        return SignalKind.STRAIN_BETWEEN
    return SignalKind.EROSION if episode.onset_kind == OnsetKind.EROSION else SignalKind.STRAIN


def is_under_way(label: StatusLabel | None) -> bool:
    """Whether gold dots may show the way back."""
    return label == status_labels.REPAIR_UNDER_WAY


def way_back(record: CaseRecord, episode: Episode) -> float:
    """The share of the fall that the latest rating has regained: 0 at the lowest, 1 at what was expected."""
    if episode.series is None or episode.baseline is None or episode.nadir is None:
        return 0.0
    latest = record.latest(episode.member_id, episode.series.scale)
    if latest is None or latest.value is None or episode.baseline <= episode.nadir:
        return 0.0
    return (latest.value - episode.nadir) / (episode.baseline - episode.nadir)


def _quiet(record: CaseRecord) -> CaseStatus:
    """Nothing new to take up: still low, growing, steady, or too early to say."""
    low = next((h for h in record.signals if _is_still_low(record, h)), None)
    if low is not None:
        return CaseStatus(status_labels.STILL_LOW, low, member=record.by_id.get(low.signal.member_id))
    judged = [m for m in record.members if _earlier(record, m) >= 3]
    if not judged:
        return CaseStatus(status_labels.NOT_ENOUGH)
    above = [m for m in judged if _above(record, m)]
    return (
        CaseStatus(status_labels.GROWING, member=above[0])
        if above
        else CaseStatus(status_labels.STEADY, member=judged[0])
    )


def _is_still_low(record: CaseRecord, signal_status: SignalStatus) -> bool:
    """Whether a low level that was acknowledged holds on: within the usual range it may be, steady it is not called."""
    if signal_status.signal.kind != SignalKind.LOW:
        return False
    latest = record.latest(signal_status.signal.member_id, SELF_THERAPIST)
    return (
        latest is not None
        and latest.value is not None
        and latest.value < signal_status.signal.evidence["limit"]
    )


def _earlier(record: CaseRecord, member: Member) -> int:
    """How many ratings there were to compare the latest one with."""
    verdict = record.latest_verdict(member.id, SELF_THERAPIST)
    return verdict.earlier_ratings if verdict and verdict.judged else 0


def _above(record: CaseRecord, member: Member) -> bool:
    latest = record.latest(member.id, SELF_THERAPIST)
    verdict = record.latest_verdict(member.id, SELF_THERAPIST)
    if latest is None or latest.value is None or verdict is None or verdict.usual_high is None:
        return False
    return latest.value > verdict.usual_high
