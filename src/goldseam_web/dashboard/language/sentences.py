"""What pages say in words. A sentence names the relation that was rated, and could be read aloud to a colleague."""

from goldseam_web.alerts.models import AcknowledgeChoice, Episode, EpisodeStatus, OnsetKind, SignalKind
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.dashboard.case.record import (
    WITH_EACH_OTHER,
    WITH_THERAPIST,
    CaseRecord,
    facet_falls,
    main_facet,
)
from goldseam_web.dashboard.case.status import CaseStatus
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.times import counted, first_capital, in_words

NBSP = "\N{NO-BREAK SPACE}"

_FELL = {
    "goal": "{name} agrees less with you on what to work toward",
    "task": "The way you work suits {name} less than before",
    "bond": "{name} feels less understood by you",
    "safety": "{name} feels less free to disagree with you",
    None: "{name} rates the work with you lower than before",
}


def session(number: int | None) -> str:
    """ "session 6" that does not break over a line."""
    return f"session{NBSP}{number}" if number else "the last session"


def caseload_sentence(record: CaseRecord, status: CaseStatus, *, waiting: int = 0) -> str:
    """One sentence under the badge of a row."""
    say = _BY_WORD.get(status.label)
    if say is not None:
        return say(record, status)
    if status.label == status_labels.WAITING:
        return f"{first_capital(counted(waiting, 'check-in'))} open; nothing to do until then."
    return _strain(record, status)


def _strain(record: CaseRecord, status: CaseStatus) -> str:
    signal_status, episode = status.signal_status, status.episode
    if episode is not None and episode.contradicted_at is not None and episode.repair_encounter_id:
        return f"Ratings are back, but {record.name(episode.member_id)} says it is not worked out."
    if signal_status is None:
        return f"You noted strain at {session(record.session(episode.onset_id) if episode else None)}."
    plan = signal_status.choice == AcknowledgeChoice.TAKE_UP
    return f"{signal_clause(record, signal_status)}{'; you plan to take it up' if plan else ''}."


def signal_clause(record: CaseRecord, signal_status: SignalStatus) -> str:
    """What a signal says, without its full stop."""
    signal = signal_status.signal
    name = record.name(signal.member_id)
    if signal.kind == SignalKind.ASKED:
        return f"{name} said there clearly was tension with you"
    if signal.kind == SignalKind.LOW:
        return f"{name} rates the work with you {signal.evidence['value']:.1f} of {_maximum(signal.evidence)}"
    if signal.kind == SignalKind.STRAIN_BETWEEN:
        return f"{name} rates things with {record.others(signal.member_id)} lower, not with you"
    if signal.kind == SignalKind.EROSION:
        return f"{name}’s rating of the work with you slid, with no single drop"
    return _FELL[main_facet(facet_falls(record, signal))].format(name=name)


def _maximum(evidence: dict[str, float]) -> str:
    return f"{evidence['maximum']:g}"


def _under_way(record: CaseRecord, status: CaseStatus) -> str:
    episode = status.episode
    name = record.name(episode.member_id if episode else None)
    if episode is not None and episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED:
        return f"{name} is back in range; the next rating shows whether it holds."
    talked = status.signal_status is not None and status.signal_status.choice == AcknowledgeChoice.TALKED
    return (
        f"You talked about it; {name}’s next rating will tell."
        if talked
        else f"{name}’s rating is on the way back."
    )


def _on_the_way(record: CaseRecord, status: CaseStatus) -> str:
    name = record.name(status.episode.member_id if status.episode else None)
    return f"{name}’s rating is coming back; nobody has said yet what it was."


def _repaired(record: CaseRecord, status: CaseStatus) -> str:
    name = record.name(status.episode.member_id if status.episode else None)
    return f"{name} is back near the earlier level, and it has held."


def _back(record: CaseRecord, status: CaseStatus) -> str:
    name = record.name(status.episode.member_id if status.episode else None)
    return f"{name} is back in range; whether it was strain, nobody has said."


def _set_aside(record: CaseRecord, status: CaseStatus) -> str:
    name = record.name(status.signal_status.signal.member_id if status.signal_status else None)
    return f"You read {name}’s lower rating differently; the next one will tell."


def _lower(record: CaseRecord, status: CaseStatus) -> str:
    episode = status.episode
    name = record.name(episode.member_id if episode else None)
    return f"{name} has settled lower since {session(record.session(episode.onset_id) if episode else None)}."


def _still_low(record: CaseRecord, status: CaseStatus) -> str:
    member = status.member
    latest = record.latest(member.id, WITH_THERAPIST) if member else None
    value = f" at {latest.value:.1f}" if latest and latest.value is not None else ""
    return f"{record.name(member.id if member else None)} stays low{value}; you have looked at it."


def _not_enough(record: CaseRecord, _standing: CaseStatus) -> str:
    count = max(
        (sum(v is not None for v in record.values(m.id, WITH_THERAPIST)) for m in record.members), default=0
    )
    if count == 0:
        return "No ratings yet; comparing starts once there are three."
    if count < 3:
        return f"{first_capital(counted(count, 'rating'))} so far; comparing starts once there are three."
    return "Three ratings to compare with; the next one is the first that can be judged."


def _steady(record: CaseRecord, _standing: CaseStatus) -> str:
    if len(record.members) == 1:
        return f"{record.name(record.members[0].id)} is within the usual range."
    judged = [m.id for m in record.members if _judged_latest(record, m.id) is not None]
    if len(judged) == len(record.members):
        return "Both within their usual range." if len(judged) == 2 else "All within their usual range."
    names = " and ".join(record.name(m) for m in judged)
    return f"{names} within the usual range; too few ratings from the others yet."


def _judged_latest(record: CaseRecord, member_id: object) -> object:
    for member in record.members:
        if member.id == member_id:
            latest = record.latest(member.id, WITH_THERAPIST)
            found = record.judgement(member.id, WITH_THERAPIST, latest.encounter_id) if latest else None
            return found if found and found.judged else None
    return None


def _growing(record: CaseRecord, status: CaseStatus) -> str:
    return f"{record.name(status.member.id if status.member else None)} is above the usual range."


def _recorded(record: CaseRecord, _standing: CaseStatus) -> str:
    last = [
        f"{record.name(m.id)} {row.value:.1f}"
        for m in record.members
        if (row := record.latest(m.id, WITH_THERAPIST)) and row.value is not None
    ]
    return f"Last ratings with the therapist: {', '.join(last)}." if last else "No ratings yet."


_BY_WORD = {
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


def caseload_headline(counts: dict[str, int], cases: int, *, judging: bool) -> str:
    """The caseload in a sentence: who may need a word, what is being mended, what has held."""
    if not judging:
        return first_capital(f"{counted(cases, 'open case')}, as answered.")
    worth = counts.get("worth", 0)
    if worth:
        first = f"{in_words(worth)} of your cases may be worth a word."
    else:
        first = "none of your cases asks for a word today."
    rest = [
        f"{counted(counts['under_way'], 'repair')} {'is' if counts['under_way'] == 1 else 'are'} under way"
        if counts.get("under_way")
        else "",
        f"{in_words(counts['held'])} {'has' if counts['held'] == 1 else 'have'} held"
        if counts.get("held")
        else "",
    ]
    told = ", ".join(part for part in rest if part)
    return first_capital(first) + (f" {first_capital(told)}." if told else "")


def member_course(record: CaseRecord, member_id: object, episodes: list[Episode]) -> str:
    """One member's ratings with the therapist in a sentence, for the head of the chart."""
    member = next(m for m in record.members if m.id == member_id)
    name = record.name(member.id)
    given = [v for v in record.values(member.id, WITH_THERAPIST) if v is not None]
    if not given:
        return f"{name} has not rated the work with you yet."
    if episodes:
        return _episode_course(record, episodes[-1], name)
    if len(given) < 4:
        return f"{name} has given {counted(len(given), 'rating')} so far, the last {given[-1]:.1f}."
    change = given[-1] - given[0]
    if abs(change) < 1:
        return f"{name}’s rating has stayed near {sum(given) / len(given):.1f}."
    return f"{name}’s rating went from {given[0]:.1f} to {given[-1]:.1f}."


def _episode_course(record: CaseRecord, episode: Episode, name: str) -> str:
    onset = session(record.session(episode.onset_id))
    slid = episode.onset_kind == OnsetKind.EROSION
    fell = f"{name}’s rating had slid by {onset}" if slid else f"{name}’s rating fell at {onset}"
    back = session(record.session(episode.repair_encounter_id))
    if episode.status == EpisodeStatus.REPAIRED:
        if episode.contradicted_at is not None:
            return f"{fell} and came back by {back}, but {name} says it is not worked out."
        done = "was repaired by" if episode.mended else "came back into range by"
        return f"{fell}, {done} {back} and has held since."
    if episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED:
        return f"{fell} and is back in range since {back}; the next rating shows whether it holds."
    if episode.status in (EpisodeStatus.PARTIAL, EpisodeStatus.UNREPAIRED):
        part = "only partly" if episode.status == EpisodeStatus.PARTIAL else "not"
        return f"{fell} and has {part} come back."
    slow = any(h.signal.episode_id == episode.id and h.signal.is_slow for h in record.signals)
    return f"{fell}, below {'its earlier level' if slow else 'what the earlier ratings led us to expect'}."


def between_course(record: CaseRecord) -> str:
    """The ratings of each other in a sentence; it never speaks of the therapist."""
    latest = [
        (record.name(m.id), row.value)
        for m in record.members
        if (row := record.latest(m.id, WITH_EACH_OTHER)) and row.value is not None
    ]
    if not latest:
        return "Nobody has rated being here with the others yet."
    said = ", ".join(f"{name} {value:.1f}" for name, value in latest)
    return f"How they rate being here with each other, last: {said}."
