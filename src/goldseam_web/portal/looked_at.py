"""Whether a client is told that their therapist has looked at what was answered last time.

It is said at the start of the next form, never on the last one's pages: whoever takes the phone while a form is open
must not learn whether it was sent. And it is said to everybody asked about the last session, whether or not they
answered, from what the therapist did alone: it is true of every answer that came in time, because only a look after
the last window about that session has closed counts, and before this form opened, so that the page stays as it is
while anybody can send one: nobody learns from it of a look that an alert of a form prompted.
"""

from goldseam_web.audit.queries import has_viewed_case
from goldseam_web.cases.models import Encounter, EncounterState
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.portal.opened_link import OpenedLink

# Not "your last meeting": after a session, the form itself calls that one so.
LOOKED_AT = "{therapist} has looked at what was answered around the meeting before this one."


def looked_at_last_time(link: OpenedLink) -> str:
    """The sentence; empty where the clinic does not say it, nothing was asked before, or nobody has looked."""
    if not link.occasion.clinic.tells_when_read or link.facts is None or not link.facts.was_asked_before:
        return ""
    before = _asked_before(link.occasion)
    if before is None or before.closes_at >= link.occasion.opens_at:
        return ""
    looked = has_viewed_case(
        staff_id=before.therapist_id,
        case_id=before.case_id,
        since=before.closes_at,
        until=link.occasion.opens_at,
    )
    return LOOKED_AT.format(therapist=before.therapist.display_name) if looked else ""


def _asked_before(occasion: Occasion) -> Occasion | None:
    """Of what the same member was asked around the meeting before, answered or not, the request that closes last.

    None where they were asked nothing around it.
    """
    if occasion.encounter is None:
        return None
    before = Encounter.objects.filter(
        case=occasion.case_id, starts_at__lt=occasion.encounter.starts_at, state=EncounterState.HELD
    )
    asked = Occasion.objects.filter(
        encounter=before.order_by("-starts_at").values("pk")[:1], respondent=occasion.respondent_id
    )
    in_force = asked.exclude(state=OccasionState.CANCELLED).select_related("therapist")
    return in_force.order_by("-closes_at", "pk").first()
