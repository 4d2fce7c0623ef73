"""One question of a study with its answer, or with the reason why there is none."""

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from goldseam.shown import svg

if TYPE_CHECKING:
    import polars as pl


PADDING = {
    "left": 32,
    "top": 16,
    "right": 20,
    "bottom": 16,
}  # text is wider in some fonts than it was reckoned
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Of charts: the first is what the width of their text is reckoned with; Arial and Helvetica are as wide."""
_ID = re.compile(r'(id="|url\(#|href="#)([A-Za-z_][\w-]*)')


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

    def of_some(self, cases: int) -> "StudyAnswer":
        """The same answer, which says that it is of some of the cases."""
        note = f"Without draws this is of {cases} cases, evenly spaced in the order of their names."
        return replace(self, notes=(*self.notes, note))

    @cached_property
    def svg(self) -> str:
        """The chart as SVG, with identifiers of its own; empty where there is none.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        if self.chart is None:
            return ""
        drawn = svg(self.chart.properties(padding=PADDING).configure(font=FONT))
        titled = drawn.replace(">", f"><title>{escape(self.question)}</title>", 1)
        return _ID.sub(lambda found: f"{found.group(1)}{self.name}-{found.group(2)}", titled)


def refused_answer(name: str, question: str, why: str) -> StudyAnswer:
    """A question that is not answered."""
    return StudyAnswer(name, question, "", f"Not answered: {why}.", {}, refused=True)
