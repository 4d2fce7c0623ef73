"""Clinics, the people who work there, and the record of what is done to them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from goldseam_web.accounts.crisis_line_table import HelpNumber
from goldseam_web.accounts.crisis_lines import set_crisis_lines
from goldseam_web.accounts.models import Clinic, ClinicPulse, Role, Staff, User
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.accounts.services import add_staff, add_supervision, open_clinic
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.queries import verify_chain
from goldseam_web.audit.services import ANONYMOUS, SYSTEM, Actor, record, seal_entries
from tests.web import people

LATE = datetime(2027, 1, 15, 5, 30, tzinfo=UTC)  # in Chicago still the 14th


def entries(action):
    """Clinic, object, and actor of the entries of an action."""
    rows = AuditEntry.objects.filter(action=action).order_by("pk")
    return [(row.clinic_id, row.object_kind, row.object_id, row.actor_kind, row.at) for row in rows]


class TestClinics:
    def test_begin_with_a_counter_at_nothing_and_are_on_record(self, db):
        clinic = open_clinic(name="Hillside", time_zone="Europe/Berlin", at=LATE)
        assert (clinic.name, clinic.time_zone, clinic.is_demo, clinic.created_at) == (
            *("Hillside", "Europe/Berlin", False),
            LATE,
        )
        assert ClinicPulse.objects.get(clinic=clinic).counter == 0
        assert entries("clinic.open") == [(clinic.id, "clinic", str(clinic.id), "system", LATE)]

    @pytest.mark.parametrize("zone", ["Chicago", "", "../etc/passwd"])
    def test_are_refused_in_a_zone_nobody_knows(self, zone, db):
        with people.refused(
            f"Time zone {zone!r} is not known; give a name such as Europe/Berlin or America/Chicago."
        ):
            open_clinic(name="Nowhere", time_zone=zone, at=LATE)
        assert not Clinic.objects.exists()

    def test_keep_their_numbers_for_urgent_help_in_the_order_given(self, clinic, now):
        lines = [HelpNumber("Night line", "1", "Nights"), HelpNumber("Day line", "2", "Days")]
        set_crisis_lines(clinic=clinic, lines=lines, checked_on=date(2027, 1, 2), at=now)
        rows = clinic.crisis_lines.values_list("position", "name", "number", "hours", "checked_on")
        assert list(rows) == [
            (0, "Night line", "1", "Nights", date(2027, 1, 2)),
            (1, "Day line", "2", "Days", date(2027, 1, 2)),
        ]
        assert entries("clinic.crisis_lines")[-1] == (clinic.id, "clinic", str(clinic.id), "system", now)


class TestStaff:
    def test_hold_their_roles_from_the_clinic_s_own_date(self, clinic):
        both = [Role.THERAPIST, Role.SUPERVISOR]
        nora = people.staff(clinic, "Nora van Dijk", both, LATE + people.YEAR)
        assert (nora.full_name, nora.display_name, nora.initials, nora.active) == (
            "Nora van Dijk",
            "Nora",
            "NV",
            True,
        )
        roles = nora.roles.order_by("role").values_list("role", "starts_on", "ends_on")
        day = date(2027, 1, 14)
        assert list(roles) == [("supervisor", day, None), ("therapist", day, None)]
        assert entries("staff.add")[-1] == (clinic.id, "staff", str(nora.id), "system", LATE)

    def test_sign_in_with_their_own_password(self, ines):
        assert ines.user.check_password(people.PASSWORD)
        assert not ines.user.check_password("another")
        assert (ines.user.is_active, ines.user.is_staff, ines.user.is_superuser) == (True, False, False)

    def test_an_address_is_kept_in_small_letters_and_given_once_in_the_whole_install(self, cast, now):
        def add(email, clinic):
            return add_staff(
                clinic=clinic, email=email, password=None, full_name="N", display_name="N", roles=[], at=now
            )

        nora = add("Nora@Example.ORG", cast.clinic)
        assert nora.user.email == "nora@example.org"
        assert not nora.user.has_usable_password()
        with people.refused("NORA@example.org already has a sign-in here; give another address."):
            add("NORA@example.org", cast.stranger.clinic)
        assert User.objects.filter(email__iexact="nora@example.org").count() == 1

    def test_are_seen_by_a_supervisor_of_the_same_clinic_alone(self, cast, now):
        with people.refused("Supervisor and therapist work at different clinics; both must be of one."):
            add_supervision(supervisor=cast.supervisor, therapist=cast.stranger, starts_on=now.date(), at=now)
        link = add_supervision(
            supervisor=cast.supervisor,
            therapist=cast.colleague,
            starts_on=date(2027, 1, 2),
            at=now,
            actor=Actor.staff(cast.administrator.id),
        )
        assert (link.clinic, link.starts_on, link.ends_on) == (cast.clinic, date(2027, 1, 2), None)
        entry = AuditEntry.objects.get(action="supervision.add", object_id=str(cast.colleague.id))
        assert (entry.object_kind, entry.actor_kind, entry.actor_id, entry.at) == (
            *("staff", "staff"),
            cast.administrator.id,
            now,
        )
        assert entry.details == {"supervisor": str(cast.supervisor.id)}

    def test_who_looks_is_described_by_the_clinic_they_work_at(self, cast, now):
        viewer = viewer_of(cast.supervisor.user, at=LATE + timedelta(days=3650))
        assert viewer is not None
        assert (viewer.full_name, viewer.display_name, viewer.initials) == ("Marta Lind", "Marta", "ML")
        assert (viewer.clinic_id, viewer.time_zone.key) == (cast.clinic.id, "America/Chicago")
        assert viewer.roles == {Role.SUPERVISOR, Role.THERAPIST}
        assert (viewer.supervised, viewer.is_therapist) == ({cast.ines.id}, True)
        assert viewer.actor == Actor.staff(cast.supervisor.id)

    def test_a_sign_in_without_a_place_at_a_clinic_is_nobody(self, ines, now):
        assert viewer_of(User.objects.create_user("alone@example.org"), at=now) is None
        Staff.objects.update(active=False)
        assert viewer_of(ines.user, at=now) is None


class TestTheRecord:
    CHANGES = {
        "at": LATE + timedelta(seconds=1),
        "actor_kind": "client",
        "actor_id": "00000000-0000-0000-0000-000000000000",
        "action": "case.close",
        "object_kind": "member",
        "object_id": "another",
        "details": {"count": 2},
        "clinic_id": "00000000-0000-0000-0000-000000000000",
    }

    @pytest.fixture
    def chain(self, db):
        """Three entries, sealed."""
        rows = [
            record(clinic_id=None, at=LATE, actor=SYSTEM, action="case.open", details={"count": k})
            for k in (0, 1, 3)
        ]
        assert seal_entries(at=LATE) == 3
        return rows

    def test_keeps_what_it_is_told(self, ines):
        entry = record(
            clinic_id=ines.clinic_id,
            at=LATE,
            actor=Actor.client(ines.id),
            action="case.view",
            object_kind="case",
            object_id=ines.id,
        )
        entry.refresh_from_db()
        assert (entry.clinic_id, entry.at, entry.action) == (ines.clinic_id, LATE, "case.view")
        assert (entry.actor_kind, entry.actor_id) == ("client", ines.id)
        assert (entry.object_kind, entry.object_id, entry.details) == ("case", str(ines.id), {})
        assert (entry.position, entry.seal) == (None, "")
        nobody = record(clinic_id=None, at=LATE, actor=ANONYMOUS, action="staff.sign_in_failed")
        assert (nobody.actor_kind, nobody.actor_id, nobody.object_kind) == ("anonymous", None, "")

    def test_is_sealed_in_order_and_a_few_at_a_time(self, chain):
        for k in range(3):
            record(clinic_id=None, at=LATE, actor=SYSTEM, action="case.view", details={"count": k})
        assert (verify_chain().sealed, verify_chain().unsealed) == (3, 3)
        assert [
            seal_entries(at=LATE, limit=2),
            seal_entries(at=LATE, limit=2),
            seal_entries(at=LATE, limit=2),
        ] == [2, 1, 0]
        positions = AuditEntry.objects.order_by("pk").values_list("position", flat=True)
        assert list(positions) == [1, 2, 3, 4, 5, 6]
        assert len(set(AuditEntry.objects.values_list("seal", flat=True))) == 6
        assert verify_chain().broken == ()

    @pytest.mark.parametrize("field", sorted(CHANGES))
    def test_shows_that_an_entry_was_changed_afterwards(self, field, chain):
        AuditEntry.objects.filter(pk=chain[1].pk).update(**{field: self.CHANGES[field]})
        assert verify_chain().broken == (2,)

    def test_shows_that_an_entry_was_taken_out(self, chain):
        AuditEntry.objects.filter(pk=chain[0].pk).delete()
        report = verify_chain()
        assert (report.sealed, report.broken) == (2, (2,))

    def test_shows_that_two_entries_were_exchanged(self, chain):
        first, second = chain[0], chain[1]
        AuditEntry.objects.filter(pk=first.pk).update(position=99)
        AuditEntry.objects.filter(pk=second.pk).update(position=1)
        AuditEntry.objects.filter(pk=first.pk).update(position=2)
        assert verify_chain().broken[:2] == (1, 2)
