"""The whole clinic, up to this moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from goldseam_web.demo.queries import open_links
from goldseam_web.demo.seed.diary import Diary
from goldseam_web.demo.seed.foresight import sessions_to_judge
from goldseam_web.demo.seed.living import Life
from goldseam_web.demo.seed.people import STORIES
from goldseam_web.demo.seed.staffing import open_larkfield
from goldseam_web.demo.seed.stories import Story
from goldseam_web.demo.tour import Link, Tour
from goldseam_web.measures.models import EvaluationJob, JobState
from goldseam_web.measures.services import close_unanswered

# Longer ago than the first session of the longest story.
OPEN_SINCE = timedelta(days=200)


@transaction.atomic
def seed(*, at: datetime, seed: int = 1, stories: Sequence[Story] = STORIES) -> Tour:
    """Fill an empty database with Larkfield as it is at ``at``.

    Answers come from the simulator and go the way of every answer: stored, scored and judged at their own time, one
    after the other over the whole clinic, but without messages. The same seed gives the same answers.
    """
    larkfield = open_larkfield(at=at - OPEN_SINCE)
    diary = Diary()
    lives = [Life(story, larkfield.staff[story.therapist], at, seed, diary) for story in stories]
    _foresee(lives)
    for life in lives:
        life.begin()
    diary.live_until(at)
    close_unanswered(at=at)
    _leave_queue_empty()
    links = open_links(at=at)
    return Tour(
        made_at=at,
        sign_ins=larkfield.sign_ins,
        links=tuple(
            Link(f"{link.who}, who sees {link.therapist}", link.path)
            for link in links
            if link.encounter_id == links[0].encounter_id
        ),
    )


def _foresee(lives: Sequence[Life]) -> None:
    """Judging takes most of the time, so it is done where it will find something, with the same result."""
    forms = {(life.story.key, place): given for life in lives for place, given in life.forms.items()}
    away = {
        (life.story.key, place): part.course.away
        for life in lives
        for place, part in enumerate(life.story.parts)
    }
    judged = sessions_to_judge(forms, away)
    for life in lives:
        life.judged = {place: judged[(life.story.key, place)] for place in life.forms}


def _leave_queue_empty() -> None:
    """Everything was judged as it came in, without a worker: say so, or the worker would judge it all again."""
    EvaluationJob.objects.filter(state=JobState.PENDING).update(
        state=JobState.DONE, attempts=1, finished_at=F("due_at")
    )
