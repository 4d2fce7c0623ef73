"""How error rates show themselves."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from goldseam.interval_chart import interval_chart
from goldseam.shown import ShownResult

if TYPE_CHECKING:
    import polars as pl

Z95 = 1.96


class RatesDisplay(ShownResult):
    """What error rates look like."""

    __slots__ = ()

    criterion: str
    criterion_version: int
    norms_name: str
    norms_version: str
    model: str
    sessions: int
    cases: int
    seed: int
    computed_on: str
    grades: Mapping[Any, Any]

    def summary(self) -> str:
        """What was simulated, and for each grade how rare false alarms are and how many dips are found.

        Returns
        -------
        str
        """
        norms = f"norms {self.norms_name} {self.norms_version}"
        simulated = f"{self.cases} cases of {self.sessions} sessions, kind {self.model}, seed {self.seed}"
        rule = f"{self.criterion} version {self.criterion_version}"
        lines = [f"Error rates of {rule}, {norms}: {simulated}, {self.computed_on}"]
        for grade, rates in self.grades.items():
            found = "; ".join(
                f"{100 * each.rate.value:.0f}% of dips of {each.depth_sd:g} SD over {each.duration} session(s)"
                for each in rates.sensitivity
            )
            false = f"{100 * rates.false_alarms.value:.1f}% of sessions with nothing wrong"
            lines.append(f"{grade} events: {false}; {found}")
        return "\n".join(lines)

    def plot(self) -> Any:
        """Shares of true dips found, with 95% intervals of the simulation.

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
            (
                f"{grade}: {each.depth_sd:g} SD, {each.duration} session(s)",
                each.rate.value,
                max(each.rate.value - Z95 * each.rate.standard_error, 0.0),
                min(each.rate.value + Z95 * each.rate.standard_error, 1.0),
            )
            for grade, rates in self.grades.items()
            for each in rates.sensitivity
        ]
        return interval_chart(
            rows, f"{self.criterion} version {self.criterion_version}", "share of true dips found"
        )

    def _main_table(self) -> "pl.DataFrame":
        import polars as pl

        rows = [
            {
                "grade": grade,
                "depth_sd": each.depth_sd,
                "duration": each.duration,
                "found": each.rate.value,
                "standard_error": each.rate.standard_error,
            }
            for grade, rates in self.grades.items()
            for each in rates.sensitivity
        ]
        return pl.DataFrame(rows)
