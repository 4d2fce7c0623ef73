"""The same people in every test of the application, made through the services.

Larkfield is a clinic in Chicago. Ines Okafor treats Ruth alone, Lea and Tomas Brandt as a couple, and the
Lindqvist family. Ben Adeyemi is her colleague, Marta Lind supervises her, Piet administers and is whom clients may
ask to be called by, Rosa does research.
Far away in Auckland, at Riverbank, Ana Stranger treats Otto: nothing of Larkfield is for her to see.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from goldseam_web.accounts.crisis_line_table import HelpNumber
from goldseam_web.accounts.crisis_lines import set_crisis_lines
from goldseam_web.accounts.models import Clinic, Phase, Role, Staff
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.accounts.services import add_staff, add_supervision, open_clinic
from goldseam_web.accounts.violence_procedure import set_violence_procedure
from goldseam_web.alerts.card_links import hash_of, token_of_card
from goldseam_web.alerts.card_tables import StandingCard
from goldseam_web.alerts.kept_tables import StaffPulse
from goldseam_web.alerts.look_back_links import token_of_look_back
from goldseam_web.alerts.look_back_tables import LookBack
from goldseam_web.alerts.lot_tables import LotOutcome, SessionLot
from goldseam_web.alerts.off_track_tables import OffTrack
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.consent_tables import NEEDED_TO_ASK, ConsentWay, Guardian
from goldseam_web.cases.consents import text_in_force
from goldseam_web.cases.models import (
    Case,
    CaseKind,
    Encounter,
    Member,
    MemberRole,
    PersonIdentity,
    TherapistPart,
)
from goldseam_web.cases.safety_tables import SpokenTogether
from goldseam_web.cases.services import NewMember, open_case, plan_encounter, record_consent
from goldseam_web.cases.services.safety_notes import note_safety
from goldseam_web.cases.services.treating import add_therapist
from goldseam_web.concerns.models import CallBy, Concern, Wish
from goldseam_web.concerns.queries import person_to_speak_with
from goldseam_web.concerns.services import ask_to_be_called, name_persons
from goldseam_web.measures.links import token_of
from goldseam_web.measures.models import Audience, Occasion, Response, Series, StrainWith
from goldseam_web.measures.outreach_tables import Outreach
from goldseam_web.measures.queries import questionnaire
from goldseam_web.measures.services import (
    choose_audience,
    install_measures,
    plan_occasions,
    save_answer,
    submit_response,
)
from goldseam_web.measures.services.occasions import end_encounter
from goldseam_web.measures.services.who_is_asked import record_agreement

YEAR = timedelta(days=365)
PASSWORD = "a long bowl of tea and honey"
LINES = [
    HelpNumber("Larkfield, out of hours", "+1 312 555 0142", "Every night, 18:00 to 8:00"),
    HelpNumber("Crisis line", "988", "Day and night, free"),
]
PROCEDURE = "See each of them alone; call Safe at home together."
LEA = NewMember("Lea", "Brandt", MemberRole.PARTNER, email="lea@example.org", partnered=True)
TOMAS = NewMember("Tomas", "Brandt", MemberRole.PARTNER, email="tomas@example.org", partnered=True)
RUTH = NewMember("Ruth", "Osei", MemberRole.CLIENT, email="ruth@example.org")
OTTO = NewMember("Otto", "Far", MemberRole.CLIENT, email="otto@example.org")
FAMILY = (
    NewMember("Karin", "Lindqvist", MemberRole.PARENT, email="karin@example.org", parent=True),
    NewMember("Nils", "Lindqvist", MemberRole.PARENT, email="nils@example.org", parent=True),
    NewMember("Freja", "Lindqvist", MemberRole.CHILD, phone="+1 312 555 0177"),
)


@dataclass(frozen=True)
class Cast:
    """Everybody at Larkfield, and the stranger elsewhere."""

    clinic: Clinic
    ines: Staff
    colleague: Staff
    supervisor: Staff
    administrator: Staff
    researcher: Staff
    individual: Case
    couple: Case
    family: Case
    stranger: Staff
    stranger_case: Case


def gather(at: datetime) -> Cast:
    """Make everybody."""
    clinic = larkfield(at)
    ines = ines_okafor(clinic, at)
    supervisor = staff(clinic, "Marta Lind", [Role.SUPERVISOR, Role.THERAPIST], at)
    add_supervision(supervisor=supervisor, therapist=ines, starts_on=_day(clinic, at - YEAR), at=at)
    administrator = staff(clinic, "Piet Admin", [Role.ADMINISTRATOR], at)
    name_persons(clinic=clinic, staff=[administrator], at=at, actor=SYSTEM)
    elsewhere = clinic_called("Riverbank", "Pacific/Auckland", at)
    stranger = staff(elsewhere, "Ana Stranger", [Role.THERAPIST], at)
    return Cast(
        clinic=clinic,
        ines=ines,
        colleague=staff(clinic, "Ben Adeyemi", [Role.THERAPIST], at),
        supervisor=supervisor,
        administrator=administrator,
        researcher=staff(clinic, "Rosa Research", [Role.RESEARCHER], at),
        individual=individual(ines, at),
        couple=couple(ines, at),
        family=family(ines, at),
        stranger=stranger,
        stranger_case=case(stranger, CaseKind.INDIVIDUAL, [OTTO], at),
    )


# --- clinics and staff ----------------------------------------------------------------------------


def clinic_called(name: str, time_zone: str, at: datetime) -> Clinic:
    """A clinic with our measures in use and its numbers for urgent help."""
    clinic = open_clinic(name=name, time_zone=time_zone, at=at)
    install_measures(clinic=clinic, at=at)
    set_crisis_lines(clinic=clinic, lines=LINES, checked_on=_day(clinic, at), at=at)
    set_violence_procedure(clinic=clinic, text=PROCEDURE, at=at, actor=SYSTEM)
    return clinic


def larkfield(at: datetime) -> Clinic:
    return clinic_called("Larkfield", "America/Chicago", at)


def staff(clinic: Clinic, full_name: str, roles: Iterable[Role], at: datetime) -> Staff:
    """A member of staff hired a year ago; the address is first.last@clinic.example, the password `PASSWORD`.

    Roles are dated: who was hired today would be nobody to what was answered before the clinic's midnight.
    """
    address = f"{full_name.lower().replace(' ', '.')}@{clinic.name.lower()}.example"
    return add_staff(
        clinic=clinic,
        email=address,
        password=PASSWORD,
        full_name=full_name,
        display_name=full_name.split(maxsplit=1)[0],
        roles=roles,
        at=at - YEAR,
    )


def ines_okafor(clinic: Clinic, at: datetime) -> Staff:
    return staff(clinic, "Ines Okafor", [Role.THERAPIST], at)


# --- cases and the people in them -----------------------------------------------------------------


def case(therapist: Staff, kind: CaseKind, members: Iterable[NewMember], at: datetime) -> Case:
    """A case opened a year ago, so that meetings of the past belong to it; everybody has agreed to be asked."""
    case = case_without_consent(therapist, kind, members, at)
    text = text_in_force(therapist.clinic)
    for who in case.members.all():
        record_consent(
            member=who,
            agrees=dict.fromkeys(NEEDED_TO_ASK, True),
            text=text,
            way=ConsentWay.PHONE,
            at=at - YEAR,
            actor=Actor.client(who.id),
        )
    return case


def case_without_consent(
    therapist: Staff, kind: CaseKind, members: Iterable[NewMember], at: datetime
) -> Case:
    """A case of people who have not been asked yet whether they agree."""
    return open_case(
        clinic=therapist.clinic,
        therapist=therapist,
        kind=kind,
        members=list(members),
        opened_on=_day(therapist.clinic, at - YEAR),
        at=at,
        actor=Actor.staff(therapist.id),
    )


def seen_alone(case: Case, therapist: Staff, at: datetime, spoken: str = SpokenTogether.YES) -> None:
    """Each member was seen alone that day, and said whether all may speak of what they answer."""
    viewer = viewer_of(therapist.user, at=at)
    assert viewer is not None
    for who in case.members.all():
        day = _day(therapist.clinic, at)
        note_safety(viewer=viewer, member=who, seen_on=day, spoken=SpokenTogether(spoken), at=at)


def agree(who: Member, at: datetime, *, research: bool | None = None) -> None:
    """Say yes, on the phone, to the words in force."""
    record_agreement(
        member=who,
        to_be_asked=True,
        to_research=research,
        text=text_in_force(who.clinic),
        way=ConsentWay.PHONE,
        at=at,
        actor=Actor.client(who.id),
    )


def named_guardian(who: Member) -> Guardian:
    """A row of somebody named as a guardian; who it is for is asked as before, being of age."""
    return Guardian.objects.create(
        clinic_id=who.clinic_id, young=who, name="Somebody", named_on=who.joined_on
    )


def individual(therapist: Staff, at: datetime) -> Case:
    return case(therapist, CaseKind.INDIVIDUAL, [RUTH], at)


def couple(therapist: Staff, at: datetime) -> Case:
    return case(therapist, CaseKind.COUPLE, [LEA, TOMAS], at)


def family(therapist: Staff, at: datetime) -> Case:
    return case(therapist, CaseKind.FAMILY, FAMILY, at)


def member(case: Case, called: str) -> Member:
    """Names are encrypted in the database, so that they are compared here."""
    [found] = [
        m for m in case.members.select_related("person__identity") if m.person.identity.display_name == called
    ]
    return found


def cases_of(called: str) -> "QuerySet[Case]":
    """The cases somebody so called is a member of."""
    persons = [identity.pk for identity in PersonIdentity.objects.all() if identity.display_name == called]
    return Case.objects.filter(members__person__in=persons)


# --- meetings, requests, answers ------------------------------------------------------------------


def plan(
    case: Case,
    therapist: Staff,
    starts_at: datetime,
    *,
    at: datetime,
    away: Iterable[Member] = (),
    minutes: int = 50,
) -> Encounter:
    """A meeting, with everybody expected asked about it."""
    actor = Actor.staff(therapist.id)
    encounter = plan_encounter(
        case=case,
        therapist=therapist,
        starts_at=starts_at,
        minutes=minutes,
        at=at,
        actor=actor,
        away=[m.id for m in away],
    )
    plan_occasions(encounter=encounter, at=at, actor=actor)
    return encounter


def meet(
    case: Case, therapist: Staff, ended_at: datetime, *, away: Iterable[Member] = (), minutes: int = 50
) -> Encounter:
    """A meeting that was planned the day before and has ended; its links about the alliance are open from then."""
    starts_at = ended_at - timedelta(minutes=minutes)
    encounter = plan(case, therapist, starts_at, at=starts_at - timedelta(days=1), minutes=minutes)
    return end_encounter(encounter=encounter, at=ended_at, actor=Actor.staff(therapist.id), away=list(away))


def asked(encounter: Encounter, who: Member, phase: Phase = Phase.POST) -> Occasion:
    return encounter.occasions.get(respondent=who, phase=phase)


def treats_beside(case: Case, therapist: Staff, now: datetime, *, days: int = 0) -> None:
    """Another therapist treats a case beside whoever does, since so many days."""
    add_therapist(
        case=case,
        therapist=therapist,
        part=TherapistPart.CO_THERAPIST,
        first=local_day(case.clinic, now),
        last=None,
        at=now,
        actor=SYSTEM,
    )
    # Nobody begins in the past by the service; a history needs it.
    first = local_day(case.clinic, now) - timedelta(days=days)
    case.therapists.filter(therapist=therapist).update(starts_on=first)


def asked_by_lot(encounter: Encounter, at: datetime) -> SessionLot:
    """The lot has fallen on a session: whoever held it is asked whether there was strain."""
    return SessionLot.objects.create(
        clinic_id=encounter.clinic_id,
        case_id=encounter.case_id,
        encounter=encounter,
        therapist_id=encounter.therapist_id,
        outcome=LotOutcome.ASKED,
        share=0.05,
        cast_at=at,
    )


def off_track(occasion: Occasion, at: datetime) -> OffTrack:
    """Somebody's progress is not on track since the session they were asked about."""
    who, clinic = occasion.respondent, occasion.clinic
    stored, _ = TracksVersion.objects.get_or_create(
        clinic=clinic,
        in_use=True,
        defaults={
            "content": {"version": "made", "scales": {}},
            "content_hash": "made",
            "tells": True,
            "stored_at": at,
        },
    )
    series = Series.objects.create(
        clinic=clinic,
        key=f"made {occasion.pk}",
        case=occasion.case,
        rater=who,
        measure_key="goldseam-progress",
        major=1,
        scale="hope",
        phase=Phase.PRE,
        created_at=at,
    )
    rate = {"up_to": 10, "n_looks": 900, "per_look": 0.02, "n_cases": 250, "per_case": 0.09}
    known = {"scale": "hope", "session": 2, "value": 1.0, "low": 3.0, "high": 8.0, "start": 6.0}
    return OffTrack.objects.create(
        clinic=clinic,
        case=occasion.case,
        member=who,
        series=series,
        tracks=stored,
        encounter=occasion.encounter,
        evidence={
            **known,
            "start_session": 1,
            "rate": rate,
            "predictive_value": 0.4,
            "n_called": 30,
            "poor_share": 0.1,
        },
        told_at=at,
    )


def asked_therapist(encounter: Encounter) -> Occasion:
    return encounter.occasions.get(respondent=None)


def link(occasion: Occasion) -> str:
    return f"/c/{token_of(occasion)}/"


def answer(
    occasion: Occasion,
    at: datetime,
    level: float = 8,
    given: Mapping[str, float | str | None] | None = None,
) -> Response:
    """Answer everything: numbers at the level, no tension, except for what is given by item (None skips).

    ``strain_with`` among it says with which of two therapists there was tension.
    """
    special = dict(given or {})
    strain_with = special.pop("strain_with", None)
    if strain_with is not None:
        save_answer(occasion=occasion, item="tension", given=special["tension"], at=at)
        choose_audience(
            occasion=occasion, audience=Audience.THERAPIST, strain_with=StrainWith(strain_with), at=at
        )
    answers: dict[str, float | str | None] = {}
    for question in questionnaire(occasion, None).questions:
        if question.item.shown_after is None:
            usual = level if question.item.kind == "numeric" else "no"
            answers[question.item.key] = special.pop(question.item.key, usual)
    return submit_response(occasion=occasion, at=at, actor=SYSTEM, answers={**answers, **special})


# --- wishes to be called --------------------------------------------------------------------------

WISH = Wish("L.", CallBy.PHONE, "+1 312 555 0190", message_may_be_left=False, when="after five")


def asks_to_be_called(who: Member, at: datetime, wish: Wish = WISH) -> Concern:
    """A wish for the named person whose name the client is shown."""
    clinic = Clinic.objects.get(pk=who.clinic_id)
    named = person_to_speak_with(who.person, clinic, day=_day(clinic, at))
    assert named is not None
    return ask_to_be_called(person=who.person, clinic=clinic, asked=named, wish=wish, at=at)


# --- the message to a client without a next appointment --------------------------------------------


def written_to(who: Member, therapist: Staff, at: datetime) -> Outreach:
    """A client who was asked once how they would like to go on, and has not answered."""
    return Outreach.objects.create(clinic=who.clinic, member=who, sent_by=therapist, gap=who.pk, asked_at=at)


def looks_back(who: Member, at: datetime) -> str:
    """The end of the link a client was offered, whose case has had its end announced."""
    Case.objects.filter(pk=who.case_id).update(last_phase_since=_day(who.clinic, at))
    page = LookBack.objects.create(clinic=who.clinic, member=who, by_word=True, offered_at=at)
    return token_of_look_back(page)


# --- the card by which somebody can say something at any time ---------------------------------------


def card_given_to(who: Member, therapist: Staff, at: datetime) -> str:
    """The end of the link of a card somebody was given."""
    secret = "a-secret-of-twelve"
    card = StandingCard.objects.create(
        clinic=who.clinic, member=who, secret_hash=hash_of(secret), given_by=therapist, given_at=at
    )
    return token_of_card(card, secret)


# --- open pages -----------------------------------------------------------------------------------


def heard_by(staff: Staff) -> int:
    """The counter by which the open pages of somebody hear that one of their cases has changed."""
    return StaffPulse.objects.get_or_create(staff=staff, defaults={"clinic": staff.clinic})[0].counter


# --- refusals -------------------------------------------------------------------------------------


@contextmanager
def refused(message: str) -> Iterator[None]:
    """Whatever is done here is refused with this message, word for word."""
    with pytest.raises(ValidationError) as caught:
        yield
    assert caught.value.messages == [message]


def _day(clinic: Clinic, at: datetime) -> date:
    return at.astimezone(ZoneInfo(clinic.time_zone)).date()
