"""The follow-up of an answer that its client changed since."""

from django.db.models import Exists, OuterRef, Q

from goldseam_web.measures.models import Answer
from goldseam_web.measures.own_measures import FOLLOW_UP_ITEM, TENSION_ITEM, TENSION_SAID


def follow_up_withdrawn() -> Q:
    """Of answers: the follow-up of a form on which no strain is said any more. It was said by nobody.

    Such rows are no longer stored; those of before may be.
    """
    said = Answer.objects.filter(
        response=OuterRef("response"), item=TENSION_ITEM, choice__in=sorted(TENSION_SAID)
    )
    return Q(item=FOLLOW_UP_ITEM) & Q(~Exists(said))
