"""The caseload as it is kept: one row a case and reader, and whatever of it is old worked out on reading.

A kept row is shown only while nothing says that it may be old. Whoever writes about a case marks it in the same
transaction; one statement reads the row and whether there is a mark, so that no page shows the calm of before with a
finding that is stored. A row also ends by its own date (``next_change_at``), with another release, and with another
mode of the install: what was made where strain is looked for is never shown where it is only recorded. Who may see a
case is asked anew on every reading, of the tables that say so and of nothing that is kept.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from django.db.models import BooleanField, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, When
from django.db.models import Case as Conditional

from goldseam_web.accounts.queries import Viewer
from goldseam_web.accounts.viewer_statements import PreparedForViewer
from goldseam_web.alerts.case_standing.listed_cases import ListedCase, add_facts, listed_now
from goldseam_web.alerts.kept_tables import CaseMark
from goldseam_web.alerts.off_track_queries import with_off_track
from goldseam_web.alerts.queries import ended_with_news
from goldseam_web.cases.models import Case
from goldseam_web.cases.queries import MEMBERS_WITHIN, add_members, caseload

# Raised with every change of what is kept, or of how it is worked out.
FORM = 3


def made_as(*, judging: bool) -> str:
    """By which release, and whether strain is looked for."""
    return f"{_release()} {FORM} {'judging' if judging else 'record only'}"


@cache
def _release() -> str:
    try:
        return version("goldseam")
    except PackageNotFoundError:
        return ""


def caseload_of(viewer: Viewer, *, judging: bool, at: datetime, by_hand: bool = True) -> list[ListedCase]:
    """The viewer's own open cases, and those that ended with news, as they stand to them now."""
    if not viewer.is_therapist:
        return []
    statement = _CASELOAD if judging else _CASELOAD_RECORDED
    cases = _with_members(statement.rows(viewer, made_as=made_as(judging=judging), at=at))
    old = [case for case in cases if vars(case)["is_old"]]
    add_facts(old, viewer.staff_id, at=at)
    now = _by_case(listed_now(viewer, old, judging=judging, at=at, by_hand=by_hand))
    return [now.get(case.pk) or _kept(case) for case in cases]


def _caseload(viewer: Viewer, *, made_as: str, at: datetime) -> "QuerySet[Case]":
    shown = with_off_track(viewer, caseload(viewer, ended=ended_with_news(viewer)))
    return _with_what_is_kept(shown, viewer.staff_id, made_as=made_as, at=at)


def _caseload_recorded(viewer: Viewer, *, made_as: str, at: datetime) -> "QuerySet[Case]":
    return _with_what_is_kept(caseload(viewer), viewer.staff_id, made_as=made_as, at=at)


_CASELOAD: PreparedForViewer[Case] = PreparedForViewer(_caseload, made_as=str, at=datetime)
_CASELOAD_RECORDED: PreparedForViewer[Case] = PreparedForViewer(_caseload_recorded, made_as=str, at=datetime)


def shared_list(
    viewer: Viewer, cases: "QuerySet[Case]", *, therapist: uuid.UUID, at: datetime, by_hand: bool = True
) -> list[ListedCase]:
    """Cases of one therapist that this viewer may read, as they stand on the page both read alike."""
    found = _with_members(_with_what_is_kept(cases, therapist, made_as=made_as(judging=True), at=at))
    kept = {case.pk: _kept(case, shared=True) for case in found if not vars(case)["is_old"]}
    known = {key: listed for key, listed in kept.items() if listed.shared is not None}
    old = [case for case in found if case.pk not in known]
    add_facts(old, therapist, at=at)
    now = _by_case(
        listed_now(viewer, old, judging=True, at=at, by_hand=by_hand, reader=therapist, shared=True)
    )
    return [known.get(case.pk) or now[case.pk] for case in found]


def _by_case(worked_out: Iterable[tuple[ListedCase, datetime | None]]) -> dict[uuid.UUID, ListedCase]:
    return {listed.case.pk: listed for listed, _ in worked_out}


def _with_what_is_kept(
    cases: "QuerySet[Case]", reader: uuid.UUID, *, made_as: str, at: datetime
) -> "QuerySet[Case]":
    """The cases with their rows for one reader, whether these are old, and who is in each."""
    row = FilteredRelation("kept_standings", condition=Q(kept_standings__reader=reader))
    is_old = (
        Q(row__isnull=True)
        | Exists(CaseMark.objects.filter(case=OuterRef("pk")))
        | ~Q(row__made_as=made_as)
        | Q(row__made_at__gt=at)
        | Q(row__next_change_at__lte=at)
    )
    return cases.prefetch_related(None).annotate(
        row=row,
        is_old=Conditional(When(is_old, then=True), default=False, output_field=BooleanField()),
        kept_content=F("row__content"),
        kept_therapist=F("row__therapist__full_name"),
        kept_planner=F("row__planner__full_name"),
        members_within=MEMBERS_WITHIN,
    )


def _with_members(cases: Iterable[Case]) -> list[Case]:
    found = list(cases)
    for case in found:
        add_members(case, vars(case).pop("members_within"))
    return found


def _kept(case: Case, *, shared: bool = False) -> ListedCase:
    row = vars(case)
    return ListedCase.kept(
        case,
        row["kept_content"],
        therapist_name=row["kept_therapist"] or "",
        planner_name=row["kept_planner"] or "",
        shared=shared,
    )
