"""Sums of items from a latent trait, made without the library, and the best that can be made of them.

    x = sum over items j of  clip(round(theta + b_j + e_j), 0, top) / n_items
    theta = mean + growth (t - 1) + between_sd * z + s * u_t - depth * s * profile_t

`u_t` is a first-order autoregression, `s` log-normal, `e_j` normal: each item stops by itself at its ends, so that sums
are squeezed there, where the library's own simulator cuts them off. The Bayes limit is an exact discrete filter over a
grid of levels, own SDs and deviations, which knows the distribution of a sum given the latent value.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

if TYPE_CHECKING:
    import polars as pl

FloatArray = NDArray[np.float64]
PRIOR_RATINGS = 3
_LEVELS, _SDS, _DEVIATIONS = 41, 9, 31
_FINE = 401


@dataclass(frozen=True)
class ItemSums:
    """One kind of data.

    Attributes
    ----------
    n_items, top : int
        Items, and the highest answer to each; the lowest is 0.
    mean, growth, between_sd, within_sd, item_sd : float
        Of the latent value, in points: at session 1, per session, over persons, root mean square of the own
        SDs, and of an item's own error.
    spread : float
        Easiest and hardest item lie so far from the latent value.
    log_sd, autocorrelation : float
        SD of the logarithm of the own SDs; correlation of deviations from one session to the next.
    sessions : int
        Length of the courses.
    missing : float
        Share of sessions without a rating.
    gradual : float
        Share of events in the norms' file that come back over three sessions.
    """

    n_items: int = 4
    top: int = 10
    mean: float = 7.0
    growth: float = 0.03
    between_sd: float = 1.1
    within_sd: float = 0.9
    item_sd: float = 0.5
    spread: float = 0.5
    log_sd: float = 0.35
    autocorrelation: float = 0.2
    sessions: int = 16
    missing: float = 0.1
    gradual: float = 0.5

    @property
    def offsets(self) -> FloatArray:
        """How far each item lies from the latent value, shape (n_items,)."""
        return np.linspace(-self.spread, self.spread, self.n_items) if self.n_items > 1 else np.zeros(1)

    def total_given(self, theta: FloatArray) -> FloatArray:
        """Probability of every total given the latent value, shape (n_totals, len(theta))."""
        total = np.ones((1, len(theta)))
        for offset in self.offsets:
            edges = np.concatenate(([-np.inf], np.arange(self.top) + 0.5, [np.inf]))
            below = ndtr((edges[:, None] - theta - offset) / self.item_sd)
            item = np.diff(below, axis=0)
            longer = np.zeros((len(total) + self.top, len(theta)))
            for answer, chance in enumerate(item):
                longer[answer : answer + len(total)] += total * chance
            total = longer
        return total


KINDS: dict[str, ItemSums] = {
    "middle": ItemSums(),
    "quarter at the ceiling": ItemSums(mean=9.2, item_sd=0.6),
    "half at the ceiling": ItemSums(mean=10.2, between_sd=1.2),
    "near both ends": ItemSums(
        n_items=6, top=4, mean=2.4, between_sd=1.3, within_sd=0.7, spread=0.8, growth=0.01
    ),
    "near the floor": ItemSums(n_items=6, top=4, mean=0.7, between_sd=0.7, within_sd=0.6, growth=0.01),
    "nine totals": ItemSums(n_items=2, top=4, mean=2.8, between_sd=0.7, within_sd=0.6, growth=0.01),
    "gradual recovery": ItemSums(gradual=1.0),
    "short courses": ItemSums(sessions=8, growth=0.06),
    "half missing": ItemSums(missing=0.5),
    "very unequal own SDs": ItemSums(log_sd=0.6),
    "autocorrelated": ItemSums(autocorrelation=0.5),
    "continuous": ItemSums(
        n_items=1, top=400, mean=280.0, growth=1.2, between_sd=44.0, within_sd=36.0, item_sd=6.0
    ),
}


@dataclass(frozen=True, eq=False)
class Courses:
    """Totals of a sample, as numbers of points of answers, -1 where not rated; and where the event is at full depth."""

    kind: ItemSums
    totals: NDArray[np.int64]
    deep: NDArray[np.bool_]

    @property
    def rated(self) -> NDArray[np.bool_]:
        return self.totals >= 0

    @property
    def evaluable(self) -> NDArray[np.bool_]:
        """Rated, with at least three ratings before."""
        return self.rated & (np.cumsum(self.rated, axis=1) - self.rated >= PRIOR_RATINGS)

    def table(self) -> "pl.DataFrame":
        """As `goldseam.detect` reads it."""
        import polars as pl

        n, sessions = self.totals.shape
        value = np.where(self.rated, self.totals / self.kind.n_items, np.nan).ravel()
        return pl.DataFrame(
            {
                "case": np.repeat(np.arange(n), sessions),
                "rater": "client",
                "scale": "alliance",
                "session": np.tile(np.arange(1, sessions + 1), n),
                "value": pl.Series(value).fill_nan(None),
                "minimum": 0.0,
                "maximum": float(self.kind.top),
            }
        )

    def lay_out(self, column: "pl.Series") -> FloatArray:
        """A column of the table of sessions, by series and session."""
        import polars as pl

        return column.cast(pl.Float64).fill_null(float("nan")).to_numpy().reshape(self.totals.shape)


def draw(kind: ItemSums, n: int, profile: FloatArray, rng: np.random.Generator) -> Courses:
    """Courses with the latent value lowered by `profile`, in own SDs, shape (n, sessions)."""
    own = kind.within_sd * np.exp(kind.log_sd * rng.standard_normal((n, 1)) - kind.log_sd**2)
    level = kind.mean + kind.between_sd * rng.standard_normal((n, 1)) + kind.growth * np.arange(kind.sessions)
    shocks, deviation = rng.standard_normal((n, kind.sessions)), np.zeros((n, kind.sessions))
    deviation[:, 0] = shocks[:, 0]
    for t in range(1, kind.sessions):
        keep = kind.autocorrelation
        deviation[:, t] = keep * deviation[:, t - 1] + np.sqrt(1 - keep**2) * shocks[:, t]
    theta = level + own * (deviation - profile)
    noise = kind.item_sd * rng.standard_normal((n, kind.sessions, kind.n_items))
    answers = np.clip(np.round(theta[:, :, None] + kind.offsets + noise), 0, kind.top)
    totals = answers.sum(axis=2).astype(np.int64)
    totals[rng.random((n, kind.sessions)) < kind.missing] = -1
    deepest = profile.max(axis=1, keepdims=True)
    return Courses(kind, totals, (profile == deepest) & (deepest > 0))


def quiet(kind: ItemSums, n: int, rng: np.random.Generator) -> Courses:
    """Nothing ever happens."""
    return draw(kind, n, np.zeros((n, kind.sessions)), rng)


def dips(kind: ItemSums, n: int, depth: float, rng: np.random.Generator) -> Courses:
    """One dip of one session each, from the fifth session on."""
    profile = np.zeros((n, kind.sessions))
    profile[np.arange(n), rng.integers(4, kind.sessions, n)] = depth
    return draw(kind, n, profile, rng)


def eventful(kind: ItemSums, n: int, share: float, rng: np.random.Generator) -> Courses:
    """A file that norms are fitted to: in so many series an event of 2 to 3 own SDs and one to three sessions."""
    profile = np.zeros((n, kind.sessions))
    for person in np.flatnonzero(rng.random(n) < share):
        begins, lasts, depth = rng.integers(2, kind.sessions), rng.integers(1, 4), rng.uniform(2, 3)
        if rng.random() < kind.gradual:
            shape = depth * np.array([1, 0.75, 0.5, 0.25])
        elif rng.random() < 0.2:
            shape = np.full(kind.sessions, depth)
        else:
            shape = np.full(lasts, depth)
        until = min(begins + len(shape), kind.sessions)
        profile[person, begins:until] = shape[: until - begins]
    return draw(kind, n, profile, rng)


def bayes_limit(courses: Courses) -> FloatArray:
    """Predicted probability of so low a total for somebody who knows the population; NaN if not rated.

    Half of the total's own probability counts, which orders totals as any other share would.
    """
    kind, (n, sessions) = courses.kind, courses.totals.shape
    z = np.linspace(-3.5, 3.5, _LEVELS)
    deviations = np.linspace(-4, 4, _DEVIATIONS)
    logs = np.linspace(-2.6, 2.6, _SDS)
    own = kind.within_sd * np.exp(kind.log_sd * logs - kind.log_sd**2)
    weight = _normal(z)[:, None, None] * _normal(logs)[None, :, None] * _normal(deviations)
    state = np.repeat(weight.reshape(1, -1, _DEVIATIONS), n, axis=0)
    keep = kind.autocorrelation
    move = np.exp(-0.5 * ((deviations - keep * deviations[:, None]) / np.sqrt(1 - keep**2)) ** 2)
    move /= move.sum(axis=1, keepdims=True)
    latent = kind.mean + kind.between_sd * z[:, None, None] + own[None, :, None] * deviations
    fine = np.linspace(latent.min(), latent.max() + kind.growth * sessions, _FINE)
    given = kind.total_given(fine)
    below = np.cumsum(given, axis=0) - given / 2
    found = np.full((n, sessions), np.nan)
    for t in range(sessions):
        if t:
            state = state @ move
        place = np.interp((latent + kind.growth * t).ravel(), fine, np.arange(_FINE))
        low = np.minimum(place.astype(int), _FINE - 2)
        part = place - low
        rated = np.flatnonzero(courses.rated[:, t])
        for total in np.unique(courses.totals[rated, t]):
            who = rated[courses.totals[rated, t] == total]
            flat = state[who].reshape(len(who), -1)
            found[who, t] = flat @ (below[total, low] * (1 - part) + below[total, low + 1] * part)
            flat = flat * (given[total, low] * (1 - part) + given[total, low + 1] * part)
            state[who] = (flat / flat.sum(axis=1, keepdims=True)).reshape(len(who), -1, _DEVIATIONS)
    return found


def _normal(z: FloatArray) -> FloatArray:
    density = np.exp(-0.5 * z**2)
    return density / density.sum()


def found_at(rate: float, null: tuple[Courses, FloatArray], held: tuple[Courses, FloatArray]) -> float:
    """Share of the evaluable dips found by a statistic that is low where alarming, at a rate of false alarms.

    Of the ratings with exactly the threshold's value a share alarms.
    """
    courses, values = null
    seen = np.sort(values[courses.evaluable])
    wanted = rate * len(seen)
    point = seen[min(int(wanted), len(seen) - 1)]
    share = (wanted - (seen < point).sum()) / (seen == point).sum()
    courses, values = held
    looked = courses.evaluable & courses.deep
    at = values[looked]
    return float(np.where(at < point, 1.0, np.where(at == point, share, 0.0)).mean())
