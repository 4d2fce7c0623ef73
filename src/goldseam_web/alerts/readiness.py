"""What still stops a clinic's first client from being asked: one list in words, worked out here alone.

It stands on the administrator's page and is what `check` prints. It counts and names staff's duties, never a client.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings

from goldseam_web.accounts.charters import charter_in_force
from goldseam_web.accounts.leaves import therapists_without_cover
from goldseam_web.accounts.models import Clinic, LineKind, Role
from goldseam_web.accounts.phone_check import is_reached
from goldseam_web.accounts.queries import kinds_without_a_line, local_day, staff_as, supervisions_on
from goldseam_web.cases.consents import text_in_force
from goldseam_web.cases.models import Case, CaseKind, RecordState
from goldseam_web.concerns.queries import number_with_nobody, route_of, somebody_is_named
from goldseam_web.lib.addresses import host_of, is_loopback
from goldseam_web.measures.models import MeasureVersion
from goldseam_web.measures.own_measures import ALLIANCE_MEASURE

LINE_NAMES = {
    LineKind.ANYBODY: "anybody",
    LineKind.DOMESTIC_VIOLENCE: "violence at home",
    LineKind.CHILDREN: "children and young people",
}


@dataclass(frozen=True)
class Need:
    """One thing a clinic needs. ``stops`` whether nobody is to be asked before it is there; else it can wait."""

    subject: str
    says: str
    is_met: bool
    stops: bool = True

    @property
    def is_in_the_way(self) -> bool:
        return self.stops and not self.is_met


def readiness(clinic: Clinic, *, at: datetime) -> list[Need]:
    """Everything a clinic needs before its first client is asked, met or not, in the order of the set-up."""
    return [*what_asking_needs(clinic, at=at), _limits(clinic)]


def what_asking_needs(clinic: Clinic, *, at: datetime) -> list[Need]:
    """All but the words, which never stop anything and so are not read where a mail waits for the rest."""
    return [
        *_numbers(clinic),
        _address(clinic),
        _administrator(clinic, at),
        _charter(clinic),
        _mail(),
        _measures(clinic),
        _therapist(clinic, at),
        _cover(clinic, at),
        *([] if settings.GOLDSEAM_RECORD_ONLY else [_escalation(clinic, at)]),
        _violence_procedure(clinic),
        _somebody_else(clinic, at),
        _contact(clinic),
    ]


def is_ready(clinic: Clinic, *, at: datetime) -> bool:
    """Whether its clients may be asked by mail: nothing that stops asking is missing."""
    return not any(need.is_in_the_way for need in what_asking_needs(clinic, at=at))


def _numbers(clinic: Clinic) -> Iterator[Need]:
    """Every client page leads to them, so nobody is asked without."""
    missing = [LINE_NAMES[kind] for kind in kinds_without_a_line(clinic)]
    says = (
        f"none for {', none for '.join(missing)}"
        if missing
        else "there, with one for violence and one for children"
    )
    yield Need("numbers for urgent help", says, is_met=not missing)


def _address(clinic: Clinic) -> Need:
    """Links on a phone lead to the configured address, and a phone has opened it."""
    address = settings.GOLDSEAM_BASE_URL
    if is_loopback(host_of(address)) and not settings.GOLDSEAM_DEMO:
        says = f"only on this machine, at {address}, where no phone can open a link"
    elif is_reached(clinic):
        return Need("where clients reach it", f"at {address}", is_met=True)
    else:
        says = f"at {address}, which no phone has opened yet"
    return Need("where clients reach it", says, is_met=False)


def _administrator(clinic: Clinic, at: datetime) -> Need:
    """Somebody who runs the clinic, with a second step wherever that is asked of staff."""
    found = staff_as(Role.ADMINISTRATOR, local_day(clinic, at)).filter(clinic=clinic)
    secured = Authenticator.objects.filter(user__staff__in=found, type=Authenticator.Type.TOTP)
    if not found.exists():
        return Need("administrator", "nobody holds the role today", is_met=False)
    if settings.GOLDSEAM_REQUIRE_TOTP and not secured.exists():
        return Need("administrator", "there, without a second step at sign-in", is_met=False)
    return Need("administrator", "there", is_met=True)


def _charter(clinic: Clinic) -> Need:
    """The clinic's own promise: somebody has to have agreed to it for the clinic."""
    charter = charter_in_force(clinic)
    signed = charter is not None and charter.acceptances.exists()
    if clinic.is_demo and not signed:
        return Need("charter of use", "not asked for where everybody is made up", is_met=True)
    says = "agreed to" if signed else "nobody has read it and agreed yet"
    return Need("charter of use", says, is_met=signed)


def _mail() -> Need:
    """Without it, links are shown in the room."""
    known = settings.GOLDSEAM_MAIL_CONFIGURED or settings.GOLDSEAM_DEMO
    without = "no mail server: links can be shown in the room"
    if not settings.GOLDSEAM_RECORD_ONLY:
        without += ", alerts do not leave the house"
    says = "leave by mail" if known else without
    return Need("messages", says, is_met=known, stops=False)


def _measures(clinic: Clinic) -> Need:
    """Without the alliance nobody is asked anything about a session."""
    there = MeasureVersion.objects.filter(clinic=clinic, enabled=True, key=ALLIANCE_MEASURE).exists()
    says = (
        "the alliance is asked"
        if there
        else "no measure is in use, so nobody is asked anything; run goldseam-web start"
    )
    return Need("what is asked", says, is_met=there)


def _therapist(clinic: Clinic, at: datetime) -> Need:
    there = staff_as(Role.THERAPIST, local_day(clinic, at)).filter(clinic=clinic).exists()
    return Need("therapist", "there" if there else "nobody holds the role today", is_met=there)


def _cover(clinic: Clinic, at: datetime) -> Need:
    """So that somebody can be sent away in two clicks, without being asked."""
    alone = [staff.full_name for staff in therapists_without_cover(clinic, local_day(clinic, at))]
    if not alone:
        return Need("cover", "no therapist is without", is_met=True, stops=False)
    names = alone[0] if len(alone) == 1 else f"{', '.join(alone[:-1])} and {alone[-1]}"
    have = "has" if len(alone) == 1 else "have"
    says = f"{names} {have} named nobody who stands in while they are away"
    return Need("cover", says, is_met=False, stops=False)


def _escalation(clinic: Clinic, at: datetime) -> Need:
    """A practice of one has nobody to turn to; whoever treats hears of every finding all the same."""
    day = local_day(clinic, at)
    linked = supervisions_on(day).filter(clinic=clinic).exists()
    # A lead who has left, or supervises no more, is nobody.
    leads = clinic.lead_id is not None and staff_as(Role.SUPERVISOR, day).filter(pk=clinic.lead_id).exists()
    there = linked or leads
    says = (
        "there" if there else "nobody hears of what a therapist leaves unopened; name a supervisor or a lead"
    )
    return Need("somebody to turn to", says, is_met=there, stops=False)


def _violence_procedure(clinic: Clinic) -> Need:
    """What staff do first where somebody cannot speak openly. Before there is a couple or family it can wait."""
    if clinic.violence_procedure:
        return Need("procedure for violence", "there", is_met=True)
    open_cases = Case.objects.filter(clinic=clinic, state=RecordState.ACTIVE)
    several = open_cases.exclude(kind=CaseKind.INDIVIDUAL).exists()
    says = "couples or families are seen, and nothing says what staff do where somebody may be in danger"
    if not several:
        says = "not given yet; it is needed before the first couple or family is asked"
    return Need("procedure for violence", says, is_met=False, stops=several)


def _somebody_else(clinic: Clinic, at: datetime) -> Need:
    """Every client page leads there. That it leads nowhere for one of them must not stop the asking of all others."""
    subject = "somebody else to speak with"
    if route_of(clinic).has_body:
        return Need(subject, "there", is_met=True)
    if not somebody_is_named(clinic):
        says = "nobody is named outside of a client's own case; name a member of staff or an outside body"
        return Need(subject, says, is_met=False)
    alone = number_with_nobody(clinic, day=local_day(clinic, at))
    says = f"for {alone} of the people in open cases nobody named stands outside; name another, or an outside body"
    return Need(subject, says if alone else "there", is_met=not alone, stops=False)


def _limits(clinic: Clinic) -> Need:
    """A draft holds until the clinic says otherwise: it promises nothing, so that asking need not wait for it."""
    kept = text_in_force(clinic).looked_over_at is not None
    says = (
        "in the clinic’s words"
        if kept
        else "clients read a draft; put it in your own words, or keep it, under Clinic, Consent and contact"
    )
    return Need("when it may have to be told further", says, is_met=kept, stops=False)


def _contact(clinic: Clinic) -> Need:
    """Every client page leads to it."""
    there = bool(clinic.contact_phone or clinic.contact_email)
    says = (
        "there" if there else "clients find no number or address; give one under Clinic, Consent and contact"
    )
    return Need("contact clients see", says, is_met=there, stops=False)
