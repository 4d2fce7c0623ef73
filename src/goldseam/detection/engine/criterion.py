"""What every criterion is, so that adding one is adding one file; how its answers become codes and words."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from goldseam.arrays import Codes, Flags
from goldseam.detection.engine.codes import Code, Grade
from goldseam.detection.engine.findings import Bounds, Findings, joined, joined_bounds
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

# Ratings looked at together: enough that starting over costs nothing, few enough for the processor's memory.
BLOCK = 2**18

CONFIDENCE = {
    "A": "as its source states it",
    "B": "as the literature commonly reports it",
    "C": "a reconstruction; its source may use other numbers",
    "own": "defined by this project",
}
"""How sure it is that a criterion is what its source describes."""


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
    ascending : tuple of str
        Parameters of which none may be larger than the next.
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
    thresholds: ClassVar[tuple[str, ...]] = tuple(each.word for each in Grade if each and each.word)
    ascending: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name, rule in self.parameters().items():
            object.__setattr__(self, name, rule.checked(name, getattr(self, name)))
        values = [getattr(self, name) for name in self.ascending]
        if values != sorted(values):
            given = ", ".join(f"{value:g}" for value in values)
            allowed = ", ".join(f"{less} at most {more}" for less, more in pairwise(self.ascending))
            raise ParameterError("thresholds out of order", given=given, allowed=allowed)

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
            With an entry for every scale, where the criterion uses them.
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
        The value where none is given; None for a parameter that may be left out.
    meaning : str
        One line, shown by ``goldseam criteria``.
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


def judge_in_blocks(
    rule: Criterion, series: RatingSeries, norms: Norms, *, higher_is_better: bool
) -> Findings:
    """What a criterion says of every rating; no series depends on another, so it is asked for some at a time.

    Parameters
    ----------
    rule : Criterion
        With its parameters set.
    series, norms, higher_is_better
        As for `Criterion.judge`.

    Returns
    -------
    Findings
    """
    blocks = list(series.blocks(BLOCK))
    judge = partial(rule.judge, norms=norms, higher_is_better=higher_is_better)
    if len(blocks) == 1:
        return judge(series)

    from goldseam.progress import with_progress

    def bounds() -> Bounds:
        return joined_bounds([judge(block).bounds() for block in with_progress(blocks, "judging again")])

    # judging once more, when somebody asks, is better than keeping all that was computed on the way
    found = [replace(judge(block), bounds=bounds) for block in with_progress(blocks, "judging")]
    return joined(found, [block.n_series for block in blocks])


def coded(*answers: tuple[Flags, Code], otherwise: Code) -> Codes:
    """For every element the number of the first answer that holds.

    Parameters
    ----------
    *answers : tuple of ndarray of bool and Code
        Where an answer holds, arrays of one shape, and the answer; the first that holds counts.
    otherwise : Code
        The answer where none holds.

    Returns
    -------
    ndarray of int8
        Of the shape of the answers.
    """
    codes = np.full(answers[0][0].shape, otherwise, np.int8)
    for where, code in reversed(answers):
        np.copyto(codes, code, where=where)
    return codes


def words(codes: Codes, kind: type[Code]) -> "pl.Series":
    """The words for numbers.

    Parameters
    ----------
    codes : ndarray of int8, shape (n,)
        Numbers of members.
    kind : type of Code
        The enumeration they belong to.

    Returns
    -------
    polars.Series of str, length n
        Null where the member has no word.
    """
    import polars as pl

    return pl.Series([each.word for each in kind], dtype=pl.String).gather(codes.astype(np.uint8))
