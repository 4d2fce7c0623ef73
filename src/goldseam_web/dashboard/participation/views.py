"""Who takes part in a case, and how it ends."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.cases.consent_tables import ConsentRecord, ConsentText, ConsentWay, Purpose
from goldseam_web.cases.consents import agreed, consents_of_case, text_in_force
from goldseam_web.cases.guardians import YOUNGEST_ASKED, is_too_young, not_asked_yet
from goldseam_web.cases.models import Case, Ending, Member, RestReason
from goldseam_web.cases.queries import case_title, display_name, members_of
from goldseam_web.cases.services import set_last_phase
from goldseam_web.dashboard.language import guardian_words
from goldseam_web.dashboard.language import members_and_ending as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.consent_card import (
    asked_in_words,
    latest_by_member,
    research_in_words,
)
from goldseam_web.dashboard.participation.own_pages import own_case_page
from goldseam_web.dashboard.participation.page import EndingPage, MemberCard, MembersPage
from goldseam_web.dashboard.participation.still_open import still_open
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.services.who_is_asked import (
    end_case,
    member_died,
    member_left,
    pause_member,
    person_goes_on,
    person_rests,
    record_agreement,
    take_back_end,
)

Act = Callable[[StaffVisit, Member, date | None], None]
# What the form proposes as the day to look again.
LOOK_AGAIN_AFTER = timedelta(days=14)


@own_case_page
def members(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """Each member with what can be changed: paused, gone, or no more willing to be asked."""
    if request.method == "POST":
        return _change_member(request, visit, case)
    said = latest_by_member(consents_of_case(visit.viewer, case.pk))
    in_force = text_in_force(case.clinic)
    cards = (_card(visit, m, said.get(m.pk, {}), in_force) for m in members_of(case))
    page = MembersPage(
        case_title=case_title(case),
        case_id=case.pk,
        look_again_on=(visit.viewer.today + LOOK_AGAIN_AFTER).isoformat(),
        members=tuple(cards),
    )
    return render(request, "dashboard/members.html", {"visit": visit, "page": page})


@own_case_page
def ending(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """The last phase of a case, its end, and the way back."""
    if request.method == "POST":
        return _change_ending(request, visit, case)
    today = visit.viewer.today
    page = EndingPage(
        case_title=case_title(case),
        case_id=case.pk,
        ended=say.ENDED.format(day=long_day(case.ended_on, today=today), how=Ending(case.ending).label)
        if case.ended_on
        else "",
        last_phase=say.SINCE.format(day=long_day(case.last_phase_since, today=today))
        if case.last_phase_since
        else "",
        reasons=tuple((reason.value, reason.label) for reason in Ending),
        open=still_open(visit, case),
    )
    return render(request, "dashboard/ending.html", {"visit": visit, "page": page})


def _card(
    visit: StaffVisit, member: Member, said: Mapping[Purpose, ConsentRecord], in_force: ConsentText
) -> MemberCard:
    care, today, name = said.get(Purpose.CARE), visit.viewer.today, display_name(member)
    refuses = care is not None and not agreed(care)
    consent = (
        asked_in_words(care, in_force, name=name, today=today),
        research_in_words(said.get(Purpose.RESEARCH), today=today),
    )
    return MemberCard(
        position=member.position,
        name=name,
        state=_state(visit, member, refuses=refuses),
        consent=" ".join(consent),
        acts=_acts(member, refuses=refuses),
        can_rest=member.left_on is None,
    )


def _state(visit: StaffVisit, member: Member, *, refuses: bool) -> str:
    today = visit.viewer.today
    reason = RestReason(member.rests_because)
    if member.left_on is not None:
        left = say.DIED if reason == RestReason.DIED else say.LEFT
        return left.format(day=long_day(member.left_on, today=today))
    if refuses:
        return say.IS_NOT_ASKED
    if member.paused_on is None and not_asked_yet(member, today):
        awaited = guardian_words.TOO_YOUNG if is_too_young(member, today) else guardian_words.AWAITED
        return awaited.format(name=display_name(member), age=YOUNGEST_ASKED)
    if member.paused_on is None:
        return say.TAKES_PART
    rests = say.RESTS.get(reason, say.PAUSED).format(day=long_day(member.paused_on, today=today))
    if member.look_again_on is None:
        return rests
    return f"{rests} {say.LOOK_AGAIN.format(day=long_day(member.look_again_on, today=today))}"


def _acts(member: Member, *, refuses: bool) -> tuple[tuple[str, str], ...]:
    """What can be done now, as the value sent and the words of its button."""
    if member.rests_because == RestReason.DIED:
        return (("not_died", say.WAS_A_MISTAKE),)
    if member.left_on is not None:
        return (("return", say.COMES_BACK),)
    if refuses:
        return (("agree", say.AGREES_AGAIN), ("leave", say.LEAVES))
    pause = ("resume", say.GO_ON) if member.paused_on is not None else ("pause", say.PAUSE)
    return (pause, ("withdraw", say.WITHDRAWS), ("leave", say.LEAVES))


def _change_member(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    member = next((m for m in members_of(case) if str(m.position) == request.POST.get("member")), None)
    act = ACTS.get(request.POST.get("act", ""))
    if member is None or act is None:
        raise Http404
    try:
        act(visit, member, _day_given(request))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, say.CHANGED.format(name=display_name(member)))
    return redirect("dashboard:members", case.id)


def _day_given(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.POST.get("look_again_on", ""))
    except ValueError:
        return None


def _pause(visit: StaffVisit, member: Member, day: date | None) -> None:
    """In this case alone, until somebody goes on."""
    pause_member(member=member, paused=True, look_again_on=day, at=visit.at, actor=visit.viewer.actor)


def _rest(because: RestReason) -> Act:
    """Ask them nothing for this reason until the day to look again, without one until somebody does."""

    def act(visit: StaffVisit, member: Member, day: date | None) -> None:
        person_rests(member=member, viewer=visit.viewer, because=because, look_again_on=day, at=visit.at)

    return act


def _resume(visit: StaffVisit, member: Member, _day: date | None) -> None:
    person_goes_on(member=member, viewer=visit.viewer, at=visit.at)


def _leave(visit: StaffVisit, member: Member, _day: date | None) -> None:
    member_left(member=member, left=True, at=visit.at, actor=visit.viewer.actor)


def _return(visit: StaffVisit, member: Member, _day: date | None) -> None:
    member_left(member=member, left=False, at=visit.at, actor=visit.viewer.actor)


def _died(visit: StaffVisit, member: Member, _day: date | None) -> None:
    member_died(member=member, died=True, at=visit.at, actor=visit.viewer.actor)


def _not_died(visit: StaffVisit, member: Member, _day: date | None) -> None:
    member_died(member=member, died=False, at=visit.at, actor=visit.viewer.actor)


def _withdraw(visit: StaffVisit, member: Member, _day: date | None) -> None:
    _said_to_staff(visit, member, to_be_asked=False)


def _agree(visit: StaffVisit, member: Member, _day: date | None) -> None:
    _said_to_staff(visit, member, to_be_asked=True)


def _said_to_staff(visit: StaffVisit, member: Member, *, to_be_asked: bool) -> None:
    """Nothing was read, so that the words come before the next question."""
    record_agreement(
        member=member,
        to_be_asked=to_be_asked,
        way=ConsentWay.TOLD_STAFF,
        at=visit.at,
        actor=visit.viewer.actor,
    )


ACTS: dict[str, Act] = {
    "pause": _pause,
    "in_hospital": _rest(RestReason.IN_HOSPITAL),
    "bereaved": _rest(RestReason.BEREAVED),
    "died": _died,
    "not_died": _not_died,
    "resume": _resume,
    "leave": _leave,
    "return": _return,
    "withdraw": _withdraw,
    "agree": _agree,
}


def _change_ending(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    at, actor = visit.at, visit.viewer.actor
    act = request.POST.get("act")
    reason = request.POST.get("ending", "")
    try:
        if act == "last_phase":
            set_last_phase(case=case, since=visit.viewer.today, at=at, actor=actor)
        elif act == "no_last_phase":
            set_last_phase(case=case, since=None, at=at, actor=actor)
        elif act == "reopen":
            take_back_end(case=case, at=at, actor=actor)
        elif reason in Ending.values:
            end_case(case=case, ending=Ending(reason), at=at, actor=actor)
        else:
            raise ValidationError(say.REASON_NEEDED)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, say.DONE.get(act or "", say.CASE_ENDED))
    return redirect("dashboard:ending", case.id)
