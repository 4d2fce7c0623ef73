"""What decides how change is judged, checked together."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from goldseam.change.change_methods import (
    CHANGE_METHODS,
    CONVENTIONS,
    NEEDS_RELIABILITY,
    NEEDS_THRESHOLD,
    REGRESSING,
    ChangeMethod,
)
from goldseam.change.cut_offs import CUT_OFFS
from goldseam.exceptions import ParameterError

NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class ChangeSettings:
    """What decides how change is judged; as the parameters of `reliable_change`."""

    method: str = "JT"
    convention: str = "published"
    higher_is_better: bool = True
    reliability: float | None = None
    reliability_post: float | None = None
    sd: float | None = None
    population_mean: float | None = None
    population_post_mean: float | None = None
    functional_mean: float | None = None
    functional_sd: float | None = None
    cutoff: str | float | None = None
    threshold: float | None = None
    threshold_worse: float | None = None
    critical: float | None = None
    within_error: float | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        _one_of("method", self.method, CHANGE_METHODS)
        _one_of("convention", self.convention, CONVENTIONS)
        if isinstance(self.cutoff, str):
            _one_of("cutoff", self.cutoff, (*CUT_OFFS,))
        for name in ("reliability", "reliability_post"):
            _within(name, getattr(self, name), 0, 1)
        positive = ("sd", "functional_sd", "threshold", "threshold_worse", "critical", "within_error")
        for name in positive:
            _within(name, getattr(self, name), 0, np.inf)
        for name in ("population_mean", "population_post_mean", "functional_mean", "cutoff"):
            given = getattr(self, name)
            if not isinstance(given, str):
                _within(name, given, -np.inf, np.inf)
        self._check_needs()

    def _check_needs(self) -> None:
        """Refuse what the method needs and lacks, and what would be accepted and ignored."""
        needed = {
            "reliability": self.method in NEEDS_RELIABILITY,
            "threshold": self.method in NEEDS_THRESHOLD,
        }
        for name, needs in needed.items():
            given = getattr(self, name)
            if needs and given is None:
                allowed = "a number between 0 and 1" if name == "reliability" else "a number above 0"
                raise ParameterError(
                    "is needed", where=name, given=None, allowed=f"{allowed} for {self.method}"
                )
            if not needs and given is not None:
                raise _unused(name, given, self.method)
        useful = {
            "reliability_post": self.method == "NK",
            "sd": self.method in NEEDS_RELIABILITY,
            "population_mean": self.method in REGRESSING,
            "population_post_mean": self.method == "HLL",
            "threshold_worse": self.method in NEEDS_THRESHOLD,
            "critical": self.method not in NEEDS_THRESHOLD,
        }
        for name, serves in useful.items():
            if not serves and getattr(self, name) is not None:
                raise _unused(name, getattr(self, name), self.method)
        for name in ("functional_mean", "functional_sd"):
            if self.cutoff is None and getattr(self, name) is not None:
                allowed = "a cut-off beside it (cutoff, --cutoff a, b or c)"
                raise ParameterError(
                    "would be ignored", where=name, given=getattr(self, name), allowed=allowed
                )
        if self.method == "HLL" and (self.population_mean is None) != (self.population_post_mean is None):
            raise ParameterError(
                "one mean of the population is stated without the other",
                where="method HLL",
                given=(self.population_mean, self.population_post_mean),
                allowed="population_mean and population_post_mean together, or neither",
            )

    @property
    def direction(self) -> int:
        """1 if higher is better, -1 if lower is."""
        return 1 if self.higher_is_better else -1

    @property
    def about(self) -> ChangeMethod:
        """What the method is."""
        return CHANGE_METHODS[self.method]

    def critical_values(self) -> tuple[float, float]:
        """Index from which on a change counts: for the better, for the worse."""
        if self.method in NEEDS_THRESHOLD:
            better = float(self.threshold or NAN)
            return better, float(self.threshold_worse or better)
        if self.critical is not None:
            return self.critical, self.critical
        if self.convention == "clinicalsignificance":
            from scipy.special import ndtri

            exact = float(ndtri(1 - self.about.tail))
            return exact, exact
        usual = float(self.about.critical or NAN)
        return usual, usual


def _one_of(name: str, given: str, allowed: Iterable[str]) -> None:
    if given not in allowed:
        more = ", or a score" if name == "cutoff" else ""
        raise ParameterError("no such choice", where=name, given=given, allowed=", ".join(allowed) + more)


def _within(name: str, given: float | None, low: float, high: float) -> None:
    if given is not None and not low < given < high:
        allowed = f"a number above {low:g}" + (f" and below {high:g}" if np.isfinite(high) else "")
        allowed = "a finite number" if not np.isfinite(low) else allowed
        raise ParameterError("out of range", where=name, given=given, allowed=allowed)


def _unused(name: str, given: object, method: str) -> ParameterError:
    serving = {
        "reliability": NEEDS_RELIABILITY,
        "sd": NEEDS_RELIABILITY,
        "reliability_post": ("NK",),
        "population_mean": REGRESSING,
        "population_post_mean": ("HLL",),
        "threshold": NEEDS_THRESHOLD,
        "threshold_worse": NEEDS_THRESHOLD,
        "critical": tuple(each for each in CHANGE_METHODS if each not in NEEDS_THRESHOLD),
    }
    allowed = f"none for {method}; it is for {', '.join(serving[name])}"
    return ParameterError("would be ignored", where=name, given=given, allowed=allowed)
