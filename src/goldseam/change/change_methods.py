"""The methods of reliable change: what each expects after treatment if nobody changed, and with what error.

Every method judges how far the later score lies from an expected one, in units of an error: index = (post - expected) /
error. They differ in the two, and in the index from which on a change counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from goldseam.arrays import Floats
from goldseam.exceptions import ParameterError

CONVENTIONS = ("published", "clinicalsignificance")
"""As the sources have it, or as version 2 of the R package clinicalsignificance computes it."""

NEEDS_RELIABILITY = ("JT", "GLN", "HLL", "EN", "NK", "HA")
NEEDS_THRESHOLD = ("PCT", "MIC")
REGRESSING = ("GLN", "HLL", "EN", "NK")
"""Methods that expect scores to regress towards a mean."""


@dataclass(frozen=True, kw_only=True)
class PairFigures:
    """Figures of the persons rated at both occasions, and what was said of the measure.

    Attributes
    ----------
    n : int
        Number of persons rated at both.
    pre_mean, post_mean : float
        In points; NaN without persons.
    pre_sd, post_sd : float
        Of the persons, in points; NaN for fewer than two.
    error_sd : float
        The SD that the reliability belongs to, in points, above 0: a stated one, or `pre_sd`.
    correlation : float
        Of the two scores; NaN where one does not vary.
    reliability, reliability_post : float
        Between 0 and 1, at the first and at the second occasion.
    expected_pre, expected_post : float
        Means that persons are taken to regress to: the sample's, or stated ones.
    """

    n: int
    pre_mean: float
    post_mean: float
    pre_sd: float
    post_sd: float
    error_sd: float
    correlation: float
    reliability: float
    reliability_post: float
    expected_pre: float
    expected_post: float

    @property
    def measurement_error(self) -> float:
        """Standard error of measurement of a score, from differences between persons, in points."""
        return self.error_sd * float(np.sqrt(1 - self.reliability))

    @property
    def difference_error(self) -> float:
        """Standard error of a difference of two scores of a person who did not change, in points."""
        return float(np.sqrt(2)) * self.measurement_error

    @property
    def difference_reliability(self) -> float:
        """Reliability of the differences, by Hageman and Arrindell; may be below 0, NaN where they do not vary."""
        observed = self.pre_sd**2 + self.post_sd**2
        shared = 2 * self.pre_sd * self.post_sd * self.correlation
        varying = observed - shared
        return (varying - 2 * self.measurement_error**2) / varying if varying > 0 else float("nan")


Expectation: TypeAlias = tuple[Floats, Floats | float]
"""Expected later scores, and the error of the difference from them."""


def _jacobson_truax(pre: Floats, figures: PairFigures, _convention: str) -> Expectation:
    return pre, figures.difference_error


def _regressed(pre: Floats, figures: PairFigures, target: float) -> Floats:
    return target + figures.reliability * (pre - figures.expected_pre)


def _gulliksen(pre: Floats, figures: PairFigures, _convention: str) -> Expectation:
    error = figures.error_sd * float(np.sqrt(1 - figures.reliability**2))
    return _regressed(pre, figures, figures.expected_pre), error


def _hsu_linn_lord(pre: Floats, figures: PairFigures, _convention: str) -> Expectation:
    error = figures.error_sd * float(np.sqrt(1 - figures.reliability**2))
    return _regressed(pre, figures, figures.expected_post), error


def _edwards_nunnally(pre: Floats, figures: PairFigures, _convention: str) -> Expectation:
    return _regressed(pre, figures, figures.expected_pre), figures.measurement_error


def _nunnally_kotsch(pre: Floats, figures: PairFigures, convention: str) -> Expectation:
    later = figures.post_sd if convention == "published" else figures.error_sd
    carried = figures.reliability**2 * figures.error_sd**2 * (1 - figures.reliability)
    error = float(np.sqrt(carried + later**2 * (1 - figures.reliability_post)))
    return _regressed(pre, figures, figures.expected_pre), error


def _hageman_arrindell(pre: Floats, figures: PairFigures, _convention: str) -> Expectation:
    reliability = figures.difference_reliability
    if np.isnan(reliability):
        raise ParameterError(
            "needs persons whose scores differ at both occasions, and whose changes differ",
            where="method HA",
            given=f"{figures.n} persons, SDs {figures.pre_sd:.4g} and {figures.post_sd:.4g}",
            allowed="another method, or more persons",
        )
    if not reliability > 0:
        raise ParameterError(
            "by this method the differences have no reliability above 0: the scores do not differ between the "
            "occasions by more than error",
            where="method HA",
            given=round(reliability, 4),
            allowed="a method that does not use it (JT, GLN), or a higher reliability of the measure",
        )
    shift = (figures.post_mean - figures.pre_mean) * (1 - reliability) / reliability
    return pre - shift, figures.difference_error / float(np.sqrt(reliability))


def _percentage(pre: Floats, _figures: PairFigures, _convention: str) -> Expectation:
    return pre, np.where(pre > 0, pre / 100, np.nan)


def _points(pre: Floats, _figures: PairFigures, _convention: str) -> Expectation:
    return pre, 1.0


@dataclass(frozen=True, kw_only=True)
class ChangeMethod:
    """A method of saying who changed.

    Attributes
    ----------
    title, formula, source : str
        What it is called, computes, and where it comes from.
    critical : float, optional
        Index beyond which a change counts; None where the caller states it.
    tail : float
        Probability in one tail that the critical value of the R package stands for.
    differs : str
        In what that package differs from the source; empty where it does not.
    """

    title: str
    formula: str
    source: str
    critical: float | None = 1.96
    tail: float = 0.025
    differs: str = ""


CHANGE_METHODS: dict[str, ChangeMethod] = {
    "JT": ChangeMethod(
        title="Jacobson-Truax",
        formula="(post - pre) / (SD_pre sqrt(2 (1 - r)))",
        source="Jacobson & Truax 1991, J Consult Clin Psychol 59, 12, with the error of Christensen & Mendoza 1986",
    ),
    "GLN": ChangeMethod(
        title="Gulliksen-Lord-Novick",
        formula="(post - M_pre - r (pre - M_pre)) / (SD_pre sqrt(1 - r^2))",
        source="Lord & Novick 1968, as in Hsu 1989, Behav Assess 11, 459, and 1995, J Consult Clin Psychol 63, 141",
    ),
    "HLL": ChangeMethod(
        title="Hsu-Linn-Lord",
        formula="(post - M_post - r (pre - M_pre)) / (SD_pre sqrt(1 - r^2))",
        source="Hsu 1989, Behav Assess 11, 459",
    ),
    "EN": ChangeMethod(
        title="Edwards-Nunnally",
        formula="(post - M_pre - r (pre - M_pre)) / (SD_pre sqrt(1 - r))",
        source="Edwards et al. 1978, as in Speer 1992, J Consult Clin Psychol 60, 402",
    ),
    "NK": ChangeMethod(
        title="Nunnally-Kotsch",
        formula="(post - M_pre - r (pre - M_pre)) / sqrt(r^2 SD_pre^2 (1 - r) + SD_post^2 (1 - r_post))",
        source="Nunnally & Kotsch 1983, Br J Clin Psychol 22, 83",
        differs="takes SD_pre in place of SD_post",
    ),
    "HA": ChangeMethod(
        title="Hageman-Arrindell",
        formula="((post - pre) r_d + (M_post - M_pre) (1 - r_d)) / (sqrt(r_d) SD_pre sqrt(2 (1 - r)))",
        source="Hageman & Arrindell 1999, Behav Res Ther 37, 1169",
        critical=1.65,
        tail=0.05,
        differs="calls everybody harmed who deteriorated from the functional side of the cut-off",
    ),
    "HLM": ChangeMethod(
        title="mixed model of all occasions",
        formula="(fixed + own shrunken slope) (t_post - t_pre) / its error, that of both included",
        source="Raudenbush & Bryk 2002; Speer & Greenbaum 1995, J Consult Clin Psychol 63, 1044",
        differs="tests the own slope against the average one: who improves as everybody does is unchanged; "
        "it looks at all occasions, and `change` is the own slope less the average one",
    ),
    "PCT": ChangeMethod(
        title="percentage change",
        formula="100 (post - pre) / pre",
        source="a convention; see Hiller, Schindler & Lambert 2012, Psychother Res 22, 1",
        critical=None,
        differs="takes a score that rises from 0 for improved, whichever direction is better",
    ),
    "MIC": ChangeMethod(
        title="minimal important change",
        formula="post - pre",
        source="points found by an anchor; Jaeschke, Singer & Guyatt 1989, Control Clin Trials 10, 407",
        critical=None,
    ),
}

EXPECTATIONS: dict[str, Callable[[Floats, PairFigures, str], Expectation]] = {
    "JT": _jacobson_truax,
    "GLN": _gulliksen,
    "HLL": _hsu_linn_lord,
    "EN": _edwards_nunnally,
    "NK": _nunnally_kotsch,
    "HA": _hageman_arrindell,
    "PCT": _percentage,
    "MIC": _points,
}
"""What each method but the mixed model expects, from the first scores, the figures and the convention."""
