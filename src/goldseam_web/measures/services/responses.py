"""Keeping answers as they are given and turning them into scores: one response per occasion, whatever happens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from goldseam import InputError
from goldseam_web.accounts.models import Phase
from goldseam_web.audit.services import Actor, record_about
from goldseam_web.cases.models import EncounterState, Presence
from goldseam_web.cases.services import hold_if_planned
from goldseam_web.lib.case_changes import case_changed
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.later_answers import keep_beside
from goldseam_web.measures.link_facts import LinkFacts, facts_behind
from goldseam_web.measures.links import (
    LinkState,
    LinkThen,
    behind,
    given_elsewhere,
    has_agreed,
    link_state,
    too_late_to_change,
    was_begun,
)
from goldseam_web.measures.models import (
    HANDED_IN,
    Answer,
    Audience,
    Occasion,
    OccasionState,
    Response,
    ResponseState,
    StrainWith,
)
from goldseam_web.measures.own_measures import TENSION_ITEM
from goldseam_web.measures.queries import (
    Question,
    Questionnaire,
    current_response,
    questionnaire,
)
from goldseam_web.measures.services.jobs import queue_jobs
from goldseam_web.measures.services.response_scores import Given, store_scores
from goldseam_web.measures.strain_with import first_reader

# How an answer is given when nothing else is said.
BY_LINK = {"elapsed_ms": None, "language": "en", "channel": "link", "layout": "one-item", "device": ""}
# What another answer to the same item, or another pass over the same response, may change.
ANSWER_FIELDS = ["measure_version", "value", "choice", "skipped", "audience", "answered_at", *BY_LINK]


@dataclass(frozen=True)
class KeptForm:
    """A response and its form as they stand once an answer is kept."""

    response: Response
    form: Questionnaire


def lock_request(occasion: Occasion) -> Occasion:
    """Two tabs, a double tap and a retry all wait here for each other."""
    asked = Occasion.objects.select_related("clinic", "case", "encounter", "respondent__person")
    return locked(asked).get(pk=occasion.pk)


def _comes_before_its_session(occasion: Occasion) -> bool:
    """Whether a rating about a session finds it still "planned"."""
    encounter = occasion.encounter
    return (
        encounter is not None and encounter.state == EncounterState.PLANNED and occasion.phase == Phase.POST
    )


def lock_to_finish(occasion: Occasion, at: datetime) -> Occasion:
    """A rating about a session that is still "planned" says that it took place; sessions are locked before requests."""
    if occasion.encounter is not None and _comes_before_its_session(occasion):
        hold_if_planned(encounter=occasion.encounter, at=at)
    return lock_request(occasion)


@one_transaction
def save_answer(
    *,
    occasion: Occasion,
    item: str,
    given: Given,
    at: datetime,
    given_at: datetime | None = None,
    device: str = "",
    elapsed_ms: int | None = None,
    language: str = "en",
    channel: str = "link",
    layout: str = "one-item",
) -> KeptForm:
    """Keep one answer. Another answer replaces it until the form is completed; after that nothing changes.

    The same answer again (a double tap, a look back) keeps the time it was first given at, which is evidence.
    ``given_at`` is when the client chose, where the answer had to wait before it could be sent: one that was chosen
    before the stored one changes nothing.

    An answer given in time stands once the window is over (``too_late_to_change``), and one given on another device
    stands always (``given_elsewhere``).

    Raises ValidationError for an item this occasion does not ask, a value outside the item's options, or a link
    that cannot be used now.
    """
    occasion = lock_request(occasion)
    response = current_response(occasion)
    done = is_done(occasion, response, at)
    form = questionnaire(occasion, response)
    if done and response is not None:
        return KeptForm(response, form)
    response = _response_to_write(occasion, response, at)
    how = {
        "elapsed_ms": elapsed_ms,
        "language": language,
        "channel": channel,
        "layout": layout,
        "device": device,
    }
    return KeptForm(response, _write_answers(response, form, {item: given}, given_at or at, how))


def _write_answers(
    response: Response,
    form: Questionnaire,
    answers: Mapping[str, Given],
    at: datetime,
    how: Mapping[str, Any],
) -> Questionnaire:
    """Write answers in one statement, each checked as the form stands after the ones before it; give the form then."""
    changed = []
    for item, given in answers.items():
        question = _asked(form, item)
        checked = _checked(question, given)
        stored = form.answers.get(item)
        if stored is not None and (_unchanged(stored, checked) or at < stored.answered_at):
            continue
        if given_elsewhere(stored, how["device"]):
            continue
        if too_late_to_change(response.occasion, stored, given=given, at=at):
            continue
        answer = Answer(
            clinic_id=response.clinic_id,
            response=response,
            measure_version=question.version,
            item=item,
            audience=_audience(form, question),
            answered_at=at,
            **checked,
            **how,
        )
        form = replace(form, answers={**form.answers, item: answer})
        changed.append(answer)
    if changed and (withdrawn := form.withdrawn):
        response.answers.filter(item__in=withdrawn).delete()
        form = replace(form, answers={key: a for key, a in form.answers.items() if key not in withdrawn})
    if any(answer.item == TENSION_ITEM for answer in changed):
        _tension_said(response, form)
        case_changed(response)  # what was said counts before the form is handed in
    changed = [answer for answer in changed if form.answers.get(answer.item) is answer]
    Answer.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["response", "item"], update_fields=ANSWER_FIELDS
    )
    return form


def _held_by_two(occasion: Occasion) -> bool:
    return occasion.encounter is not None and occasion.encounter.beside_id is not None


def _tension_said(response: Response, form: Questionnaire) -> None:
    """Of two therapists: until it was said with whom there was tension, it may be either; none with a no."""
    if not _held_by_two(response.occasion):
        return
    strain_with = (response.strain_with or StrainWith.EITHER) if form.tension_said else ""
    if strain_with != response.strain_with:
        response.strain_with = strain_with
        response.save(update_fields=["strain_with"])


def is_done(occasion: Occasion, response: Response | None, at: datetime) -> bool:
    """Whether the form was completed; a link that cannot be used for another reason is refused."""
    state = link_state(occasion, response, at=at)
    if response is not None and response.state in HANDED_IN and state != LinkState.ENDED:
        return True
    if state != LinkState.OPEN:
        raise ValidationError("This link cannot be used now.", code=state)
    return False


def _unchanged(answer: Answer, checked: Mapping[str, object]) -> bool:
    return all(getattr(answer, name) == value for name, value in checked.items())


def _audience(form: Questionnaire, question: Question) -> str:
    """What the client chose for the strain answer holds for the follow-up to it too."""
    earlier = form.answers.get(
        question.item.shown_after.item if question.item.shown_after else question.item.key
    )
    return earlier.audience if earlier else Audience.THERAPIST


def _response_to_write(
    occasion: Occasion, response: Response | None, at: datetime, facts: LinkFacts | None = None
) -> Response:
    """The response to write into: begun now, or taken up again after a pause."""
    if response is None:
        if not has_agreed(occasion.respondent, facts):
            raise ValidationError("Nothing is stored of anybody before they have agreed to be asked.")
        return Response.objects.create(clinic_id=occasion.clinic_id, occasion=occasion, started_at=at)
    if response.state == ResponseState.CLOSED:
        response.state = ResponseState.IN_PROGRESS
        response.save(update_fields=["state"])
        case_changed(response)
    return response


def _asked(form: Questionnaire, item: str) -> Question:
    question = form.find(item)
    if question is None:
        allowed = ", ".join(q.item.key for q in form.shown)
        raise ValidationError(f"{item!r} is not asked here; asked are {allowed}.")
    return question


def _checked(question: Question, given: Given) -> dict[str, Any]:
    """The answer's stored fields, or a refusal that says what was given and what is allowed."""
    if given is None:
        return {"value": None, "choice": "", "skipped": True}
    try:
        question.check(given)
    except InputError as error:
        raise ValidationError(str(error)) from error
    if isinstance(given, str):
        return {"value": None, "choice": given, "skipped": False}
    return {"value": float(given), "choice": "", "skipped": False}


@dataclass(frozen=True)
class ToKeep:
    """What a client's page makes of a form. ``hands_in``, of the form as it stands then: is it complete with that?"""

    answers: Mapping[str, Given]
    given_at: datetime
    shown_at: datetime | None
    how: Mapping[str, Any]
    hands_in: Callable[[LinkFacts], bool]


@one_transaction
def keep_by_link(
    *, token: str, at: datetime, read: Callable[[LinkFacts, LinkState], ToKeep | None]
) -> LinkThen | None:
    """Keep what a client sent through their link, and complete the form where nothing is left to ask.

    ``read`` is shown the form as it stands while nobody else can change it, and gives what is to be kept, or None. The
    rules are those of ``save_answer`` and ``submit_response``. A form about a session that is still planned is not
    completed here, for its session is locked first: the caller hands it in.

    None for a link that leads nowhere. Raises ValidationError as ``save_answer`` does.
    """
    occasion_id, nonce = behind(token) or (None, "")
    if occasion_id is None:
        return None
    if connection.vendor == "postgresql":
        # By itself: what a statement waits for is not seen by its other parts. SQLite has locked the whole by now.
        locked(Occasion.objects.filter(pk=occasion_id, nonce=nonce)).values_list("pk").first()
    facts = facts_behind(occasion_id, nonce)
    if facts is None:
        return None
    state = link_state(facts.occasion, facts.response, at=at, facts=facts)
    if (
        state == LinkState.OVER
        and (late := read(facts, LinkState.OPEN))
        and was_begun(facts, late.shown_at, at)
    ):
        return _kept_by_link(facts, late, at, LinkState.OPEN)
    to_keep = read(facts, state)
    if to_keep is None or state not in (LinkState.OPEN, LinkState.DONE):
        return LinkThen(facts, state)
    return _kept_by_link(facts, to_keep, at, state)


def _kept_by_link(facts: LinkFacts, to_keep: ToKeep, at: datetime, state: LinkState) -> LinkThen:
    """The first answers stand: what this device answers to what was answered before is kept beside it."""
    occasion, response = facts.occasion, facts.response
    form = questionnaire(occasion, response, facts=facts)
    device = to_keep.how["device"]
    beside = [item for item in to_keep.answers if _goes_beside(form, item, facts, device)]
    first = {item: given for item, given in to_keep.answers.items() if item not in beside}
    if response is not None and beside:
        own = replace(form, answers=facts.answers_on(device))
        given = {item: _checked(_asked(own, item), to_keep.answers[item]) for item in beside}
        facts = facts.after_later(keep_beside(response, given, at=to_keep.given_at, device=device))
    if state == LinkState.DONE:
        return LinkThen(facts, state)
    if first:
        response = _response_to_write(occasion, response, at, facts)
        form = _write_answers(response, form, first, to_keep.given_at, to_keep.how)
        facts = facts.after(response, form.answers)
    if response is None or not to_keep.hands_in(facts) or _comes_before_its_session(occasion):
        return LinkThen(facts, LinkState.OPEN)
    actor = Actor.client(facts.member.pk)
    finish_response(
        occasion, response, form, ResponseState.COMPLETED, rated_at=at, at=at, actor=actor, facts=facts
    )
    return LinkThen(facts, LinkState.DONE)


def _goes_beside(form: Questionnaire, item: str, facts: LinkFacts, device: str) -> bool:
    """Whether an answer changes nothing of the first ones: the form was sent, or this was answered elsewhere.

    A follow-up that only the later answers call for goes with them, and so does one of an answer given elsewhere.
    """
    asked = form.find(item)
    if facts.is_handed_in or asked is None:
        return True
    keys = (item, asked.item.shown_after.item) if asked.item.shown_after else (item,)
    return any(given_elsewhere(form.answers.get(key), device) for key in keys)


@one_transaction
def submit_response(
    *,
    occasion: Occasion,
    at: datetime,
    actor: Actor,
    answers: Mapping[str, Given] | None = None,
) -> Response:
    """Complete a response: score it and queue it for judging, after which open pages hear of it. Again changes nothing.

    Raises ValidationError as ``save_answer`` does.
    """
    occasion = lock_to_finish(occasion, at)
    response = current_response(occasion)
    if is_done(occasion, response, at) and response is not None:
        return response
    form = questionnaire(occasion, response)
    response = _response_to_write(occasion, response, at)
    form = _write_answers(response, form, answers or {}, at, BY_LINK)
    return finish_response(occasion, response, form, ResponseState.COMPLETED, rated_at=at, at=at, actor=actor)


def finish_response(
    occasion: Occasion,
    response: Response,
    form: Questionnaire,
    state: ResponseState,
    *,
    rated_at: datetime,
    at: datetime,
    actor: Actor,
    facts: LinkFacts | None = None,
) -> Response:
    judged_before = response.rated_at is not None
    response.state = state
    response.rated_at = rated_at
    response.late = rated_at > occasion.closes_at
    response.attendance = facts.attended if facts else _attended(occasion)
    response.read_first_by_id = (
        first_reader(occasion, response.strain_with) if _held_by_two(occasion) else None
    )
    response.save(update_fields=["state", "rated_at", "late", "attendance", "read_first_by"])
    occasion.state = (
        OccasionState.ANSWERED if state == ResponseState.COMPLETED else OccasionState.PARTLY_ANSWERED
    )
    occasion.save(update_fields=["state"])
    store_scores(occasion, response, form, at, judged_before=judged_before)
    queue_jobs([response], at=at)
    # Open pages hear of it once it was judged, a moment later: one drawing and not two.
    record_about(
        response,
        at=at,
        actor=actor,
        action=f"response.{state}",
        object_kind="response",
        details={"occasion": str(occasion.id), "late": response.late},
    )
    return response


def _attended(occasion: Occasion) -> list[str]:
    """Who was there, as known now."""
    if occasion.encounter is None:
        return []
    present = occasion.encounter.attendance.exclude(presence=Presence.AWAY)
    return [str(member) for member in present.values_list("member_id", flat=True)]
