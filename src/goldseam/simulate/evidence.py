"""What else is known of a simulated session: other ratings, and how the client answered.

Each piece follows a mechanism of its own, none of them the one that criterion ``fused`` assumes: logistic inclinations,
answers rounded to whole numbers, people who differ in their habits.
"""

from dataclasses import dataclass, fields
from math import log, pi, sqrt

import numpy as np

from goldseam.arrays import Floats
from goldseam.exceptions import ParameterError
from goldseam.simulate.people_and_episodes import (
    People,
    Stream,
    TrueEpisodes,
    deviations,
    latent_values,
    random_generator,
)
from goldseam.simulate.simulation_model import SimulationModel

DEEP = 2.0  # within-person SDs: the fall the figures below speak of
_COUNTS = ("items", "facets", "members")


@dataclass(frozen=True, kw_only=True)
class EvidenceModel:
    """Which pieces there are, and how strongly a rupture shows in each.

    The defaults are assumed, of a strength that seems realistic: ``docs/methods/simulation.md`` gives the reasons.

    Attributes
    ----------
    items : int
        Answers whose mean the value is; 0 for none. A rupture falls on them unevenly.
    facets, members : int
        Further facets the rater rates; other members who rate the session.
    therapist, tension, skipped, seconds, late : bool
        Whether the therapist rates, the direct question is asked, and left-out questions, time taken and lateness
        are known.
    strength : float
        Multiplies everything that a rupture does to the pieces; at 0 they say nothing of it.
    item_sd, unevenness : float
        SD of the answers around the value, in within-person SDs; how much more of a fall some items take, as a share
        of it.
    facet_fall, therapist_fall, member_fall : float
        Share of the fall, in within-person SDs, that shows in these ratings.
    facet_correlation, therapist_correlation, member_correlation : float
        Of these ratings with the client's deviations in ordinary sessions.
    """

    items: int = 4
    facets: int = 2
    members: int = 1
    therapist: bool = True
    tension: bool = True
    skipped: bool = True
    seconds: bool = True
    late: bool = True
    strength: float = 1.0
    item_sd: float = 1.2
    unevenness: float = 0.6
    facet_fall: float = 0.7
    therapist_fall: float = 0.3
    member_fall: float = 0.25
    facet_correlation: float = 0.5
    therapist_correlation: float = 0.2
    member_correlation: float = 0.2

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _COUNTS:
                ok, allowed = isinstance(value, int) and 0 <= value <= 100, "a whole number from 0 to 100"
            elif field.name.endswith("correlation"):
                ok, allowed = -1 < value < 1, "above -1 and below 1"
            else:
                ok, allowed = 0 <= value < float("inf"), "0 or more"
            if not ok:
                raise ParameterError(
                    "outside what a simulation allows", where=field.name, given=value, allowed=allowed
                )


@dataclass(frozen=True, eq=False)
class _CourseOfSessions:
    """Latent values in points, deviations and falls in within-person SDs, falls in `DEEP`; shape (n, sessions) each."""

    latent: Floats
    deviation: Floats
    fall: Floats
    depth: Floats


def evidence_values(
    evidence: EvidenceModel,
    model: SimulationModel,
    people: People,
    episodes: TrueEpisodes,
    *,
    values: Floats,
    seed: int,
) -> tuple[Floats, dict[str, Floats]]:
    """Draw the pieces of every session.

    Parameters
    ----------
    evidence : EvidenceModel
        Which pieces there are, and how strongly a rupture shows in each.
    model : SimulationModel
        What the people and their ratings are like.
    people : People
        Level, within-person SD and trend of each series.
    episodes : TrueEpisodes
        At most one true episode per series.
    values : ndarray of float, shape (n, sessions)
        The ratings in points; NaN where not rated.
    seed : int
        0 to 2**63 - 1, as for the ratings.

    Returns
    -------
    values : ndarray of float, shape (n, sessions)
        The means of the items where there are some.
    columns : dict of str to ndarray of float, shape (n, sessions)
        NaN where the session was not rated.
    """
    count, sessions = values.shape
    fall = evidence.strength * episodes.depth_sd[:, None] * episodes.profile(sessions)
    course = _CourseOfSessions(
        latent=latent_values(model, people, episodes, sessions, seed),
        deviation=deviations(model, count, sessions, seed),
        fall=fall,
        depth=fall / DEEP,
    )
    found: dict[str, Floats] = {}
    if evidence.items:
        answers = _answers(evidence, model, people.sd, course, seed)
        mean = np.mean(answers, axis=0)
        values = np.where(np.isnan(values), np.nan, mean if model.step is None else np.round(mean, 9))
        found |= {f"item_{number}": each for number, each in enumerate(answers, start=1)}
    found |= _ratings(evidence, model, course, seed)
    found |= _answering_behaviour(evidence, course, seed)
    return values, {name: np.where(np.isnan(values), np.nan, each) for name, each in found.items()}


def _answers(
    evidence: EvidenceModel, model: SimulationModel, sd: Floats, course: _CourseOfSessions, seed: int
) -> Floats:
    """Answers around the value, shape (items, n, sessions): a usual profile, noise, and uneven falls."""
    count, sessions = course.latent.shape
    drawn = random_generator(seed, Stream.ANSWERS).standard_normal((count, evidence.items, 2 + sessions))
    drawn = np.moveaxis(drawn, 1, 0)
    usual, taken, noise = drawn[..., :1], evidence.unevenness * drawn[..., 1:2], drawn[..., 2:]
    apart = evidence.item_sd * noise + usual - taken * course.fall
    apart -= apart.mean(axis=0)
    return _on_scale(model, course.latent + sd[:, None] * apart)


def _ratings(
    evidence: EvidenceModel, model: SimulationModel, course: _CourseOfSessions, seed: int
) -> dict[str, Floats]:
    """Ratings beside the client's: of further facets, by the therapist, by other members."""
    kinds = (
        ("facet_{}", Stream.FACETS, evidence.facets, evidence.facet_correlation, evidence.facet_fall),
        (
            "therapist_rating",
            Stream.THERAPIST,
            int(evidence.therapist),
            evidence.therapist_correlation,
            evidence.therapist_fall,
        ),
        (
            "member_rating_{}",
            Stream.MEMBERS,
            evidence.members,
            evidence.member_correlation,
            evidence.member_fall,
        ),
    )
    count, sessions = course.deviation.shape
    found = {}
    for name, stream, number, correlation, share in kinds:
        drawn = random_generator(seed, stream).standard_normal((count, number, 2 + sessions))
        for which in range(number):
            found[name.format(which + 1)] = _rating(
                model, course, drawn[:, which], correlation=correlation, share=share
            )
    return found


def _rating(
    model: SimulationModel, course: _CourseOfSessions, drawn: Floats, *, correlation: float, share: float
) -> Floats:
    """One more series of ratings that moves with the client's, on the same scale."""
    level = model.mean + model.between_sd * drawn[:, :1]
    sd = np.round(model.within_sd * np.exp(0.3 * drawn[:, 1:2]), 9)
    own = np.sqrt(1 - correlation**2) * drawn[:, 2:]
    moved = correlation * course.deviation + own - share * course.fall
    return _on_scale(model, level + sd * moved)


def _on_scale(model: SimulationModel, values: Floats) -> Floats:
    """Whole numbers where the scale has steps, as single answers are; within its range."""
    whole = values if model.step is None else np.round(np.round(values, 9))
    return np.clip(whole, model.minimum, model.maximum)


def _answering_behaviour(evidence: EvidenceModel, course: _CourseOfSessions, seed: int) -> dict[str, Floats]:
    """How the client answered: tension, questions left out, seconds taken, lateness."""
    found = {}
    if evidence.tension:
        propensity = _propensity(seed, Stream.TENSION, course, own=0.7, moved=2.6) - 0.5 * course.deviation
        found["tension"] = (propensity > 2.6).astype(float) + (propensity > 4.2)
    if evidence.skipped:
        propensity = _propensity(seed, Stream.SKIPPED, course, own=0.8, moved=1.2)
        found["skipped_items"] = (propensity > 3.1).astype(float) + (propensity > 5.0)
    if evidence.seconds:
        count, sessions = course.fall.shape
        drawn = random_generator(seed, Stream.SECONDS).standard_normal((count, 1 + sessions))
        logarithm = log(90) + 0.4 * drawn[:, :1] + 0.35 * drawn[:, 1:] - 0.25 * course.depth
        found["seconds_taken"] = np.round(np.exp(np.round(logarithm, 9)))
    if evidence.late:
        found["late"] = (_propensity(seed, Stream.LATE, course, own=1.0, moved=0.8) > 2.3).astype(float)
    return found


def _propensity(seed: int, stream: Stream, course: _CourseOfSessions, *, own: float, moved: float) -> Floats:
    """Logistic, with a habit of the person's own, moved by a rupture."""
    count, sessions = course.fall.shape
    drawn = random_generator(seed, stream).random((count, 1 + sessions))
    logistic = np.round(np.log(drawn / (1 - drawn)), 9)
    # the SD of a standard logistic variable is pi / sqrt(3)
    habit = own * logistic[:, :1] * sqrt(3) / pi
    return habit + logistic[:, 1:] + moved * course.depth
