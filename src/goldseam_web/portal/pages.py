"""What a client's pages may show: frozen, and nothing in them about anybody else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from goldseam_web.accounts.models import EXIT_URL, Phase
from goldseam_web.cases.consents import limits_of
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.queries import display_name
from goldseam_web.measures.home_answers import is_about_the_meeting
from goldseam_web.measures.models import Answer
from goldseam_web.measures.own_measures import SELF_THERAPIST
from goldseam_web.measures.queries import Question, statement
from goldseam_web.portal.looked_at import looked_at_last_time
from goldseam_web.portal.opened_link import OpenedLink, question_address
from goldseam_web.portal.readers_in_words import (
    NOBODY,
    readers_today,
    who_came_since,
    who_else_can,
    who_sees,
    who_sees_this_answer,
)
from goldseam_web.portal.times_in_words import (
    about_how_long,
    count_of_questions,
    day_name,
    on_which_day,
    time_and_zone,
    zone_letters,
)
from goldseam_web.portal.who_sent import who_sent


@dataclass(frozen=True)
class Frame:
    """What every page carries: whose it is, the way out, the way to help, and to somebody else."""

    brand: str
    leave_url: str
    exit_url: str
    help_url: str
    speak_url: str
    link_url: str = ""
    privacy_url: str = ""
    zone: "Zone | None" = None


@dataclass(frozen=True)
class Zone:
    """Whose clock the times on a page are read from; our script hides it where the reader's shows the same."""

    words: str
    minutes_ahead_of_utc: int


def frame(link: OpenedLink | None) -> Frame:
    """A link that leads nowhere has no clinic; its page still has a way out and a way to help."""
    if link is None:
        help_url, speak_url = reverse("portal:general-help"), reverse("portal:general-speak")
        return Frame("A short check-in", EXIT_URL, EXIT_URL, help_url, speak_url)
    clinic = link.occasion.clinic
    return Frame(
        brand=clinic.name,
        leave_url=link.url("leave"),
        exit_url=clinic.exit_url,
        help_url=link.url("help"),
        speak_url=link.url("speak"),
        link_url=link.url("start"),
        privacy_url=link.url("privacy"),
        zone=_zone(link),
    )


def _zone(link: OpenedLink) -> Zone:
    local = link.at.astimezone(link.zone)
    ahead = (local.utcoffset() or timedelta(0)) // timedelta(minutes=1)
    return Zone(f"Times are those of {link.occasion.clinic.name} ({zone_letters(local)}).", ahead)


@dataclass(frozen=True)
class ActionLink:
    """Somewhere to go on."""

    label: str
    url: str


@dataclass(frozen=True)
class Notice:
    title: str
    sentences: tuple[str, ...]
    action: ActionLink | None = None
    mended: bool = False
    tells_time: bool = False
    # The fields of a form that could not be stored, to be sent once more; None where there was no form.
    again: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True)
class Promise:
    """One thing to know before answering."""

    icon: str
    lead: str
    rest: str


@dataclass(frozen=True)
class StartPage:
    """The same whether the form is untouched, begun or sent: whoever takes the phone cannot tell."""

    title: str
    lede: str
    promises: tuple[Promise, ...]
    limits: tuple[str, ...]
    on_one_page: bool
    asks_company: bool
    start_url: str
    later_url: str


def start_page(link: OpenedLink) -> StartPage:
    count = sum(question.item.shown_after is None for question in link.form.questions)
    when = "after" if link.occasion.phase == Phase.POST else "before"
    return StartPage(
        title=f"{_hello(link)} {_subject(link)}",
        lede=(
            f"{count_of_questions(count)}, {about_how_long(count)}. {link.occasion.clinic.name} asks everyone "
            f"{when} each meeting, so that what isn’t working can be changed early."
        ),
        promises=_promises(link),
        limits=limits_of(link.occasion.clinic),
        on_one_page=link.on_one_page,
        asks_company=link.facts is not None and link.facts.was_asked_before,
        start_url=link.url("start"),
        later_url=link.url("later"),
    )


def _hello(link: OpenedLink) -> str:
    name = own_name(link)
    return f"Hello {name}." if name else "Hello."


def own_name(link: OpenedLink) -> str:
    return display_name(link.member) if hasattr(link.member.person, "identity") else ""


def _subject(link: OpenedLink) -> str:
    """What it is about, in words that could be about any meeting."""
    encounter, therapist = link.occasion.encounter, link.occasion.therapist.display_name
    if link.about_child:
        return f"How has the last week been for {link.about_child}?"
    if link.occasion.phase == Phase.POST and encounter is not None:
        day = on_which_day(encounter.starts_at, now=link.at, zone=link.zone)
        return f"How was your meeting with {therapist} {day}?"
    if any(question.item.relation == SELF_THERAPIST for question in link.form.questions):
        return f"How is the work with {therapist} going for you?"
    return "How has your week been?"


def _promises(link: OpenedLink) -> tuple[Promise, ...]:
    therapist = link.occasion.therapist.display_name
    readers = readers_today(link)
    sees = Promise(
        "eye",
        who_sees(readers, "your answers") or NOBODY.format(clinic=link.occasion.clinic.name),
        " ".join(filter(None, (who_else_can(readers), who_came_since(link, readers)))),
    )
    others = _others(link)
    told = "is" if link.occasion.case.kind == CaseKind.COUPLE else "are"
    wall = Promise("lock", f"{others},", f"and {told} not told whether you answered.")
    small = Promise("hand", "Small complaints are welcome.", "They help more than polite tens.")
    kept = "What you have not sent is not kept." if link.on_one_page else "What you answered stays saved."
    skip = Promise(
        "pause", "You may skip, or stop at any time.", f"{kept} If you often skip, {therapist} may ask."
    )
    said = who_sent(link)
    sent = (Promise("note", *said),) if said else ()
    looked = (Promise("check", told, ""),) if (told := looked_at_last_time(link)) else ()
    return (*looked, sees, *sent, wall, small, skip) if others else (*looked, sees, *sent, small, skip)


def _others(link: OpenedLink) -> str:
    """The wall between members, in words; empty where nobody else is in treatment."""
    return {
        CaseKind.COUPLE: "Without your own yes your partner sees none of it",
        CaseKind.FAMILY: "Without your own yes the others in your family see none of it",
    }.get(CaseKind(link.occasion.case.kind), "")


@dataclass(frozen=True)
class LaterPage:
    until: str
    start_url: str


def later_page(link: OpenedLink) -> LaterPage:
    closes_at = link.occasion.closes_at
    day = day_name(closes_at, now=link.at, zone=link.zone)
    time = time_and_zone(closes_at, now=link.at, zone=link.zone)
    return LaterPage(f"{day}, {time}", link.url("start"))


@dataclass(frozen=True)
class Segment:
    """One step of the progress bar, in hundredths of its width."""

    x: str
    width: str
    done: bool


@dataclass(frozen=True)
class AnswerOption:
    """One answer on offer."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True)
class QuestionPage:
    url: str
    number: int
    total: int
    segments: tuple[Segment, ...]
    about: str
    text: str
    note: str
    is_scale: bool
    options: tuple[AnswerOption, ...]
    item: str
    shown: str
    hidden: bool
    error: str
    sees_lead: str
    sees_rest: str


def question_page(link: OpenedLink, question: Question, *, shown: str, error: str = "") -> QuestionPage:
    """One question with its answers; the one given before is chosen only on the device it was given on."""
    here = link.given_here(question.item.key)
    places = [q.item.key for q in link.form.shown]
    number, total = places.index(question.item.key) + 1, len(places)
    answer = link.form.answers.get(question.item.key)
    is_scale = question.item.kind == "numeric"
    text = statement(question.item.key, question.item.text, link.occasion)
    return QuestionPage(
        url=question_address(link, question),
        number=number,
        total=total,
        segments=_segments(number, total),
        about=about_what(link, question),
        text=f"“{text}”" if is_scale else text,
        note=question.item.note or "",
        is_scale=is_scale,
        options=options_of(question, answer if here else None),
        item=question.item.key,
        shown=shown,
        hidden=answer is not None and not here,
        error=error,
        sees_lead=who_sees_this_answer(link),
        sees_rest=wall_sentence(link),
    )


def about_what(link: OpenedLink, question: Question) -> str:
    """What to think of. A measure made for after a meeting says "just ended", which would be wrong before the next."""
    therapist = link.occasion.therapist.display_name
    if link.about_child:
        return f"Think of {link.about_child}, and of the last week as you saw it."
    if link.occasion.phase == Phase.PRE and is_about_the_meeting(question.measure):
        return f"Think of your last meeting with {therapist}."
    return (question.measure.introduction_for(link.form.respondent) or "").format(therapist=therapist)


def wall_sentence(link: OpenedLink) -> str:
    others = _others(link)
    return f"{others}, not here and not in a summary." if others else "You can always skip."


def _segments(done: int, total: int) -> tuple[Segment, ...]:
    pitch = 100 / total
    return tuple(Segment(f"{k * pitch + 0.6:.2f}", f"{pitch - 1.2:.2f}", k < done) for k in range(total))


def options_of(
    question: Question, answer: Answer | None, *, sent: str | None = None
) -> tuple[AnswerOption, ...]:
    """The answers on offer; chosen is what was sent just now and comes back, else the answer given before."""
    given = None if answer is None or answer.skipped else (answer.choice or answer.value)
    return tuple(
        AnswerOption(
            value=_written(option.value),
            label=option.label or "",
            checked=sent == _written(option.value) if sent else given == option.value,
        )
        for option in question.item.answers
    )


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


@dataclass(frozen=True)
class Moment:
    icon: str
    when: str
    what: str
    ahead: bool


@dataclass(frozen=True)
class DonePage:
    title: str
    lede: str
    moments: tuple[Moment, ...]
    answers: "tuple[OwnAnswer, ...]"
    handed_over_url: str


def done_page(link: OpenedLink, next_meeting: datetime | None) -> DonePage:
    therapist, name = link.occasion.therapist.display_name, own_name(link)
    moments = (
        # Not when the form was sent first: whoever goes through it again learns nothing of that.
        Moment("check", _moment(link, link.at), "You answered.", ahead=False),
        Moment("eye", "Before you meet", f"{therapist} can look at your answers.", ahead=True),
        Moment(
            "asked",
            _moment(link, next_meeting) if next_meeting else "When you next meet",
            "What mattered can be talked about, if you wish.",
            ahead=True,
        ),
    )
    return DonePage(
        title=f"Thank you, {name}. That’s everything." if name else "Thank you. That’s everything.",
        lede=f"Your answers are saved and with {therapist}.",
        moments=moments,
        answers=own_answers(link) if link.may_see_own_answers else (),
        handed_over_url=link.url("handed_over"),
    )


def _moment(link: OpenedLink, moment: datetime) -> str:
    day = day_name(moment, now=link.at, zone=link.zone)
    return f"{day[0].upper()}{day[1:]}, {time_and_zone(moment, now=link.at, zone=link.zone)}"


@dataclass(frozen=True)
class OwnAnswer:
    text: str
    answer: str
    end: str


def own_answers(link: OpenedLink) -> tuple[OwnAnswer, ...]:
    """The client's own answers, as given. Zero is an answer; skipped is said."""
    therapist = link.occasion.therapist.display_name
    return tuple(
        _own_answer(question, link.form.answers.get(question.item.key), therapist)
        for question in link.form.shown
    )


def _own_answer(question: Question, answer: Answer | None, therapist: str) -> OwnAnswer:
    chosen = next((option for option in options_of(question, answer) if option.checked), None)
    text = question.item.text.format(therapist=therapist)
    if chosen is None:
        return OwnAnswer(text, "skipped", "")
    if question.item.kind == "numeric":
        return OwnAnswer(text, chosen.value, f"of {_written(question.item.answers[-1].value)}")
    return OwnAnswer(text, chosen.label, "")
