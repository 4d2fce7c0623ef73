"""Which sentence says how a case stands, on its row and on its page. It could be read aloud to a colleague."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from goldseam_web.alerts.case_standing.standing import Standing
from goldseam_web.alerts.models import PLANNED, AcknowledgeChoice, EpisodeStatus
from goldseam_web.alerts.states import EARLY_FALL_ONCE_IN, State
from goldseam_web.cases.queries import CasePeople
from goldseam_web.dashboard.case.signal_lines import finding_sentence
from goldseam_web.dashboard.language import caseload_page as say
from goldseam_web.dashboard.language.case_chart import NAME_AND_VALUE
from goldseam_web.dashboard.language.phrases import AND, counted, first_capital, session


@dataclass(frozen=True)
class _Told:
    """A standing with who is told of whom."""

    standing: Standing
    people: CasePeople
    reader: uuid.UUID | None

    @property
    def name(self) -> str:
        return self.people.name(self.standing.member)

    @property
    def onset(self) -> str:
        return session(self.standing.onset)


def status_sentence(
    standing: Standing, people: CasePeople, *, waiting: int, reader: uuid.UUID | None = None
) -> str:
    """One sentence on how a case stands, and how many others need a word besides.

    ``waiting``: how many clients' links are open and not answered. ``reader``: who reads it, where that is somebody in
    particular.
    """
    told = _Told(standing, people, reader)
    if standing.state == State.WAITING:
        sentence = first_capital(counted(waiting, *say.CHECK_INS_OPEN)) if waiting else say.NOT_READ_YET
    else:
        sentence = _BY_STATE[standing.state](told)
    if not standing.further:
        return sentence
    return f"{sentence} {first_capital(counted(standing.further, *say.OTHERS_NEED_A_WORD))}"


# ---------- worth a word ----------


def _strain(told: _Told) -> str:
    finding = told.standing.finding
    if finding is None:
        return say.STRAIN_WAS_NOTED.format(session=told.onset)
    return finding_sentence(finding, told.people, planned=finding.choice in PLANNED, reader=told.reader)


def _contradicted(told: _Told) -> str:
    return say.BACK_BUT_CONTRADICTED.format(name=told.name)


def _not_taken_up(told: _Told) -> str:
    finding = told.standing.finding
    if finding is None:
        return first_capital(counted(1, *say.PLANNED_NOT_TALKED))
    said = f"{finding_sentence(finding, told.people, reader=told.reader)} "
    return said + first_capital(counted(finding.plans, *say.PLANNED_NOT_TALKED))


def _early_fall(told: _Told) -> str:
    """What there is: the latest rating and how far it lies below the earlier ones."""
    standing = told.standing
    if standing.fall is None:
        return say.NO_RATINGS_TO_COMPARE
    text = say.EARLY_FALL_SECOND if standing.before == 1 else say.EARLY_FALL_THIRD
    once_in = EARLY_FALL_ONCE_IN[standing.before + 1]
    return text.format(name=told.name, value=standing.latest, fall=standing.fall, once_in=once_in)


def _early_word(told: _Told) -> str:
    text = say.EARLY_UNSURE if told.standing.tension == "unsure" else say.EARLY_LITTLE
    return text.format(name=told.name, session=session(told.standing.rating_session))


def _past(told: _Told) -> str:
    """What was noticed and is over: in the past tense, with its session and where things stand now."""
    now = told.standing.value
    text = say.PAST if now is None else say.PAST_NOW
    return text.format(name=told.name, session=session(told.standing.session), value=now)


def _fewer(told: _Told) -> str:
    return say.FEWER_ANSWERS.format(name=told.name)


def _not_heard(told: _Told) -> str:
    return say.NOT_HEARD_FROM.format(name=told.name)


# ---------- repair ----------


def _under_way(told: _Told) -> str:
    if told.standing.episode_status == EpisodeStatus.REPAIRED_UNCONFIRMED:
        return say.BACK_UNCONFIRMED.format(name=told.name)
    finding = told.standing.finding
    talked = finding is not None and finding.choice == AcknowledgeChoice.TALKED
    return (say.TALKED if talked else say.ON_THE_WAY).format(name=told.name)


def _on_the_way(told: _Told) -> str:
    return say.COMING_BACK.format(name=told.name)


def _repaired(told: _Told) -> str:
    text = say.REPAIRED_BY_HAND if told.standing.by_hand else say.REPAIRED
    return text.format(name=told.name, session=told.onset)


def _mended_not_said(told: _Told) -> str:
    return say.MENDED_NOT_SAID.format(name=told.name, session=told.onset)


def _back_not_said(told: _Told) -> str:
    return say.BACK_NOT_SAID.format(name=told.name)


def _back(told: _Told) -> str:
    doubt = told.standing.doubt
    return (say.BACK_WITH_DOUBT[doubt] if doubt else say.BACK_IN_RANGE).format(name=told.name)


# ---------- looked at ----------


def _two_ways(told: _Told) -> str:
    return say.SEEN_TWO_WAYS.format(name=told.name)


def _set_aside(told: _Told) -> str:
    return say.SET_ASIDE.format(name=told.name)


def _waits(told: _Told) -> str:
    return say.WAITS_FOR_RATING.format(name=told.name)


def _lower(told: _Told) -> str:
    return say.SETTLED_LOWER.format(name=told.name, session=told.onset)


def _still_low(told: _Told) -> str:
    return say.STILL_LOW_AT.format(name=told.name, value=told.standing.value)


# ---------- waiting, steady ----------


def _no_rating(told: _Told) -> str:
    return say.NO_RATING[told.standing.asked].format(
        name=told.name, session=session(told.standing.rating_session)
    )


def _not_enough(told: _Told) -> str:
    count = told.standing.ratings
    if count == 0 or told.standing.member is None:
        return say.NO_RATINGS_TO_COMPARE
    return first_capital(counted(count, *say.TOO_FEW_RATINGS)) if count < 3 else say.THREE_RATINGS


def _below_usual(told: _Told) -> str:
    return say.BELOW_USUAL.format(name=told.name, value=told.standing.value)


def _steady(told: _Told) -> str:
    """Whose latest rating lies in its usual range; nobody else is called steady."""
    count, steady = len(told.people.members), told.standing.steady
    if count == 1:
        return say.STEADY_ONE.format(name=told.name)
    if len(steady) == count:
        return say.STEADY_BOTH if count == 2 else say.STEADY_ALL
    return say.STEADY_SOME.format(names=AND.join(told.people.name(member) for member in steady))


def _growing(told: _Told) -> str:
    return say.ABOVE.format(name=told.name)


def _recorded(told: _Told) -> str:
    last = [
        NAME_AND_VALUE.format(name=told.people.name(member), value=value)
        for member, value in told.standing.rated
    ]
    return say.LAST_RATINGS.format(ratings=", ".join(last)) if last else say.NO_RATINGS


_BY_STATE: dict[State, Callable[[_Told], str]] = {
    State.NOT_TAKEN_UP: _not_taken_up,
    State.CONTRADICTED: _contradicted,
    State.ASKED: _strain,
    State.STRAIN: _strain,
    State.STRAIN_BETWEEN: _strain,
    State.GOALS_APART: _strain,
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
