"""What a client chooses once they said there was tension: of two therapists with whom, and who may take it up."""

from datetime import datetime

from django.core.exceptions import ValidationError

from goldseam_web.audit.models import ActorKind
from goldseam_web.audit.services import Actor, record_about
from goldseam_web.lib.case_changes import case_changed
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.later_answers import AUDIENCE_CHOICE, STRAIN_WITH_CHOICE, keep_beside
from goldseam_web.measures.links import given_elsewhere
from goldseam_web.measures.models import Audience, Occasion, Release, StrainWith
from goldseam_web.measures.own_measures import FOLLOW_UP_ITEM, TENSION_ITEM
from goldseam_web.measures.queries import audiences_of, current_response
from goldseam_web.measures.services.responses import is_done, lock_request
from goldseam_web.measures.strain_with import other_therapist_id


@one_transaction
def choose_audience(
    *,
    occasion: Occasion,
    audience: Audience,
    at: datetime,
    strain_with: StrainWith | None = None,
    given_at: datetime | None = None,
    device: str = "",
) -> Release | None:
    """The client says who may take up their strain answer. Only the author can, and only while answering.

    ``strain_with``: where two held the session, with which of them there was tension.

    Choosing the same again changes nothing, nor does one made (``given_at``) before the stored one. One on a device on
    which the strain was not said, or once the form was sent, is kept beside the first. Raises ValidationError for a
    choice that this kind of case does not have and for a link that cannot be used now.
    """
    occasion = lock_request(occasion)
    if audience not in audiences_of(occasion):
        allowed = ", ".join(audiences_of(occasion))
        raise ValidationError(f"{audience!r} cannot be chosen here; allowed are {allowed}.")
    if strain_with is not None and other_therapist_id(occasion) is None:
        raise ValidationError(f"{strain_with!r} cannot be chosen here; one therapist held the session.")
    response = current_response(occasion)
    was_sent = is_done(occasion, response, at)
    if response is None:
        return None
    last = response.releases.last()
    if was_sent or given_elsewhere(response.answers.filter(item=TENSION_ITEM).first(), device):
        chosen = {AUDIENCE_CHOICE: audience} | ({STRAIN_WITH_CHOICE: strain_with} if strain_with else {})
        given = {item: {"value": None, "choice": choice, "skipped": False} for item, choice in chosen.items()}
        keep_beside(response, given, at=given_at or at, device=device)
        return last
    if last is not None and (given_at or at) < last.chosen_at:
        return last
    if strain_with is not None and strain_with != response.strain_with:
        response.strain_with = strain_with
        response.save(update_fields=["strain_with"])
        case_changed(response)
    if last is not None and last.audience == audience:
        return last
    response.answers.filter(item__in=[TENSION_ITEM, FOLLOW_UP_ITEM]).update(audience=audience)
    record_about(
        response,
        at=at,
        actor=Actor(ActorKind.CLIENT, occasion.respondent_id),
        action="release.choose",
        object_kind="response",
        details={"audience": audience},
    )
    return Release.objects.create(
        clinic_id=occasion.clinic_id, response=response, audience=audience, chosen_at=given_at or at
    )
