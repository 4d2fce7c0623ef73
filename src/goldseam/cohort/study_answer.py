"""One question of a study with its answer, or with the reason why there is none."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class StudyAnswer:
    """One question of a study.

    Attributes
    ----------
    name : str
        Of its files.
    question : str
        In words.
    estimand : str
        What exactly is estimated, of whom.
    sentence : str
        The answer, or why there is none.
    tables : dict of str to polars.DataFrame
        By file name without ending; empty where it is refused.
    chart : altair chart or None
        As `goldseam.cohort.study_charts` draws it.
    caption : str
        Of the chart.
    notes : tuple of str
        How to read it, and what it does not say.
    refused : bool
        Whether there is no answer.
    used : dict of str to polars.DataFrame
        What the script of R recomputes the tables from, by file name without ending: units are numbers.
    """

    name: str
    question: str
    estimand: str
    sentence: str
    tables: "dict[str, pl.DataFrame]"
    chart: Any = None
    caption: str = ""
    notes: tuple[str, ...] = ()
    refused: bool = False
    used: "dict[str, pl.DataFrame]" = field(default_factory=dict)


def refused_answer(name: str, question: str, why: str) -> StudyAnswer:
    """A question that is not answered."""
    return StudyAnswer(name, question, "", f"Not answered: {why}.", {}, refused=True)
