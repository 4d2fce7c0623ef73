"""Change by a mixed model of all occasions: each person's own course, shrunken towards the average one."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats
from goldseam.change.change_result import ReliableChange, result_of
from goldseam.change.change_settings import NAN, ChangeSettings
from goldseam.change.judging import chosen_cut_off, judged_columns
from goldseam.change.score_pairs import pair_figures, two_times
from goldseam.exceptions import ParameterError
from goldseam.mixed_model import MixedModel
from goldseam.series.occasions import Occasions
from goldseam.trajectory.growth import ESTIMATED, GrowthModel, growth_of
from goldseam.trajectory.time_courses import TimeCourse
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

FEWEST_RATINGS = 3
"""Ratings of a person from which on a course of their own is judged."""


@dataclass(frozen=True, eq=False)
class ModelChange:
    """The change of each person by a growth model.

    Attributes
    ----------
    growth : GrowthModel
        The model.
    table : polars.DataFrame
        ``person, n_rated, pre, post`` (first and last rating), ``change`` along the own course, its ``error`` and
        ``index``; the last three null where the person has fewer than 3 ratings or nothing could be estimated.
    reason : str or None
        Why nothing could be estimated.
    """

    growth: GrowthModel
    table: "pl.DataFrame"
    reason: str | None


def model_change(found: Occasions, span: tuple[float, float] | None, *, convention: str) -> ModelChange:
    """The change of each person from one time to another.

    Parameters
    ----------
    found : Occasions
        With numbers as times.
    span : pair of float, optional
        The two times; those of the person's first and last rating if not given.
    convention : str
        *published*: the own change, fixed and random part, with the error of both. *clinicalsignificance*: the own
        slope's deviation from the average one, with its error were the average known, from persons with 3 ratings or
        more.

    Returns
    -------
    ModelChange
    """
    import polars as pl

    rated = found.table.drop_nulls("value")
    if span is not None and convention == "published":
        rated = rated.filter(pl.col("time").is_between(*span))
    ends = rated.group_by("person").agg(
        n_rated=pl.len().cast(pl.Int64),
        pre=pl.col("value").first(),
        post=pl.col("value").last(),
        start=pl.col("time").first(),
        end=pl.col("time").last(),
    )
    judged = ends.filter(pl.col("n_rated") >= FEWEST_RATINGS).get_column("person")
    used = rated if convention == "published" else rated.filter(pl.col("person").is_in(judged.implode()))
    growth = growth_of(Occasions(used, found.persons, found.minimum, found.maximum), TimeCourse())
    table = (
        _all_persons(found).join(ends, on="person", how="left").with_columns(pl.col("n_rated").fill_null(0))
    )
    if growth.status != ESTIMATED or growth.model is None:
        unknown = pl.lit(None, dtype=pl.Float64)
        return ModelChange(
            growth, table.with_columns(change=unknown, error=unknown, index=unknown), growth.reason
        )
    figures = _own_change(growth.model, used, span, convention=convention)
    known = table.join(figures, on="person", how="left")
    enough = pl.col("n_rated") >= FEWEST_RATINGS
    columns = [pl.when(enough).then(pl.col(name)).alias(name) for name in ("change", "error", "index")]
    return ModelChange(growth, known.with_columns(columns).sort("person"), None)


def _all_persons(found: Occasions) -> "pl.DataFrame":
    import polars as pl

    return pl.DataFrame({"person": pl.int_range(found.persons.height, dtype=pl.UInt32, eager=True)})


def _own_change(
    model: MixedModel, used: "pl.DataFrame", span: tuple[float, float] | None, *, convention: str
) -> "pl.DataFrame":
    """Change, error and index of the persons in the model."""
    import polars as pl

    ends = used.group_by("person").agg(pl.col("time").min().alias("start"), pl.col("time").max().alias("end"))
    ends = ends.sort("person")
    distance: Floats = (ends["end"] - ends["start"]).to_numpy()
    if span is not None and convention == "published":
        distance = np.full(len(distance), span[1] - span[0])
    if convention == "published":
        change = (model.fixed[1] + model.random[:, 1]) * distance
        weights = np.column_stack([np.zeros_like(distance), distance])
        error = np.sqrt(model.prediction_variance(weights, weights))
    else:
        change = model.random[:, 1]
        error = np.sqrt(model.conditional_covariance[:, 1, 1])
    index = np.divide(change, error, out=np.full_like(change, np.nan), where=error > 0)
    return pl.DataFrame(
        {"person": ends["person"], "change": change, "error": error, "index": index}, nan_to_null=True
    )


def change_by_model(
    found: Occasions, pre: float | str | None, post: float | str | None, settings: ChangeSettings
) -> ReliableChange:
    """Every person by a growth model of all their ratings.

    Parameters
    ----------
    found : Occasions
        What was read.
    pre, post : float or str, optional
        The span that is looked at; each person's own if not given.
    settings : ChangeSettings
        With *HLM* as method.

    Returns
    -------
    ReliableChange

    Raises
    ------
    ParameterError
        Times are names, one end of the span is given alone, or it ends before it begins.
    """
    import polars as pl

    found, (pre, post) = _in_days(found, (pre, post))
    span = _span(found, pre, post)
    model = model_change(found, span, convention=settings.convention)
    everybody = model.table.select("person", "n_rated", "pre", "post")
    judged = model.table.filter(pl.col("n_rated") >= FEWEST_RATINGS)
    before, after = (judged.get_column(name).to_numpy() for name in ("pre", "post"))
    if judged.is_empty():
        before = after = np.array([NAN])
    figures = pair_figures(before, after, settings)
    at = None if judged.is_empty() else chosen_cut_off(figures, settings)
    index = judged.get_column("index").cast(pl.Float64).fill_null(NAN).to_numpy()
    columns = judged_columns(index, (before[: len(index)], after[: len(index)]), figures, at, settings)
    judged = judged.select("person", "change", "error").with_columns(**columns)
    return result_of(
        found,
        everybody,
        judged.with_columns(reason=_reason(model)),
        figures=figures,
        cutoff=at,
        settings=settings,
        times=span,
        more=_model_figures(model.growth),
        notes=_model_notes(model),
    )


def _in_days(
    found: Occasions, ends: tuple[float | str | None, float | str | None]
) -> tuple[Occasions, tuple[float | str | None, float | str | None]]:
    """Dates as days from the first one on, in the table and in the two ends; anything else as it is."""
    import polars as pl

    times = found.table.get_column("time")
    if times.dtype.is_numeric():
        return found, ends
    dates = times.str.to_date("%Y-%m-%d", strict=False)
    if dates.null_count():
        return found, ends
    days = (dates - dates.min()).dt.total_days().cast(pl.Float64)
    known: dict[Any, float | str] = dict(zip(times, days, strict=True))
    pre, post = (known.get(end, end) for end in ends)
    return replace(found, table=found.table.with_columns(time=days)), (pre, post)


def _span(found: Occasions, pre: float | str | None, post: float | str | None) -> tuple[float, float] | None:
    if found.table.schema["time"].is_numeric() is False:
        given = ", ".join(found.table["time"].unique().sort()[:12])
        raise ParameterError("times are names", where="method HLM", given=given, allowed="numbers as times")
    if pre is None and post is None:
        return None
    if pre is None or post is None:
        name = "pre" if pre is None else "post"
        raise ParameterError(
            "is not stated, but the other end is", where=name, given=None, allowed="both, or neither"
        )
    first, last = two_times(found, pre, post)
    return float(first), float(last)


def _reason(model: ModelChange) -> "pl.Expr":
    """Why a person with enough ratings is not judged."""
    import polars as pl

    words = (
        model.reason or "the persons' slopes are estimated not to differ, so that the own one has no error"
    )
    return pl.when(pl.col("status").is_null()).then(pl.lit(words))


def _model_figures(growth: GrowthModel) -> dict[str, float | None]:
    known = growth.estimates()
    slope = [row["estimate"] for row in known["fixed"][1:2]]
    return {
        "average_slope": slope[0] if slope else None,
        "slope_sd": known["slope_sd"],
        "residual_sd": known["residual_sd"],
        "log_likelihood": known["log_likelihood"],
        "singular": float(growth.singular),
    }


def _model_notes(model: ModelChange) -> tuple[str, ...]:
    if model.reason is not None:
        return (f"not enough data: {model.reason}",)
    notes = [
        f"growth model of {counted(model.growth.n_persons, 'person')}, {counted(model.growth.n_ratings, 'rating')}"
    ]
    if model.growth.singular:
        notes.append("singular fit: the data do not tell apart how persons differ in level and slope")
    if not model.growth.converged:
        notes.append("the search for the variances did not come to an end: take no figure from this")
    return tuple(notes)
