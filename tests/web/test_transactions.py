"""One transaction per use case: what the database throws back is done again, and nothing that was sent is."""

from datetime import datetime
from pathlib import Path
from threading import Barrier, Thread
from time import sleep

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from goldseam import Norms
from goldseam_web.accounts.models import Clinic, ClinicPulse
from goldseam_web.accounts.services import bump_change_counter
from goldseam_web.alerts.models import NormsVersion
from goldseam_web.alerts.services.norms import store_norms
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.outbox import channels
from tests.web import people
from tests.web.histories import work_off
from tests.web.postbox import send_next

pytestmark = pytest.mark.django_db(transaction=True)


class PostgresError(Exception):
    """What the driver raises, with the code of PostgreSQL's appendix A."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def thrown_back(sqlstate: str) -> Exception:
    error = IntegrityError("thrown back") if sqlstate.startswith("23") else OperationalError("thrown back")
    error.__cause__ = PostgresError(sqlstate)
    return error


class Work:
    """Renames the clinic and raises its counter; fails the first times."""

    def __init__(self, clinic: Clinic, failures: list[Exception]) -> None:
        self.clinic, self.failures, self.tries = clinic, failures, 0

    def do(self) -> str:
        self.tries += 1
        Clinic.objects.filter(pk=self.clinic.pk).update(name=f"Try {self.tries}")
        bump_change_counter(self.clinic.id)
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.fixture
def counted(clinic: Clinic) -> int:
    return ClinicPulse.objects.get(pk=clinic.id).counter


def seen(clinic: Clinic, counted: int) -> tuple[str, int]:
    return Clinic.objects.get(pk=clinic.pk).name, ClinicPulse.objects.get(pk=clinic.id).counter - counted


@pytest.mark.parametrize("sqlstate", ["40P01", "40001", "23505"])
def test_what_is_thrown_back_three_times_is_done_at_the_fourth_try(
    sqlstate: str, clinic: Clinic, counted: int
) -> None:
    work = Work(clinic, [thrown_back(sqlstate)] * 3)
    assert one_transaction(work.do)() == "done"
    assert work.tries == 4
    assert seen(clinic, counted) == ("Try 4", 1)


def test_each_try_waits_longer_than_the_one_before(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once would meet the same other again, which has not woken up yet."""
    waited: list[float] = []
    monkeypatch.setattr("goldseam_web.lib.transactions.time.sleep", waited.append)
    one_transaction(Work(clinic, [thrown_back("40P01")] * 3).do)()
    assert len(waited) == 3
    assert 0 < waited[0] < waited[1] < waited[2]


def test_after_three_more_tries_it_is_given_up_and_nothing_is_left(clinic: Clinic, counted: int) -> None:
    work = Work(clinic, [thrown_back("40P01")] * 9)
    with pytest.raises(OperationalError, match="thrown back"):
        one_transaction(work.do)()
    assert work.tries == 4
    assert seen(clinic, counted) == ("Larkfield", 0)


@pytest.mark.parametrize(
    "error",
    [
        thrown_back("55P03"),
        thrown_back("23503"),
        OperationalError("database is locked"),
        IntegrityError("taken"),
    ],
    ids=str,
)
def test_any_other_error_is_raised_at_once(error: Exception, clinic: Clinic, counted: int) -> None:
    work = Work(clinic, [error])
    with pytest.raises(type(error)):
        one_transaction(work.do)()
    assert (work.tries, *seen(clinic, counted)) == (1, "Larkfield", 0)


def test_a_part_is_done_again_with_the_whole_and_the_counter_is_raised_once(
    clinic: Clinic, counted: int
) -> None:
    part = Work(clinic, [thrown_back("40P01")])
    whole = []

    @one_transaction
    def do() -> None:
        whole.append("begun")
        one_transaction(part.do)()
        assert seen(clinic, counted)[1] == 0, "raised before the end"

    do()
    assert (len(whole), part.tries) == (2, 2)
    assert seen(clinic, counted) == ("Try 2", 1)


def test_inside_a_transaction_of_somebody_else_nothing_is_done_again(clinic: Clinic) -> None:
    """Half of it would be done twice."""
    work = Work(clinic, [thrown_back("40P01")])
    with pytest.raises(OperationalError), transaction.atomic():
        one_transaction(work.do)()
    assert work.tries == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one writer in at a time")
def test_a_real_deadlock_is_survived_by_both(now: datetime) -> None:
    clinics = [people.clinic_called(name, "UTC", now) for name in ("One", "Two")]
    barrier, tries = Barrier(2), []

    @one_transaction
    def rename(first: Clinic, second: Clinic, name: str) -> None:
        tries.append(name)
        locked(Clinic.objects.filter(pk=first.pk)).get()
        if len(tries) <= 2:
            barrier.wait(timeout=30)
        locked(Clinic.objects.filter(pk=second.pk)).get()
        Clinic.objects.filter(pk__in=[first.pk, second.pk]).update(name=name)

    def run(*given: object) -> None:
        rename(*given)
        connection.close()

    threads = [
        Thread(target=run, args=(*order, name)) for order, name in ((clinics, "a"), (clinics[::-1], "b"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert 3 <= len(tries) <= 2 * 4, "one of the two was thrown back, and nobody more than three times"
    assert len(set(Clinic.objects.values_list("name", flat=True))) == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one writer in at a time")
def test_of_two_who_take_norms_into_use_at_once_both_are_done(clinic: Clinic, now: datetime) -> None:
    """There is one row of a clinic in use: the second meets the first one's, and goes on with it."""
    barrier, failed = Barrier(2), []
    shipped = Norms.default()
    other = Norms.from_content(shipped.content() | {"name": "other"})

    def run(norms: Norms) -> None:
        try:
            barrier.wait(timeout=30)
            with connection.execute_wrapper(lambda execute, *given: (sleep(0.03), execute(*given))[1]):
                store_norms(clinic=clinic, norms=norms, at=now)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(norms,)) for norms in (shipped, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert NormsVersion.objects.filter(clinic=clinic).count() == 2
    assert NormsVersion.objects.filter(clinic=clinic, in_use=True).count() == 1


def test_rows_are_locked_in_one_way_only(root: Path) -> None:
    """A lock that also waits for whatever points to the row, or takes rows in no order, makes deadlocks."""
    sources = (root / "src/goldseam_web").rglob("*.py")
    found = [path.name for path in sources if "select_for_update" in path.read_text(encoding="utf-8")]
    assert found == ["transactions.py"]


def test_a_message_leaves_outside_of_any_transaction(
    cast: people.Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in a transaction may be done again, and a message that has left cannot be called back."""
    inside = []
    monkeypatch.setitem(
        channels.CHANNELS, "email", lambda _message, _letter: inside.append(connection.in_atomic_block)
    )
    encounter = people.meet(cast.individual, cast.ines, now)
    people.answer(
        people.asked(encounter, people.member(cast.individual, "Ruth")), now, given={"tension": "clearly"}
    )
    work_off(now)
    send_next(worker="test", at=now)
    assert inside == [False]
