"""Who was not reached by mail, and what to do about it."""

from dataclasses import dataclass

from django.urls import reverse

from goldseam_web.cases.queries import display_name
from goldseam_web.dashboard.language import reaching_people as say
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.client_letters import clients_can_be_mailed
from goldseam_web.measures.mail_state import not_reached
from goldseam_web.outbox.models import MessageState


@dataclass(frozen=True)
class NotReached:
    """One line with the two next steps: the address, and the link itself."""

    text: str
    ways_url: str
    link_url: str


def not_reached_lines(visit: StaffVisit) -> tuple[NotReached, ...]:
    """Open requests whose mail did not arrive, or perhaps not, by the moment they opened."""
    lines: list[NotReached] = []
    if not clients_can_be_mailed():
        return ()
    for occasion, state in not_reached(visit.viewer, at=visit.at):
        if occasion.respondent is None:
            continue
        text = say.NOT_REACHED if state == MessageState.FAILED else say.PERHAPS_NOT_REACHED
        lines.append(
            NotReached(
                text=text.format(name=display_name(occasion.respondent)),
                ways_url=reverse("dashboard:person", args=[occasion.case_id, occasion.respondent.position]),
                link_url=reverse("dashboard:link", args=[occasion.pk]),
            )
        )
    return tuple(lines)
