"""Which sentence stands under the badge of a caseload row. It could be read aloud to a colleague."""

from collections.abc import Callable

from goldseam_web.alerts.models import AcknowledgeChoice, Episode, EpisodeStatus
from goldseam_web.dashboard.case.record import CaseRecord
from goldseam_web.dashboard.case.signal_lines import signal_sentence
from goldseam_web.dashboard.case.status import CaseStatus
from goldseam_web.dashboard.language import caseload_page as say
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.case_chart import NAME_AND_VALUE
from goldseam_web.dashboard.language.phrases import AND, counted, first_capital, session
from goldseam_web.dashboard.language.status_labels import StatusLabel
from goldseam_web.measures.own_measures import SELF_THERAPIST


def row_sentence(record: CaseRecord, status: CaseStatus, *, waiting: int) -> str:
    """One sentence on how a case stands. ``waiting``: how many clients' links are open and not answered."""
    choose = _BY_LABEL.get(status.label)
    if choose is not None:
        return choose(record, status)
    if status.label == status_labels.WAITING:
        return first_capital(counted(waiting, *say.CHECK_INS_OPEN))
    return _strain(record, status)


def _strain(record: CaseRecord, status: CaseStatus) -> str:
    signal_status, episode = status.signal_status, status.episode
    if episode is not None and episode.contradicted_at is not None and episode.repair_encounter_id:
        return say.BACK_BUT_CONTRADICTED.format(name=record.name(episode.member_id))
    if signal_status is None:
        return say.YOU_NOTED_STRAIN.format(session=_onset(record, episode))
    planned = signal_status.choice == AcknowledgeChoice.TAKE_UP
    return signal_sentence(record, signal_status, planned=planned)


def _onset(record: CaseRecord, episode: Episode | None) -> str:
    return session(record.session(episode.onset_id) if episode else None)


def _name(record: CaseRecord, status: CaseStatus) -> str:
    """The member of the episode a status speaks of."""
    return record.name(status.episode.member_id if status.episode else None)


def _under_way(record: CaseRecord, status: CaseStatus) -> str:
    name = _name(record, status)
    if status.episode is not None and status.episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED:
        return say.BACK_UNCONFIRMED.format(name=name)
    talked = status.signal_status is not None and status.signal_status.choice == AcknowledgeChoice.TALKED
    return (say.YOU_TALKED if talked else say.ON_THE_WAY).format(name=name)


def _on_the_way(record: CaseRecord, status: CaseStatus) -> str:
    return say.COMING_BACK.format(name=_name(record, status))


def _repaired(record: CaseRecord, status: CaseStatus) -> str:
    return say.REPAIRED.format(name=_name(record, status))


def _back(record: CaseRecord, status: CaseStatus) -> str:
    return say.BACK_IN_RANGE.format(name=_name(record, status))


def _set_aside(record: CaseRecord, status: CaseStatus) -> str:
    member_id = status.signal_status.signal.member_id if status.signal_status else None
    return say.SET_ASIDE.format(name=record.name(member_id))


def _lower(record: CaseRecord, status: CaseStatus) -> str:
    onset = _onset(record, status.episode)
    return say.SETTLED_LOWER.format(name=_name(record, status), session=onset)


def _still_low(record: CaseRecord, status: CaseStatus) -> str:
    member = status.member
    latest = record.latest(member.id, SELF_THERAPIST) if member else None
    name = record.name(member.id if member else None)
    if latest is None or latest.value is None:
        return say.STILL_LOW.format(name=name)
    return say.STILL_LOW_AT.format(name=name, value=latest.value)


def _not_enough(record: CaseRecord, _status: CaseStatus) -> str:
    count = max(
        (sum(v is not None for v in record.values(m.id, SELF_THERAPIST)) for m in record.members), default=0
    )
    if count == 0:
        return say.NO_RATINGS_TO_COMPARE
    return first_capital(counted(count, *say.TOO_FEW_RATINGS)) if count < 3 else say.THREE_RATINGS


def _steady(record: CaseRecord, _status: CaseStatus) -> str:
    if len(record.members) == 1:
        return say.STEADY_ONE.format(name=record.name(record.members[0].id))
    judged = [m.id for m in record.members if (j := record.latest_verdict(m.id, SELF_THERAPIST)) and j.judged]
    if len(judged) == len(record.members):
        return say.STEADY_BOTH if len(judged) == 2 else say.STEADY_ALL
    return say.STEADY_SOME.format(names=AND.join(record.name(m) for m in judged))


def _growing(record: CaseRecord, status: CaseStatus) -> str:
    return say.ABOVE.format(name=record.name(status.member.id if status.member else None))


def _recorded(record: CaseRecord, _status: CaseStatus) -> str:
    last = [
        NAME_AND_VALUE.format(name=record.name(m.id), value=row.value)
        for m in record.members
        if (row := record.latest(m.id, SELF_THERAPIST)) and row.value is not None
    ]
    return say.LAST_RATINGS.format(ratings=", ".join(last)) if last else say.NO_RATINGS


_BY_LABEL: dict[StatusLabel, Callable[[CaseRecord, CaseStatus], str]] = {
    status_labels.REPAIR_UNDER_WAY: _under_way,
    status_labels.ON_THE_WAY_BACK: _on_the_way,
    status_labels.REPAIRED: _repaired,
    status_labels.BACK_IN_RANGE: _back,
    status_labels.SET_ASIDE: _set_aside,
    status_labels.LOWER_NOW: _lower,
    status_labels.NOT_ENOUGH: _not_enough,
    status_labels.STILL_LOW: _still_low,
    status_labels.STEADY: _steady,
    status_labels.GROWING: _growing,
    status_labels.RECORDED: _recorded,
}
