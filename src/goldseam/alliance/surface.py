"""Congruence of two views and an outcome: response-surface analysis."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.alliance.case_tables import checked_fraction, is_number
from goldseam.alliance.estimate import Estimate, estimates_line
from goldseam.arrays import Floats, Integers
from goldseam.exceptions import ParameterError
from goldseam.interval_chart import interval_chart
from goldseam.shown import ShownResult

COEFFICIENTS = ("b0", "b1", "b2", "b3", "b4", "b5")
FEATURES = ("a1", "a2", "a3", "a4", "a5")
FEWEST_PER_COEFFICIENT = 5
FEWEST_CLUSTERS = 10
# Rows are a1 to a5, columns b0 to b5.
CONTRASTS = np.array(
    [
        [0, 1, 1, 0, 0, 0],
        [0, 0, 0, 1, 1, 1],
        [0, 1, -1, 0, 0, 0],
        [0, 0, 0, 1, -1, 1],
        [0, 0, 0, 1, 0, -1],
    ],
    dtype=np.float64,
)

if TYPE_CHECKING:
    import polars as pl

CongruenceVerdict = Literal["met", "not met", "not enough data"]


@dataclass(frozen=True, eq=False, repr=False)
class ResponseSurface(ShownResult):
    """The surface ``z = b0 + b1 x + b2 y + b3 x² + b4 xy + b5 y²``, x and y centred, and what it says of congruence.

    Attributes
    ----------
    congruence : {"met", "not met", "not enough data"}
        Broad sense: the outcome is highest where the two views agree, whatever their level (a4 below zero; a3
        and a5 not different from zero).
    strict : {"met", "not met", "not enough data"}
        As before, and agreement at any level goes with the same outcome (a1 and a2 not different from zero).
    reason : str or None
        What is missing, in words.
    coefficients : dict of str to Estimate
        ``b0`` to ``b5``; empty where there is not enough data.
    features : dict of str to Estimate
        ``a1 = b1 + b2`` and ``a2 = b3 + b4 + b5``, slope and curvature where the views agree; ``a3 = b1 - b2`` and
        ``a4 = b3 - b4 + b5``, slope and curvature where they are opposite; ``a5 = b3 - b5``, tilt of the ridge.
    r_squared : float or None
        None where the outcome does not vary.
    n, n_left_out : int
        Observations used, and left out because one of the three was missing.
    n_clusters : int or None
        None without clusters.
    """

    congruence: CongruenceVerdict
    strict: CongruenceVerdict
    reason: str | None
    coefficients: dict[str, Estimate]
    features: dict[str, Estimate]
    r_squared: float | None
    n: int
    n_left_out: int
    n_clusters: int | None

    def summary(self) -> str:
        """How many observations were used, the verdicts, and the features with their intervals.

        Returns
        -------
        str
        """
        used = f"Response surface: {self.n} observations, {self.n_left_out} left out"
        verdicts = f"congruence {self.congruence}, strict {self.strict}"
        return "\n".join([used, verdicts, self.reason or estimates_line(self.features)])

    def plot(self) -> Any:
        """The features with their intervals.

        Returns
        -------
        altair.LayerChart
            As for other results; None where there is not enough data.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        rows = [(name, each.value, each.low, each.high) for name, each in self.features.items()]
        return interval_chart(rows, "Features of the response surface", "outcome per point")

    def _main_table(self) -> "pl.DataFrame":
        import polars as pl

        named = {**self.coefficients, **self.features}
        return pl.DataFrame([{"name": name, **asdict(each)} for name, each in named.items()])


def response_surface(
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    *,
    midpoint: float,
    clusters: Sequence[object] | NDArray[np.generic] | None = None,
    confidence: float = 0.95,
) -> ResponseSurface:
    """Relate the agreement of two views to an outcome without losing their levels in a difference score.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Two views in the same metric, such as the client's and the therapist's rating; NaN is missing.
    z : array_like, shape (n,)
        The outcome, higher is better.
    midpoint : float
        The middle of the scale of `x` and `y`; both are centred on it.
    clusters : sequence, shape (n,), optional
        What an observation belongs to (case, therapist), where several belong together: standard errors are then
        robust to dependence within clusters. None or NaN is missing.
    confidence : float
        Of intervals; one minus it is the level of the tests, between 0 and 1.

    Returns
    -------
    ResponseSurface
        *Not enough data* with fewer than 30 observations, fewer than ten clusters, or views that do not vary enough
        to tell the six coefficients apart.

    Raises
    ------
    ParameterError
        The arrays are not numbers of one length, a value is infinite, or a parameter is not what it must be.

    Notes
    -----
    Least squares (Edwards & Parry 1993, Academy of Management Journal 36); the features are linear in the
    coefficients, so their errors follow from the covariance. "Not different from zero" is weak evidence of being
    zero: read the intervals.

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(1)
    >>> x, y = random.normal(5, 2, (2, 400))
    >>> surface = response_surface(x, y, -(x - y) ** 2 + random.normal(size=400), midpoint=5)
    >>> surface.congruence, round(surface.features["a4"].value, 1)
    ('met', -4.0)
    """
    checked_confidence = checked_fraction("confidence", confidence)
    if not is_number(midpoint):
        raise ParameterError("impossible value", where="midpoint", given=midpoint, allowed="a finite number")
    views = [_numbers(name, given) for name, given in (("x", x), ("y", y), ("z", z))]
    groups = None if clusters is None else _groups(clusters, len(views[0]))
    _check_lengths(views)
    used = ~np.isnan(np.column_stack(views)).any(axis=1)
    if groups is not None:
        used &= groups >= 0
        groups = np.unique(groups[used], return_inverse=True)[1]
    design = _design(views[0][used] - midpoint, views[1][used] - midpoint)
    reason = _missing_data(design, groups)
    n_left_out = int((~used).sum())
    if reason is not None:
        return _not_estimated(reason, len(design), n_left_out, groups)
    return _surface(design, views[2][used], groups, n_left_out, checked_confidence)


def _numbers(name: str, given: ArrayLike) -> Floats:
    try:
        numbers = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError("not numbers", where=name, given=given, allowed="numbers or NaN") from None
    if numbers.ndim != 1 or np.isinf(numbers).any():
        raise ParameterError(
            "not a list of finite numbers",
            where=name,
            given=given,
            allowed="one dimension, no infinite value",
        )
    return numbers


def _check_lengths(views: list[Floats]) -> None:
    lengths = [len(view) for view in views]
    if len(set(lengths)) > 1:
        given = ", ".join(map(str, lengths))
        raise ParameterError("x, y and z differ in length", given=given, allowed="one length")


def _groups(clusters: Sequence[object] | NDArray[np.generic], n: int) -> Integers:
    """A number for each cluster, -1 where missing."""
    labels = list(clusters)
    if len(labels) != n:
        raise ParameterError(
            "one cluster for each observation", where="clusters", given=len(labels), allowed=str(n)
        )
    numbers: dict[object, int] = {}
    missing = [label is None or label != label for label in labels]  # noqa: PLR0124  # NaN is unlike itself
    return np.array(
        [
            -1 if lost else numbers.setdefault(label, len(numbers))
            for label, lost in zip(labels, missing, strict=True)
        ],
        dtype=np.int64,
    )


def _design(x: Floats, y: Floats) -> Floats:
    """Columns 1, x, y, x², xy, y², shape (n, 6)."""
    return np.column_stack([np.ones(len(x)), x, y, x**2, x * y, y**2])


def _missing_data(design: Floats, groups: Integers | None) -> str | None:
    fewest = FEWEST_PER_COEFFICIENT * len(COEFFICIENTS)
    if len(design) < fewest:
        return f"{len(design)} complete observations, {fewest} needed"
    if groups is not None and groups.max() + 1 < FEWEST_CLUSTERS:
        return f"{groups.max() + 1} clusters, {FEWEST_CLUSTERS} needed"
    if np.linalg.matrix_rank(design / np.abs(design).max(axis=0).clip(min=1e-12)) < len(COEFFICIENTS):
        return "the two views take too few different values to tell the coefficients apart"
    return None


def _not_estimated(reason: str, n: int, n_left_out: int, groups: Integers | None) -> ResponseSurface:
    return ResponseSurface(
        congruence="not enough data",
        strict="not enough data",
        reason=reason,
        coefficients={},
        features={},
        r_squared=None,
        n=n,
        n_left_out=n_left_out,
        n_clusters=None if groups is None else len(np.unique(groups)),
    )


def _surface(
    design: Floats, z: Floats, groups: Integers | None, n_left_out: int, confidence: float
) -> ResponseSurface:
    values = np.linalg.lstsq(design, z, rcond=None)[0]
    residual = z - design @ values
    covariance = _covariance(design, residual, groups)
    n, k = design.shape
    freedom = n - k if groups is None else int(groups.max())

    def estimates(names: tuple[str, ...], contrasts: Floats) -> dict[str, Estimate]:
        variances = np.einsum("ij,jk,ik->i", contrasts, covariance, contrasts)
        pairs = zip(names, contrasts @ values, variances, strict=True)
        return {name: Estimate.of(value, variance, freedom, confidence) for name, value, variance in pairs}

    features = estimates(FEATURES, CONTRASTS)
    broad, strict = _congruence(features, 1 - confidence)
    total = float(np.sum((z - z.mean()) ** 2))
    return ResponseSurface(
        congruence=broad,
        strict=strict,
        reason=None,
        coefficients=estimates(COEFFICIENTS, np.eye(k)),
        features=features,
        r_squared=1 - float(residual @ residual) / total if total > 0 else None,
        n=n,
        n_left_out=n_left_out,
        n_clusters=None if groups is None else int(groups.max()) + 1,
    )


def _covariance(design: Floats, residual: Floats, groups: Integers | None) -> Floats:
    """Of the coefficients: classical, or robust to clusters with the usual small-sample factor (CR1)."""
    n, k = design.shape
    bread = np.linalg.inv(design.T @ design)
    if groups is None:
        classical: Floats = bread * float(residual @ residual) / (n - k)
        return classical
    n_groups = int(groups.max()) + 1
    scores = np.zeros((n_groups, k))
    np.add.at(scores, groups, design * residual[:, None])
    factor = n_groups / (n_groups - 1) * (n - 1) / (n - k)
    robust: Floats = factor * bread @ (scores.T @ scores) @ bread
    return robust


def _congruence(features: dict[str, Estimate], level: float) -> tuple[CongruenceVerdict, CongruenceVerdict]:
    """Broad and strict congruence, each part tested at the level."""
    differs = {name: each.p < level for name, each in features.items()}
    curved = differs["a4"] and features["a4"].value < 0
    broad = curved and not differs["a3"] and not differs["a5"]
    strict = broad and not differs["a1"] and not differs["a2"]
    return ("met" if broad else "not met", "met" if strict else "not met")
