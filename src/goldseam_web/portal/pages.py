"""What a client's pages may show: frozen, and nothing in them about anybody else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from goldseam_web.accounts.models import Clinic, CrisisLine, Phase
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.queries import display_name
from goldseam_web.measures.models import Answer, Audience
from goldseam_web.measures.own_measures import SELF_THERAPIST, TENSION_ITEM
from goldseam_web.measures.queries import Question, audiences_of
from goldseam_web.portal.words import about_how_long, clock, count_of_questions, day_name, on_day

if TYPE_CHECKING:
    from goldseam_web.portal.visits import Visit


@dataclass(frozen=True)
class Frame:
    """What every page carries: whose it is, the way out, and the way to help."""

    brand: str
    exit_url: str
    help_url: str


def frame(visit: "Visit | None") -> Frame:
    """A link that leads nowhere has no clinic; its page still has a way out and a way to help."""
    if visit is None:
        exit_url = Clinic().exit_url
        return Frame("A short check-in", exit_url, reverse("portal:general-help"))
    clinic = visit.occasion.clinic
    return Frame(clinic.name, clinic.exit_url, visit.url("help"))


@dataclass(frozen=True)
class Step:
    """Somewhere to go on."""

    label: str
    url: str


@dataclass(frozen=True)
class Notice:
    title: str
    sentences: tuple[str, ...]
    step: Step | None = None
    mended: bool = False


@dataclass(frozen=True)
class Promise:
    """One thing to know before answering."""

    icon: str
    lead: str
    rest: str


@dataclass(frozen=True)
class StartPage:
    title: str
    lede: str
    promises: tuple[Promise, ...]
    go_on: bool
    hidden: bool
    start_url: str
    later_url: str


def start_page(visit: "Visit") -> StartPage:
    count = sum(question.item.shown_after is None for question in visit.form.questions)
    when = "after" if visit.occasion.phase == Phase.POST else "before"
    begun = bool(visit.form.answers)
    return StartPage(
        title=f"{_hello(visit)} {_subject(visit)}",
        lede=(
            f"{count_of_questions(count)}, {about_how_long(count)}. {visit.occasion.clinic.name} asks everyone "
            f"{when} each meeting, so that what isn’t working can be changed early."
        ),
        promises=_promises(visit),
        go_on=begun,
        hidden=begun and not visit.on_first_device,
        start_url=visit.url("start"),
        later_url=visit.url("later"),
    )


def _hello(visit: "Visit") -> str:
    name = own_name(visit)
    return f"Hello {name}." if name else "Hello."


def own_name(visit: "Visit") -> str:
    return display_name(visit.member) if hasattr(visit.member.person, "identity") else ""


def _subject(visit: "Visit") -> str:
    """What it is about, in words that could be about any meeting."""
    encounter, therapist = visit.occasion.encounter, visit.occasion.therapist.display_name
    if visit.occasion.phase == Phase.POST and encounter is not None:
        day = on_day(encounter.starts_at, now=visit.at, zone=visit.zone)
        return f"How was your meeting with {therapist} {day}?"
    if any(question.item.relation == SELF_THERAPIST for question in visit.form.questions):
        return f"How is the work with {therapist} going for you?"
    return "How has your week been?"


def _promises(visit: "Visit") -> tuple[Promise, ...]:
    therapist, clinic = visit.occasion.therapist.display_name, visit.occasion.clinic.name
    sees = Promise(
        "eye",
        f"{therapist} sees your answers.",
        f"So may whoever covers for {therapist} or supervises the work at {clinic}.",
    )
    others = _others(visit)
    told = "is" if visit.occasion.case.kind == CaseKind.COUPLE else "are"
    wall = Promise("lock", f"{others},", f"and {told} not told whether you answered.")
    small = Promise("hand", "Small complaints are welcome.", "They help more than polite tens.")
    skip = Promise(
        "pause",
        "You may skip, or stop at any time.",
        f"What you answered stays saved. If you often skip, {therapist} may ask.",
    )
    return (sees, wall, small, skip) if others else (sees, small, skip)


def _others(visit: "Visit") -> str:
    """The wall between members, in words; empty where nobody else is in treatment."""
    return {
        CaseKind.COUPLE: "Your partner never does",
        CaseKind.FAMILY: "The others in your family never do",
    }.get(CaseKind(visit.occasion.case.kind), "")


@dataclass(frozen=True)
class LaterPage:
    until: str
    start_url: str


def later_page(visit: "Visit") -> LaterPage:
    closes_at = visit.occasion.closes_at
    day = day_name(closes_at, now=visit.at, zone=visit.zone)
    return LaterPage(f"{day}, {clock(closes_at, zone=visit.zone)}", visit.url("start"))


@dataclass(frozen=True)
class Segment:
    """One step of the progress bar, in hundredths of its width."""

    x: str
    width: str
    done: bool


@dataclass(frozen=True)
class Key:
    """One answer on offer."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True)
class QuestionPage:
    number: int
    total: int
    segments: tuple[Segment, ...]
    about: str
    text: str
    note: str
    is_scale: bool
    keys: tuple[Key, ...]
    item: str
    shown: str
    kept: bool
    hidden: bool
    error: str
    sees_lead: str
    sees_rest: str


def question_page(visit: "Visit", question: Question, *, shown: str, error: str = "") -> QuestionPage:
    """One question with its answers; the one given before is chosen only on the device it was given on."""
    places = [q.item.key for q in visit.form.shown]
    number, total = places.index(question.item.key) + 1, len(places)
    answer = visit.form.answers.get(question.item.key)
    is_scale = question.item.kind == "numeric"
    text = question.item.text.format(therapist=visit.occasion.therapist.display_name)
    return QuestionPage(
        number=number,
        total=total,
        segments=_segments(number, total),
        about=_about(visit, question),
        text=f"“{text}”" if is_scale else text,
        note=question.item.note or "",
        is_scale=is_scale,
        keys=_keys(question, answer if visit.on_first_device else None),
        item=question.item.key,
        shown=shown,
        kept=answer is not None and visit.on_first_device,
        hidden=answer is not None and not visit.on_first_device,
        error=error,
        sees_lead=f"{visit.occasion.therapist.display_name} sees this answer.",
        sees_rest=_wall_sentence(visit),
    )


def _about(visit: "Visit", question: Question) -> str:
    """What to think of. A measure made for after a meeting says "just ended", which would be wrong before the next."""
    therapist = visit.occasion.therapist.display_name
    if question.measure.phase == "post" and visit.occasion.phase == Phase.PRE:
        return f"Think of your last meeting with {therapist}."
    text = question.measure.introduction_for(visit.form.respondent) or ""
    return text.format(therapist=therapist)


def _wall_sentence(visit: "Visit") -> str:
    others = _others(visit)
    return f"{others}, not here and not in a summary." if others else "You can always skip."


def _segments(done: int, total: int) -> tuple[Segment, ...]:
    pitch = 100 / total
    return tuple(Segment(f"{k * pitch + 0.6:.2f}", f"{pitch - 1.2:.2f}", k < done) for k in range(total))


def _keys(question: Question, answer: Answer | None) -> tuple[Key, ...]:
    given = None if answer is None or answer.skipped else (answer.choice or answer.value)
    return tuple(
        Key(
            value=_written(option.value),
            label=option.label or "",
            checked=given == option.value,
        )
        for option in question.item.answers
    )


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


@dataclass(frozen=True)
class WhoPage:
    keys: tuple[Key, ...]
    sees: str
    error: str


def who_page(visit: "Visit", *, error: str = "") -> WhoPage:
    """Who may take up the strain answer: the narrow choice is made unless the client makes another."""
    answer = visit.form.answers.get(TENSION_ITEM)
    chosen = answer.audience if answer and visit.on_first_device else Audience.THERAPIST
    sentences = _audience_sentences(visit)
    keys = tuple(
        Key(value=audience, label=sentences[audience], checked=audience == chosen)
        for audience in audiences_of(visit.occasion)
    )
    return WhoPage(keys, _told_nothing(visit), error)


def _told_nothing(visit: "Visit") -> str:
    return {
        CaseKind.COUPLE: "Your partner is not told what you answered, or what you choose here.",
        CaseKind.FAMILY: "The others in your family are not told what you answered, or what you choose here.",
    }.get(CaseKind(visit.occasion.case.kind), "")


def _audience_sentences(visit: "Visit") -> dict[Audience, str]:
    therapist = visit.occasion.therapist.display_name
    if visit.occasion.case.kind == CaseKind.INDIVIDUAL:
        return {
            Audience.THERAPIST: f"{therapist} may raise it when we meet",
            Audience.KNOW_ONLY: f"Just so that {therapist} knows",
        }
    everyone = "both of us" if visit.occasion.case.kind == CaseKind.COUPLE else "all of us"
    return {
        Audience.ALL: f"{therapist} may raise it with {everyone}",
        Audience.THERAPIST: f"{therapist} may raise it with me alone",
        Audience.KNOW_ONLY: f"Just so that {therapist} knows",
    }


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
    answers_url: str


def done_page(visit: "Visit", next_meeting: datetime | None) -> DonePage:
    therapist, name = visit.occasion.therapist.display_name, own_name(visit)
    rated_at = (visit.response.rated_at if visit.response else None) or visit.at
    moments = (
        Moment("check", _moment(visit, rated_at), "You answered.", ahead=False),
        Moment("eye", "Before you meet", f"{therapist} can look at your answers.", ahead=True),
        Moment(
            "asked",
            _moment(visit, next_meeting) if next_meeting else "When you next meet",
            "What mattered can be talked about, if you wish.",
            ahead=True,
        ),
    )
    return DonePage(
        title=f"Thank you, {name}. That’s everything." if name else "Thank you. That’s everything.",
        lede=f"Your answers are saved and with {therapist}.",
        moments=moments,
        answers_url=visit.url("answers") if visit.may_see_own_answers else "",
    )


def _moment(visit: "Visit", moment: datetime) -> str:
    day = day_name(moment, now=visit.at, zone=visit.zone)
    return f"{day[0].upper()}{day[1:]}, {clock(moment, zone=visit.zone)}"


@dataclass(frozen=True)
class OwnAnswer:
    text: str
    answer: str
    end: str


def own_answers(visit: "Visit") -> tuple[OwnAnswer, ...]:
    """The client's own answers, as given. Zero is an answer; skipped is said."""
    therapist = visit.occasion.therapist.display_name
    return tuple(
        _own_answer(question, visit.form.answers.get(question.item.key), therapist)
        for question in visit.form.shown
    )


def _own_answer(question: Question, answer: Answer | None, therapist: str) -> OwnAnswer:
    chosen = next((key for key in _keys(question, answer) if key.checked), None)
    text = question.item.text.format(therapist=therapist)
    if chosen is None:
        return OwnAnswer(text, "skipped", "")
    if question.item.kind == "numeric":
        return OwnAnswer(text, chosen.value, f"of {_written(question.item.answers[-1].value)}")
    return OwnAnswer(text, chosen.label, "")


@dataclass(frozen=True)
class HelpLine:
    name: str
    number: str
    dialled: str
    hours: str


@dataclass(frozen=True)
class HelpPage:
    lines: tuple[HelpLine, ...]
    back_url: str


def help_page(lines: Iterable[CrisisLine], back_url: str) -> HelpPage:
    return HelpPage(
        tuple(HelpLine(line.name, line.number, _dialled(line.number), line.hours) for line in lines), back_url
    )


def _dialled(number: str) -> str:
    return "".join(character for character in number if character in "+0123456789")
