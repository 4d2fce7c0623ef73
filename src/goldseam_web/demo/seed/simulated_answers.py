"""What a member answers at each session, simulated from the planned course of their ratings."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from goldseam import SimulationModel, items_for_score, simulate, simulate_series
from goldseam_web.demo.seed.case_plans import RatingCourse, StrainAnswer
from goldseam_web.measures.models import Audience
from goldseam_web.measures.own_measures import FOLLOW_UP_ITEM, TENSION_ITEM, TENSION_SAID
from goldseam_web.measures.services import Given

# The scale of four whole-number items, of two, and of one; the steps of their means differ.
FOUR_ITEMS = SimulationModel(missing_share=0.06)
TWO_ITEMS = SimulationModel(step=0.5, missing_share=0.0)
ONE_ITEM = SimulationModel(step=1.0, missing_share=0.0)
PROGRESS_MODEL = replace(ONE_ITEM, mean=5.5, within_sd=0.8, trend=0.12)

SELF_ITEMS = ("goal", "task", "bond", "safety")
WITHIN_ITEMS = ("within_goal", "within_safety")
# What somebody answers to whether all want the same from coming, who sees that they do not.
GOALS_APART = 2.0
OTHER_ITEMS = ("other_bond", "group_bond")
PROGRESS_ITEMS = (
    "distress",
    "functioning",
    "close_relationships",
    "work_study",
    "hope",
    "relationship",
    "parenting",
    "household",
)
SKIPPED_SHARE = 0.015
TYPICAL_SPREAD = 0.9


@dataclass(frozen=True)
class Answers:
    """What one member answers about one session: before it, and after it (None where the form stays empty).

    The audience is whom they let take up their answer to the direct question, where there is something to take up.
    """

    before: Mapping[str, Given]
    after: Mapping[str, Given] | None
    audience: Audience | None = None


def answers_of(course: RatingCourse, *, sessions: int, key: str, seed: int) -> list[Answers]:
    """Simulate a member's answers to every item about every session, from the first on."""
    scores = _scores(course, sessions, number(seed, key, "self"))
    within = _within(course, sessions, number(seed, key, "within"))
    others = {
        item: _single(ONE_ITEM, course.level, sessions, number(seed, key, item)) for item in OTHER_ITEMS
    }
    progress = {
        item: _single(PROGRESS_MODEL, None, sessions, number(seed, key, item)) for item in PROGRESS_ITEMS
    }
    chance = random.Random(number(seed, key, "words"))  # noqa: S311  made-up people, not secrets
    answers = []
    for k, score in enumerate(scores):
        strain = course.says.get(k + 1) or _strain_answer(course, score, scores, chance)
        before = _skipping(_at(progress, k), chance)
        if score is None:
            answers.append(Answers(before, None))
        else:
            ratings = {**_alliance(score, within[k], number(seed, key, f"items {k}")), **_at(others, k)}
            if course.goals_apart is not None and k + 1 >= course.goals_apart:
                ratings[WITHIN_ITEMS[0]] = GOALS_APART
            said = {TENSION_ITEM: strain.tension, FOLLOW_UP_ITEM: strain.worked_out or "not_yet"}
            audience = strain.audience if strain.tension in TENSION_SAID else None
            answers.append(Answers(before, {**_skipping(ratings, chance), **said}, audience))
    return answers


def _alliance(score: float, within: float, seed: int) -> dict[str, Given]:
    return {
        **dict(zip(SELF_ITEMS, items_for_score(score, seed=seed), strict=True)),
        **dict(zip(WITHIN_ITEMS, _two_alike(within, seed), strict=True)),
    }


def _two_alike(mean: float, seed: int) -> tuple[int, int]:
    """Two answers with this mean, at most a point apart: what falls between people falls in both of them."""
    lower = int(mean)
    higher = round(2 * mean) - lower
    return (lower, higher) if seed % 2 else (higher, lower)


def _at(values: Mapping[str, list[float]], k: int) -> dict[str, Given]:
    return {item: series[k] for item, series in values.items()}


def number(seed: int, *parts: str) -> int:
    """A seed of its own for each thing simulated, the same in every run."""
    return int.from_bytes(hashlib.sha256("|".join((str(seed), *parts)).encode()).digest()[:7])


def _scores(course: RatingCourse, sessions: int, seed: int) -> list[float | None]:
    if course.drawn:
        table = simulate(cases=1, sessions=sessions, seed=seed, model=FOUR_ITEMS).ratings
        return list(table["value"])
    model = replace(FOUR_ITEMS, missing_share=0.0, trend=course.drift, autocorrelation=0.0)
    series = simulate_series(
        sessions=sessions,
        seed=seed,
        model=model,
        mean=course.level,
        sd=course.spread,
        onset_session=course.dip,
        depth_sd=course.depth_sd,
        duration=course.lasting,
        recovery_sessions=course.climb,
    )
    return [None if k in course.unanswered else value for k, value in enumerate(series.values, start=1)]


def _within(course: RatingCourse, sessions: int, seed: int) -> list[float]:
    series = simulate_series(
        sessions=sessions,
        seed=seed,
        model=TWO_ITEMS,
        mean=None if course.drawn else course.level,
        sd=course.spread or TYPICAL_SPREAD,
        onset_session=course.within_dip,
        depth_sd=course.depth_sd,
        duration=course.lasting,
    )
    return _all_given(series.values)


def _single(model: SimulationModel, level: float | None, sessions: int, seed: int) -> list[float]:
    return _all_given(simulate_series(sessions=sessions, seed=seed, model=model, mean=level).values)


def _all_given(values: tuple[float | None, ...]) -> list[float]:
    return [value for value in values if value is not None]


def _strain_answer(
    course: RatingCourse, score: float | None, scores: list[float | None], chance: random.Random
) -> StrainAnswer:
    """People whose rating is low for them often say why; most of the others say that nothing was the matter."""
    given = [value for value in scores if value is not None]
    if not course.drawn or score is None or score > sum(given) / len(given) - 1.5:
        return StrainAnswer("unsure" if course.drawn and chance.random() < 0.04 else "no")
    if chance.random() < 0.5:
        return StrainAnswer("no")
    tension = "clearly" if chance.random() < 0.2 else "little"
    return StrainAnswer(tension, chance.choice(("yes", "partly", "not_yet")))


def _skipping(answers: Mapping[str, Given], chance: random.Random) -> dict[str, Given]:
    return {item: None if chance.random() < SKIPPED_SHARE else given for item, given in answers.items()}
