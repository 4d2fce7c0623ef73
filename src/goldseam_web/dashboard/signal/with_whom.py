"""With which of two therapists a client said there was tension, as it stands after their answer."""

from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.measures.models import Response, StrainWith
from goldseam_web.measures.strain_with import other_therapist


def with_whom_in_words(form: Response, strain_with: str) -> str:
    """Empty where one held the session, and where nothing of the kind was said."""
    other = other_therapist(form.occasion)
    if other is None or not strain_with:
        return ""
    rated = form.occasion.therapist
    return say.WITH_WHOM[StrainWith(strain_with)].format(rated=rated.display_name, other=other.display_name)
