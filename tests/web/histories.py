"""Cases with a past: weekly sessions with ratings made by hand, so that what must follow can be said beforehand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from goldseam_web.accounts.models import Staff
from goldseam_web.alerts.services import evaluate, work_once
from goldseam_web.cases.models import Case, Encounter, Member
from goldseam_web.measures.models import EvaluationJob, JobState, Response, Score
from tests.web import people

# What every other item gets, so that one series alone is moved by a test.
WITHIN_AS_USUAL = {"within_goal": 8.0, "within_safety": 8.0}
ASKED_WITH_OTHERS = {"other_bond", "group_bond", *WITHIN_AS_USUAL}
STEADY = (8.0, 8.0, 7.0, 8.0, 9.0, 8.0, 8.0)
# Ratings that stray no further from the first are never noticed.
CALM = 1.0
# A slow decline: no rating is far below the one before, the last three together are far below the first four.
SLIDING = (9.0, 9.0, 9.0, 9.0, 8.5, 8.25, 8.0, 7.75, 7.25)


def sessions(case: Case, therapist: Staff, count: int, now: datetime) -> list[Encounter]:
    """Weekly sessions, the last of which ended an hour ago."""
    ends = [now - timedelta(hours=1) - timedelta(weeks=count - 1 - k) for k in range(count)]
    return [people.meet(case, therapist, ended_at) for ended_at in ends]


def rate(
    encounter: Encounter, who: Member, level: float, given: Mapping[str, float | str | None] | None = None
) -> Response:
    """Answer ten minutes after the session: the four items about the therapist at the level, the rest as usual."""
    usual = WITHIN_AS_USUAL if encounter.case.kind != "individual" else {}
    at = encounter.ends_at + timedelta(minutes=10)
    return people.answer(people.asked(encounter, who), at, level, {**usual, **(given or {})})


def history(
    case: Case,
    therapist: Staff,
    who: Member,
    levels: Sequence[float | None],
    now: datetime,
    *,
    judged: int | None = None,
) -> list[Response]:
    """Rate session after session, judging each rating before the next one exists; None leaves a session unanswered.

    The first ones, while nothing is to be noticed, are judged together.

    ``judged`` says how many are judged (all of them, if not given); the later ones wait in the queue.
    """
    responses: list[Response] = []
    calm: list[Response] = []
    for encounter, level in zip(sessions(case, therapist, len(levels), now), levels, strict=True):
        if level is None:
            continue
        judging = judged is None or len(responses) < judged
        is_calm = judging and len(calm) == len(responses) and abs(level - (levels[0] or level)) <= CALM
        if not is_calm and len(calm) == len(responses):
            judge_calm(calm)
        responses.append(rate(encounter, who, level))
        if is_calm:
            calm.append(responses[-1])
        elif judging:
            judge(responses[-1:])
    if len(calm) == len(responses):
        judge_calm(calm)
    return responses


def judge_calm(responses: Sequence[Response]) -> None:
    """Judge ratings about which there is nothing to say at the last of them: the verdicts are the same."""
    if responses:
        judge(responses[-1:])
        EvaluationJob.objects.filter(response__in=responses).update(state=JobState.DONE)


def slide(case: Case, therapist: Staff, who: Member, now: datetime) -> list[Response]:
    """Rate `SLIDING`, judging each rating before the next one exists."""
    responses = []
    for encounter, value in zip(sessions(case, therapist, len(SLIDING), now), SLIDING, strict=True):
        responses.append(rate(encounter, who, 8.0))
        set_score(responses[-1], value)
        judge(responses[-1:])
    return responses


def set_score(response: Response, value: float) -> None:
    """Give the rating a value that no mean of four whole numbers has: published vectors do not keep to our grid."""
    Score.objects.filter(response=response, scale="self_therapist").update(value=value)


def judge(responses: Sequence[Response], *, notify: bool = False) -> None:
    """Judge each response at the time it was given, in order, as a worker that is not behind does."""
    for response in responses:
        assert response.rated_at is not None
        evaluate(response=response, at=response.rated_at, notify=notify)
        EvaluationJob.objects.filter(response=response).update(state=JobState.DONE)


def work_off(at: datetime, worker: str = "test") -> int:
    """Do everything that is due, and say how many turns that took."""
    turns = 0
    while work_once(worker=worker, at=at):
        turns += 1
        assert turns < 500, "the queue does not get empty"
    return turns
