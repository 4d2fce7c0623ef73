"""What is told of progress that is not on track: on the page of a case, in the caseload, and who has looked."""

import uuid
from collections.abc import Iterable, Sequence
from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from goldseam import TrackRate
from goldseam_web.alerts.off_track_queries import off_track_in, off_track_of, off_track_together
from goldseam_web.alerts.off_track_tables import OffTrack, OffTrackState
from goldseam_web.alerts.services.off_track import look_at_course
from goldseam_web.cases.models import Case, CaseKind
from goldseam_web.cases.queries import CasePeople, case_title, members_of
from goldseam_web.dashboard.case.page import OffTrackCard
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.case.track_lines import rates_in_words
from goldseam_web.dashboard.caseload.look_again import LookAgain
from goldseam_web.dashboard.language import off_track_words as say
from goldseam_web.dashboard.language.case_page import PROGRESS, PROGRESS_OF
from goldseam_web.dashboard.language.phrases import first_capital, names_in_words, session
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.staff_visit import StaffVisit, staff_page


def off_track_cards(
    visit: StaffVisit, rows: CaseRows, *, kept_back: uuid.UUID | None
) -> tuple[OffTrackCard, ...]:
    """A card for each member, with what is told of each scale; not what rests on answers that are ``kept_back``."""
    told = [each for each in off_track_in(visit.viewer, rows.record.case) if each.encounter_id != kept_back]
    return tuple(_card(visit, rows, found) for found in _by_member(told))


def _by_member(told: Iterable[OffTrack]) -> list[list[OffTrack]]:
    found = sorted(told, key=lambda each: str(each.member_id))
    return [list(rows) for _, rows in groupby(found, key=lambda each: each.member_id)]


def _card(visit: StaffVisit, rows: CaseRows, told: Sequence[OffTrack]) -> OffTrackCard:
    several, name = len(rows.record.members) > 1, rows.record.name(told[0].member_id)
    since = min(each.told_at for each in told).astimezone(visit.zone).date()
    waits = [each for each in told if each.state == OffTrackState.TOLD]
    about = say.ABOUT.format(day=long_day(since, today=visit.viewer.today))
    return OffTrackCard(
        key=f"off-track-{told[0].pk.hex}",
        title=say.TITLE.format(name=name) if several else say.TITLE_ALONE,
        lines=tuple((_found(each, name, several=several), _rates(each)) for each in told),
        about=" ".join(filter(None, [about, say.ONLY_TREATING if several else ""])),
        looked=say.NOT_LOOKED if waits else _looked(visit, told),
        url=reverse("dashboard:look_at_course", args=[waits[0].pk]) if waits and rows.mine else "",
        support=say.SUPPORT,
    )


def _found(told: OffTrack, name: str, *, several: bool) -> str:
    known = told.evidence
    scale = PROGRESS[known["scale"]]
    return say.FOUND.format(
        name=PROGRESS_OF.format(name=name, scale=scale) if several else first_capital(scale),
        value=known["value"],
        session=session(known["session"]),
        low=known["low"],
        high=known["high"],
        start=known["start"],
        first=session(known["start_session"]),
    )


def _rates(told: OffTrack) -> str:
    known = told.evidence
    rate = TrackRate(**known["rate"]) if known["rate"] else None
    return rates_in_words(rate, known["predictive_value"], known["n_called"], known["poor_share"])


def _looked(visit: StaffVisit, told: Sequence[OffTrack]) -> str:
    last = max(
        (each for each in told if each.looked_at is not None), key=lambda each: each.looked_at or each.told_at
    )
    if last.looked_at is None or last.looked_by is None:
        return say.NOT_LOOKED
    day = long_day(last.looked_at.astimezone(visit.zone).date(), today=visit.viewer.today)
    return say.LOOKED.format(name=last.looked_by.full_name, day=day)


def off_track_waits(cases: Iterable[Case]) -> tuple[LookAgain, ...]:
    """A line for each member of these cases of whom something is told that nobody has looked at."""
    return tuple(_waits(case, found) for case in cases for found in _by_member(off_track_of(case)))


def _waits(case: Case, told: Sequence[OffTrack]) -> LookAgain:
    several = case.kind != CaseKind.INDIVIDUAL
    said = (say.WAITS_OF_MEMBER if several else say.WAITS).format(
        title=case_title(case),
        name=CasePeople(members_of(case)).name(told[0].member_id),
        scales=names_in_words([PROGRESS[each.evidence["scale"]] for each in told]),
        session=session(min(each.evidence["session"] for each in told)),
    )
    return LookAgain(said, reverse("dashboard:case", args=[case.pk]))


@require_POST
@staff_page
def say_looked(request: HttpRequest, visit: StaffVisit, course_id: uuid.UUID) -> HttpResponse:
    """One tap by whoever treats the case, for all that is told of the same member."""
    told = off_track_together(visit.viewer, course_id)
    if not told:
        raise Http404
    look_at_course(viewer=visit.viewer, off_track_ids=[each.pk for each in told], at=visit.at)
    messages.success(request, say.KEPT)
    return redirect("dashboard:case", told[0].case_id)
