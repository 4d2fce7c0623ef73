"""What people do with a signal and an episode."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.accounts.services import add_supervision
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal
from goldseam_web.alerts.services import acknowledge, open_alert, say_strain
from goldseam_web.audit.models import AuditEntry
from tests.web import histories, people
from tests.web.kept_rows import kept


class TestWhatPeopleDo:
    @pytest.fixture
    @kept
    def signal(self, ruth, now):
        ines, case, who = ruth
        histories.history(case, ines, who, [*histories.STEADY, 6.0], now)
        return AlertSignal.objects.get(case=case)

    def test_only_the_first_look_is_kept_and_every_look_is_on_record(self, signal, ines, now):
        viewer = viewer_of(ines.user, at=now)
        for at in (now, now + timedelta(hours=1)):
            open_alert(viewer=viewer, findings=[signal], at=at)
        assert signal.seen.get().at == now
        assert AuditEntry.objects.filter(action="signal.view", object_id=str(signal.id)).count() == 2

    def test_a_double_tap_acknowledges_once(self, signal, ines, now):
        viewer = viewer_of(ines.user, at=now)
        for _ in range(2):
            acknowledge(viewer=viewer, signal=signal, choice=AcknowledgeChoice.TAKE_UP, at=now)
        assert signal.acknowledgements.count() == 1
        acknowledge(viewer=viewer, signal=signal, choice=AcknowledgeChoice.TALKED, at=now)
        assert list(signal.acknowledgements.values_list("choice", flat=True)) == ["take_up", "talked"]

    def test_a_stranger_can_do_neither(self, signal, now):
        elsewhere = people.clinic_called("Riverbank", "Pacific/Auckland", now)
        stranger = viewer_of(people.staff(elsewhere, "Ana Stranger", [Role.THERAPIST], now).user, at=now)
        with pytest.raises(PermissionDenied):
            open_alert(viewer=stranger, findings=[signal], at=now)
        with pytest.raises(PermissionDenied):
            acknowledge(viewer=stranger, signal=signal, choice=AcknowledgeChoice.TAKE_UP, at=now)
        assert not signal.seen.exists()

    def test_a_supervisor_may_look_and_do_nothing_else(self, signal, ines, now):
        """What will be done and whether there was strain is for those to say who treat."""
        marta = people.staff(ines.clinic, "Marta Lind", [Role.SUPERVISOR, Role.THERAPIST], now)
        add_supervision(supervisor=marta, therapist=ines, starts_on=now.date() - timedelta(7), at=now)
        viewer = viewer_of(marta.user, at=now)
        open_alert(viewer=viewer, findings=[signal], at=now)
        with pytest.raises(PermissionDenied):
            acknowledge(viewer=viewer, signal=signal, choice=AcknowledgeChoice.TAKE_UP, at=now)
        with pytest.raises(PermissionDenied):
            say_strain(viewer=viewer, episode=signal.episode, there_was=True, at=now)
        assert signal.seen.get().staff == marta
        assert not signal.acknowledgements.exists()
        assert not signal.episode.events.filter(kind="therapist_confirmed").exists()

    def test_the_therapist_may_confirm_and_then_see_it_otherwise(self, signal, ines, now):
        viewer = viewer_of(ines.user, at=now)
        for there_was in (True, True, False):
            episode = say_strain(viewer=viewer, episode=signal.episode, there_was=there_was, at=now)
        assert episode.therapist_confirmed_at is None
        changes = episode.events.filter(kind="therapist_confirmed").values_list("before", "after")
        assert episode.therapist_denied_at is not None
        assert sorted(changes) == [("", "yes"), ("yes", "no")]
