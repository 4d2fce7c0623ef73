"""What the demo's own pages show. They are open to everybody, so they read nothing but made-up clinics."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q

from goldseam_web.accounts.models import Phase, Role, Staff, StaffRole, User
from goldseam_web.accounts.queries import on_day
from goldseam_web.alerts.look_back_links import token_of_look_back
from goldseam_web.alerts.look_back_tables import LookBack
from goldseam_web.alerts.models import PLANNED, Acknowledgement, AlertSignal
from goldseam_web.cases.models import EncounterState
from goldseam_web.cases.queries import display_name
from goldseam_web.measures.links import token_of
from goldseam_web.measures.models import Occasion, OccasionState


@dataclass(frozen=True)
class OpenLink:
    """A client's link that works now: whose it is, and the session it is about."""

    display_name: str
    who: str
    therapist: str
    therapist_id: uuid.UUID
    encounter_id: uuid.UUID
    path: str


@dataclass(frozen=True)
class Colleague:
    """A member of the made-up staff that a visitor can be."""

    id: uuid.UUID
    full_name: str
    roles: tuple[str, ...]
    leads: bool

    @property
    def does(self) -> str:
        """What they do here, in words: *therapist and in training*."""
        said = [Role(role).label.lower() for role in sorted(self.roles, key=Role.values.index)]
        return " and ".join([*said, "lead of the clinic"] if self.leads else said)


def open_links(*, at: datetime) -> list[OpenLink]:
    """Links about past sessions that clients have not used yet, those of the latest session first."""
    occasions = (
        Occasion.objects.filter(
            Q(state=OccasionState.WAITING) | Q(state=OccasionState.PARTLY_ANSWERED),
            clinic__is_demo=True,
            respondent__isnull=False,
            phase=Phase.POST,
            opens_at__lte=at,
            closes_at__gt=at,
            encounter__state=EncounterState.HELD,
        )
        .select_related("encounter", "therapist", "respondent__person__identity")
        .order_by("-encounter__ends_at", "respondent__position")
    )
    return [_link(occasion) for occasion in occasions]


def looks_back_links() -> list[tuple[str, str]]:
    """Who was offered to look back at the end and comes alone, and the link; a couple's needs a word of each."""
    pages = LookBack.objects.filter(clinic__is_demo=True, by_word=False).order_by("offered_at", "pk")
    found = pages.select_related("member__person__identity")
    return [(str(page.member.person.identity), f"/c/look/{token_of_look_back(page)}/") for page in found]


def planned_finding(therapist: Staff) -> AlertSignal | None:
    """The newest finding a member of the made-up staff has planned to take up."""
    planned = Acknowledgement.objects.filter(staff=therapist, choice__in=PLANNED, clinic__is_demo=True)
    found = planned.order_by("-at").select_related("signal").first()
    return found.signal if found else None


def _link(occasion: Occasion) -> OpenLink:
    member, encounter = occasion.respondent, occasion.encounter
    if member is None or encounter is None:
        raise ValueError(f"Occasion {occasion.id} is not a client's about a session.")
    return OpenLink(
        display_name=display_name(member),
        who=str(member.person.identity),
        therapist=occasion.therapist.display_name,
        therapist_id=occasion.therapist_id,
        encounter_id=encounter.id,
        path=f"/c/{token_of(occasion)}/",
    )


def colleagues(*, at: datetime) -> list[Colleague]:
    """The made-up staff: therapists first, each group by name."""
    roles = Prefetch("roles", StaffRole.objects.filter(on_day(at.date())).order_by("role"))
    staff = (
        Staff.objects.filter(clinic__is_demo=True, active=True)
        .select_related("clinic")
        .prefetch_related(roles)
        .order_by("full_name")
    )
    found = [
        Colleague(m.id, m.full_name, tuple(role.role for role in m.roles.all()), m.clinic.lead_id == m.id)
        for m in staff
    ]
    return sorted(found, key=lambda colleague: Role.THERAPIST not in colleague.roles)


def name_of(user: User) -> str:
    """How a visitor is called who is signed in as one of the staff."""
    return user.staff.display_name


def colleague(staff_id: uuid.UUID) -> Staff | None:
    """A member of the made-up staff to sign in as; nobody else."""
    staff = Staff.objects.select_related("user").filter(clinic__is_demo=True, active=True)
    return staff.filter(pk=staff_id).first()
