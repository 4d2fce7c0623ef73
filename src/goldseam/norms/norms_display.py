"""How norms show themselves."""

from typing import TYPE_CHECKING, Any

from goldseam.extras import extra
from goldseam.shown import ShownResult

if TYPE_CHECKING:
    import polars as pl

INK, BAND = "#1f2933", "#cbd5e1"
WIDTH, HEIGHT = 420, 200
COLUMNS = ("scale", "phase", "rater", "between_sd", "within_sd", "measurement_error", "ceiling_share")
LONGEST = 12
"""Sessions of a mean course that a chart shows at least."""


class NormsDisplay(ShownResult):
    """What norms look like."""

    __slots__ = ()

    name: str
    version: str
    unit: str
    scales: tuple[Any, ...]
    provenance: str
    empirical: bool

    def summary(self) -> str:
        """Name and unit, each entry, and where the figures come from.

        Returns
        -------
        str
        """
        kind = "fitted to ratings" if self.empirical else "assumed, not empirical"
        entries = "; ".join(
            f"{each.scale} (phase {each.phase}, rater {each.rater}): first mean {each.mean_course[0]:.4g}, "
            f"between persons {each.between_sd:.4g}, within {each.within_sd:.4g}"
            for each in self.scales[:LONGEST]
        )
        unit = "shares of the range" if self.unit == "share_of_range" else "points"
        return f"Norms {self.name} {self.version}, {kind}, in {unit}\n{entries}\n{self.provenance}"

    def plot(self) -> Any:
        """The mean course of each entry, with one SD between persons to either side.

        Returns
        -------
        altair.LayerChart
            As for other results.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        alt = extra("altair", "charts")
        rows = [
            {
                "session": session,
                "mean": mean,
                "low": mean - each.between_sd,
                "high": mean + each.between_sd,
                "entry": f"{each.scale}, phase {each.phase}, rater {each.rater}",
            }
            for each in self.scales
            for session, mean in enumerate(_continued(each.mean_course), start=1)
        ]
        base = alt.Chart(alt.Data(values=rows)).encode(
            alt.X("session:Q", title="session", axis=alt.Axis(tickMinStep=1, format="d"))
        )
        up = alt.Scale(zero=False)
        band = base.mark_area(opacity=0.3).encode(
            alt.Y("low:Q", scale=up, title="rating"), alt.Y2("high:Q"), alt.Color("entry:N", title=None)
        )
        line = base.mark_line().encode(alt.Y("mean:Q", scale=up), alt.Color("entry:N", title=None))
        title = f"Norms {self.name} {self.version}: mean course, and one SD between persons"
        return alt.layer(band, line).properties(title=title, width=WIDTH, height=HEIGHT)

    def _main_table(self) -> "pl.DataFrame":
        import polars as pl

        rows = [
            {"first_mean": each.mean_course[0], **{name: getattr(each, name) for name in COLUMNS}}
            for each in self.scales
        ]
        table = pl.DataFrame(rows, infer_schema_length=None)
        return table.select("scale", "phase", "rater", "first_mean", *COLUMNS[3:])


def _continued(course: tuple[float, ...]) -> tuple[float, ...]:
    """A mean course whose last value goes on."""
    return course + (course[-1],) * (LONGEST - len(course))
