"""The specification curves of a study in words, with their charts and tables."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from goldseam.cohort.flag_answer import ESTIMAND
from goldseam.cohort.impact_answer import REPAIR_ESTIMAND
from goldseam.cohort.specification_chart import FIGURES, specification_chart
from goldseam.cohort.specification_curve import SpecificationCurve
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

QUESTIONS = {
    "flag": "Does the difference after a flag depend on how it is analysed?",
    "repair": "Does the difference after a repair depend on how it is analysed?",
}
ESTIMANDS = {"flag": ESTIMAND, "repair": REPAIR_ESTIMAND}
LEVEL = 0.05


def specification_answer(
    effect: str, found: SpecificationCurve, passed_over: Sequence[str] = ()
) -> StudyAnswer:
    """How many specifications point which way, and the joint test.

    Parameters
    ----------
    effect : {"flag", "repair"}
        Of which effect.
    found : SpecificationCurve
        Its specifications.
    passed_over : sequence of str
        Criteria of the study that need the whole course.

    Returns
    -------
    StudyAnswer
    """
    name, question = f"{effect}-specifications", QUESTIONS[effect]
    if found.refused:
        return refused_answer(name, question, found.refused)
    return StudyAnswer(
        name,
        question,
        f"Under every specification: {ESTIMANDS[effect]}. Each is calibrated by tables in which nothing happens.",
        _sentence(found),
        {
            f"{effect}-specification-test": found.test,
            f"{effect}-specification-choices": by_choice(found.table),
            name: found.table,
        },
        specification_chart(found.table),
        "Above, each specification's d with its 95% interval, from the smallest to the largest; gold where the "
        "interval is without 0, a diamond for the specification of the answer before. Below, what each has chosen.",
        tuple(_notes(found, passed_over)),
    )


def by_choice(table: "pl.DataFrame") -> "pl.DataFrame":
    """What each choice goes with.

    Parameters
    ----------
    table : polars.DataFrame
        `SpecificationCurve.table`.

    Returns
    -------
    polars.DataFrame
        ``choice, chosen, answered`` (specifications), ``below_0``, ``least, median, most`` of d.
    """
    import polars as pl

    said = table.drop_nulls("d")
    rows = []
    for choice in [name for name in table.columns if name not in FIGURES]:
        for chosen in table.get_column(choice).unique(maintain_order=True):
            d = said.filter(pl.col(choice) == chosen).get_column("d")
            figures = (d.min(), d.median(), d.max())
            rows.append((choice, chosen, len(d), int((d < 0).sum()), *figures))
    schema = ["choice", "chosen", "answered", "below_0", "least", "median", "most"]
    return pl.DataFrame(rows, schema=schema, orient="row", infer_schema_length=None)


def _sentence(found: SpecificationCurve) -> str:
    import polars as pl

    said = found.table.drop_nulls("d")
    sides = []
    for way, side in (("below", pl.col("d") < 0), ("above", pl.col("d") > 0)):
        one = said.filter(side)
        without = one.filter((pl.col("low") > 0) | (pl.col("high") < 0)).height
        sides.append(f"{one.height} {way} 0 ({without} with an interval without 0)")
    median, _count, _mean = found.test.to_dicts()
    verdict = "show" if median["p"] < LEVEL else "do not show"
    return (
        f"{said.height} of {counted(found.table.height, 'specification')} could be answered: {sides[0]}, {sides[1]}. "
        f"Their median d is {median['observed']:.2f}; {100 * median['p']:.1f}% of the tables in which nothing happens "
        f"have a median at least as far from 0 (joint test, p {median['p']:.2g}): together they {verdict} a difference."
    )


def _notes(found: SpecificationCurve, passed_over: Sequence[str]) -> Iterator[str]:
    yield (
        "The specifications share the data: how many point one way is no number of independent findings, and only the "
        "joint test weighs them together. It has the three statistics of Simonsohn, Simmons and Nelson (2020); the "
        f"sentence has the first. Its null is {counted(found.tables, 'table')} in which nothing happens, analysed by "
        "the same specifications, with level, slope and outcome drawn jointly from the fitted model, which is refitted "
        "to each. Permuting who was flagged or repaired would destroy what slopes do to both, and call that an effect."
    )
    yield (
        "The first row of the last table is the specification of the answer before; it differs from that answer by "
        "what random tables add. Intervals come from these tables: norms are held as fitted, and cases are drawn "
        "without therapists. Where therapists differ in outcome, intervals and the joint test are too sure of "
        "themselves."
    )
    yield (
        "Thresholds are multiplied by the factor shown; the outcome is taken as given, or as normal scores of its "
        "ranks. The choices are those of the program, and none is left out for what it gives. Not varied are "
        "the norms, the growth model, and what is adjusted for beside the column before."
    )
    if passed_over:
        yield (f"Passed over, since they judge a session by later ratings: {', '.join(passed_over)}.")
