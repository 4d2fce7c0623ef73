"""Forms that were begun and left: judged with what they have."""

from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from goldseam_web.audit.services import SYSTEM
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.links import ACTIVE_HAND, last_touched, lost_right
from goldseam_web.measures.models import Answer, Response, ResponseState
from goldseam_web.measures.queries import questionnaire
from goldseam_web.measures.services.responses import finish_response, lock_to_finish

IDLE = timedelta(minutes=30)


def close_idle_responses(*, at: datetime) -> int:
    """Judge forms that were begun and left: what was answered counts, and the client may still go on.

    A form with nothing left to ask is completed: only the last page was lost on the way.
    A form rests for half an hour before it is taken; after the window it rests for as long as a hand could be at it.
    Of a member who paused, left or withdrew nothing is judged.
    """
    since = at - min(IDLE, ACTIVE_HAND)
    answers = Answer.objects.filter(response=OuterRef("pk")).order_by("-answered_at")
    touched = Coalesce(Subquery(answers.values("answered_at")[:1]), "started_at")
    begun = Response.objects.filter(state=ResponseState.IN_PROGRESS, started_at__lte=since)
    resting = begun.annotate(touched=touched).filter(touched__lte=since).select_related("occasion__encounter")
    return sum(_close_if_idle(response, at) for response in resting)


@one_transaction
def _close_if_idle(response: Response, at: datetime) -> bool:
    occasion = lock_to_finish(response.occasion, at)
    response = Response.objects.get(pk=response.pk)
    touched = last_touched(response)
    rest = IDLE if at <= occasion.closes_at else ACTIVE_HAND
    if response.state != ResponseState.IN_PROGRESS or at - touched < rest or lost_right(occasion, at=at):
        return False
    form = questionnaire(occasion, response)
    state = ResponseState.CLOSED if form.next_unanswered else ResponseState.COMPLETED
    finish_response(occasion, response, form, state, rated_at=touched, at=at, actor=SYSTEM)
    return True
