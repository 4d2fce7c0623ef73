"""How results show themselves: in a console, in a notebook, as a chart, as a table of pandas."""

from html import escape
from typing import TYPE_CHECKING, Any

from goldseam.exceptions import MissingExtraError
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

MOST_ROWS = 10
"""Of a table in a notebook."""


class ShownResult:
    """A result with a few lines that say what it is, a table, and a chart."""

    __slots__ = ()

    def summary(self) -> str:
        """What the result is, in a few lines.

        Returns
        -------
        str
        """
        raise NotImplementedError

    def plot(self) -> Any:
        """The chart of the result.

        Returns
        -------
        altair.Chart or altair.LayerChart
            Shown by Jupyter, marimo and VS Code; ``.save("chart.svg")`` (``.png``, ``.pdf``) needs neither a browser
            nor the network; nor does ``.save("chart.html", inline=True)``, or the page it writes.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """The table of the result.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        MissingExtraError
            pandas is not installed.
        """
        from goldseam.pandas_frames import as_pandas

        return as_pandas(self._main_table())

    def _main_table(self) -> "pl.DataFrame":
        """The table that a notebook shows below the summary."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        """The summary, a small chart where Altair is installed, and the first rows of the table."""
        lines = "<br>".join(escape(line) for line in self.summary().splitlines())
        table = self._main_table()
        rows = table.head(MOST_ROWS)._repr_html_() if table.height else ""  # polars' own table
        more = f"<p>{counted(table.height - MOST_ROWS, 'more row')}</p>" if table.height > MOST_ROWS else ""
        return f"<div><p>{lines}</p>{self._chart_html()}{rows}{more}</div>"

    def _chart_html(self) -> str:
        try:
            chart = self.plot()
        except MissingExtraError as error:
            return f"<p>{escape(str(error))}</p>"
        return "" if chart is None else svg(chart)


def svg(chart: Any) -> str:
    """A chart of Altair as SVG, drawn without a browser.

    Parameters
    ----------
    chart : altair.Chart or altair.LayerChart
        Of any size.

    Returns
    -------
    str
    """
    from io import StringIO

    written = StringIO()
    chart.save(written, format="svg")
    return written.getvalue()
