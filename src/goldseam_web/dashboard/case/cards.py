"""Episodes, signals, progress and sessions of a case, as cards."""

from django.urls import reverse

from goldseam_web.alerts.models import AcknowledgeChoice, Episode, EpisodeStatus, SignalKind
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.cases.models import Encounter, EncounterState, Member
from goldseam_web.dashboard import words
from goldseam_web.dashboard.case.course import heard_about
from goldseam_web.dashboard.case.rows import PROGRESS, CaseRows
from goldseam_web.dashboard.drawing import draw_small
from goldseam_web.dashboard.pages.case import EpisodeCard, ProgressFigure, SessionCard, SignalLine, Step
from goldseam_web.dashboard.pages.shared import Badge
from goldseam_web.dashboard.record import WITH_EACH_OTHER, CaseRecord
from goldseam_web.dashboard.sentences import NBSP, session, signal_clause
from goldseam_web.dashboard.standing import word_of_episode
from goldseam_web.dashboard.times import coming, counted, first_capital, how_long, in_words, moment, past
from goldseam_web.dashboard.visit import Visit
from goldseam_web.measures.models import Occasion, OccasionState

EPISODES_SHOWN = 3
FIGURES_PER_MEMBER = {1: 4, 2: 2}
SAID = {
    AcknowledgeChoice.TAKE_UP: "to be taken up",
    AcknowledgeChoice.TALKED: "talked about",
    AcknowledgeChoice.DIFFERENT: "you see it differently",
}


# ---------- episodes ----------


def episode_cards(rows: CaseRows) -> tuple[EpisodeCard, ...]:
    """The newest episodes first, each with what is known of its way."""
    return tuple(_episode(rows, e) for e in rows.record.episodes[::-1][:EPISODES_SHOWN])


def _episode(rows: CaseRows, episode: Episode) -> EpisodeCard:
    record = rows.record
    heard = heard_about(record, episode)
    word = word_of_episode(record, episode, heard) or _closed_word(episode)
    return EpisodeCard(
        key=f"episode-{episode.number}",
        badge=Badge.of(word),
        name=_who(record, episode),
        steps=tuple(_steps(record, episode, heard)),
        mended=episode.mended,
        asks=rows.mine,
        url=reverse("dashboard:say_strain", args=[episode.id]),
        said_yes=episode.therapist_confirmed_at is not None,
    )


def _who(record: CaseRecord, episode: Episode) -> str:
    name = record.name(episode.member_id)
    between = episode.series is not None and episode.series.scale == WITH_EACH_OTHER
    return f"{name}, with {record.others(episode.member_id)}" if between else f"{name}, with you"


def _closed_word(episode: Episode) -> words.Word:
    if episode.status == EpisodeStatus.REPAIRED:
        return words.REPAIRED if episode.mended else words.BACK_IN_RANGE
    return words.LOWER_NOW


def _steps(record: CaseRecord, episode: Episode, heard: SignalStatus | None) -> list[Step]:
    """What happened, in order; gold leads to what was mended."""
    leads = "mend" if episode.mended else ""
    steps = [
        Step(
            "strain",
            "dot-iron",
            "Noticed",
            _session(record, episode.onset_id),
            _noticed(episode, heard),
        )
    ]
    if heard is not None and heard.choice == AcknowledgeChoice.TALKED:
        steps.append(Step("asked", "", "Talked about", "", "You said so."))
    if heard is not None and heard.choice == AcknowledgeChoice.DIFFERENT:
        steps.append(Step("eye", "", "You see it differently", "", "Your view counts as data."))
    if episode.nadir is not None and episode.nadir_encounter_id != episode.onset_id:
        steps.append(
            Step("low", "", "Lowest", _session(record, episode.nadir_encounter_id), f"{episode.nadir:.1f}.")
        )
    steps += _way_back(record, episode, leads)
    if episode.client_confirmed_at is not None:
        steps.append(Step("listen", "", f"{record.name(episode.member_id)} said there was tension", "", ""))
    if episode.contradicted_at is not None:
        steps.append(
            Step("listen", "dot-iron", f"{record.name(episode.member_id)} says it is not worked out", "", "")
        )
    return steps


def _session(record: CaseRecord, encounter_id: object) -> str:
    found = next((e.id for e in record.held if e.id == encounter_id), None)
    return session(record.session(found)) if found else ""


def _noticed(episode: Episode, heard: SignalStatus | None) -> str:
    if episode.onset_value is None or episode.baseline is None:
        return "Seen in the room."
    slow = heard is not None and heard.signal.is_slow
    level = f"{episode.baseline:.1f}"
    text = f"{episode.onset_value:.1f}, " + (
        f"down from {level}." if slow else f"where {level} was expected."
    )
    if heard is None:
        return text
    rated_at = heard.signal.response.rated_at
    if rated_at is None:
        return text
    return f"{text} Raised {how_long(heard.signal.raised_at - rated_at)} after the answer."


def _way_back(record: CaseRecord, episode: Episode, leads: str) -> list[Step]:
    gold = "dot-gold" if episode.mended else ""
    back = _session(record, episode.repair_encounter_id)
    if episode.status == EpisodeStatus.REPAIRED:
        return [
            Step("repaired", gold, "Back in range", back, "", leads),
            Step("check", gold, "Held", "since then", "", leads),
        ]
    if episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED:
        return [
            Step("repaired", "dot-mending" if episode.confirmed else "", "Back in range", back, ""),
            Step("check", "dot-ahead", "Holds, or not", "", "The next rating will show.", "ahead"),
        ]
    if episode.status in (EpisodeStatus.PARTIAL, EpisodeStatus.UNREPAIRED):
        how = "Came back in part" if episode.status == EpisodeStatus.PARTIAL else "Stayed lower"
        return [Step("steady", "", how, "", "Ratings are now compared with the lower level.")]
    return [Step("repaired", "dot-ahead", "Back near the earlier level", "", "Not yet.", "ahead")]


# ---------- signals ----------


def signal_lines(visit: Visit, rows: CaseRows) -> tuple[SignalLine, ...]:
    return tuple(signal_line(visit, rows.record, heard) for heard in rows.record.signals)


def signal_line(visit: Visit, record: CaseRecord, heard: SignalStatus, case: str = "") -> SignalLine:
    signal = heard.signal
    number = record.session(signal.encounter_id)
    confirmed = signal.episode.confirmed if signal.episode else False
    word = words.word_of(signal.kind, confirmed=confirmed, session=number)
    about = f" About {session(number)}." if number else ""
    return SignalLine(
        key=f"signal-{signal.id.hex}",
        url=reverse("dashboard:signal", args=[signal.id]),
        badge=Badge.of(word, is_new=heard.unopened),
        text=f"{signal_clause(record, heard)}.{about}",
        when=past(signal.raised_at, now=visit.at, zone=visit.zone),
        state=_state(heard),
        case=case,
    )


def _state(heard: SignalStatus) -> str:
    if heard.signal.episode is not None and heard.signal.episode.status == EpisodeStatus.WITHDRAWN:
        return "later answers changed this"
    if heard.choice is not None:
        return SAID[AcknowledgeChoice(heard.choice)]
    return "not opened yet" if heard.unopened else "opened"


def is_about_therapist(heard: SignalStatus) -> bool:
    return heard.signal.kind != SignalKind.STRAIN_BETWEEN


# ---------- progress ----------


def progress_figures(rows: CaseRows) -> tuple[ProgressFigure, ...]:
    """Small charts of the same size, those of one member together."""
    record = rows.record
    per_member = FIGURES_PER_MEMBER.get(len(record.members), 2)
    figures: list[ProgressFigure] = []
    for member in record.members:
        rated = [s for s in PROGRESS if record.ratings_by(member.id, s)]
        figures += [_figure(record, member, s) for s in rated[:per_member]]
    return tuple(figures)


def _figure(record: CaseRecord, member: Member, scale: str) -> ProgressFigure:
    values = record.values(member.id, scale)
    some = next(iter(record.ratings_by(member.id, scale).values()))
    name = (
        f"{record.name(member.id)}, {PROGRESS[scale]}"
        if len(record.members) > 1
        else first_capital(PROGRESS[scale])
    )
    given = [v for v in values if v is not None]
    return ProgressFigure(
        name=name,
        change=_change(given),
        chart=draw_small(member.position, values, some.minimum, some.maximum),
        label=f"{name}: from {given[0]:.1f} to {given[-1]:.1f}" if given else f"{name}: no answers yet",
    )


def _change(given: list[float]) -> str:
    """The change and no more: how large one must be to be beyond chance is not known for these scales yet."""
    if len(given) < 2:
        return "one answer so far" if given else "no answers yet"
    change = given[-1] - given[0]
    if round(change, 1) == 0:
        return "As at the first answer"
    return f"{'Up' if change > 0 else 'Down'} {abs(change):.1f} since the first"


# ---------- sessions ----------


def session_cards(visit: Visit, rows: CaseRows) -> tuple[SessionCard, ...]:
    """The next session, and the last one."""
    record = rows.record
    planned = next((e for e in record.encounters if e.state == EncounterState.PLANNED), None)
    cards = [_planned(visit, rows, planned)] if planned else []
    return (*cards, *([_held(visit, rows, record.held[-1])] if record.held else []))


def _planned(visit: Visit, rows: CaseRows, encounter: Encounter) -> SessionCard:
    asked = [o for o in rows.occasions if o.encounter_id == encounter.id and o.respondent_id is not None]
    running = encounter.starts_at <= visit.at
    return SessionCard(
        title=f"Session{NBSP}{rows.record.sessions + 1}",
        when=coming(encounter.starts_at, now=visit.at, zone=visit.zone),
        url=reverse("dashboard:encounter", args=[encounter.id]),
        facts=(("Check-ins", _asked_in_words(asked)), ("With", encounter.therapist.full_name)),
        action="The session is over" if running else "Open the session",
        icon="check" if running else "calendar",
    )


def _asked_in_words(asked: list[Occasion]) -> str:
    people = len({o.respondent_id for o in asked})
    if not people:
        return "nobody is asked"
    phases = {o.phase for o in asked}
    when = "before and after" if len(phases) == 2 else "after" if "post" in phases else "before"
    return f"{counted(people, 'person', 'people')}, {when} it"


def _held(visit: Visit, rows: CaseRows, encounter: Encounter) -> SessionCard:
    about = [
        o
        for o in rows.occasions
        if o.encounter_id == encounter.id and o.respondent_id is not None and o.phase == rows.phase
    ]
    open_now = [
        o for o in about if o.state == OccasionState.WAITING and o.opens_at <= visit.at <= o.closes_at
    ]
    answered = sum(o.state in (OccasionState.ANSWERED, OccasionState.PARTLY_ANSWERED) for o in about)
    facts = [("Answered", f"{in_words(answered, none='nobody')} of {in_words(len(about))}")] if about else []
    if open_now:
        facts.append(
            (
                "Links open",
                f"until {moment(open_now[0].closes_at, now=visit.at, zone=visit.zone)}".replace("on ", ""),
            )
        )
    return SessionCard(
        title=first_capital(session(rows.record.session(encounter.id))),
        when=past(encounter.ends_at, now=visit.at, zone=visit.zone),
        url=reverse("dashboard:encounter", args=[encounter.id]),
        facts=tuple(facts),
        action="Links and attendance",
        icon="qr",
    )
