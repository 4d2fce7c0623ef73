"""Prevalence of episodes as observed, by chance, and what is left, with intervals that refit the norms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from goldseam.cohort.chance_model import ChanceModel, CountedDraws, counted_draws, sensitivity_marks
from goldseam.cohort.chance_sample import ChanceSample, counted_without_draws
from goldseam.cohort.cohort_data import Cohort, read_cohort
from goldseam.cohort.corrected_share import CorrectedShares, corrected_shares
from goldseam.cohort.draw_runner import HERE, DrawRunner
from goldseam.cohort.episode_counts import CountedShare, EpisodeCounter
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.detection import find_criterion
from goldseam.detection.engine.criterion import Criterion
from goldseam.exceptions import NormsError, ParameterError
from goldseam.norms import Norms
from goldseam.norms.fitting import FEWEST_RATINGS as FEWEST_TO_FIT
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult

if TYPE_CHECKING:
    import polars as pl

OTHER_CRITERIA = ("own-mean", "previous-drop", "xmr", "stiles-type")
PUBLISHED_RANGE = (0.20, 0.50)
"""What the source says of individual and couple cases; no criterion, length or chance rate is given with it."""


@dataclass(frozen=True, eq=False, repr=False)
class EpisodePrevalence(ShownResult):
    """Prevalence of episodes in a cohort, beside what chance alone would give.

    Attributes
    ----------
    table : polars.DataFrame
        A row per share: ``question`` (*criterion*, *phase*, *modality*, *member*), ``group``, ``unit`` (what is
        counted), ``of`` (how many), ``observed, chance, excess``, each with ``_low`` and ``_high`` (95%), and
        ``refused``: why a row has no figures, else null.
    corrected : CorrectedShares or None
        Share of the cases with a true dip, by assumed sensitivity; None where it is refused.
    refused : str or None
        Why nothing is answered; the tables are empty then.
    criterion : str
        Id of the primary criterion.
    criterion_version : int
        Its version.
    norms : Norms or None
        Fitted to the cohort.
    draws : int
        Bootstrap draws over cases.
    seed : int
        Of all random numbers.
    fast : bool
        Whether the norms were held fixed, which makes the intervals too narrow.
    """

    table: "pl.DataFrame"
    corrected: CorrectedShares | None
    refused: str | None
    criterion: str
    criterion_version: int
    norms: Norms | None
    draws: int
    seed: int
    fast: bool
    counter: EpisodeCounter | None = field(default=None)
    counts: CountedDraws | None = field(default=None)
    sample: ChanceSample | None = field(default=None)
    own: "pl.DataFrame | None" = field(default=None)

    def summary(self) -> str:
        """What was found of the primary criterion, with its interval.

        Returns
        -------
        str
        """
        head = f"Prevalence of episodes by {self.criterion} version {self.criterion_version}"
        if self.refused:
            return f"{head}: {self.refused}"
        return f"{head}: {self.sentence}"

    @cached_property
    def sentence(self) -> str:
        """Observed, by chance, excess of the primary criterion, in words."""
        row = self.table.row(0, named=True)
        if row["refused"]:
            return str(row["refused"])
        seen, chance, excess = (_percent(row, name) for name in ("observed", "chance", "excess"))
        fixed = "; norms held fixed, so the intervals are too narrow" if self.fast else ""
        return (
            f"{seen} of {row['of']} {row['unit']} have an episode; chance alone would give {chance}; "
            f"the excess is {excess.replace('%', ' percentage points', 1)}{fixed}"
        )

    def plot(self) -> Any:
        """Observed, chance and excess by criterion, with 95% intervals.

        Returns
        -------
        altair.LayerChart or None
            None where nothing is answered.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.cohort.study_charts import share_chart

        return share_chart(self.table, "criterion")

    def _main_table(self) -> "pl.DataFrame":
        return self.table


def episode_prevalence(
    ratings: Ratings,
    cases: Any = None,
    *,
    criterion: str = "predictive",
    version: int | None = None,
    others: Sequence[str] = OTHER_CRITERIA,
    scale: str | None = None,
    phase: str | None = None,
    higher_is_better: bool = True,
    confirmed: tuple[int, int] | None = None,
    draws: int = 200,
    seed: int = 1,
    fast: bool = False,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> EpisodePrevalence:
    """Count episodes in a cohort, beside what chance alone would give, with intervals.

    Norms are fitted to the cohort, and tables drawn from them have its own sessions, gaps, ranges and steps. Intervals
    come from a bootstrap over cases; in each draw the norms are refitted, by one Newton step from the full fit. The
    estimand is the share of cases (looks, members) *flagged by this criterion*, not the share with a rupture.

    Parameters
    ----------
    ratings, missing, outlying, reading
        As for `goldseam.detect`.
    cases
        A row per case, a path or a frame: ``case`` and any of ``modality``, ``therapist``, ``ending``.
    criterion, version
        The primary criterion, which alone is counted by phase and group and corrected.
    others : sequence of str
        Criteria counted beside it.
    scale, phase : str, optional
        Which ratings; needed where the table has several.
    higher_is_better : bool
        The direction of the scale.
    confirmed : pair of int, optional
        ``(found, of)``: of so many cases in which a rupture was confirmed, the question having been asked in unflagged
        sessions too, so many were flagged. With it the corrected prevalence is one figure with an interval.
    draws : int
        Bootstrap draws and drawn tables, 20 or more; 0 for none: norms are held fixed, intervals are linearised, and
        chance is drawn for some of the cases where there are many.
    seed : int
        0 or more.
    fast : bool
        Hold the norms fixed: quicker, and the intervals are too narrow.

    Returns
    -------
    EpisodePrevalence

    Raises
    ------
    TableError
        A table cannot be used.
    ParameterError
        An argument is outside its range, or a criterion reads more than ratings or needs the whole course.
    """
    rules = chosen_criteria(criterion, version, others)
    check_counts(draws=draws, seed=seed, confirmed=confirmed)
    cohort = read_cohort(
        ratings,
        cases,
        scale=scale,
        phase=phase,
        higher_is_better=higher_is_better,
        missing=missing,
        outlying=outlying,
        reading=reading,
    )
    fast = fast or draws == 0
    model, refused = fitted_chance(cohort, seed=seed, fast=fast)
    return prevalence_of(
        cohort, model, rules, draws=draws, seed=seed, fast=fast, confirmed=confirmed, refused=refused
    )


def prevalence_of(
    cohort: Cohort,
    model: ChanceModel | None,
    rules: Sequence[Criterion],
    *,
    draws: int,
    seed: int,
    fast: bool,
    confirmed: tuple[int, int] | None = None,
    refused: str | None = None,
    runner: DrawRunner = HERE,
) -> EpisodePrevalence:
    """The prevalence of a cohort whose norms are fitted; without them it is refused, for the reason given."""
    import polars as pl

    known: dict[str, Any] = {
        "criterion": rules[0].id,
        "criterion_version": rules[0].version,
        "draws": draws,
        "seed": seed,
        "fast": fast,
    }
    if model is None:
        return EpisodePrevalence(pl.DataFrame(), None, refused or "no norms", norms=None, **known)
    counter = EpisodeCounter.prepared(cohort, rules)
    own = counter.judged(rules[0], cohort.series, model.norms)
    sample = ChanceSample.of(counter, model) if draws == 0 else ChanceSample(counter, model)
    if draws == 0:
        counts = counted_without_draws(counter, model, sample, own)
    else:
        counts = counted_draws(counter, model, draws, runner, own)
    corrected = None
    if counter.of[:, 0].sum() >= MINIMUMS["prevalence"].least:
        marks = sensitivity_marks(sample.counter, sample.model, runner)
        corrected = corrected_shares(counter.of[:, 0], counts, marks, confirmed=confirmed, seed=seed)
    rows = [_row(counter, counts, place, share) for place, share in enumerate(counter.shares)]
    table = pl.DataFrame(rows, infer_schema_length=None)
    return EpisodePrevalence(
        table,
        corrected,
        None,
        norms=model.norms,
        counter=counter,
        counts=counts,
        sample=sample,
        own=own,
        **known,
    )


def chosen_criteria(criterion: str, version: int | None, others: Sequence[str]) -> tuple[Criterion, ...]:
    """The primary criterion and those beside it, each once.

    Raises
    ------
    ParameterError
        One reads more than ratings, or the primary one needs the whole course.
    """
    rules = [find_criterion(criterion, version)]
    rules += [find_criterion(each) for each in dict.fromkeys(others) if each != criterion]
    for each in rules:
        if each.reads_evidence or not each.higher_is_better:
            raise ParameterError(
                "a criterion of a study reads ratings of the alliance alone",
                given=each.id,
                allowed="own-mean",
            )
    if not rules[0].prospective:
        raise ParameterError(
            "the primary criterion has to judge each session by earlier ones",
            given=criterion,
            allowed="predictive or another prospective criterion; this one beside it",
        )
    return tuple(rules)


def fitted_chance(cohort: Cohort, *, seed: int, fast: bool) -> tuple[ChanceModel | None, str | None]:
    """What chance is drawn from, or why it cannot be.

    Parameters
    ----------
    cohort : Cohort
        Whose norms are fitted.
    seed : int
        0 or more.
    fast : bool
        Hold the norms fixed.

    Returns
    -------
    model : ChanceModel or None
        None where the data do not allow it.
    refused : str or None
        Why not: too few series, or ratings that norms cannot be fitted to.
    """
    too_few = MINIMUMS["chance"].refusal(int((cohort.series.lengths >= FEWEST_TO_FIT).sum()))
    if too_few:
        return None, too_few
    try:
        return ChanceModel.fitted(cohort, seed=seed, fast=fast), None
    except NormsError as error:
        return None, f"chance is drawn from norms, and none can be fitted to these ratings ({error})"


def check_counts(*, draws: int, seed: int, confirmed: tuple[int, int] | None) -> None:
    """Refuse impossible numbers."""
    found = confirmed is None or 0 <= confirmed[0] <= confirmed[1]
    rules = (
        ("draws", draws, draws == 0 or draws >= 20, "20 or more, or 0 for none"),
        ("seed", seed, seed >= 0, "0 or more"),
        ("confirmed", confirmed, found, "two counts, the first at most the second: (52, 80)"),
    )
    for name, given, right, allowed in rules:
        if not right:
            raise ParameterError("outside its range", where=name, given=given, allowed=allowed)


def _row(counter: EpisodeCounter, counts: CountedDraws, place: int, share: CountedShare) -> dict[str, Any]:
    of = int(counter.of[:, place].sum())
    minimum = MINIMUMS["prevalence" if share.question == "criterion" else "group"]
    row: dict[str, Any] = {"question": share.question, "group": share.group, "unit": share.unit, "of": of}
    refused = minimum.refusal(of)
    for kind in ("observed", "chance", "excess"):
        figures = (None, None, None) if refused else counts.interval(counter.of, kind, place)
        row |= dict(zip((kind, f"{kind}_low", f"{kind}_high"), figures, strict=True))
    return row | {"refused": refused}


def _percent(row: dict[str, Any], name: str) -> str:
    return f"{100 * row[name]:.1f}% (95% interval {100 * row[f'{name}_low']:.1f} to {100 * row[f'{name}_high']:.1f})"
