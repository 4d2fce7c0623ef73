"""Which sentence says how a case stands, on its row and on its page. It could be read aloud to a colleague."""

from collections.abc import Callable
from statistics import fmean

from goldseam_web.alerts.models import PLANNED, AcknowledgeChoice, EpisodeStatus, RepairDoubt
from goldseam_web.alerts.states import EARLY_FALL_ONCE_IN, Asked, MemberState, Relation, State
from goldseam_web.dashboard.case.record import CaseRecord
from goldseam_web.dashboard.case.signal_lines import signal_sentence
from goldseam_web.dashboard.case.state_facts import member_facts
from goldseam_web.dashboard.case.status import CaseStatus
from goldseam_web.dashboard.language import caseload_page as say
from goldseam_web.dashboard.language.case_chart import NAME_AND_VALUE
from goldseam_web.dashboard.language.phrases import AND, counted, first_capital, session
from goldseam_web.measures.own_measures import SELF_THERAPIST


def status_sentence(record: CaseRecord, status: CaseStatus, *, waiting: int) -> str:
    """One sentence on how a case stands, and how many others need a word besides.

    ``waiting``: how many clients' links are open and not answered.
    """
    if status.member_state is None:
        sentence = _without_states(record, status, waiting)
    elif status.state == State.WAITING:
        sentence = first_capital(counted(waiting, *say.CHECK_INS_OPEN))
    else:
        sentence = _BY_STATE[status.state](record, status)
    if not status.further:
        return sentence
    return f"{sentence} {first_capital(counted(status.further, *say.OTHERS_NEED_A_WORD))}"


def _without_states(record: CaseRecord, status: CaseStatus, waiting: int) -> str:
    if status.state == State.WAITING:
        return first_capital(counted(waiting, *say.CHECK_INS_OPEN))
    return _recorded(record, status) if status.state == State.RECORDED else say.NO_RATINGS_TO_COMPARE


def _name(record: CaseRecord, status: CaseStatus) -> str:
    return record.name(status.member.id if status.member else None)


def _onset(record: CaseRecord, status: CaseStatus) -> str:
    return session(record.session(status.episode.onset_id) if status.episode else None)


def _rated(status: CaseStatus) -> float | None:
    """The latest rating of the relation the state is about."""
    rating = status.member_state.rating if status.member_state else None
    return rating.value if rating else None


# ---------- worth a word ----------


def _strain(record: CaseRecord, status: CaseStatus) -> str:
    if status.signal_status is None:
        return say.STRAIN_WAS_NOTED.format(session=_onset(record, status))
    planned = status.signal_status.choice in PLANNED
    return signal_sentence(record, status.signal_status, planned=planned, reader=status.reader)


def _contradicted(record: CaseRecord, status: CaseStatus) -> str:
    return say.BACK_BUT_CONTRADICTED.format(name=_name(record, status))


def _not_taken_up(record: CaseRecord, status: CaseStatus) -> str:
    plans = status.signal_status.plans if status.signal_status else 1
    said = f"{_what(record, status)} "
    return said + first_capital(counted(plans, *say.PLANNED_NOT_TALKED))


def _what(record: CaseRecord, status: CaseStatus) -> str:
    return signal_sentence(record, status.signal_status, reader=status.reader) if status.signal_status else ""


def _early_fall(record: CaseRecord, status: CaseStatus) -> str:
    """What there is: the latest rating and how far it lies below the earlier ones."""
    if status.member is None:
        return say.NO_RATINGS_TO_COMPARE
    given = member_facts(record, status.member).given(Relation.THERAPIST)
    *before, last = [rating.value for rating in given if rating.value is not None]
    text = say.EARLY_FALL_SECOND if len(before) == 1 else say.EARLY_FALL_THIRD
    once_in = EARLY_FALL_ONCE_IN[len(before) + 1]
    return text.format(name=_name(record, status), value=last, fall=fmean(before) - last, once_in=once_in)


def _early_word(record: CaseRecord, status: CaseStatus) -> str:
    rating = status.member_state.rating if status.member_state else None
    unsure = rating is not None and rating.tension == "unsure"
    text = say.EARLY_UNSURE if unsure else say.EARLY_LITTLE
    return text.format(name=_name(record, status), session=session(rating.session if rating else None))


def _past(record: CaseRecord, status: CaseStatus) -> str:
    """What was noticed and is over: in the past tense, with its session and where things stand now."""
    finding = status.member_state.finding if status.member_state else None
    now = _rated(status)
    text = say.PAST if now is None else say.PAST_NOW
    return text.format(
        name=_name(record, status), session=session(finding.session if finding else None), value=now
    )


def _fewer(record: CaseRecord, status: CaseStatus) -> str:
    return say.FEWER_ANSWERS.format(name=_name(record, status))


def _not_heard(record: CaseRecord, status: CaseStatus) -> str:
    return say.NOT_HEARD_FROM.format(name=_name(record, status))


# ---------- repair ----------


def _under_way(record: CaseRecord, status: CaseStatus) -> str:
    name = _name(record, status)
    if status.episode is not None and status.episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED:
        return say.BACK_UNCONFIRMED.format(name=name)
    talked = status.signal_status is not None and status.signal_status.choice == AcknowledgeChoice.TALKED
    return (say.TALKED if talked else say.ON_THE_WAY).format(name=name)


def _on_the_way(record: CaseRecord, status: CaseStatus) -> str:
    return say.COMING_BACK.format(name=_name(record, status))


def _repaired(record: CaseRecord, status: CaseStatus) -> str:
    by_hand = status.episode is not None and status.episode.by_hand
    text = say.REPAIRED_BY_HAND if by_hand else say.REPAIRED
    return text.format(name=_name(record, status), session=_onset(record, status))


def _mended_not_said(record: CaseRecord, status: CaseStatus) -> str:
    return say.MENDED_NOT_SAID.format(name=_name(record, status), session=_onset(record, status))


def _back_not_said(record: CaseRecord, status: CaseStatus) -> str:
    return say.BACK_NOT_SAID.format(name=_name(record, status))


def _back(record: CaseRecord, status: CaseStatus) -> str:
    doubt = status.episode.repair_doubt if status.episode else ""
    if doubt:
        return say.BACK_WITH_DOUBT[RepairDoubt(doubt)].format(name=_name(record, status))
    return say.BACK_IN_RANGE.format(name=_name(record, status))


# ---------- looked at ----------


def _two_ways(record: CaseRecord, status: CaseStatus) -> str:
    return say.SEEN_TWO_WAYS.format(name=_name(record, status))


def _set_aside(record: CaseRecord, status: CaseStatus) -> str:
    return say.SET_ASIDE.format(name=_name(record, status))


def _waits(record: CaseRecord, status: CaseStatus) -> str:
    return say.WAITS_FOR_RATING.format(name=_name(record, status))


def _lower(record: CaseRecord, status: CaseStatus) -> str:
    return say.SETTLED_LOWER.format(name=_name(record, status), session=_onset(record, status))


def _still_low(record: CaseRecord, status: CaseStatus) -> str:
    return say.STILL_LOW_AT.format(name=_name(record, status), value=_rated(status))


# ---------- waiting, steady ----------


def _no_rating(record: CaseRecord, status: CaseStatus) -> str:
    rating = status.member_state.rating if status.member_state else None
    asked = rating.asked if rating else Asked.ASKED
    return say.NO_RATING[asked].format(
        name=_name(record, status), session=session(rating.session if rating else None)
    )


def _not_enough(record: CaseRecord, _status: CaseStatus) -> str:
    count = max(
        (sum(v is not None for v in record.values(m.id, SELF_THERAPIST)) for m in record.members), default=0
    )
    if count == 0:
        return say.NO_RATINGS_TO_COMPARE
    return first_capital(counted(count, *say.TOO_FEW_RATINGS)) if count < 3 else say.THREE_RATINGS


def _below_usual(record: CaseRecord, status: CaseStatus) -> str:
    return say.BELOW_USUAL.format(name=_name(record, status), value=_rated(status))


def _steady(record: CaseRecord, status: CaseStatus) -> str:
    """Whose latest rating lies in its usual range; nobody else is called steady."""
    if len(record.members) == 1:
        return say.STEADY_ONE.format(name=_name(record, status))
    steady = [s.member for s in status.states if _is_steady(s)]
    if len(steady) == len(record.members):
        return say.STEADY_BOTH if len(steady) == 2 else say.STEADY_ALL
    return say.STEADY_SOME.format(names=AND.join(record.name(member) for member in steady))


def _is_steady(state: MemberState) -> bool:
    return state.state in (State.STEADY, State.GROWING)


def _growing(record: CaseRecord, status: CaseStatus) -> str:
    return say.ABOVE.format(name=_name(record, status))


def _recorded(record: CaseRecord, _status: CaseStatus) -> str:
    last = [
        NAME_AND_VALUE.format(name=record.name(m.id), value=row.value)
        for m in record.members
        if (row := record.latest(m.id, SELF_THERAPIST)) and row.value is not None
    ]
    return say.LAST_RATINGS.format(ratings=", ".join(last)) if last else say.NO_RATINGS


_BY_STATE: dict[State, Callable[[CaseRecord, CaseStatus], str]] = {
    State.NOT_TAKEN_UP: _not_taken_up,
    State.CONTRADICTED: _contradicted,
    State.ASKED: _strain,
    State.STRAIN: _strain,
    State.STRAIN_BETWEEN: _strain,
    State.EROSION: _strain,
    State.LOW: _strain,
    State.EARLY_FALL: _early_fall,
    State.EARLY_WORD: _early_word,
    State.PAST: _past,
    State.FEWER_ANSWERS: _fewer,
    State.NOT_HEARD_FROM: _not_heard,
    State.REPAIR_UNDER_WAY: _under_way,
    State.ON_THE_WAY_BACK: _on_the_way,
    State.REPAIRED: _repaired,
    State.BACK_NOT_SAID: _back_not_said,
    State.BACK_IN_RANGE: _back,
    State.MENDED_NOT_SAID: _mended_not_said,
    State.STILL_LOW: _still_low,
    State.SEEN_TWO_WAYS: _two_ways,
    State.SET_ASIDE: _set_aside,
    State.WAITS_FOR_RATING: _waits,
    State.LOWER_NOW: _lower,
    State.NO_RATING: _no_rating,
    State.NOT_ENOUGH: _not_enough,
    State.BELOW_USUAL: _below_usual,
    State.STEADY: _steady,
    State.GROWING: _growing,
    State.RECORDED: _recorded,
}
