"""Who may open what, when: one table of situation x person x page, beside the one by role.

Every right to a case is dated and ends: with cover, handover, supervision, a role, employment, or the case's own
erasure. The rules are those of the product: therapists see the cases they treat on that day, cover and co-therapists
included; supervisors see, and do not change, the cases of those they supervise that day, and a case nobody treats any
more is still that of whoever treated it last; whom nobody supervises the clinic's lead does; departed staff are nobody;
nothing crosses clinics; what was erased is gone for everybody; what was closed can be read, and is on no list but,
for 30 days, while something that came at the end waits for a word. *Today* is the clinic's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import Viewer, viewer_of
from goldseam_web.alerts.models import AlertSignal
from goldseam_web.cases.access import own_case, own_cases, visible_case, visible_cases
from goldseam_web.cases.models import Case, CaseTherapist, RecordState
from tests.web import people
from tests.web.staff_pages import signed_in

pytestmark = pytest.mark.django_db

# 200 opens the page, 404 is what one gets who may not know that it exists. *list*: whether the case stands on the
# list of open cases, for a supervisor on that of the supervised therapists.
TABLE = """
situation                                         who         case meeting signal plan list

treated for a year                                therapist   200  200     200    200  yes
treated for a year                                colleague   404  404     404    404  no
treated for a year                                supervisor  200  200     200    404  yes

cover began yesterday                             colleague   200  200     200    200  yes
cover begins today                                colleague   200  200     200    200  yes
cover begins tomorrow                             colleague   404  404     404    404  no
cover ends today                                  colleague   200  200     200    200  yes
cover ended yesterday                             colleague   404  404     404    404  no
cover begins today                                therapist   200  200     200    200  yes

handover tomorrow                                 therapist   200  200     200    200  yes
handover tomorrow                                 colleague   404  404     404    404  no
handover tomorrow                                 supervisor  200  200     200    404  yes
handover today                                    therapist   200  200     200    200  yes
handover today                                    colleague   200  200     200    200  yes
handover today                                    supervisor  200  200     200    404  yes
handover yesterday                                therapist   404  404     404    404  no
handover yesterday                                colleague   200  200     200    200  yes
handover yesterday                                supervisor  404  404     404    404  no
supervised therapist takes over tomorrow          second      404  404     404    404  no
supervised therapist takes over today             second      200  200     200    404  yes

only link ended yesterday                         therapist   404  404     404    404  no
only link ended yesterday                         colleague   404  404     404    404  no
only link ended yesterday                         supervisor  200  200     200    404  yes
only link ended yesterday                         second      404  404     404    404  no
last of two links ended yesterday                 supervisor  404  404     404    404  no
last of two links ended yesterday                 second      200  200     200    404  yes
lead, somebody supervises                         second      404  404     404    404  no
lead, nobody supervises                           second      200  200     200    404  yes
lead, supervision ended yesterday                 second      200  200     200    404  yes
lead, supervision ended yesterday                 supervisor  404  404     404    404  no
lead, supervisor has left                         second      200  200     200    404  yes
lead, only link ended yesterday                   second      200  200     200    404  yes
lead whose role ended yesterday                   second      404  404     404    404  no
lead of another clinic, nobody supervises         chief       404  404     404    404  no

supervision begins today                          supervisor  200  200     200    404  yes
supervision begins tomorrow                       supervisor  404  404     404    404  no
supervision ends today                            supervisor  200  200     200    404  yes
supervision ended yesterday                       supervisor  404  404     404    404  no
supervises somebody else                          second      404  404     404    404  no

therapist's role ends today                       therapist   200  200     200    200  yes
therapist's role ended yesterday                  therapist   404  404     404    404  no
therapist's role begins tomorrow                  therapist   404  404     404    404  no
administrator instead of therapist                therapist   404  404     404    404  no
supervisor instead of therapist                   therapist   404  404     404    404  no
supervisor's role ended yesterday                 supervisor  404  404     404    404  no
supervisor's role begins tomorrow                 supervisor  404  404     404    404  no

therapist has left the clinic                     therapist   404  404     404    404  no
therapist has left the clinic                     supervisor  200  200     200    404  yes
supervisor has left the clinic                    supervisor  404  404     404    404  no

case closed today                                 therapist   200  200     200    200  yes
case closed                                       therapist   200  200     200    200  no
case closed                                       supervisor  200  200     200    404  no
case erased                                       therapist   404  404     404    404  no
case erased                                       supervisor  404  404     404    404  no
case on legal hold                                therapist   200  200     200    200  yes
members paused                                    therapist   200  200     200    200  yes
members paused                                    supervisor  200  200     200    404  yes

link to the case of another clinic                stranger    404  404     404    404  no
link written under another clinic                 therapist   404  404     404    404  no
link written under another clinic                 supervisor  404  404     404    404  no
supervision of a therapist of another clinic      supervisor  200  200     200    404  yes
supervision of a therapist of another clinic      chief       404  404     404    404  no
meeting written under another clinic              therapist   200  404     200    200  yes
"""
WHO_AT = TABLE.splitlines()[1].index("who")
CASE_AT = TABLE.splitlines()[1].index("case ")
YESTERDAY, TODAY, TOMORROW = -1, 0, 1


@dataclass(frozen=True)
class World:
    """The people, the couple's case with its signal, and the clinic's date."""

    cast: people.Cast
    signal: AlertSignal
    today: date
    seats: dict[str, Staff]

    @property
    def case(self) -> Case:
        return self.cast.couple

    @property
    def supervisors(self) -> set[Staff]:
        return {self.seats[who] for who in ("supervisor", "second", "chief")}

    def day(self, days: int) -> date:
        return self.today + timedelta(days)

    def cover(self, staff: Staff, starts: int, ends: int | None = None, **fields: object) -> CaseTherapist:
        last = None if ends is None else self.day(ends)
        row = {"clinic": self.cast.clinic, "case": self.case, "part": "cover", "ends_on": last} | fields
        return CaseTherapist.objects.create(therapist=staff, starts_on=self.day(starts), **row)

    def hand_over(self, to: Staff, on: int) -> None:
        """The last day of the one who leaves is the first of the one who comes."""
        self.case.therapists.update(ends_on=self.day(on))
        self.cover(to, on, part="main")


@pytest.fixture
def world(cast: people.Cast, strained: AlertSignal) -> World:
    """Two more supervisors: Una's supervisee is Ben, the colleague; Otto is the chief of Riverbank.

    The clinic lies where it is noon, so that no midnight comes between a row and the page that reads it.
    """
    at = timezone.now()
    east = 12 - at.astimezone(UTC).hour
    type(cast.clinic).objects.update(time_zone=f"Etc/GMT{-east:+d}")
    second = people.staff(cast.clinic, "Una Second", [Role.SUPERVISOR], at)
    chief = people.staff(cast.stranger.clinic, "Otto Chief", [Role.SUPERVISOR], at)
    supervise(second, cast.colleague)
    seats = {
        "therapist": cast.ines,
        "colleague": cast.colleague,
        "supervisor": cast.supervisor,
        "second": second,
        "stranger": cast.stranger,
        "chief": chief,
    }
    long_ago = at.date() - timedelta(400)
    for staff in seats.values():
        staff.roles.update(starts_on=long_ago)
        staff.supervises.update(starts_on=long_ago)
    return World(cast, strained, at.astimezone(UTC).date(), seats)


def supervise(supervisor: Staff, therapist: Staff) -> None:
    supervisor.supervises.create(
        clinic_id=supervisor.clinic_id, therapist=therapist, starts_on=date(2020, 1, 1)
    )


def leads(world: World) -> None:
    """Una is the clinic's lead."""
    type(world.cast.clinic).objects.filter(pk=world.cast.clinic.pk).update(lead=world.seats["second"])


def leaves(staff: Staff) -> None:
    Staff.objects.filter(pk=staff.pk).update(active=False)


def role_changes(staff: Staff, held: Role, /, **fields: object) -> None:
    assert staff.roles.filter(role=held).update(**fields) == 1


SITUATIONS: dict[str, Callable[[World], object]] = {
    "treated for a year": lambda w: None,
    "cover began yesterday": lambda w: w.cover(w.cast.colleague, YESTERDAY),
    "cover begins today": lambda w: w.cover(w.cast.colleague, TODAY),
    "cover begins tomorrow": lambda w: w.cover(w.cast.colleague, TOMORROW),
    "cover ends today": lambda w: w.cover(w.cast.colleague, -7, TODAY),
    "cover ended yesterday": lambda w: w.cover(w.cast.colleague, -7, YESTERDAY),
    "handover tomorrow": lambda w: w.hand_over(w.cast.colleague, TOMORROW),
    "handover today": lambda w: w.hand_over(w.cast.colleague, TODAY),
    "handover yesterday": lambda w: w.hand_over(w.cast.colleague, YESTERDAY),
    "supervised therapist takes over tomorrow": lambda w: w.hand_over(w.cast.colleague, TOMORROW),
    "supervised therapist takes over today": lambda w: w.hand_over(w.cast.colleague, TODAY),
    "only link ended yesterday": lambda w: w.case.therapists.update(ends_on=w.day(YESTERDAY)),
    "last of two links ended yesterday": lambda w: (
        w.case.therapists.update(ends_on=w.day(-7)),
        w.cover(w.cast.colleague, -7, YESTERDAY, part="main"),
    ),
    "lead, somebody supervises": leads,
    "lead, nobody supervises": lambda w: (leads(w), w.cast.supervisor.supervises.all().delete()),
    "lead, supervision ended yesterday": lambda w: (
        leads(w),
        w.cast.supervisor.supervises.update(ends_on=w.day(YESTERDAY)),
    ),
    "lead, supervisor has left": lambda w: (leads(w), leaves(w.cast.supervisor)),
    "lead, only link ended yesterday": lambda w: (
        leads(w),
        w.cast.supervisor.supervises.all().delete(),
        w.case.therapists.update(ends_on=w.day(YESTERDAY)),
    ),
    "lead whose role ended yesterday": lambda w: (
        leads(w),
        w.cast.supervisor.supervises.all().delete(),
        role_changes(w.seats["second"], Role.SUPERVISOR, ends_on=w.day(YESTERDAY)),
    ),
    "lead of another clinic, nobody supervises": lambda w: (
        type(w.cast.clinic).objects.filter(pk=w.cast.stranger.clinic_id).update(lead=w.seats["chief"]),
        w.cast.supervisor.supervises.all().delete(),
    ),
    "supervision begins today": lambda w: w.cast.supervisor.supervises.update(starts_on=w.today),
    "supervision begins tomorrow": lambda w: w.cast.supervisor.supervises.update(starts_on=w.day(TOMORROW)),
    "supervision ends today": lambda w: w.cast.supervisor.supervises.update(ends_on=w.today),
    "supervision ended yesterday": lambda w: w.cast.supervisor.supervises.update(ends_on=w.day(YESTERDAY)),
    "supervises somebody else": lambda w: None,
    "therapist's role ends today": lambda w: role_changes(w.cast.ines, Role.THERAPIST, ends_on=w.today),
    "therapist's role ended yesterday": lambda w: role_changes(
        w.cast.ines, Role.THERAPIST, ends_on=w.day(YESTERDAY)
    ),
    "therapist's role begins tomorrow": lambda w: role_changes(
        w.cast.ines, Role.THERAPIST, starts_on=w.day(TOMORROW)
    ),
    "administrator instead of therapist": lambda w: role_changes(
        w.cast.ines, Role.THERAPIST, role=Role.ADMINISTRATOR
    ),
    "supervisor instead of therapist": lambda w: role_changes(
        w.cast.ines, Role.THERAPIST, role=Role.SUPERVISOR
    ),
    "supervisor's role ended yesterday": lambda w: role_changes(
        w.cast.supervisor, Role.SUPERVISOR, ends_on=w.day(YESTERDAY)
    ),
    "supervisor's role begins tomorrow": lambda w: role_changes(
        w.cast.supervisor, Role.SUPERVISOR, starts_on=w.day(TOMORROW)
    ),
    "therapist has left the clinic": lambda w: leaves(w.cast.ines),
    "supervisor has left the clinic": lambda w: leaves(w.cast.supervisor),
    "case closed today": lambda w: Case.objects.update(state=RecordState.CLOSED, ended_on=w.today),
    "case closed": lambda w: Case.objects.update(state=RecordState.CLOSED, ended_on=w.day(-40)),
    "case erased": lambda w: Case.objects.update(state=RecordState.ERASED),
    "case on legal hold": lambda w: Case.objects.update(legal_hold=True),
    "members paused": lambda w: w.case.members.update(paused_on=date(2026, 1, 1)),
    "link to the case of another clinic": lambda w: w.cover(
        w.cast.stranger, TODAY, clinic=w.cast.stranger.clinic
    ),
    "link written under another clinic": lambda w: w.case.therapists.update(clinic=w.cast.stranger.clinic),
    "supervision of a therapist of another clinic": lambda w: supervise(w.seats["chief"], w.cast.ines),
    "meeting written under another clinic": lambda w: w.case.encounters.update(clinic=w.cast.stranger.clinic),
}


def rows() -> list[tuple[str, str, tuple[str, ...]]]:
    """Give (situation, who, expected) of each line."""
    lines = [line for line in TABLE.splitlines()[2:] if line]
    return [
        (line[:WHO_AT].strip(), line[WHO_AT:CASE_AT].strip(), tuple(line[CASE_AT:].split())) for line in lines
    ]


def test_every_situation_stands_in_the_table() -> None:
    assert {situation for situation, _, _ in rows()} == set(SITUATIONS)


def found(world: World, staff: Staff) -> tuple[str, ...]:
    """What this person gets now, column by column."""
    client = signed_in(staff)
    case, signal = world.case, world.signal
    pages = [
        f"/cases/{case.id}/",
        f"/encounters/{signal.encounter_id}/",
        f"/signals/{signal.id}/",
        f"/cases/{case.id}/encounters/new/",
    ]
    # Signals last: looking at one changes what the list says first about its case.
    own_list = "/supervised/" if staff in world.supervisors else "/"
    content = client.get(own_list).content.decode()
    ways_in = [
        f"/cases/{case.id}/",
        *(f"/signals/{id_}/" for id_ in case.signals.values_list("pk", flat=True)),
    ]
    listed = any(way in content for way in ways_in)
    statuses = [str(client.get(page).status_code) for page in pages]
    return (*statuses, "yes" if listed else "no")


def test_rights_begin_and_end_with_their_dates_and_states(world: World) -> None:
    wrong = {}
    for situation, who, expected in rows():
        with transaction.atomic():
            SITUATIONS[situation](world)
            got = found(world, world.seats[who])
            transaction.set_rollback(True)
        if got != expected:
            wrong[f"{situation}: {who}"] = f"{got}, not {expected}"
    assert wrong == {}


class TestTheClinicsDay:
    """Chicago is six hours behind Greenwich in winter: at 23:30 there the day after has begun in Greenwich."""

    LATE = datetime(2027, 1, 15, 5, 30, tzinfo=UTC)  # 14 January, 23:30
    AFTER_MIDNIGHT = LATE + timedelta(hours=1)

    @pytest.fixture
    def couple(self, cast: people.Cast) -> Case:
        """Ines's last day is 14 January, Ben's first one 15 January."""
        cast.couple.therapists.update(ends_on=date(2027, 1, 14))
        CaseTherapist.objects.create(
            clinic=cast.clinic, case=cast.couple, therapist=cast.colleague, starts_on=date(2027, 1, 15)
        )
        return cast.couple

    def viewer(self, staff: Staff, at: datetime) -> Viewer:
        viewer = viewer_of(staff.user, at=at)
        assert viewer is not None
        return viewer

    @pytest.mark.parametrize(("seat", "late", "after"), [("ines", True, False), ("colleague", False, True)])
    def test_ends_at_its_own_midnight(
        self, seat: str, late: bool, after: bool, cast: people.Cast, couple: Case
    ) -> None:
        staff = getattr(cast, seat)
        for at, may in ((self.LATE, late), (self.AFTER_MIDNIGHT, after)):
            viewer = self.viewer(staff, at)
            assert (visible_case(viewer, couple.pk) is not None) is may
            assert (own_case(viewer, couple.pk) is not None) is may


def test_a_case_is_its_own_and_no_other(cast: people.Cast, now: datetime) -> None:
    """Ines treats three cases; asked for one of them, she is given that one."""
    viewer = viewer_of(cast.ines.user, at=now)
    assert viewer is not None
    three = {cast.individual, cast.couple, cast.family}
    assert set(own_cases(viewer)) == set(visible_cases(viewer)) == three
    for case in three:
        assert own_case(viewer, case.pk) == visible_case(viewer, case.pk) == case
