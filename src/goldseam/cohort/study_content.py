"""What a study holds: its answers and everything that a report says of how they came about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from goldseam.cohort.prevalence import EpisodePrevalence
from goldseam.cohort.study_answer import StudyAnswer
from goldseam.cohort.study_plan import StudyPlan

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, repr=False)
class StudyContent:
    """The answers of a study and its methods.

    Attributes
    ----------
    answers : tuple of StudyAnswer
        In the order of the report; those that were refused say why.
    settings : mapping
        Everything a rerun needs: criteria with versions and parameters, norms, draws, seed, versions of the software,
        hashes of the tables given.
    prevalence : EpisodePrevalence
        The first answer in full.
    plan : StudyPlan or None
        What was planned, where a plan was given.
    deviations : polars.DataFrame or None
        What was done beside it.
    per_case : polars.DataFrame
        A row per case, numbered: what the script of R recomputes the main tables from; empty where nothing is answered.
    """

    answers: tuple[StudyAnswer, ...]
    settings: Mapping[str, Any]
    prevalence: EpisodePrevalence
    plan: StudyPlan | None
    deviations: "pl.DataFrame | None"
    per_case: "pl.DataFrame" = field(repr=False)
