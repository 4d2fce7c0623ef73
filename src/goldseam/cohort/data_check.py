"""What the data of a study are like, and what cannot be concluded from them."""

from collections.abc import Iterator, Sequence

from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.study_answer import StudyAnswer
from goldseam.wording import counted


def data_answer(cohort: Cohort, unmatched: Sequence[str] = ()) -> StudyAnswer:
    """What the data are like, and what cannot be concluded from them.

    Parameters
    ----------
    cohort : Cohort
        With what its cases table does not match.
    unmatched : sequence of str
        What further tables do not match, in sentences.

    Returns
    -------
    StudyAnswer
    """
    import numpy as np
    import polars as pl

    series = cohort.series
    lengths = series.lengths
    best = float((series.value >= series.maximum[series.series_of]).mean())
    worst = float((series.value <= series.minimum[series.series_of]).mean())
    endings = cohort.cases.get_column("ending")
    rows = [
        ("cases", cohort.n_cases),
        ("series (members)", series.n_series),
        ("sessions in the table", cohort.attended),
        ("ratings", cohort.rated),
        ("share of these sessions without a rating", 1 - cohort.rated / max(cohort.attended, 1)),
        ("ratings of a series, median", float(np.median(lengths))),
        ("ratings of a series, least", int(lengths.min())),
        ("ratings of a series, most", int(lengths.max())),
        ("series too short to judge (under 4 ratings)", int((lengths < 4).sum())),
        ("share of the ratings at the best end of the scale", best),
        ("share of the ratings at the worst end of the scale", worst),
        ("series that never vary", int(_constant(cohort))),
        *(
            (f"cases ended: {kind}", int((endings == kind).sum()))
            for kind in ("planned", "dropout", "ongoing")
        ),
        ("cases whose ending is not given", int(endings.null_count())),
    ]
    table = pl.DataFrame({"what": [row[0] for row in rows], "value": [float(row[1]) for row in rows]})
    return StudyAnswer(
        "data",
        "What are the data like?",
        "Counts of the table as it was read.",
        f"{counted(cohort.n_cases, 'case')}, {series.n_series} series, {counted(cohort.rated, 'rating')} of "
        f"{cohort.scale}; "
        f"{100 * rows[4][1]:.1f}% of the sessions in the table were not rated.",
        {"data": table},
        None,
        "",
        (*cohort.cautions, *unmatched, *_cautions(cohort, best)),
    )


def _constant(cohort: Cohort) -> int:
    import numpy as np

    series = cohort.series
    first = series.value[series.starts[:-1]]
    same = np.ones(series.n_series, np.bool_)
    same[series.series_of[series.value != first[series.series_of]]] = False
    return int((same & (series.lengths > 1)).sum())


def _cautions(cohort: Cohort, best: float) -> Iterator[str]:
    """What cannot be concluded."""
    missing = 1 - cohort.rated / max(cohort.attended, 1)
    short = float((cohort.series.lengths < 4).mean())
    yield (
        "Sessions after which nothing is in the table are not known here; the last rupture of a case that "
        "broke off is often "
        "unrated, so episodes before dropout are missed."
    )
    if missing > 0.2:
        yield (
            f"{100 * missing:.0f}% of the sessions were not rated: if people skip after bad sessions, episodes are "
            "missed."
        )
    if best > 0.2:
        yield (
            f"{100 * best:.0f}% of the ratings are at the best end of the scale: dips there are seen as "
            "smaller than they "
            "are, and steadiness may be the end of the scale."
        )
    if short > 0.2:
        yield f"{100 * short:.0f}% of the series are too short to judge; what is said holds for the others."
    if not cohort.cases.get_column("ending").count():
        yield "How treatments ended is not given: dropout and planned end cannot be told apart."
    if cohort.series.n_series < 200:
        yield "Fewer than 200 series: the fitted norms, and chance with them, are uncertain; the intervals carry that."
