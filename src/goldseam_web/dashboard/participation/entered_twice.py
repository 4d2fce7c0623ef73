"""The page that looks for one person entered twice, makes the two one, and two again."""

import uuid
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.cases.merge_tables import PersonMerge
from goldseam_web.cases.models import Case, ContactKind, Member
from goldseam_web.cases.queries import case_title, cases_with_names, display_name
from goldseam_web.cases.safe_ways import contact_of, ways_of
from goldseam_web.cases.same_names import full_line
from goldseam_web.cases.services.doubles import (
    Double,
    merge_people,
    merges_of,
    possible_doubles,
    take_back_merge,
)
from goldseam_web.dashboard.language import reaching_people as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.own_pages import own_member_page, record_view
from goldseam_web.dashboard.participation.page import DoubleCard, DoublesPage, MergeLine
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.services.who_is_asked import change_and_ask


@own_member_page
def doubles(request: HttpRequest, visit: StaffVisit, case: Case, member: Member) -> HttpResponse:
    """Other entries of the viewer's own cases that may be this person, side by side before anything is done."""
    if not hasattr(member.person, "identity"):  # erased: nothing is left to compare
        raise Http404
    candidates = possible_doubles(visit.viewer, member)
    stands = list(merges_of(visit.viewer, member))
    if request.method == "POST":
        _act(request, visit, member, candidates, stands)
        return redirect("dashboard:doubles", case.pk, member.position)
    record_view(visit, member, action="member.doubles")
    titles = {
        each.pk: f"{case_title(each)}, {full_line(each)}"
        for each in cases_with_names(visit.viewer, {d.member.case_id for d in candidates} | {case.pk})
    }
    page = DoublesPage(
        case_id=case.pk,
        case_title=case_title(case),
        position=member.position,
        name=display_name(member),
        mine=_card(visit, Double(member, same_name=True, same_contact=True), titles),
        candidates=tuple(_card(visit, double, titles) for double in candidates),
        merges=tuple(_line(visit, merge) for merge in stands),
    )
    return render(request, "dashboard/doubles.html", {"visit": visit, "page": page})


def _act(
    request: HttpRequest,
    visit: StaffVisit,
    member: Member,
    candidates: list[Double],
    stands: list[PersonMerge],
) -> None:
    """Only what was on the page can be chosen."""
    others = {str(double.member.pk): double.member for double in candidates}
    merges = {str(merge.pk): merge for merge in stands}
    other, merge = others.get(request.POST.get("same", "")), merges.get(request.POST.get("take_back", ""))
    try:
        if other is not None:
            makes = partial(merge_people, viewer=visit.viewer, member=member, other=other, at=visit.at)
            change_and_ask(member=member, change=makes, at=visit.at)
            messages.success(request, say.ONE_PERSON_NOW.format(name=display_name(member)))
        elif merge is not None:
            takes_back = partial(take_back_merge, viewer=visit.viewer, merge=merge, at=visit.at)
            change_and_ask(member=merge.member, change=takes_back, at=visit.at)
            messages.success(request, say.TWO_PEOPLE_AGAIN)
        else:
            messages.error(request, say.NOTHING_CHOSEN)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])


def _card(visit: StaffVisit, double: Double, titles: dict[uuid.UUID, str]) -> DoubleCard:
    person = double.member.person
    known = {kind: contact_of(person, kind) for kind in ContactKind}
    contacts = {kind: contact.value if contact else "" for kind, contact in known.items()}
    ways = ways_of(person)
    return DoubleCard(
        key=str(double.member.pk),
        name=str(person.identity),
        case=titles.get(double.member.case_id, ""),
        email=contacts[ContactKind.EMAIL],
        phone=contacts[ContactKind.PHONE],
        asked=say.ASKED_ON.format(day=long_day(ways.asked_on, today=visit.viewer.today))
        if ways
        else say.NOT_ASKED,
        because=say.SAME_BOTH
        if double.same_name and double.same_contact
        else say.SAME_NAME
        if double.same_name
        else say.SAME_CONTACT,
    )


def _line(visit: StaffVisit, merge: PersonMerge) -> MergeLine:
    day = long_day(merge.at.astimezone(visit.zone).date(), today=visit.viewer.today)
    return MergeLine(str(merge.pk), say.MERGED_ON.format(day=day, name=str(merge.was.identity)))
