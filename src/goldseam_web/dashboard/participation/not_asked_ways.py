"""A word, where something is planned, on everybody who has not been asked how they may be reached."""

from django.contrib import messages
from django.http import HttpRequest

from goldseam_web.cases.models import Case
from goldseam_web.cases.queries import display_name
from goldseam_web.dashboard.language.phrases import names_in_words
from goldseam_web.dashboard.language.reaching_people import NOT_ASKED_YET
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.client_letters import clients_can_be_mailed


def tell_who_was_not_asked(request: HttpRequest, visit: StaffVisit, case: Case) -> None:
    """Say it where mails leave the house, and not while somebody may look: it tells what was said to whom."""
    if visit.in_room or not clients_can_be_mailed():
        return
    members = case.members.filter(left_on=None, person__safe_ways=None).select_related("person__identity")
    if names := [display_name(member) for member in members.order_by("position")]:
        messages.info(request, NOT_ASKED_YET.format(names=names_in_words(names)))
