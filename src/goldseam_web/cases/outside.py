"""Who has, or ever had, a part in what a person is treated for: the other side of who stands outside of it.

Everybody is counted who could open one of the person's cases on some day, and rather more than fewer: whoever
supervised one of its therapists at another time, or begins to treat only tomorrow, has a part as well.
"""

import uuid
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from goldseam_web.accounts.models import Clinic, Supervision
from goldseam_web.accounts.queries import supervisions_on
from goldseam_web.audit.queries import made_leads
from goldseam_web.cases.models import CaseTherapist, Encounter, Person

Reference = Combinable | uuid.UUID


def leads_ever(clinic: Clinic) -> set[uuid.UUID]:
    """Who leads the clinic or has led it: earlier ones stand in the record alone."""
    now = {clinic.lead_id} if clinic.lead_id else set()
    return now | made_leads(clinic_id=clinic.pk)


def has_part(*, staff: Reference, person: Person | Combinable, led: Q, day: date) -> Q:
    """Whether a member of staff ever treated, covered or supervised in a case the person is or was in.

    ``led`` says whether they ever led the clinic. A lead could open what nobody else supervised: that is ruled out only
    where somebody else has supervised since the day each of these therapists began.
    """
    links = CaseTherapist.objects.filter(_of("case", person))
    supervisions = Supervision.objects.filter(_of("therapist__case_links__case", person))
    by_others = supervisions_on(day).filter(
        therapist=OuterRef("therapist"), starts_on__lte=OuterRef("starts_on")
    )
    sessions = Encounter.objects.filter(_of("case", person))
    treated = Q(Exists(links.filter(therapist=staff))) | Q(Exists(sessions.filter(therapist=staff)))
    supervised = Q(Exists(supervisions.filter(supervisor=staff)))
    return treated | supervised | led & Q(Exists(links.exclude(Exists(by_others))))


def _of(case: str, person: Person | Combinable) -> Q:
    """Cases of a person: those of an entry, and of the one it was made one with and whose places its own are now."""
    members = f"{case}__members__person"
    return Q(**{members: person}) | Q(**{f"{members}__memberships__merges__was": person})
