"""Truth and bias: does the therapist's rating follow the client's, and from which level?"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from goldseam.alliance.case_tables import (
    CASE,
    SESSION,
    THERAPISTS,
    checked_fraction,
    final_table,
    long_table,
    scale_rows,
)
from goldseam.alliance.estimate import Estimate, estimates_line
from goldseam.alliance.therapist import DYAD, dyad_rows
from goldseam.arrays import Floats
from goldseam.exceptions import ParameterError, TableError
from goldseam.interval_chart import interval_chart
from goldseam.mixed_model import MixedModel, fit_mixed
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

FEWEST_DYADS = 10
FEWEST_SESSIONS = 3
SMALLEST_SCATTER = 1e-8  # of ratings in points: beyond what rounding leaves
Centring = Literal["dyad", "grand"]

DYAD_COLUMNS = (*DYAD, "n_sessions", "directional", "truth")


@dataclass(frozen=True, eq=False, repr=False)
class TruthAndBias(ShownResult):
    """How therapists' ratings relate to their clients', over all dyads and in each.

    Attributes
    ----------
    status : {"estimated", "not enough data"}
        Whether there are figures.
    reason : str or None
        What is missing, in words.
    directional : Estimate or None
        Mean of therapists' ratings less clients' (points): below zero, therapists rate lower.
    truth : Estimate or None
        Change of the therapist's rating for one point of the client's: 1 follows fully, 0 not at all.
    bias : Estimate or None
        Change for one point of the bias variable, the client's rating held; None without such a variable.
    directional_sd, truth_sd : float or None
        How much the two differ between dyads.
    correlation : float or None
        Between the dyads' directional and truth deviations; None where one of them does not vary.
    residual_sd : float or None
        SD of what the model leaves unexplained in a therapist's rating, in points.
    n_dyads, n_sessions : int
        Used.
    n_left_out : int
        Dyads with fewer than three sessions rated by both.
    dyads : polars.DataFrame
        ``case, phase, rater, therapist, n_sessions, directional, truth``: predictions for each dyad, drawn toward
        the mean the more, the fewer its sessions. Empty if not estimated.
    """

    status: Literal["estimated", "not enough data"]
    reason: str | None
    directional: Estimate | None
    truth: Estimate | None
    bias: Estimate | None
    directional_sd: float | None
    truth_sd: float | None
    correlation: float | None
    residual_sd: float | None
    n_dyads: int
    n_sessions: int
    n_left_out: int
    dyads: "pl.DataFrame"

    @property
    def _estimates(self) -> dict[str, Estimate]:
        named = {"directional": self.directional, "truth": self.truth, "bias": self.bias}
        return {name: each for name, each in named.items() if each is not None}

    def summary(self) -> str:
        """How many dyads were used, and the estimates with their intervals.

        Returns
        -------
        str
        """
        of = f"{counted(self.n_dyads, 'dyad')}, {counted(self.n_sessions, 'session')}"
        used = f"Truth and bias: {of}, {counted(self.n_left_out, 'dyad')} left out"
        return "\n".join([used, self.reason or estimates_line(self._estimates)])

    def plot(self) -> Any:
        """The estimates with their intervals.

        Returns
        -------
        altair.LayerChart
            As for other results; None where there is not enough data.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        rows = [(name, each.value, each.low, each.high) for name, each in self._estimates.items()]
        return interval_chart(rows, "Truth and bias of therapists' ratings", "points")

    def _main_table(self) -> "pl.DataFrame":
        return self.dyads


def truth_and_bias(
    ratings: Ratings,
    *,
    client_scale: str = "self_therapist",
    therapist_scale: str = "therapist_view",
    therapists: Collection[str] = THERAPISTS,
    bias_scale: str | None = None,
    centring: Centring = "dyad",
    confidence: float = 0.95,
    missing: MissingRatings = (),
    reading: ReadOptions | None = None,
) -> TruthAndBias:
    """Estimate directional bias and truth force of therapists' ratings, with random effects per dyad.

    The model is that of West & Kenny (2011, Psychological Review 118), session by session: both ratings are
    centred on the mean of the client's, so that the intercept is the difference in level and the slope is how
    closely the therapist follows. It is fitted by restricted maximum likelihood; formulas and limits are in
    ``docs/methods/alliance.md``.

    Parameters
    ----------
    ratings
        As for `goldseam.detect`, higher is better, with sessions numbered over the case; one phase.
    client_scale, therapist_scale, therapists
        As for `therapist_client`.
    bias_scale : str, optional
        A scale the client rates at the same sessions, such as distress, that may pull the therapist's rating.
    centring : {"dyad", "grand"}
        On each dyad's mean (tracking within the dyad) or on the mean of all.
    confidence : float
        Of the intervals, between 0 and 1.
    missing, reading
        As for `goldseam.detect`.

    Returns
    -------
    TruthAndBias
        *Not enough data* with fewer than ten dyads of three sessions, client's ratings that do not vary, or
        therapists' that leave nothing over a line in any dyad.

    Raises
    ------
    TableError
        The ratings cannot be used, lack a scale, hold several phases, or differ in range.
    ParameterError
        A parameter is not what it must be.
    """
    import polars as pl

    checked_confidence = checked_fraction("confidence", confidence)
    if centring not in ("dyad", "grand"):
        raise ParameterError("unknown centring", where="centring", given=centring, allowed="dyad, grand")
    table = long_table(ratings, missing=missing, reading=reading)
    together = dyad_rows(table, client_scale, therapist_scale, therapists)
    _check_one_phase(together)
    if bias_scale is not None:
        bias = scale_rows(table, bias_scale).select(*SESSION, "rater", pl.col("value").alias("bias"))
        together = together.join(bias, on=[*SESSION, "rater"], how="inner")
    needed = ["value", "value_therapist", *(["bias"] if bias_scale is not None else [])]
    rated = together.drop_nulls(needed).with_columns(n_sessions=pl.len().over(DYAD).cast(pl.Int64))
    used = rated.filter(pl.col("n_sessions") >= FEWEST_SESSIONS).sort(*DYAD, "session")
    n_left_out = rated.select(DYAD).n_unique() - used.select(DYAD).n_unique()
    centred = _centred(used, needed, centring)
    reason = _missing_data(centred, needed)
    if reason is not None:
        return _not_estimated(used, n_left_out, reason)
    return _estimated(centred, needed, n_left_out, checked_confidence)


def _check_one_phase(together: "pl.DataFrame") -> None:
    phases = together.get_column("phase").unique().sort().to_list()
    if len(phases) > 1:
        raise TableError(
            "ratings of several phases",
            column="phase",
            given=", ".join(phase or "none" for phase in phases),
            allowed="one phase at a time",
        )


def _centred(used: "pl.DataFrame", needed: list[str], centring: Centring) -> "pl.DataFrame":
    """Both ratings less the mean of the client's, the bias variable less its own."""
    import polars as pl

    def mean(name: str) -> "pl.Expr":
        return pl.col(name).mean().over(DYAD) if centring == "dyad" else pl.col(name).mean()

    origin = {"value_therapist": "value"}
    group = pl.struct(DYAD).rank("dense").cast(pl.Int64) - 1
    return used.with_columns(
        *((pl.col(name) - mean(origin.get(name, name))).alias(f"centred_{name}") for name in needed),
        group=group,
    )


def _missing_data(centred: "pl.DataFrame", needed: list[str]) -> str | None:
    n_dyads = centred.select(DYAD).n_unique()
    if n_dyads < FEWEST_DYADS:
        return f"{n_dyads} dyads with {FEWEST_SESSIONS} sessions rated by both, {FEWEST_DYADS} needed"
    predictors = centred.select(f"centred_{name}" for name in needed if name != "value_therapist").to_numpy()
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(predictors)), predictors])) <= predictors.shape[1]:
        return "the client's ratings do not vary, or the bias variable is a copy of them"
    if not _scatters(centred, predictors):
        return "in every dyad the therapist's ratings lie on a line, so there is no error to judge by"
    return None


def _scatters(centred: "pl.DataFrame", predictors: Floats) -> bool:
    """Whether a line of its own leaves anything over in any dyad: a therapist may rate 8 whatever is rated."""
    y, group = (centred.get_column(name).to_numpy() for name in ("centred_value_therapist", "group"))
    for dyad in range(int(group.max()) + 1):
        own = group == dyad
        design = np.column_stack([np.ones(int(own.sum())), predictors[own]])
        line, *_ = np.linalg.lstsq(design, y[own], rcond=None)
        if np.abs(y[own] - design @ line).max() > SMALLEST_SCATTER:
            return True
    return False


def _not_estimated(used: "pl.DataFrame", n_left_out: int, reason: str) -> TruthAndBias:
    import polars as pl

    empty = used.clear().with_columns(
        pl.lit(None, dtype=pl.Float64).alias("directional"), pl.lit(None, dtype=pl.Float64).alias("truth")
    )
    return TruthAndBias(
        status="not enough data",
        reason=reason,
        directional=None,
        truth=None,
        bias=None,
        directional_sd=None,
        truth_sd=None,
        correlation=None,
        residual_sd=None,
        n_dyads=used.select(DYAD).n_unique(),
        n_sessions=used.height,
        n_left_out=n_left_out,
        dyads=final_table(empty, DYAD_COLUMNS),
    )


def _estimated(
    centred: "pl.DataFrame", needed: list[str], n_left_out: int, confidence: float
) -> TruthAndBias:
    group = centred.get_column("group").to_numpy()
    y = centred.get_column("centred_value_therapist").to_numpy()
    truth = centred.get_column("centred_value").to_numpy()
    size = float(np.sqrt(np.mean(truth**2)))  # brings slope and intercept to similar scales for the search
    columns = [np.ones(len(y)), truth / size]
    bias = [centred.get_column("centred_bias").to_numpy()] if "bias" in needed else []
    model = fit_mixed(y, np.column_stack(columns + bias), np.column_stack(columns), group)
    units = np.array([1.0, 1 / size, *([1.0] * len(bias))])
    n_dyads = int(group.max()) + 1
    fixed = model.fixed * units
    variances = np.diag(model.fixed_covariance) * units**2
    estimates = [
        Estimate.of(value, variance, n_dyads - 1, confidence)
        for value, variance in zip(fixed, variances, strict=True)
    ]
    deviations = np.sqrt(np.diag(model.random_covariance)) * units[:2]
    return TruthAndBias(
        status="estimated" if model.converged else "not enough data",
        reason=None if model.converged else "the search for the variances did not converge",
        directional=estimates[0],
        truth=estimates[1],
        bias=estimates[2] if bias else None,
        directional_sd=float(deviations[0]),
        truth_sd=float(deviations[1]),
        correlation=_correlation(model),
        residual_sd=float(np.sqrt(model.residual_variance)),
        n_dyads=n_dyads,
        n_sessions=len(y),
        n_left_out=n_left_out,
        dyads=_dyads(centred, fixed[:2] + model.random * units[:2]),
    )


def _correlation(model: MixedModel) -> float | None:
    covariance = model.random_covariance
    product = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
    return float(covariance[0, 1] / product) if product > 1e-9 * model.residual_variance else None


def _dyads(centred: "pl.DataFrame", effects: Floats) -> "pl.DataFrame":
    import polars as pl

    dyads = centred.unique("group").sort("group").select(*CASE, "rater", "therapist", "n_sessions")
    columns = {"directional": effects[:, 0], "truth": effects[:, 1]}
    return final_table(
        dyads.with_columns(**{name: pl.Series(each) for name, each in columns.items()}), DYAD_COLUMNS
    )
