"""What every criterion is and gives back, so that adding one is adding one file."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Codes, Floats
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl


VERDICTS = ("met", "not met", "not applied", "not enough data")
MET, NOT_MET, NOT_APPLIED, NOT_ENOUGH_DATA = range(4)

GRADES = ("none", "watch", "probable", "marked")
NONE, WATCH, PROBABLE, MARKED = range(4)

REASONS = (
    None,
    "no_rating",
    "few_earlier_ratings",
    "ceiling_suspect",
    "small_drop",
    "open_episode",
    "after_break",
    "range_unknown",
    "previous_not_rated",
    "no_variation",
    "series_too_short",
    "window_incomplete",
    "case_not_selected",
)
PLAIN, NO_RATING, FEW_EARLIER_RATINGS, CEILING_SUSPECT = range(4)
SMALL_DROP, OPEN_EPISODE, AFTER_BREAK, RANGE_UNKNOWN = range(4, 8)
PREVIOUS_NOT_RATED, NO_VARIATION, SERIES_TOO_SHORT = range(8, 11)
WINDOW_INCOMPLETE, CASE_NOT_SELECTED = range(11, 13)


CONFIDENCE = {
    "A": "as its source states it",
    "B": "as the literature commonly reports it",
    "C": "a reconstruction; its source may use other numbers",
    "own": "defined by this project",
}
"""How sure it is that a criterion is what its source describes."""


def unknown(n_ratings: int) -> Floats:
    """What a criterion that has no such number says of every rating: NaN, taking no memory.

    Parameters
    ----------
    n_ratings : int

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        Cannot be written to.
    """
    return np.broadcast_to(np.nan, n_ratings)


def coded(*answers: tuple[NDArray[np.bool_], int], otherwise: int) -> Codes:
    """For every rating the code of the first answer that holds.

    Parameters
    ----------
    *answers : tuple of ndarray of bool, shape (n_ratings,), and int
    otherwise : int
        Where none holds.

    Returns
    -------
    ndarray of int8, shape (n_ratings,)
    """
    codes = np.full(answers[0][0].shape, otherwise, np.int8)
    for where, code in reversed(answers):
        np.copyto(codes, code, where=where)
    return codes


def is_unknown(values: NDArray[Any]) -> bool:
    """Whether these are numbers as `unknown` gives them.

    Parameters
    ----------
    values : ndarray, shape (n_ratings,)

    Returns
    -------
    bool
    """
    return values.strides == (0,) and values.dtype == np.float64 and bool(np.isnan(values[:1]).all())


@dataclass(frozen=True, eq=False)
class Bounds:
    """Per rating, higher is better: the highest value that would have met the criterion, and the usual range.

    Arrays of shape (n_ratings,); NaN where a rating was not judged.
    """

    limit: Floats
    usual_low: Floats
    usual_high: Floats


@dataclass(frozen=True, eq=False)
class Findings:
    """What a criterion says of every rating, and the events it found; higher is better throughout.

    Attributes
    ----------
    verdict, grade, reason : ndarray of int8, shape (n_ratings,)
        Positions in `VERDICTS`, `GRADES` and `REASONS`.
    expected, spread, degrees_of_freedom, p : ndarray of float, shape (n_ratings,)
        NaN where the criterion has none.
    events : polars.DataFrame
        ``series`` (the index of the series) and the columns of an event that the criterion fills.
        Columns that are not those of an event are further details, in the direction of the ratings as given.
    bounds : callable
        Computes `Bounds` when they are asked for.
    parts : mapping of str to ndarray of int8, shape (n_ratings,)
        What each part of the criterion says of every rating: positions in `VERDICTS`.
    unrated : mapping of str to ndarray of int8, shape (n_missed,)
        Verdicts for the rows without a rating, of the whole (``verdict``) or of a part; *not applied* if left out.
    size : str
        Column of the events by which the largest and the smallest of a series are found.
    further : callable
        Computes further columns of the rated sessions when they are asked for.
    """

    verdict: Codes
    grade: Codes
    reason: Codes
    expected: Floats
    spread: Floats
    degrees_of_freedom: Floats
    p: Floats
    events: "pl.DataFrame"
    bounds: Callable[[], Bounds]
    parts: Mapping[str, Codes] = field(default_factory=dict)
    unrated: Mapping[str, Codes] = field(default_factory=dict)
    size: str = "depth"
    further: Callable[[], Mapping[str, "Floats | pl.Series"]] = dict


@dataclass(frozen=True)
class Criterion(ABC):
    """A named, versioned, parameterised rule that finds ruptures.

    A criterion is a frozen dataclass whose fields, made with `parameter`, are its parameters.

    Attributes
    ----------
    id : str
    version : int
    title : str
        What it looks for, in a few words.
    source : str
        Paper or document the rule comes from.
    confidence : str
        A key of `CONFIDENCE`.
    prospective : bool
        Whether a decision rests on earlier ratings alone, so that later ratings never change it.
    shortest_series : int
        Ratings a series needs before the criterion can say anything.
    uses_norms : bool
        Whether it uses norms unless all that they say is given as parameters; see `needs_norms`.
    graded : bool
        Whether its events have grades, *probable* and *marked*.
    reads_evidence : bool
        Whether it reads what else is known of a session; see `goldseam.series.evidence`.
    higher_is_better : bool
        The direction of the scales it is meant for, unless told otherwise.
    thresholds : tuple of str
        Parameters that, multiplied by one factor, make it alarm more or less readily; those not set are passed over.
        A parameter with the name of a grade is the threshold of that grade.
    """

    id: ClassVar[str]
    version: ClassVar[int]
    title: ClassVar[str]
    source: ClassVar[str]
    confidence: ClassVar[str]
    prospective: ClassVar[bool]
    shortest_series: ClassVar[int]
    uses_norms: ClassVar[bool]
    graded: ClassVar[bool] = False
    reads_evidence: ClassVar[bool] = False
    higher_is_better: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = GRADES[1:]

    def __post_init__(self) -> None:
        for name, rule in self.parameters().items():
            object.__setattr__(self, name, rule.checked(name, getattr(self, name)))

    @classmethod
    def parameters(cls) -> dict[str, "Parameter"]:
        """The criterion's parameters by name.

        Returns
        -------
        dict of str to Parameter
        """
        return {each.name: each.metadata["rule"] for each in fields(cls)}

    @property
    def needs_norms(self) -> bool:
        """Whether it uses norms with the parameters it has."""
        return self.uses_norms

    @abstractmethod
    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series.

        Parameters
        ----------
        series : RatingSeries
            Turned round already where higher was not better.
        norms : Norms
        higher_is_better : bool
            The direction the ratings had before.

        Returns
        -------
        Findings
        """


@dataclass(frozen=True)
class Parameter:
    """The default of a parameter, what it may be, and what it means.

    Attributes
    ----------
    default : float, int, bool, str or None
    kind : type
        ``float``, ``int``, ``bool`` or ``str``.
    least, most : float
        The allowed range, ends included.
    meaning : str
    choices : tuple of str
        The allowed texts.
    """

    default: float | bool | str | None
    kind: type
    least: float
    most: float
    meaning: str
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.kind is bool:
            return "true or false"
        if self.kind is str:
            return ", ".join(self.choices)
        words = "a whole number" if self.kind is int else "a number"
        if np.isfinite(self.least):
            words += f" from {self.least:g}"
        if np.isfinite(self.most):
            words += f" to {self.most:g}"
        return f"{words}, or none" if self.default is None else words

    def checked(self, name: str, value: Any) -> Any:
        """The value as the parameter's own type.

        Parameters
        ----------
        name : str
            Named in errors.
        value : object
            A value, or its text as typed on a command line.

        Returns
        -------
        float, int, bool, str or None

        Raises
        ------
        ParameterError
            The value has another type or lies outside the allowed range.
        """
        converted = self._from_text(value) if isinstance(value, str) else value
        if converted is None and self.default is None:
            return None
        if not self._fits(converted):
            raise ParameterError(
                "impossible value", where=f"parameter {name}", given=value, allowed=self.allowed
            )
        return self.kind(converted)

    def _from_text(self, text: str) -> object:
        if self.kind is str:
            return text
        words = {"true": True, "yes": True, "false": False, "no": False, "none": None}
        if text.lower() in words:
            return words[text.lower()]
        try:
            return float(text)
        except ValueError:
            return text

    def _fits(self, value: object) -> bool:
        if self.kind is str:
            return value in self.choices
        if isinstance(value, bool | np.bool_) or self.kind is bool:
            return isinstance(value, bool | np.bool_) and self.kind is bool
        if not isinstance(value, int | float | np.integer | np.floating):
            return False
        whole = self.kind is float or float(value).is_integer()
        return whole and bool(self.least <= value <= self.most) and bool(np.isfinite(value))


def parameter(
    default: float | str | None,
    meaning: str,
    *,
    kind: type = float,
    least: float = -np.inf,
    most: float = np.inf,
    choices: tuple[str, ...] = (),
) -> Any:
    """A field of a criterion.

    Parameters
    ----------
    default : float, int, bool, str or None
    meaning : str
    kind : type
        ``str`` where there are choices.
    least, most : float
        The allowed range, ends included.
    choices : tuple of str
        The allowed texts.

    Returns
    -------
    dataclasses.Field
    """
    rule = Parameter(default, str if choices else kind, least, most, meaning, choices)
    return field(default=default, metadata={"rule": rule})
