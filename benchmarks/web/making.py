"""Cases with a past for the benchmarks, made through the application's own services in a database of their own."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldseam_web.accounts.models import Staff
    from goldseam_web.cases.models import Case, Encounter, Member
    from goldseam_web.measures.models import Occasion, Response

PASSWORD = "a long bowl of tea and honey"
WEEK = timedelta(days=7)
MINUTES = 50
USUAL = (8.0, 7.0, 8.0, 9.0, 8.0)


def use_database(folder: Path, **more: str) -> None:
    """Point the application at an empty database in the folder. Call it before anything of Django is imported."""
    for name in [name for name in os.environ if name.startswith("GOLDSEAM_")]:
        del os.environ[name]
    os.environ.update(
        DJANGO_SETTINGS_MODULE="goldseam_web.config.settings",
        GOLDSEAM_DATA=str(folder),
        GOLDSEAM_DEMO="on",
        GOLDSEAM_LOG_LEVEL="ERROR",
        **more,
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def make_therapist(now: datetime) -> "Staff":
    from goldseam_web.accounts.models import Role
    from goldseam_web.accounts.services import add_staff, open_clinic
    from goldseam_web.measures.services import install_measures

    opened = now - timedelta(days=800)
    clinic = open_clinic(name="Benchmark", time_zone="UTC", at=opened, is_demo=True)
    install_measures(clinic=clinic, at=opened)
    return add_staff(
        clinic=clinic,
        email="ines@benchmark.example",
        password=PASSWORD,
        full_name="Ines Okafor",
        display_name="Ines",
        roles=[Role.THERAPIST],
        at=opened,
    )


def make_colleague(therapist: "Staff", number: int, now: datetime) -> "Staff":
    """Another therapist of the same clinic."""
    from goldseam_web.accounts.models import Role
    from goldseam_web.accounts.services import add_staff

    return add_staff(
        clinic=therapist.clinic,
        email=f"colleague{number}@benchmark.example",
        password=PASSWORD,
        full_name=f"Otto Other {number}",
        display_name=f"Otto {number}",
        roles=[Role.THERAPIST],
        at=now - timedelta(days=800),
    )


def make_case(therapist: "Staff", number: int, members: int, sessions: int, now: datetime) -> "Case":
    """A case opened a week before its first session; one member comes alone, more are a family."""
    from goldseam_web.audit.services import SYSTEM
    from goldseam_web.cases.models import CaseKind, MemberRole
    from goldseam_web.cases.services import NewMember, open_case

    kind = CaseKind.INDIVIDUAL if members == 1 else CaseKind.FAMILY
    role = MemberRole.CLIENT if members == 1 else MemberRole.OTHER
    opened_at = now - (sessions + 1) * WEEK
    case = open_case(
        clinic=therapist.clinic,
        therapist=therapist,
        kind=kind,
        members=[NewMember(f"Member{k}", f"Family{number}", role) for k in range(members)],
        opened_on=opened_at.date(),
        at=opened_at,
        actor=SYSTEM,
    )
    agree(case, opened_at)
    return case


def agree(case: "Case", at: datetime) -> None:
    """Everybody agrees to be asked, on paper."""
    from goldseam_web.audit.services import SYSTEM
    from goldseam_web.cases.consent_tables import NEEDED_TO_ASK, ConsentWay
    from goldseam_web.cases.consents import text_in_force
    from goldseam_web.cases.services import record_consent

    text = text_in_force(case.clinic)
    agrees = dict.fromkeys(NEEDED_TO_ASK, True)
    for member in case.members.all():
        record_consent(member=member, agrees=agrees, text=text, way=ConsentWay.PAPER, at=at, actor=SYSTEM)


def hold_session(case: "Case", therapist: "Staff", ended_at: datetime) -> "Encounter":
    from goldseam_web.audit.services import SYSTEM
    from goldseam_web.cases.services import plan_encounter
    from goldseam_web.measures.services import plan_occasions
    from goldseam_web.measures.services.occasions import end_encounter

    starts_at = ended_at - timedelta(minutes=MINUTES)
    planned_at = starts_at - timedelta(days=1)
    encounter = plan_encounter(
        case=case, therapist=therapist, starts_at=starts_at, minutes=MINUTES, at=planned_at, actor=SYSTEM
    )
    plan_occasions(encounter=encounter, at=planned_at, actor=SYSTEM)
    return end_encounter(encounter=encounter, at=ended_at, actor=SYSTEM)


def occasion_of(encounter: "Encounter", member: "Member") -> "Occasion":
    from goldseam_web.accounts.models import Phase

    return encounter.occasions.get(respondent=member, phase=Phase.POST)


def rate(encounter: "Encounter", member: "Member", level: float) -> "Response":
    """Answer every question ten minutes after the session: numbers at the level, no tension."""
    from goldseam_web.audit.services import Actor
    from goldseam_web.measures.queries import questionnaire
    from goldseam_web.measures.services import submit_response

    occasion = occasion_of(encounter, member)
    answers = {
        q.item.key: level if q.item.kind == "numeric" else "no" for q in questionnaire(occasion, None).shown
    }
    return submit_response(
        occasion=occasion,
        at=encounter.ends_at + timedelta(minutes=10),
        actor=Actor.client(member.id),
        answers=answers,
    )


def begin(encounter: "Encounter", member: "Member", level: float) -> int:
    """Answer all but the last question, just now; the number of that."""
    from goldseam_web.measures.queries import questionnaire
    from goldseam_web.measures.services import save_answer

    occasion = occasion_of(encounter, member)
    asked = questionnaire(occasion, None).shown
    for question in asked[:-1]:
        save_answer(occasion=occasion, item=question.item.key, given=level, at=datetime.now(tz=UTC))
    return len(asked)


def give_history(case: "Case", therapist: "Staff", sessions: int, now: datetime) -> "list[Response]":
    """Weekly sessions up to a week ago, each rated by everybody and not judged; gives the last responses."""
    members = list(case.members.all())
    responses: list[Response] = []
    for k in range(sessions):
        encounter = hold_session(case, therapist, now - (sessions - k) * WEEK)
        responses = [rate(encounter, member, USUAL[(k + member.position) % len(USUAL)]) for member in members]
    return responses


def leave_queue_empty() -> None:
    """What was made is not what is measured: mark it as judged."""
    from goldseam_web.measures.models import EvaluationJob, JobState

    EvaluationJob.objects.filter(state=JobState.PENDING).update(state=JobState.DONE)


def machine() -> str:
    import platform

    return (
        f"{platform.machine()}, {os.cpu_count()} cores, CPython {platform.python_version()}, {sys.platform}"
    )
