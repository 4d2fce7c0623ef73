"""What was opened and said of a signal stands on it, too, so that what waits is found without reading its past."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.models import Acknowledgement, AlertSignal, Seen
from goldseam_web.alerts.services import acknowledge, open_alert
from tests.web import histories, people

BEFORE = [("alerts", "0007_kept_standings")]
HOUR = timedelta(hours=1)


@pytest.fixture
def fallen(ruth, now):
    ines, case, who = ruth
    histories.history(case, ines, who, [*histories.STEADY, 4.0], now)
    return ines, AlertSignal.objects.get(case=case, kind="strain")


@pytest.mark.django_db
def test_who_opens_it_second_changes_nothing(fallen, now):
    ines, signal = fallen
    viewer = viewer_of(ines.user, at=now)
    for at in (now, now + HOUR):
        open_alert(viewer=viewer, findings=[AlertSignal.objects.get(pk=signal.pk)], at=at)
    open_alert(viewer=viewer, findings=[signal], at=now + 2 * HOUR)  # read before anybody had opened it
    assert AlertSignal.objects.get(pk=signal.pk).first_seen_at == now


@pytest.mark.django_db
def test_a_plan_counts_from_when_it_was_planned_first_until_something_else_is_said(fallen, now):
    ines, signal = fallen
    viewer = viewer_of(ines.user, at=now)

    def since():
        return AlertSignal.objects.get(pk=signal.pk).open_plan_since

    for choice, hours, expected in (
        ("take_up", 0, now),
        ("not_yet", 2, now),
        ("talked", 4, None),
        ("take_up", 6, now),
        ("wait", 5, now),  # stored last, and said before
    ):
        acknowledge(viewer=viewer, signal=signal, choice=choice, at=now + hours * HOUR)
        assert since() == expected, choice


@pytest.mark.django_db(transaction=True)
def test_what_was_opened_and_said_before_the_columns_came_is_filled_in(ines, now):
    if not MigrationExecutor(connection).loader.migrated_apps:
        pytest.skip("needs the migrations")
    case = people.individual(ines, now)
    histories.history(case, ines, people.member(case, "Ruth"), [*histories.STEADY, 4.0], now)
    opened, untouched = AlertSignal.objects.order_by("kind")
    common = {"clinic": ines.clinic, "signal": opened, "staff": ines}
    other = people.staff(ines.clinic, "Ben Adeyemi", ["therapist"], now)
    Seen.objects.create(**{**common, "staff": other}, at=now - HOUR)
    Seen.objects.create(**common, at=now)
    for choice, hours in (("talked", 1), ("take_up", 3), ("wait", 2), ("not_yet", 0)):
        Acknowledgement.objects.create(**common, choice=choice, at=now - hours * HOUR)
    of_other = {**common, "signal": untouched}
    for choice, hours in (("take_up", 1), ("talked", 0)):
        Acknowledgement.objects.create(**of_other, choice=choice, at=now - hours * HOUR)
    try:
        MigrationExecutor(connection).migrate(BEFORE)
    finally:
        migration = MigrationExecutor(connection)
        migration.migrate(migration.loader.graph.leaf_nodes())
    opened.refresh_from_db()
    untouched.refresh_from_db()
    assert (opened.first_seen_at, opened.open_plan_since) == (now - HOUR, now - 3 * HOUR)
    assert (untouched.first_seen_at, untouched.open_plan_since) == (None, None)
