"""How a check of norms shows itself."""

from typing import TYPE_CHECKING, Any

from goldseam.interval_chart import interval_chart
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

OUTCOMES = {
    "met": "upper tail and middle are as they should be",
    "not met": "upper tail or middle are not as they should be: the norms do not fit",
    "cannot be told": "too few ratings to tell whether upper tail and middle are as they should be, or near the line",
}


class NormsCheckDisplay(ShownResult):
    """What a check of norms looks like."""

    __slots__ = ()

    norms_name: str
    norms_version: str
    held_out: bool
    n_cases: int
    n_series: int
    n_ratings: int
    outcome: str
    nominal: float
    lower_tail: float
    ruptures: float
    histogram: "pl.DataFrame"
    shares: "pl.DataFrame"

    def summary(self) -> str:
        """What was looked at, the outcome, and what the lower tail can mean.

        Returns
        -------
        str
        """
        whose = (
            "each half of the cases by norms fitted to the other"
            if self.held_out
            else f"by norms {self.norms_name} {self.norms_version}; "
            "it is not known whether they were fitted to these cases"
        )
        looked = f"{counted(self.n_ratings, 'rating')} in {self.n_series} series of {counted(self.n_cases, 'case')}"
        nominal, lower = f"{100 * self.nominal:.1f}%", f"{100 * self.lower_tail:.1f}%"
        if self.lower_tail > self.nominal:
            means = (
                f"between: the norms are right, and {100 * self.ruptures:.1f}% of the sessions or more are ruptures "
                f"(false alarms {nominal}); there are no ruptures, and the norms are wrong (false alarms {lower})"
            )
        else:
            means = "no more than there should be: nothing speaks of ruptures, or norms that learned them overlook them"
        return "\n".join(
            [
                f"Check of norms: {looked}, {whose}",
                f"{self.outcome}: {OUTCOMES[self.outcome]}",
                f"p < {self.nominal:g} in {lower} of the ratings, {means}",
            ]
        )

    def plot(self) -> Any:
        """The share of the ratings in each tenth of what was predicted, with its 95% interval; .1 would be right.

        Returns
        -------
        altair.LayerChart
            As for other results.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        rows = [
            (f"{row['from']:.1f} to {row['to']:.1f}", row["share"], row["low"], row["high"])
            for row in self.histogram.iter_rows(named=True)
        ]
        return interval_chart(rows, "where ratings lie in what was predicted", "share of the ratings")

    def _main_table(self) -> "pl.DataFrame":
        return self.shares
