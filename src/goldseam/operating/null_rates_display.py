"""How prevalence beside chance shows itself."""

from typing import TYPE_CHECKING, Any

from goldseam.interval_chart import interval_chart
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

LABELS = {
    "prevalence": "cases with an event",
    "chance_prevalence": "by chance",
    "corrected_prevalence": "corrected",
    "repair": "events called repaired",
    "chance_repair": "repaired by chance",
}
"""What each share is called, in the order shown."""
LINES = (("prevalence", "chance_prevalence", "corrected_prevalence"), ("repair", "chance_repair"))
"""Shares that stand in one line of the summary."""


class NullRateDisplay(ShownResult):
    """What prevalence beside chance looks like."""

    __slots__ = ()

    criterion: str
    criterion_version: int
    norms_name: str
    norms_version: str
    replications: int
    seed: int
    cases_counted: int
    fewest_ratings: int
    outcome: str

    def summary(self) -> str:
        """What was counted and drawn, and each share with its 95% interval.

        Returns
        -------
        str
        """
        rule = (
            f"{self.criterion} version {self.criterion_version}, norms {self.norms_name} {self.norms_version}"
        )
        judged = (
            f"{counted(self.cases_counted, 'case')} with {counted(self.fewest_ratings, 'rating')} or more"
        )
        drawn = f"{self.replications} replications, seed {self.seed}"
        head = f"Prevalence beside chance by {rule}: {judged}, {drawn}"
        if self.outcome != "judged":
            return f"{head}\n{self.outcome}"
        said = {name: f"{label} {_percent(*figures)}" for name, label, *figures in self._shares()}
        lines = [[said[name] for name in names if name in said] for names in LINES]
        return "\n".join([head, *("; ".join(line) for line in lines if line)])

    def plot(self) -> Any:
        """Each share with its 95% interval; for chance, the interval is where 95% of the replications lie.

        Returns
        -------
        altair.LayerChart or None
            As for other results; None where there was not enough data.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        rows = [share[1:] for share in self._shares()]
        return interval_chart(rows, f"{self.criterion} version {self.criterion_version}", "share")

    def _shares(self) -> list[tuple[str, str, float, float, float]]:
        """Name, label, value, and the ends of the interval of each share there is."""
        found = [(name, label, getattr(self, name)) for name, label in LABELS.items()]
        return [
            (name, label, each.value, each.low, each.high) for name, label, each in found if each is not None
        ]

    def _main_table(self) -> "pl.DataFrame":
        import polars as pl

        columns = ("name", "share", "value", "low", "high")
        return pl.DataFrame([dict(zip(columns, row, strict=True)) for row in self._shares()])


def _percent(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f}% ({100 * low:.1f} to {100 * high:.1f})"
