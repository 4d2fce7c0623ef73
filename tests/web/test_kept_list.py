"""The kept list says what is worked out at that moment, whatever happened and whenever one looks."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as install
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.case_standing import kept_list
from goldseam_web.alerts.case_standing.kept_list import caseload_of, shared_list
from goldseam_web.alerts.case_standing.listed_cases import ListedCase, listed_now, with_facts
from goldseam_web.alerts.kept_tables import CaseMark, KeptStanding, StaffPulse
from goldseam_web.alerts.models import PLANNED, AlertSignal
from goldseam_web.alerts.services import keeping
from goldseam_web.alerts.services.keeping import keep_caseloads, keep_standings, mark_all, mark_made_otherwise
from goldseam_web.alerts.supervision import cases_with
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import Ending, PersonIdentity, TherapistPart
from goldseam_web.cases.queries import caseload
from goldseam_web.cases.services.treating import add_therapist
from goldseam_web.measures.services.who_is_asked import end_case
from tests.web import people
from tests.web.acts_by_lot import HAPPENS, LATER, LotClinic
from tests.web.histories import STEADY, history, judge
from tests.web.kept_rows import kept
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db


def worked_out(staff: Staff, at: datetime) -> dict[uuid.UUID, ListedCase]:
    """The same list with nothing that was kept."""
    viewer = viewer_of(staff.user, at=at)
    assert viewer is not None
    cases = list(with_facts(caseload(viewer), staff.pk, at=at))
    now = listed_now(viewer, cases, judging=not install.GOLDSEAM_RECORD_ONLY, at=at)
    return {listed.case.pk: listed for listed, _ in now}


def read(staff: Staff, at: datetime) -> dict[uuid.UUID, ListedCase]:
    """The list as pages read it, open cases only."""
    viewer = viewer_of(staff.user, at=at)
    assert viewer is not None
    found = caseload_of(viewer, judging=not install.GOLDSEAM_RECORD_ONLY, at=at)
    return {listed.case.pk: listed for listed in found if listed.case.ended_on is None}


def shared_by(therapist: Staff, at: datetime) -> tuple[list[Any], list[Any]]:
    """What therapist and supervisor read alike of the therapist's cases: as the page reads it, and worked out."""
    viewer = viewer_of(therapist.user, at=at)
    assert viewer is not None
    cases = cases_with(viewer, therapist)
    listed = shared_list(viewer, cases, therapist=therapist.pk, at=at)
    now = listed_now(
        viewer,
        list(with_facts(cases, therapist.pk, at=at)),
        judging=True,
        at=at,
        reader=therapist.pk,
        shared=True,
    )
    return [(one.case.pk, one.shared) for one in listed], [(one.case.pk, one.shared) for one, _ in now]


def from_kept_rows(staff: Staff, at: datetime, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many cases of the list were read and not worked out."""
    counts: list[int] = []

    def counting(viewer, cases, **how):
        counts.append(len(cases))
        return listed_now(viewer, cases, **how)

    with monkeypatch.context() as patched:
        patched.setattr(kept_list, "listed_now", counting)
        return len(read(staff, at)) - sum(counts)


# --- whatever happened, whenever one looks ---------------------------------------------------------


# The histories are as many on SQLite; on PostgreSQL it is seen that its rows come out the same.
@settings(
    max_examples=3 if connection.vendor == "postgresql" else 10,
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
@given(data=st.data())
def test_what_is_kept_is_what_is_worked_out_after_any_history_at_any_instant(data, cast, now):
    """Sessions, answers, what staff say, people who leave, cases that end and change hands, by lot.

    The worker keeps the list now and then. Everybody looks at the moment, and at the very instants at which rows say
    that they change.
    """
    with transaction.atomic():
        _live_through(LotClinic(cast, now, data.draw))
        transaction.set_rollback(True)


def _live_through(c: LotClinic) -> None:
    cast = c.cast
    history(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), (8.0, 8.0, 7.0), c.now)
    for _ in range(c.draw(st.integers(3, 14))):
        c.now += c.draw(st.sampled_from(LATER))
        try:
            c.draw(st.sampled_from(HAPPENS))(c)
        except (PermissionDenied, ValidationError):
            continue  # a service refused, and wrote nothing
        for at in _instants(c.now, c.draw):
            for staff in (cast.ines, cast.supervisor, cast.colleague):
                assert read(staff, at) == worked_out(staff, at)
                listed, now = shared_by(staff, at)
                assert listed == now
        assert_signals_say_what_was_done()


def assert_signals_say_what_was_done() -> None:
    """What stands on a signal is what the rows of what was opened and said say."""
    for signal in AlertSignal.objects.prefetch_related("seen", "acknowledgements"):
        opened = [seen.at for seen in signal.seen.all()]
        assert signal.first_seen_at == min(opened, default=None)
        said = list(signal.acknowledgements.all())
        plans = [each.at for each in said if each.choice in PLANNED]
        last = {each.choice for each in said if each.at == said[-1].at}
        assert (
            (signal.open_plan_since in plans[:1]) if last & set(PLANNED) else signal.open_plan_since is None
        )


def _instants(now: datetime, draw: Callable[..., object]) -> list[datetime]:
    """Now, and one of the moments at which a row changes: right before, at it, and right after."""
    due = sorted(
        KeptStanding.objects.exclude(next_change_at=None).values_list("next_change_at", flat=True).distinct()
    )
    if not due:
        return [now]
    one, instant = draw(st.sampled_from(due)), timedelta(microseconds=1)
    return [now, *(moment for moment in (one - instant, one, one + instant) if moment > now)]


# --- what is kept, and for whom --------------------------------------------------------------------


@pytest.fixture
@kept
def steady(cast, now):
    """Ruth rated as usual seven times; the list was kept then."""
    responses = history(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), STEADY, now)
    keep_caseloads(at=now)
    return cast, responses


def test_a_page_of_kept_rows_asks_for_cases_and_people_alone(steady, now, monkeypatch):
    """Who looks is three questions and the frame one; then the cases with their rows and people, and the audit."""
    cast, _ = steady
    client = signed_in(cast.ines)
    client.get("/")
    assert from_kept_rows(cast.ines, now + timedelta(minutes=1), monkeypatch) == 3
    assert queries(lambda: client.get("/")) == 6


def test_a_page_of_kept_rows_is_the_page_that_is_worked_out(steady, now):
    """Byte for byte: somebody without names, somebody who rests, two who are called the same, strain and a couple."""
    cast, _ = steady
    ruth, lea = people.member(cast.individual, "Ruth"), people.member(cast.couple, "Lea")
    judge([people.answer(people.asked(people.meet(cast.individual, cast.ines, now), ruth), now, 2.0)])
    again = people.individual(cast.ines, now)
    rest = {"paused_on": now.date() - timedelta(days=9), "look_again_on": now.date() - timedelta(days=1)}
    again.members.update(**rest)
    PersonIdentity.objects.filter(person=lea.person_id).delete()
    keep_caseloads(at=now)
    client = signed_in(cast.ines)
    pages = []
    for made_as in ("another release", kept_list.made_as(judging=True)):
        KeptStanding.objects.update(made_as=made_as)
        found = [client.get("/").content, client.post("/", {"q": "ruth"}).content]
        pages.append([re.sub(rb'value="\w{64}"|since=\d+', b"", page) for page in found])
    assert pages[0] == pages[1]
    for expected in (b"Possible strain", b"Look again", b"since ", b"Tomas Brandt"):
        assert expected in pages[1][0]


@pytest.mark.usefixtures("steady")
def test_what_is_kept_holds_no_name_and_no_sentence():
    rows = str(list(KeptStanding.objects.values_list("content", flat=True)))
    for word in ("Ruth", "Osei", "Lea", "Brandt", "Ines", "Okafor", "usual", "session"):
        assert word not in rows.replace("sessions", "").replace("rating_session", "")


def test_without_a_worker_a_finding_is_on_the_page_at_once(steady, now, monkeypatch):
    """Nothing keeps the list any more; what was kept of the case was calm."""
    cast, _ = steady
    client = signed_in(cast.ines)
    assert "Ruth is within the usual range." in words(client.get("/"))
    ruth = people.member(cast.individual, "Ruth")
    encounter = people.meet(cast.individual, cast.ines, now - timedelta(minutes=5), minutes=30)
    judge([people.answer(people.asked(encounter, ruth), now, 2.0)])
    page = words(client.get("/"))
    assert "Possible strain · new" in page
    assert "Ruth is within the usual range." not in page
    assert CaseMark.objects.filter(case=cast.individual).exists()


def test_a_judgement_marks_the_case_though_nothing_was_found(cast, now):
    """What is usual changes with it: seven ratings were given, and the list was kept before they were judged."""
    ruth = people.member(cast.individual, "Ruth")
    responses = history(cast.individual, cast.ines, ruth, STEADY, now, judged=0)
    keep_caseloads(at=now)
    before = read(cast.ines, now)[cast.individual.pk]
    judge(responses[-1:])
    after = read(cast.ines, now)[cast.individual.pk]
    assert after != before
    assert after == worked_out(cast.ines, now)[cast.individual.pk]


def test_without_a_worker_a_row_that_is_due_is_worked_out_on_reading(cast, now, monkeypatch):
    """The link about the session closes after two days: she has not answered, and nobody kept the list since."""
    people.meet(cast.individual, cast.ines, now)
    keep_caseloads(at=now)
    assert read(cast.ines, now)[cast.individual.pk].waiting == 1
    later = now + timedelta(days=3)
    assert read(cast.ines, later)[cast.individual.pk].waiting == 0
    assert from_kept_rows(cast.ines, later, monkeypatch) < 3


def test_a_mark_of_a_change_the_worker_has_not_seen_stays(steady, now):
    """Somebody writes while the row is made: the mark of that is committed after the marks were read."""
    cast, _ = steady
    CaseMark.objects.create(clinic=cast.clinic, case=cast.individual)

    written: list[CaseMark] = []
    statements: list[str] = []

    def write(execute, sql, params, many, context):
        """Right after the marks were read; SQLite would hand a row that was written meanwhile to the same reading."""
        if statements and statements[-1].startswith('SELECT "alerts_casemark"') and not written:
            written.append(CaseMark(clinic=cast.clinic, case=cast.individual))
            written[0].save(force_insert=True)
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(write):
        keep_standings(case_ids=[cast.individual.pk], at=now)
    assert list(CaseMark.objects.filter(case=cast.individual)) == written


def test_of_two_workers_the_slower_writes_nothing_over_what_the_quicker_made_later(steady, now, monkeypatch):
    """The slower had read before a change that the quicker saw; the marks it knew are left for another look."""
    cast, _ = steady
    case = cast.individual
    mark = CaseMark.objects.create(clinic=cast.clinic, case=case)
    own, again = keeping.listed_now, []

    def working_out(*given, **named):
        found = own(*given, **named)
        if not again:
            again.append(CaseMark(clinic=cast.clinic, case=case))
            keep_standings(case_ids=[case.pk], at=now + timedelta(minutes=1))
            again[0].save(force_insert=True)
        return found

    monkeypatch.setattr(keeping, "listed_now", working_out)
    keep_standings(case_ids=[case.pk, cast.couple.pk], at=now)
    assert KeptStanding.objects.get(case=case).made_at == now + timedelta(minutes=1)
    assert list(CaseMark.objects.filter(case=case)) == again
    assert not CaseMark.objects.filter(pk=mark.pk).exists(), "the quicker had read it"
    assert KeptStanding.objects.get(case=cast.couple, reader=cast.ines).made_at == now, (
        "the other case is its own"
    )


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_while_it_is_worked_out(cast, now, monkeypatch):
    """On SQLite a client who answers would wait for the whole of an open transaction."""
    own, seen = keeping.listed_now, []

    def working_out(*given, **named):
        seen.append(connection.in_atomic_block)
        return own(*given, **named)

    monkeypatch.setattr(keeping, "listed_now", working_out)
    keep_standings(case_ids=[cast.individual.pk], at=now)
    assert seen == [False]


def test_a_change_that_is_rolled_back_leaves_no_mark(steady, now):
    cast, _ = steady
    with pytest.raises(ValidationError):
        add_therapist(
            case=cast.individual,
            therapist=cast.ines,
            part=TherapistPart.COVER,
            first=now.date(),
            last=None,
            at=now,
            actor=SYSTEM,
        )
    assert not CaseMark.objects.exists()


def test_who_treats_a_case_no_more_does_not_find_it_though_a_row_of_theirs_is_there(steady, now):
    """Access is asked of the tables that say it, whatever is kept."""
    cast, _ = steady
    assert KeptStanding.objects.filter(case=cast.individual, reader=cast.ines).exists()
    cast.individual.therapists.update(ends_on=(now - timedelta(days=2)).date())
    CaseMark.objects.all().delete()
    assert cast.individual.pk not in read(cast.ines, now)
    assert "Ruth" not in words(signed_in(cast.ines).get("/"))


def test_to_another_reader_a_row_says_nothing(steady, now):
    """Ben takes part from today on; what Ines has opened is new to him, and no row of hers is shown to him."""
    cast, _ = steady
    case = cast.individual
    case.therapists.create(
        clinic=cast.clinic,
        therapist=cast.colleague,
        part="co_therapist",
        starts_on=now.date() - timedelta(days=1),
    )
    CaseMark.objects.all().delete()
    assert read(cast.colleague, now) == worked_out(cast.colleague, now)


def test_what_was_made_where_strain_is_looked_for_is_not_shown_where_it_is_only_recorded(
    steady, now, settings
):
    cast, _ = steady
    settings.GOLDSEAM_RECORD_ONLY = True
    page = words(signed_in(cast.ines).get("/"))
    assert "usual range" not in page
    assert read(cast.ines, now) == worked_out(cast.ines, now)
    assert mark_made_otherwise() > 0
    keep_caseloads(at=now)
    assert not any(
        "need" in row and "finding" in row for row in KeptStanding.objects.values_list("content", flat=True)
    )
    assert words(signed_in(cast.ines).get("/")) == page


def test_one_command_makes_all_of_it_anew(steady, now, capsys):
    cast, _ = steady
    KeptStanding.objects.update(content={})
    call_command("keep_lists")
    assert "4 cases" in capsys.readouterr().out
    assert read(cast.ines, now) == worked_out(cast.ines, now)


def test_a_case_that_ended_long_ago_is_kept_no_longer(steady, now):
    cast, _ = steady
    end_case(case=cast.individual, ending=Ending.PLANNED, at=now, actor=SYSTEM)
    keep_caseloads(at=now)
    assert KeptStanding.objects.filter(case=cast.individual).exists()
    CaseMark.objects.create(clinic=cast.clinic, case=cast.individual)
    keep_caseloads(at=now + timedelta(days=33))
    assert not KeptStanding.objects.filter(case=cast.individual).exists()


def test_of_a_case_only_those_hear_who_treat_it(steady, now):
    cast, _ = steady
    for staff in (cast.colleague, cast.supervisor):
        StaffPulse.objects.get_or_create(staff=staff, clinic=cast.clinic)
    before = dict(StaffPulse.objects.values_list("staff", "counter"))
    people.meet(cast.individual, cast.ines, now)
    after = dict(StaffPulse.objects.values_list("staff", "counter"))
    assert {staff for staff in after if after[staff] != before[staff]} == {cast.ines.pk}


def test_of_one_that_cannot_be_worked_out_nothing_is_kept_and_the_others_are(steady, now, monkeypatch):
    cast, _ = steady
    KeptStanding.objects.all().delete()
    work_out = keeping.listed_now

    def cannot(viewer, cases, **how):
        assert cast.couple.pk not in {case.pk for case in cases}, "a row that nobody can read"
        return work_out(viewer, cases, **how)

    monkeypatch.setattr(keeping, "listed_now", cannot)
    mark_all()
    assert keep_caseloads(at=now) == 4
    kept = set(KeptStanding.objects.values_list("case", flat=True))
    assert cast.couple.pk not in kept
    assert {cast.individual.pk, cast.family.pk} <= kept
    assert CaseMark.objects.values_list("case", flat=True).get() == cast.couple.pk
