"""The forms of made-up members: the simulated answers cut to what each of them is asked."""

from collections.abc import Container, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from goldseam import Measure, Respondent, load_measure
from goldseam_web.cases.models import MemberRole
from goldseam_web.demo.seed.case_plans import CasePlan, MemberPlan
from goldseam_web.demo.seed.simulated_answers import Answers, answers_of, number
from goldseam_web.measures.own_measures import (
    ALLIANCE_MEASURE,
    GIVES_WAY_TO_HOME,
    HOME_ITEM,
    HOME_MEASURE,
    PROGRESS_MEASURE,
)
from goldseam_web.measures.services import Given


@cache
def alliance() -> Measure:
    return load_measure(ALLIANCE_MEASURE)


@cache
def progress() -> Measure:
    return load_measure(PROGRESS_MEASURE)


def has_partner(member: MemberPlan, plan: CasePlan) -> bool:
    """Partners have one, and parents who come together."""
    parents = sum(other.role == MemberRole.PARENT for other in plan.members)
    return member.role == MemberRole.PARTNER or (member.role == MemberRole.PARENT and parents > 1)


def asked_answers(
    plan: CasePlan, place: int, *, seed: int, asking_home: Container[int] = ()
) -> list[Answers]:
    """All the forms of one member, from the first session on; ``asking_home`` are the numbers of those that ask it."""
    member = plan.members[place]
    key = f"{plan.key}|{member.display_name}"
    answers = answers_of(member.course, sessions=plan.sessions, key=key, seed=seed)
    forms = [_cut(plan, place, session, given) for session, given in enumerate(answers, start=1)]
    return [
        _with_home(plan, place, session, form, number(seed, key, f"home {session}"))
        if session in asking_home
        else form
        for session, form in enumerate(forms, start=1)
    ]


def _with_home(plan: CasePlan, place: int, session: int, form: Answers, seed: int) -> Answers:
    """The question on home last, and what gives way to it left out, as in the form of a client."""
    if form.after is None:
        return form
    gives_way = respondent_at(plan, place, session).others_present
    after = {item: said for item, said in form.after.items() if not (gives_way and item == GIVES_WAY_TO_HOME)}
    options = [answer.value for answer in load_measure(HOME_MEASURE).item(HOME_ITEM).options.answers("en")]
    return replace(form, after={**after, HOME_ITEM: options[seed % len(options)]})


def _cut(plan: CasePlan, place: int, session: int, answers: Answers) -> Answers:
    respondent = respondent_at(plan, place, session)
    before = _only(progress().applied_keys(respondent, answers.before), answers.before)
    if answers.after is None or session in plan.members[place].course.away:
        return Answers(before, None)
    return replace(
        answers,
        before=before,
        after=_only(alliance().applied_keys(respondent, answers.after), answers.after),
    )


def respondent_at(plan: CasePlan, place: int, session: int) -> Respondent:
    """The member in the terms in which measures say whom they ask what."""
    member = plan.members[place]
    others = [other for k, other in enumerate(plan.members) if k != place]
    facts: dict[str, Any] = {
        "case_kind": plan.kind.value,
        "role": member.role.value,
        "partnered": has_partner(member, plan),
        "parent": member.role == MemberRole.PARENT,
        "others_present": not others or any(session not in other.course.away for other in others),
    }
    return Respondent(**facts)


def _only(asked: frozenset[str], given: Mapping[str, Given]) -> dict[str, Given]:
    """Keep the order of the measure's items, in which a person answers them."""
    return {item: answer for item, answer in given.items() if item in asked}
