"""Building the pages about one session: who is asked, the links one at a time, the therapist's own statements."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from goldseam_web.accounts.models import Phase
from goldseam_web.alerts.queries import opened_about
from goldseam_web.alerts.read_first import not_read
from goldseam_web.alerts.readiness import is_ready
from goldseam_web.cases.models import Encounter, EncounterState, Presence
from goldseam_web.cases.queries import (
    SessionNumbers,
    appointments_of,
    case_title,
    display_name,
    encounter_of,
    held_by,
    may_change,
    members_of,
    presence_at,
    therapist_rated,
)
from goldseam_web.cases.safe_ways import mail_address
from goldseam_web.cases.services import others_reached
from goldseam_web.dashboard.appointment_list.build import state_in_words
from goldseam_web.dashboard.encounter.page import (
    Attendee,
    CorrectionPage,
    EncounterPage,
    GuessItem,
    GuessPage,
    LinkPage,
    Request,
)
from goldseam_web.dashboard.language import later_words
from goldseam_web.dashboard.language import reaching_people as ways_say
from goldseam_web.dashboard.language import session_page as say
from goldseam_web.dashboard.language.phrases import first_capital, names_in_words, session
from goldseam_web.dashboard.language.times import coming, moment, moment_by_itself
from goldseam_web.dashboard.signal.changed import changed_card
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.lib.clock_time import time_of_day
from goldseam_web.lib.qr_code import qr_code
from goldseam_web.measures.client_letters import clients_can_be_mailed
from goldseam_web.measures.later_answers import ChangedLater, changed_later
from goldseam_web.measures.links import token_of
from goldseam_web.measures.mail_state import mails_about
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.measures.queries import current_responses, own_request, questionnaire
from goldseam_web.measures.services.requests_by_mail import with_ways
from goldseam_web.measures.whose_view import member_requests_about
from goldseam_web.outbox.models import Message, MessageState


def encounter_page(visit: StaffVisit, encounter_id: uuid.UUID) -> EncounterPage | None:
    """One session with its links, or None for a stranger."""
    encounter = encounter_of(visit.viewer, encounter_id)
    if encounter is None:
        return None
    mine = may_change(visit.viewer, encounter.case)
    held = encounter.state == EncounterState.HELD
    return EncounterPage(
        title=first_capital(session(number_of(visit, encounter))),
        case_id=encounter.case_id,
        case_title=case_title(encounter.case),
        case_url=reverse("dashboard:case", args=[encounter.case_id]),
        when=when_in_words(visit, encounter),
        status=state_in_words(encounter),
        mine=mine,
        can_end=mine and encounter.state != EncounterState.CANCELLED and encounter.starts_at <= visit.at,
        ended=held,
        attendees=_attendees(encounter),
        requests=_requests(visit, encounter) if mine else (),
        guess_url=_guess_url(visit, encounter) if mine and not visit.in_room else "",
        url=reverse("dashboard:encounter", args=[encounter.id]),
        correct_url=_url("correct_encounter", encounter) if mine else "",
        cancel_url=_url("cancel_encounter", encounter) if mine else "",
        restore_url=_restore_url(encounter) if mine else "",
        next_week_url=_next_week_url(visit, encounter) if mine and held else "",
        in_room=visit.in_room,
    )


def _url(name: str, encounter: Encounter) -> str:
    """Where a session that stands is changed."""
    if encounter.state == EncounterState.CANCELLED:
        return ""
    return reverse(f"dashboard:{name}", args=[encounter.id])


def _restore_url(encounter: Encounter) -> str:
    if encounter.state != EncounterState.CANCELLED or encounter.case.ended_on is not None:
        return ""
    return reverse("dashboard:restore_encounter", args=[encounter.id])


def _next_week_url(visit: StaffVisit, encounter: Encounter) -> str:
    """Where the next session is planned; empty where one is, or the case has ended."""
    ahead = appointments_of(visit.viewer, [encounter.case]).filter(starts_at__gt=encounter.starts_at)
    if encounter.case.ended_on is not None or ahead.exists():
        return ""
    return reverse("dashboard:new_encounter", args=[encounter.case_id])


def correction_page(visit: StaffVisit, encounter: Encounter) -> CorrectionPage:
    """One session of the viewer's own, to be put right."""
    name = session(number_of(visit, encounter))
    return CorrectionPage(
        case_title=case_title(encounter.case),
        case_url=reverse("dashboard:case", args=[encounter.case_id]),
        title=say.CORRECT.format(session=name),
        session_title=first_capital(name),
        session_url=reverse("dashboard:encounter", args=[encounter.id]),
        attendees=_attendees(encounter),
        took_place=encounter.state == EncounterState.HELD,
        of_series=others_reached(encounter, at=visit.at),
    )


def number_of(visit: StaffVisit, encounter: Encounter) -> int:
    """Its number, or the one it will have."""
    meetings = list(appointments_of(visit.viewer, [encounter.case]))
    numbers = SessionNumbers.of(meetings)
    ahead = [e for e in meetings if e.state == EncounterState.PLANNED and e.starts_at <= encounter.starts_at]
    return numbers.get(encounter.id) or len(numbers.by_encounter) + len(ahead)


def when_in_words(visit: StaffVisit, encounter: Encounter) -> str:
    start = coming(encounter.starts_at, now=visit.at, zone=visit.zone)
    if encounter.ends_at <= visit.at:
        start = first_capital(moment_by_itself(encounter.starts_at, now=visit.at, zone=visit.zone))
    end = time_of_day(encounter.ends_at, zone=visit.zone)
    names = names_in_words([one.full_name for one in held_by(encounter)])
    return say.WHEN.format(start=start, end=end, therapist=names)


def _attendees(encounter: Encounter) -> tuple[Attendee, ...]:
    presence = presence_at(encounter)
    return tuple(
        Attendee(m.id, display_name(m), presence.get(m.id) == Presence.AWAY)
        for m in members_of(encounter.case)
        if m.id in presence
    )


def _requests(visit: StaffVisit, encounter: Encounter) -> tuple[Request, ...]:
    names = {m.id: display_name(m) for m in members_of(encounter.case)}
    occasions = list(with_ways(member_requests_about(visit.viewer, encounter)))
    mails = mails_about(occasions)
    held_back = not is_ready(encounter.clinic, at=visit.at)
    afterwards = {} if visit.in_room else _afterwards(visit, encounter, occasions, names)
    return tuple(
        _request(
            visit,
            encounter,
            occasion,
            _asked_of_whom(occasion, names, in_room=visit.in_room),
            mails.get(occasion.pk),
            held_back=held_back,
            afterwards=afterwards.get(occasion.pk, {}),
        )
        for occasion in occasions
    )


def _asked_of_whom(occasion: Occasion, names: Mapping[uuid.UUID, str], *, in_room: bool) -> str:
    """Who is asked; and about which child, where it is not about themselves and the child cannot look on."""
    name = names.get(occasion.respondent_id, "") if occasion.respondent_id else ""
    if in_room or occasion.proxy_grant_id is None or occasion.subject_id is None:
        return name
    return say.ABOUT_CHILD.format(name=name, child=names.get(occasion.subject_id, ""))


def _request(
    visit: StaffVisit,
    encounter: Encounter,
    occasion: Occasion,
    name: str,
    mail: Message | None,
    *,
    held_back: bool,
    afterwards: Mapping[str, Any],
) -> Request:
    done = occasion.state in say.ANSWERED_HOW_FAR
    return Request(
        name=name,
        asked=_asked_what(visit, occasion, encounter),
        window=window_in_words(visit, occasion),
        state="" if visit.in_room else _state(visit, occasion),
        mail=_mail(visit, occasion, mail, held_back=held_back),
        ways_url=_ways_url(visit, occasion, mail),
        url=reverse("dashboard:link", args=[occasion.id]),
        can_show=visit.in_room or not done,
        **(afterwards if done else {}),
    )


def _asked_what(visit: StaffVisit, occasion: Occasion, encounter: Encounter) -> str:
    """When it is asked; of two therapists, also whom it asks about, where no client can look on."""
    asked = say.ASKED[Phase(occasion.phase)]
    of_alliance = occasion.phase == encounter.clinic.alliance_phase
    if encounter.beside_id is None or visit.in_room or not of_alliance:
        return asked
    named = therapist_rated(encounter, occasion.therapist_id)
    return say.ASKED_ABOUT.format(asked=asked, therapist=named.full_name)


def _afterwards(
    visit: StaffVisit, encounter: Encounter, occasions: Sequence[Occasion], names: Mapping[uuid.UUID, str]
) -> dict[uuid.UUID, dict[str, Any]]:
    """What was said of forms once they were answered: other answers later, and that somebody was there.

    What was answered is not read here before the therapist's own guess.
    """
    told = own_guess(visit, encounter.id) is None
    responses = current_responses(occasions)
    changed: dict[uuid.UUID, list[ChangedLater]] = {}
    unread = set(not_read(visit.viewer).values_list("pk", flat=True)) if encounter.beside_id else set()
    for each in changed_later(r for r in responses.values() if r.pk not in unread) if told else []:
        changed.setdefault(each.response_id, []).append(each)
    found = {}
    for occasion in occasions:
        response, name = responses.get(occasion.pk), _asked_of_whom(occasion, names, in_room=False)
        if response is None:
            continue
        response.occasion = occasion
        seen = response.in_company_at is not None
        found[occasion.pk] = {
            "changed": changed_card(visit, response, name, changed.get(response.pk, [])),
            "in_company": later_words.IN_COMPANY.format(name=name) if seen else "",
            "company_url": reverse("dashboard:answered_in_company", args=[occasion.id]),
            "company_act": "no" if seen else "yes",
            "company_tap": (later_words.NOT_IN_COMPANY if seen else later_words.SAY_IN_COMPANY).format(
                name=name
            ),
        }
    return found


def _state(visit: StaffVisit, occasion: Occasion) -> str:
    done = say.ANSWERED_HOW_FAR.get(OccasionState(occasion.state))
    if done is not None:
        return done
    if visit.at < occasion.opens_at:
        return say.NOT_OPEN_YET
    return say.WAITING if visit.at <= occasion.closes_at else say.NOT_ANSWERED_IN_TIME


def _mail(visit: StaffVisit, occasion: Occasion, mail: Message | None, *, held_back: bool) -> str:
    """What became of the mail; nothing where this clinic sends none, or somebody may look."""
    if visit.in_room or not clients_can_be_mailed():
        return ""
    if mail is None:
        return ways_say.NO_MAIL if not _address(occasion) else ways_say.NOT_READY if held_back else ""
    when = mail.sent_at or mail.due_at
    return ways_say.MAILS[MessageState(mail.state)].format(
        when=moment(when, now=visit.at, zone=visit.zone) if mail.sent_at else _due(visit, when)
    )


def _due(visit: StaffVisit, when: datetime) -> str:
    return moment_by_itself(when, now=visit.at, zone=visit.zone)


def _ways_url(visit: StaffVisit, occasion: Occasion, mail: Message | None) -> str:
    if visit.in_room or occasion.respondent is None or not clients_can_be_mailed():
        return ""
    if _address(occasion) and (mail is None or mail.state != MessageState.FAILED):
        return ""
    return reverse("dashboard:person", args=[occasion.case_id, occasion.respondent.position])


def window_in_words(visit: StaffVisit, occasion: Occasion) -> str:
    """When the link works."""
    closes = moment_by_itself(occasion.closes_at, now=visit.at, zone=visit.zone)
    if visit.at < occasion.opens_at:
        opens = moment(occasion.opens_at, now=visit.at, zone=visit.zone)
        return say.LINK_OPENS.format(opens=opens, closes=closes)
    if visit.at <= occasion.closes_at:
        return say.LINK_OPEN.format(closes=closes)
    return say.LINK_CLOSED.format(closed=moment(occasion.closes_at, now=visit.at, zone=visit.zone))


def _guess_url(visit: StaffVisit, encounter: Encounter) -> str:
    return reverse("dashboard:guess", args=[encounter.id]) if own_guess(visit, encounter.id) else ""


# ---------- one link ----------


def link_page(visit: StaffVisit, occasion: Occasion) -> LinkPage:
    """The link and QR code of one member; no other name is on this page."""
    link = f"{settings.GOLDSEAM_BASE_URL}/c/{token_of(occasion)}/"
    size, path = qr_code(link)
    name = display_name(occasion.respondent) if occasion.respondent else ""
    for_whom = name
    if occasion.proxy_grant_id and occasion.subject:
        for_whom = say.ABOUT_CHILD.format(name=name, child=display_name(occasion.subject))
    why_not = _why_not(visit, occasion)
    held_back = not is_ready(occasion.clinic, at=visit.at)
    return LinkPage(
        name=name,
        title=say.LINK_FOR.format(name=for_whom),
        asked=say.ASKED[Phase(occasion.phase)],
        window=window_in_words(visit, occasion),
        link=link,
        qr_size=size,
        qr_path=path,
        usable=not why_not,
        why_not=why_not,
        mail=_mail(visit, occasion, mails_about([occasion]).get(occasion.pk), held_back=held_back),
        can_mail=not (why_not or held_back)
        and not visit.in_room
        and clients_can_be_mailed()
        and _address(occasion) is not None,
        back_url=reverse("dashboard:encounter", args=[occasion.encounter_id]),
        url=reverse("dashboard:link", args=[occasion.id]),
    )


def _address(occasion: Occasion) -> str | None:
    return mail_address(occasion.respondent.person) if occasion.respondent else None


def _why_not(visit: StaffVisit, occasion: Occasion) -> str:
    """What a scan would find that is not the questions; answered or not is not said while a client may look."""
    if visit.at < occasion.opens_at and occasion.phase == Phase.PRE:
        return say.LINK_NOT_OPEN_BEFORE.format(when=moment(occasion.opens_at, now=visit.at, zone=visit.zone))
    if visit.at < occasion.opens_at:
        return say.LINK_NOT_OPEN
    if visit.at > occasion.closes_at:
        return say.LINK_OVER
    return ""


# ---------- the therapist's own view ----------


def own_guess(visit: StaffVisit, encounter_id: uuid.UUID) -> Occasion | None:
    """The viewer's own questions about a session, while nothing that was answered about it has been opened."""
    occasion = own_request(visit.viewer, encounter_id)
    if occasion is None or not _can_answer(occasion, visit.at) or opened_about(visit.viewer, encounter_id):
        return None
    return occasion


def _can_answer(occasion: Occasion, at: datetime) -> bool:
    return occasion.state == OccasionState.WAITING and occasion.opens_at <= at <= occasion.closes_at


def guess_page(visit: StaffVisit, occasion: Occasion) -> GuessPage | None:
    """The two statements; None for an occasion without a session."""
    encounter = encounter_of(visit.viewer, occasion.encounter_id) if occasion.encounter_id else None
    if encounter is None:
        return None
    form = questionnaire(occasion, None)
    return GuessPage(
        case_title=case_title(encounter.case),
        case_url=reverse("dashboard:case", args=[encounter.case_id]),
        session=session(number_of(visit, encounter)),
        items=tuple(
            GuessItem(
                key=q.item.key,
                statement=q.item.text,
                values=tuple(int(a.value) for a in q.item.answers if isinstance(a.value, float | int)),
                lowest=q.item.answers[0].label or "",
                highest=q.item.answers[-1].label or "",
            )
            for q in form.questions
        ),
        url=reverse("dashboard:guess", args=[encounter.id]),
    )
