"""Scales: what a score is made of, its range and direction, and what a value of it means."""

from dataclasses import dataclass
from typing import Literal

from goldseam.instruments.texts import Text

Aggregate = Literal["mean", "sum", "single"]


@dataclass(frozen=True)
class KeyedItem:
    """An item of a scale; a reversed one counts as minimum + maximum − answer."""

    item: str
    reverse: bool


@dataclass(frozen=True)
class CutOff:
    """A value of a scale that means something, and what it rests on.

    Parameters
    ----------
    value : float
        In points of the scale.
    side : {"below", "at_or_above"}
        Where a score is marked.
    basis : {"provisional", "empirical", "answer"}
        A choice of ours, a finding, or the respondent's own word.
    note : str
        Why this value.
    """

    value: float
    side: Literal["below", "at_or_above"]
    basis: Literal["provisional", "empirical", "answer"]
    note: str

    def marks(self, value: float) -> bool:
        """Whether a score lies on the marked side."""
        return value < self.value if self.side == "below" else value >= self.value


@dataclass(frozen=True)
class Scale:
    """One score of a measure and the rule that gives it.

    Parameters
    ----------
    key : str
        Its name, unique in the measure.
    title : Text
        What people read.
    relation, facet : str
        Whose relation with whom, and which side of it; all its items rate the same relation.
    items : tuple of KeyedItem
        What it is made of.
    aggregate : {"mean", "sum", "single"}
        How the answers become one number.
    needed : int
        The missing-item rule: how many items must be answered.
    minimum, maximum : float
        The range of the score.
    higher_is_better : bool
        Its direction.
    cut_off : CutOff or None
        None where there is none.
    monitored : {"possible_strain", "strain_between", "goals_apart", "direct_question"} or None
        The series it feeds; None: it describes and never triggers.
    reliability, standard_deviation : float or None
        Between persons; None where not known.
    """

    key: str
    title: Text
    relation: str
    facet: str
    items: tuple[KeyedItem, ...]
    aggregate: Aggregate
    needed: int
    minimum: float
    maximum: float
    higher_is_better: bool
    cut_off: CutOff | None
    monitored: str | None
    reliability: float | None
    standard_deviation: float | None
