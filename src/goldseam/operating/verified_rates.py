"""Predictive value and sensitivity from sessions that were asked about: the flagged ones, and some others by lot.

Asked about flagged sessions alone, a clinic learns how often a flag is right and nothing of what was never flagged.
Asked about a known share of the other sessions too, picked by lot, it learns both (two-phase design; without the
second part this is verification bias, Begg & Greenes 1983).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.exceptions import TableError
from goldseam.operating.null_rate_records import Interval
from goldseam.operating.rate_estimators import NORMAL_95
from goldseam.series.frames import frame_table

if TYPE_CHECKING:
    import polars as pl

FEWEST_FLAGGED = 20
"""Flagged sessions that were answered about: with fewer the interval of one half reaches beyond .2 to either side."""

FEWEST_BY_LOT = 50
"""Others that were answered about: of fewer, with no strain in them, .07 of all could still have one."""

FEWEST_CASES = 10
"""Cases with an answer of each kind: a variance between fewer is hardly known."""

WIDEST_INTERVAL = 0.5
"""A wider interval says nothing."""

NEEDED = ("case", "flagged", "share", "strained")


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """Sessions of one kind, and what was said of them.

    Parameters
    ----------
    sessions : int
        All there were, asked about or not.
    answered, strained : int
        Those that were answered about, and those of them in which there was strain.
    cases : int
        Cases with a session that was answered about.
    needed : int
        So many have to be answered about before a share is given.
    """

    sessions: int
    answered: int
    strained: int
    cases: int
    needed: int


@dataclass(frozen=True, slots=True)
class VerifiedRates:
    """How often a flag is right, how much strain is flagged, and how much there is where nothing was.

    Parameters
    ----------
    flagged, others : AskedAbout
        What the figures rest on.
    predictive_value : Interval or None
        Share of the flagged sessions in which there was strain, with its 95% interval; None with a reason.
    sensitivity : Interval or None
        Share of the sessions with strain that were flagged.
    missed : Interval or None
        Share of the sessions that were not flagged in which there was strain: one less the negative predictive value.
    predictive_value_refused, sensitivity_refused : str or None
        Why there is no such figure; the second is about ``missed`` too, which may stand without a sensitivity.
    """

    flagged: AskedAbout
    others: AskedAbout
    predictive_value: Interval | None
    sensitivity: Interval | None
    missed: Interval | None
    predictive_value_refused: str | None
    sensitivity_refused: str | None


def verified_rates(sessions: "pl.DataFrame | Mapping[str, Sequence[Any]] | Any") -> VerifiedRates:
    """Predictive value and sensitivity of flags, given what people said of flagged sessions and of others by lot.

    Parameters
    ----------
    sessions : data frame or dict of columns
        A row for each session, or for sessions alike: ``case``; ``flagged`` (1 or 0); ``share``, the probability with
        which it was asked about (above 0, at most 1; empty where it was not); ``strained`` (1 or 0; empty where
        nobody was asked, or answered); optionally ``sessions``, how many the row stands for. Sessions that were not
        asked about have to be in it: how many there are is known, and enters.

    Returns
    -------
    VerifiedRates
        Each figure with its 95% interval, or with the reason why there is none: fewer than 20 flagged sessions or 50
        others that were answered about, in fewer than 10 cases each, or an interval of the sensitivity wider than .5.

    Raises
    ------
    TableError
        A column is missing or holds something else.

    Notes
    -----
    Within each kind *k* the share with strain is ``r_k = sum(y / share) / sum(1 / share)`` over the sessions that were
    answered about (Hajek's estimator). With ``N_1`` flagged sessions and ``N_0`` others the sensitivity is
    ``N_1 r_1 / (N_1 r_1 + N_0 r_0)`` (Begg & Greenes 1983, Biometrics 39, 207-215, equation 2.1, by Bayes' rule).

    Its interval is that of its logit, ``log(N_1 r_1) - log(N_0 r_0)``, by the delta method (Mercaldo, Lau & Zhou 2007,
    Stat Med 26, 2170-2183), with the variance taken between cases, since the sessions of one case are alike
    (linearised, Binder 1983, Int Stat Rev 51, 279-292). Where one kind has no strain at all the logit is infinite:
    then z^2 / 2 is added to the strained and the other sessions of each kind, as they propose, and that limit is used.

    Intervals of the other two are Wilson's, of as many sessions as would give the variance found between cases (Korn &
    Graubard 1998, Surv Methodol 24, 193-201); never of more than there are.

    What was asked and not answered counts as missing at random within its kind.

    Examples
    --------
    >>> from goldseam import verified_rates
    >>> rows = [(case, 1, 1.0, said, 1) for case in range(40) for said in (1, 0)]
    >>> rows += [(case, 0, 0.1, int(case < 4), 2) for case in range(40)]
    >>> rows += [(case, 0, None, None, 18) for case in range(40)]
    >>> names = ("case", "flagged", "share", "strained", "sessions")
    >>> found = verified_rates(dict(zip(names, zip(*rows), strict=True)))
    >>> round(found.predictive_value.value, 2), round(found.missed.value, 2), round(found.sensitivity.value, 2)
    (0.5, 0.1, 0.33)
    """
    asked = _Sessions.of(sessions)
    flagged, others = (
        asked.of_kind(asked.flagged, FEWEST_FLAGGED),
        asked.of_kind(~asked.flagged, FEWEST_BY_LOT),
    )
    right_refused = _refusal(flagged.about, "flagged sessions")
    others_refused = _refusal(others.about, "sessions by lot")
    sensitivity, refused = None, right_refused or others_refused
    if refused is None:
        sensitivity, refused = _sensitivity(flagged, others)
    return VerifiedRates(
        flagged=flagged.about,
        others=others.about,
        predictive_value=None if right_refused else flagged.interval(),
        sensitivity=sensitivity,
        missed=None if others_refused else others.interval(),
        predictive_value_refused=right_refused,
        sensitivity_refused=refused,
    )


@dataclass(frozen=True, eq=False)
class _Kind:
    """Totals by case of the sessions of one kind; arrays of shape (cases,)."""

    sessions: Floats
    weight: Floats
    strained: Floats
    about: AskedAbout

    @property
    def share(self) -> float:
        return float(self.strained.sum() / self.weight.sum())

    @property
    def influence(self) -> Floats:
        """What each case moves the logarithm of the number of sessions with strain by."""
        parts: Floats = (
            self.sessions / self.sessions.sum()
            + self.strained / self.strained.sum()
            - self.weight / self.weight.sum()
        )
        return parts

    def interval(self) -> Interval:
        """The share with strain, with Wilson's interval of as many sessions as tell as much as these."""
        share, answered = self.share, self.about.answered
        alone = share * (1 - share) / answered
        apart = self.strained - share * self.weight
        between = _between_cases(apart / self.weight.sum())
        return _wilson(share, answered * min(1.0, alone / between) if between > 0 else answered)


@dataclass(frozen=True, eq=False)
class _Sessions:
    """The columns, checked; arrays of shape (rows,)."""

    case: "np.ndarray[Any, np.dtype[np.int64]]"
    flagged: Flags
    share: Floats
    strained: Floats
    count: Floats

    @classmethod
    def of(cls, given: Any) -> "_Sessions":
        table = frame_table(given)
        for name in NEEDED:
            if name not in table.columns:
                raise TableError("this column is missing", column=name, allowed=", ".join(NEEDED))
        numbers = {name: _numbers(table, name) for name in NEEDED[1:]}
        one = np.ones(table.height)
        count = _numbers(table, "sessions") if "sessions" in table.columns else one
        flagged, share, strained = numbers.values()
        is_answered = ~np.isnan(strained)
        _refuse(~np.isin(flagged, (0, 1)), flagged, "flagged", "0 or 1")
        _refuse(is_answered & ~np.isin(strained, (0, 1)), strained, "strained", "0, 1 or empty")
        _refuse(is_answered & ~((share > 0) & (share <= 1)), share, "share", "above 0, at most 1")
        _refuse(~(count >= 1) | (count != np.round(count)), count, "sessions", "1 or more")
        _names, case = np.unique(table.get_column("case").cast(str).to_numpy(), return_inverse=True)
        return cls(case, flagged == 1, share, strained, count)

    def of_kind(self, rows: Flags, needed: int) -> _Kind:
        answered = rows & ~np.isnan(self.strained)
        strained = answered & (self.strained == 1)
        weight = np.zeros(len(self.case))
        weight[answered] = self.count[answered] / self.share[answered]
        return _Kind(
            sessions=self._by_case(np.where(rows, self.count, 0.0)),
            weight=self._by_case(weight),
            strained=self._by_case(np.where(strained, weight, 0.0)),
            about=AskedAbout(
                sessions=int(self.count[rows].sum()),
                answered=int(self.count[answered].sum()),
                strained=int(self.count[strained].sum()),
                cases=len(np.unique(self.case[answered])),
                needed=needed,
            ),
        )

    def _by_case(self, values: Floats) -> Floats:
        totals: Floats = np.bincount(self.case, weights=values).astype(np.float64)
        return totals


def _numbers(table: "pl.DataFrame", name: str) -> Floats:
    import polars as pl

    try:
        column = table.get_column(name).cast(pl.Float64)
    except pl.exceptions.PolarsError as error:
        raise TableError("not numbers", column=name, given=str(table.schema[name])) from error
    numbers: Floats = column.fill_null(float("nan")).to_numpy()
    return numbers


def _refuse(bad: Flags, values: Floats, column: str, allowed: str) -> None:
    if bad.any():
        raise TableError("no such value", column=column, given=float(values[bad][0]), allowed=allowed)


def _refusal(about: AskedAbout, what: str) -> str | None:
    if about.answered < about.needed:
        return f"not enough {what} that were answered about: {about.answered}, at least {about.needed} needed"
    if about.cases < FEWEST_CASES:
        return f"not enough cases with {what}: {about.cases}, at least {FEWEST_CASES} needed"
    return None


def _between_cases(parts: Floats) -> float:
    """Variance of a sum of what each case adds to it; cases are drawn independently."""
    cases = len(parts)
    return float(cases / (cases - 1) * ((parts - parts.mean()) ** 2).sum())


def _wilson(share: float, of: float) -> Interval:
    z2 = NORMAL_95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = NORMAL_95 / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    # at 0 and 1 the interval ends there exactly, whatever rounding says
    return Interval(share, 0.0 if share == 0 else middle - half, 1.0 if share == 1 else middle + half)


def _sensitivity(flagged: _Kind, others: _Kind) -> tuple[Interval | None, str | None]:
    found, hidden = flagged.about.strained, others.about.strained
    if not found and not hidden:
        return None, "there was no strain in any session that was answered about"
    with_strain = flagged.about.sessions * flagged.share, others.about.sessions * others.share
    value = with_strain[0] / sum(with_strain)
    if found and hidden:
        middle = log(with_strain[0]) - log(with_strain[1])
        half = NORMAL_95 * sqrt(_between_cases(flagged.influence - others.influence))
    else:
        middle, half = _where_one_has_none(flagged.about, others.about)
    low = 0.0 if not found else _from_logit(middle - half)
    high = 1.0 if not hidden else _from_logit(middle + half)
    if high - low > WIDEST_INTERVAL:
        return None, f"its interval, {low:.2f} to {high:.2f}, is wider than {WIDEST_INTERVAL:g}"
    return Interval(value, low, high), None


def _where_one_has_none(flagged: AskedAbout, others: AskedAbout) -> tuple[float, float]:
    """The logit and half its interval, with as many added as Mercaldo, Lau and Zhou say."""
    middle, variance = log(flagged.sessions / others.sessions), 0.0
    for kind, sign in ((flagged, 1), (others, -1)):
        of = kind.answered + NORMAL_95**2
        share = (kind.strained + NORMAL_95**2 / 2) / of
        middle += sign * log(share)
        variance += (1 - share) / (share * of)
    return middle, NORMAL_95 * sqrt(variance)


def _from_logit(value: float) -> float:
    return 1 / (1 + exp(-value))
