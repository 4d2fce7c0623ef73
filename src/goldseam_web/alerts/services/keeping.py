"""Keeping the list of how cases stand: marks, due rows, and the pages that have to hear of a change."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.utils import timezone

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.case_standing.kept_list import made_as
from goldseam_web.alerts.case_standing.listed_cases import ListedCase, listed_now, with_facts
from goldseam_web.alerts.kept_tables import CaseMark, KeptStanding, StaffPulse
from goldseam_web.cases.access import WATCHED_AFTER_END
from goldseam_web.cases.models import Case, CaseTherapist, RecordState
from goldseam_web.cases.queries import MEMBERS_WITHOUT_NAMES
from goldseam_web.lib.case_changes import tell_of_cases
from goldseam_web.lib.database import DATABASE_AWAY
from goldseam_web.lib.prepared import PreparedUpdate
from goldseam_web.lib.transactions import locked, one_transaction

log = structlog.get_logger(__name__)

AT_ONCE = 20
WRITTEN = ("content", "made_as", "made_at", "next_change_at", "therapist", "planner")
# A day here and the day of the clinic differ by one at most.
A_DAY = timedelta(days=1)
ONE_MORE = {"counter": F("counter") + 1}


def mark_case(clinic_id: uuid.UUID, case_id: uuid.UUID) -> None:
    """Say that what is kept of a case is old."""
    CaseMark.objects.create(clinic_id=clinic_id, case_id=case_id)


def tell_pages(case_ids: Sequence[uuid.UUID]) -> None:
    """Tell the open pages of those who treat these cases that they have changed.

    The counters of several cases are locked in the order in which everybody does: two workers meet at them.
    """
    since = timezone.now().date() - A_DAY
    if len(case_ids) == 1:
        _TELL_OF_ONE.changed(case=case_ids[0], since=since)
        return
    pulses = locked(_pulses(CaseTherapist.objects.filter(case__in=case_ids), since))
    StaffPulse.objects.filter(pk__in=list(pulses.values_list("pk", flat=True))).update(**ONE_MORE)


def _pulses(treats: "QuerySet[CaseTherapist]", since: date) -> "QuerySet[StaffPulse]":
    now_or_lately = treats.filter(Q(ends_on=None) | Q(ends_on__gte=since))
    return StaffPulse.objects.filter(pk__in=now_or_lately.values("therapist"))


def _of_one(case: uuid.UUID, since: date) -> "tuple[QuerySet[StaffPulse], dict[str, CombinedExpression]]":
    return _pulses(CaseTherapist.objects.filter(case=case), since), ONE_MORE


_TELL_OF_ONE = PreparedUpdate(_of_one, case=uuid.UUID, since=date)


def watch_cases() -> None:
    """Have every write about a case mark it: called once, when the application starts."""
    tell_of_cases(mark=mark_case, tell=tell_pages)


def mark_all() -> int:
    """Have everything that is kept made anew; how many cases that are."""
    cases = Case.objects.exclude(state=RecordState.ERASED).values_list("clinic_id", "pk")
    return len(CaseMark.objects.bulk_create(CaseMark(clinic_id=c, case_id=k) for c, k in cases))


def mark_made_otherwise() -> int:
    """Mark the cases of which something was kept by another release, or in the other mode; how many there are."""
    sort = made_as(judging=not settings.GOLDSEAM_RECORD_ONLY)
    others = KeptStanding.objects.exclude(made_as=sort).values_list("clinic_id", "case_id").distinct()
    return len(CaseMark.objects.bulk_create(CaseMark(clinic_id=c, case_id=k) for c, k in others))


def keep_caseloads(*, at: datetime, most: int | None = None) -> int:
    """Make anew what is marked or due, of so many cases at most; how many that were."""
    done: set[uuid.UUID] = set()
    while (most is None or len(done) < most) and (found := _old(at, without=done)):
        _keep_what_can_be(found, at)
        done.update(found)
    return len(done)


def _keep_what_can_be(case_ids: Sequence[uuid.UUID], at: datetime) -> None:
    """Of one that cannot be worked out nothing is kept, which its own page tells; the others do not wait for it."""
    try:
        keep_standings(case_ids=case_ids, at=at)
    except DATABASE_AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, the others have to be kept
        if len(case_ids) > 1:
            for case_id in case_ids:
                _keep_what_can_be([case_id], at)
            return
        log.warning("case not kept", case=str(case_ids[0]), error=type(error).__name__)


def _old(at: datetime, *, without: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Some cases of which something is to be made, the marked ones first; none twice in one go."""
    past = list(without)
    due = KeptStanding.objects.filter(next_change_at__lte=at).order_by("next_change_at")
    for rows in (CaseMark.objects.order_by("case"), due):
        found = rows.exclude(case__in=past).values_list("case_id", flat=True)
        if ids := list(dict.fromkeys(found[:AT_ONCE])):
            return ids
    return []


def keep_standings(*, case_ids: Sequence[uuid.UUID], at: datetime) -> None:
    """Write how these cases stand to whoever treats them, and take away their marks.

    Working it out takes far longer than writing it, and meanwhile nobody waits: on SQLite a client who answers would.
    The marks are read before anything they may be about: a change that is committed later keeps its mark, and the row
    stays old. Of two workers at one case whoever writes first wins; the other writes nothing and leaves the marks.
    """
    readers = _readers(case_ids, at)
    rows = {(row.case_id, row.reader_id): row for row in KeptStanding.objects.filter(case__in=case_ids)}
    as_read = {row.pk: row.made_at for row in rows.values()}
    marks = list(CaseMark.objects.filter(case__in=case_ids).values_list("pk", "case_id"))
    made: list[KeptStanding] = []
    for reader, of_reader in readers.items():
        for listed, until in _listed(reader, of_reader, at):
            case = listed.case
            row = rows.get((case.pk, reader.pk)) or KeptStanding(
                clinic_id=case.clinic_id, case=case, reader=reader
            )
            _write(row, listed, until, at=at)
            made.append(row)
    _store(made, as_read, marks, case_ids)


def _listed(
    reader: Staff, case_ids: Sequence[uuid.UUID], at: datetime
) -> Iterable[tuple[ListedCase, datetime | None]]:
    viewer = viewer_of(reader.user, at=at)
    if viewer is None:
        return []
    judging = not settings.GOLDSEAM_RECORD_ONLY
    shown = Case.objects.filter(pk__in=case_ids).prefetch_related(MEMBERS_WITHOUT_NAMES)
    cases = list(with_facts(shown, reader.pk, at=at))
    return listed_now(viewer, cases, judging=judging, at=at, shared=judging)


@one_transaction
def _store(
    made: Sequence[KeptStanding],
    as_read: Mapping[uuid.UUID, datetime],
    marks: Sequence[tuple[uuid.UUID, uuid.UUID]],
    case_ids: Sequence[uuid.UUID],
) -> None:
    """Where nobody was quicker; rows of which nothing was made are of somebody who does not treat the case any more."""
    new = {row.pk: row.made_at for row in made if row.pk not in as_read}
    KeptStanding.objects.bulk_create([row for row in made if row.pk in new], ignore_conflicts=True)
    held = list(locked(KeptStanding.objects.filter(case__in=case_ids)))
    known = {**as_read, **new}
    overtaken = {row.case_id for row in held if known.get(row.pk) != row.made_at}
    there = {row.pk for row in held if row.case_id not in overtaken}
    written = [row for row in made if row.pk in there]
    KeptStanding.objects.bulk_create(
        written, update_conflicts=True, unique_fields=["case", "reader"], update_fields=WRITTEN
    )
    KeptStanding.objects.filter(pk__in=there - {row.pk for row in written}).delete()
    CaseMark.objects.filter(pk__in=[mark for mark, case in marks if case not in overtaken]).delete()
    StaffPulse.objects.bulk_create(
        (StaffPulse(staff_id=row.reader_id, clinic_id=row.clinic_id, counter=1) for row in written),
        ignore_conflicts=True,
    )


def _write(row: KeptStanding, listed: ListedCase, until: datetime | None, *, at: datetime) -> None:
    finding = listed.standing.finding
    sort = made_as(judging=not settings.GOLDSEAM_RECORD_ONLY)
    row.content, row.made_as, row.made_at, row.next_change_at = listed.content(), sort, at, until
    row.therapist_id = finding.therapist if finding else None
    row.planner_id = finding.planner if finding else None


def _readers(case_ids: Iterable[uuid.UUID], at: datetime) -> dict[Staff, list[uuid.UUID]]:
    """Who treats these cases now or later, with those of them that a list may show."""
    day = at.date() - A_DAY
    links = (
        CaseTherapist.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=day),
            Q(case__ended_on=None) | Q(case__ended_on__gte=day - WATCHED_AFTER_END),
            case__in=list(case_ids),
            therapist__active=True,
        )
        .exclude(case__state=RecordState.ERASED)
        .select_related("therapist__user")
    )
    readers: dict[Staff, set[uuid.UUID]] = defaultdict(set)
    for link in links:
        readers[link.therapist].add(link.case_id)
    return {reader: sorted(cases) for reader, cases in readers.items()}
