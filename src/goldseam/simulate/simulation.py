"""Simulated ratings and their truth as tables, one series at a time, and the items behind a score."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats
from goldseam.exceptions import ParameterError
from goldseam.simulate.evidence import EvidenceModel, evidence_values
from goldseam.simulate.people_and_episodes import (
    People,
    Stream,
    TrueEpisodes,
    draw_episodes,
    draw_people,
    random_generator,
    rated_values,
)
from goldseam.simulate.simulation_model import SimulationModel, model_named

if TYPE_CHECKING:
    import polars as pl

_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Simulation:
    """Simulated ratings and the truth behind them.

    Attributes
    ----------
    ratings : polars.DataFrame
        ``case, rater, scale, session, value, minimum, maximum`` and ``date`` where a start was given: a row
        per attended session, the value null where it was not rated. Ready for `goldseam.detect`.
    truth : polars.DataFrame
        A row per true episode: ``case, rater, scale, onset_session, depth_sd`` (in within-person SDs), ``depth`` (in
        points, before rounding and clipping), ``duration`` (sessions from onset until three quarters of
        the depth are regained, or the series ends), ``repaired`` (regained within the series),
        ``repair_session`` (null if not), ``kind`` (``dip``, ``level_shift`` or ``erosion``) and
        ``recovery`` (``abrupt``, ``gradual`` or ``none``).
    people : polars.DataFrame
        A row per series: ``case, rater, scale, mean`` (at session 1), ``sd`` (within-person), ``trend`` (per
        session), all in points, and ``autocorrelation``.
    """

    ratings: "pl.DataFrame"
    truth: "pl.DataFrame"
    people: "pl.DataFrame"


@dataclass(frozen=True)
class SimulatedSeries:
    """One member's simulated ratings.

    Attributes
    ----------
    values : tuple of float or None
        The score of each session from the first on; ``None`` where it was not rated.
    mean, sd : float
        The person's own level at session 1 and within-person SD, in points.
    onset_session, repair_session : int or None
        Where the true dip begins, and where three quarters of its depth are regained (``None`` without a
        dip, or if that lies beyond the series).
    depth : float
        Depth of the dip in points, before rounding and clipping; 0 without a dip.
    """

    values: tuple[float | None, ...]
    mean: float
    sd: float
    onset_session: int | None
    repair_session: int | None
    depth: float


def simulate(
    *,
    cases: int,
    sessions: int,
    seed: int,
    model: str | SimulationModel = "items",
    raters: Sequence[str] = ("client",),
    scale: str = "alliance",
    start: date | None = None,
    evidence: EvidenceModel | None = None,
) -> Simulation:
    """Simulate cases with known ruptures and repairs: data and truth.

    The same arguments give the same numbers on every machine, and the first cases stay the same when more
    are asked for.

    Parameters
    ----------
    cases : int
        Number of cases, 1 or more.
    sessions : int
        Attended sessions of every case, 1 or more.
    seed : int
        0 to 2**63 - 1.
    model : str or SimulationModel
        What the people and their ratings are like: a name from `MODELS` or a model of one's own.
    raters : sequence of str
        One series for each in every case; series of one case are independent of each other.
    scale : str
        Name written into the ``scale`` column.
    start : datetime.date, optional
        Date of session 1; adds a ``date`` column with one session a week.
    evidence : EvidenceModel, optional
        Adds what else is known of each session, the columns that criterion ``fused`` reads. With items on a scale
        with steps the values are the means of the rounded items, and so differ from those without.

    Returns
    -------
    Simulation
        Ratings, truth and people.

    Raises
    ------
    ParameterError
        If a number is outside its range, a rater is named twice, or the model is unknown.
    """
    import polars as pl

    chosen = model_named(model)
    _check_sizes(cases=cases, sessions=sessions, seed=seed)
    _check_raters(raters)
    count = cases * len(raters)
    people = draw_people(chosen, count, seed)
    episodes = draw_episodes(chosen, count, sessions, seed)
    values = rated_values(chosen, people, episodes, sessions, seed)
    further: dict[str, Floats] = {}
    if evidence is not None:
        if chosen.shape is not None and chosen.shape.points:
            allowed = "a model whose ratings are their own scores, or no evidence"
            raise ParameterError("not both", where="evidence", given="evidence and scores", allowed=allowed)
        values, further = evidence_values(evidence, chosen, people, episodes, values=values, seed=seed)
    keys = _keys(cases, raters, scale)
    ratings = _ratings_table(keys, values, chosen)
    ratings = ratings.with_columns(
        pl.Series(name, each.ravel()).fill_nan(None) for name, each in further.items()
    )
    if start is not None:
        weeks = (pl.col("session") - 1) * 7
        ratings = ratings.with_columns(date=pl.lit(start) + pl.duration(days=weeks))
    return Simulation(
        ratings=ratings,
        truth=_truth_table(keys, people, episodes, sessions),
        people=keys.with_columns(
            mean=people.mean,
            sd=people.sd,
            trend=people.trend,
            autocorrelation=pl.lit(chosen.autocorrelation),
        ),
    )


def simulate_series(
    *,
    sessions: int,
    seed: int,
    model: str | SimulationModel = "items",
    mean: float | None = None,
    sd: float | None = None,
    onset_session: int | None = None,
    depth_sd: float = 2.5,
    duration: int | None = 1,
    recovery_sessions: int = 0,
) -> SimulatedSeries:
    """Simulate one person's ratings with a dip exactly where it is wanted, or none.

    Parameters
    ----------
    sessions, seed, model
        As for `simulate`; the model's own episodes are not used.
    mean, sd : float, optional
        The person's level at session 1 and within-person SD in points; drawn from the model where not given.
    onset_session : int, optional
        First session of the dip, 1 to `sessions`; without it nothing happens.
    depth_sd : float
        Depth in the person's within-person SD, 0 or more.
    duration : int or None
        Sessions at full depth; ``None`` for a dip that is never repaired.
    recovery_sessions : int
        0 for an abrupt return, else the number of sessions of a gradual one.

    Returns
    -------
    SimulatedSeries
        Values and truth.

    Raises
    ------
    ParameterError
        If a number is outside its range.
    """
    chosen = model_named(model)
    _check_sizes(cases=1, sessions=sessions, seed=seed)
    _check_dip(sessions, onset_session, depth_sd, duration, recovery_sessions)
    if sd is not None and not sd > 0:
        raise ParameterError("an SD must be positive", where="sd", given=sd, allowed="above 0")
    people = _with_own(draw_people(chosen, 1, seed), mean, sd)
    episodes = _one_episode(onset_session, depth_sd, duration, recovery_sessions)
    values = rated_values(chosen, people, episodes, sessions, seed)[0]
    repair = int(episodes.repair_session()[0])
    return SimulatedSeries(
        values=tuple(None if np.isnan(value) else float(value) for value in values),
        mean=float(people.mean[0]),
        sd=float(people.sd[0]),
        onset_session=onset_session,
        repair_session=repair if 0 < repair <= sessions else None,
        depth=float(episodes.depth_sd[0] * people.sd[0]),
    )


def items_for_score(
    score: float, *, items: int = 4, minimum: int = 0, maximum: int = 10, seed: int
) -> tuple[int, ...]:
    """Return whole-number answers whose mean is exactly the score.

    The answers differ from each other by a point or two where the range leaves room, as people's do.

    Parameters
    ----------
    score : float
        A mean of `items` whole numbers from `minimum` to `maximum`: on the 0 to 10 scale of four items,
        any multiple of .25.
    items : int
        Number of items, 1 or more.
    minimum, maximum : int
        Range of one answer.
    seed : int
        0 to 2**63 - 1.

    Returns
    -------
    tuple of int
        The answers, shape (items,).

    Raises
    ------
    ParameterError
        If the score is not such a mean.
    """
    _check_sizes(items=items, seed=seed)
    total = round(score * items)
    if abs(total - score * items) > 1e-6 or not minimum * items <= total <= maximum * items:
        allowed = f"{minimum:g} to {maximum:g} in steps of 1/{items}"
        raise ParameterError("no such mean of whole numbers", where="score", given=score, allowed=allowed)
    answers = [total // items + (place < total % items) for place in range(items)]
    random = random_generator(seed, Stream.ITEM)
    for give, take in random.integers(0, items, size=(items, 2)):
        if give != take and answers[give] > minimum and answers[take] < maximum:
            answers[give] -= 1
            answers[take] += 1
    return tuple(answers)


def _keys(cases: int, raters: Sequence[str], scale: str) -> "pl.DataFrame":
    """One row per series, in the order of the arrays: case, rater, scale."""
    import polars as pl

    numbers = pl.int_range(1, cases + 1, eager=True).alias("number")
    return (
        pl.DataFrame({"number": numbers})
        .join(pl.DataFrame({"rater": list(raters)}), how="cross", maintain_order="left_right")
        .select(
            case=pl.format("case-{}", pl.col("number").cast(pl.String).str.zfill(6)),
            rater=pl.col("rater"),
            scale=pl.lit(scale),
        )
    )


def _ratings_table(keys: "pl.DataFrame", values: Floats, model: SimulationModel) -> "pl.DataFrame":
    import polars as pl

    count, sessions = values.shape
    return keys[np.repeat(np.arange(count), sessions)].with_columns(
        session=pl.Series(np.tile(np.arange(1, sessions + 1), count)),
        value=pl.Series(values.ravel()).fill_nan(None),
        minimum=pl.lit(float(model.minimum)),
        maximum=pl.lit(float(model.maximum)),
    )


def _truth_table(
    keys: "pl.DataFrame", people: People, episodes: TrueEpisodes, sessions: int
) -> "pl.DataFrame":
    import polars as pl

    repair = episodes.repair_session()
    repaired = (repair > 0) & (repair <= sessions)
    kind = np.where(episodes.descent > 1, "erosion", np.where(episodes.duration > 0, "dip", "level_shift"))
    recovery = np.where(episodes.climb > 0, "gradual", np.where(episodes.duration > 0, "abrupt", "none"))
    table = keys.with_columns(
        onset_session=episodes.onset,
        depth_sd=episodes.depth_sd,
        depth=np.round(episodes.depth_sd * people.sd, 9),
        duration=np.where(repaired, repair, sessions + 1) - episodes.onset,
        repaired=repaired,
        repair_session=pl.Series(repair),
        kind=pl.Series(kind.astype(str).tolist(), dtype=pl.String),
        recovery=pl.Series(recovery.astype(str).tolist(), dtype=pl.String),
    )
    unrepaired_is_null = pl.when("repaired").then("repair_session").alias("repair_session")
    return table.with_columns(unrepaired_is_null).filter(pl.col("onset_session") > 0)


def _with_own(people: People, mean: float | None, sd: float | None) -> People:
    return People(
        mean=people.mean if mean is None else np.array([float(mean)]),
        sd=people.sd if sd is None else np.array([float(sd)]),
        trend=people.trend,
    )


def _one_episode(onset: int | None, depth_sd: float, duration: int | None, climb: int) -> TrueEpisodes:
    present = onset is not None
    return TrueEpisodes(
        onset=np.array([onset or 0]),
        depth_sd=np.array([float(depth_sd) if present else 0.0]),
        duration=np.array([duration or 0]),
        climb=np.array([climb]),
        descent=np.array([1]),
    )


def _check_sizes(*, seed: int, **counts: int) -> None:
    for name, value in counts.items():
        if not _is_whole(value) or value < 1:
            raise ParameterError(
                "not a count", where=name, given=value, allowed="a whole number of 1 or more"
            )
    if not _is_whole(seed) or not 0 <= seed <= _LARGEST_SEED:
        raise ParameterError("not a seed", where="seed", given=seed, allowed="a whole number, 0 to 2**63 - 1")


def _check_raters(raters: Sequence[str]) -> None:
    if isinstance(raters, str) or not raters or len(set(raters)) != len(raters):
        raise ParameterError(
            "each rater must be named once", where="raters", given=raters, allowed="a list of different names"
        )


def _check_dip(
    sessions: int, onset: int | None, depth_sd: float, duration: int | None, recovery_sessions: int
) -> None:
    rules = (
        ("onset_session", onset, onset is None or (_is_whole(onset) and 1 <= onset <= sessions)),
        ("depth_sd", depth_sd, 0 <= depth_sd < float("inf")),
        ("duration", duration, duration is None or (_is_whole(duration) and duration >= 1)),
        ("recovery_sessions", recovery_sessions, _is_whole(recovery_sessions) and recovery_sessions >= 0),
    )
    allowed = {
        "onset_session": f"a session from 1 to {sessions}, or none",
        "depth_sd": "0 or more own SDs",
        "duration": "a whole number of 1 or more, or none for a lasting fall",
        "recovery_sessions": "a whole number of 0 or more",
    }
    for name, value, ok in rules:
        if not ok:
            raise ParameterError("no such dip", where=name, given=value, allowed=allowed[name])


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
