"""Who changed: the result, in lines, tables and the two-way plot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.change.change_methods import NEEDS_THRESHOLD, REGRESSING, PairFigures
from goldseam.change.change_settings import ChangeSettings
from goldseam.change.cut_offs import CROSSED, CUT_OFFS, STATUSES, FunctionalCutOff
from goldseam.series.occasions import Occasions, several_series
from goldseam.shown import ShownResult

if TYPE_CHECKING:
    import polars as pl

ORDER = (
    "n_rated",
    "pre",
    "post",
    "change",
    "expected",
    "low",
    "high",
    "error",
    "index",
    "dysfunctional_before",
    "functional_after",
    "within_index",
    "beyond_within_error",
    "status",
    "reason",
)
AT_THE_END = 0.15
"""Share of the scores at an end of the scale from which on it is told."""

Z95 = 1.96


@dataclass(frozen=True, eq=False, repr=False)
class ReliableChange(ShownResult):
    """Who changed, by one method.

    Attributes
    ----------
    settings : ChangeSettings
        What decided it.
    persons : polars.DataFrame
        A row a person: the two scores (for *HLM* first and last), ``change``, ``expected`` score and the ``low`` and
        ``high`` between which a later one is *unchanged*, ``index`` (signed as the scale is), sides of the cut-off,
        ``status``, and the ``reason`` where there is none.
    groups : polars.DataFrame
        ``status, n, share`` of the persons judged; of each group apart where there are groups. Without a cut-off
        *recovered* and *harmed* are null.
    figures : mapping of str to float or None
        Figures of the persons and of the method, ready for JSON.
    cutoff : FunctionalCutOff or None
        The score that parts the functional range from the rest.
    times : tuple
        The two times; None where each person's own first and last were taken.
    notes : tuple of str
        What has to be known to read the result.
    """

    settings: ChangeSettings
    persons: "pl.DataFrame"
    groups: "pl.DataFrame"
    figures: Mapping[str, float | None]
    cutoff: FunctionalCutOff | None
    times: tuple[Any, Any] | None
    notes: tuple[str, ...]

    def summary(self) -> str:
        """Method, formula, source, and how many have which status.

        Returns
        -------
        str
        """
        about, settings = self.settings.about, self.settings
        better, worse = settings.critical_values()
        beyond = f"beyond {better:.4g}" + (f" or -{worse:.4g}" if worse != better else "")
        if settings.method in NEEDS_THRESHOLD:
            beyond = beyond.replace("beyond", "from")
        good = "higher" if settings.higher_is_better else "lower"
        lines = [
            f"Reliable change by {about.title} ({settings.method}), {settings.convention}, {good} is better",
            f"index = {about.formula}, counted {beyond}",
            f"source: {about.source}",
        ]
        if settings.convention == "clinicalsignificance" and about.differs:
            lines.append(f"this program {about.differs}")
        if self.cutoff is not None:
            lines.append(f"cut-off {self.cutoff.name}: {self.cutoff.at:.6g}{_rule(self.cutoff, settings)}")
        else:
            lines.append("without a cut-off nobody is called recovered or harmed")
        lines += _figure_lines(self.figures, settings)
        parts = [("", self.persons)] if settings.group is None else _parts(self.persons, settings.group)
        crossing = self.cutoff is not None
        lines += [f"{f'{name}: ' if name else ''}{_counted(part, crossing=crossing)}" for name, part in parts]
        lines[-1] += several_series(self.persons)
        return "\n".join([*lines, *self.notes])

    def plot(self) -> Any:
        """The two-way plot: scores before and after, the band of no reliable change, the cut-off.

        Returns
        -------
        altair.LayerChart or None
            None where nobody was judged.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.change.two_way_chart import two_way_chart

        return two_way_chart(self.persons, self.cutoff, self.settings.about.title)

    def _main_table(self) -> "pl.DataFrame":
        return self.persons


def _parts(persons: "pl.DataFrame", group: str) -> "list[tuple[str, pl.DataFrame]]":
    """The persons of each group, by its name."""
    parts = persons.partition_by(group, maintain_order=True)
    named = [("no group" if part[group][0] is None else str(part[group][0]), part) for part in parts]
    return sorted(named, key=lambda each: each[0])


def _counted(persons: "pl.DataFrame", *, crossing: bool) -> str:
    table = _groups(persons, None, crossing=crossing)
    counts = ", ".join(f"{n} {status}" for status, n, _share in table.iter_rows() if n is not None)
    unjudged = persons.get_column("status").null_count()
    everybody = f"{persons.height} person{'' if persons.height == 1 else 's'}"
    return f"{everybody}: {counts}" + (f", {unjudged} not judged" if unjudged else "")


def _figure_lines(figures: Mapping[str, float | None], settings: ChangeSettings) -> list[str]:
    """Means and SDs of the persons, and the error of a difference, for the methods that compare two scores."""
    if settings.method == "HLM":
        return []
    moments = [
        f"{word} {_shown(figures[f'{name}_mean'])} (SD {_shown(figures[f'{name}_sd'])})"
        for name, word in (("pre", "before"), ("post", "after"))
    ]
    line = f"{figures['n_both']:.0f} rated at both: {', '.join(moments)}"
    if settings.reliability is not None:
        error = _shown(figures["difference_error"])
        line += f"; r {settings.reliability:g}, error of a difference {error}"
    return [line + (f", from the stated SD of {settings.sd:g}" if settings.sd is not None else "")]


def _rule(cutoff: FunctionalCutOff, settings: ChangeSettings) -> str:
    if cutoff.name not in CUT_OFFS:
        return ""
    if cutoff.name == "b" and settings.convention == "clinicalsignificance":
        return " (this program takes the SD of the persons in place of that of the functional population)"
    return f" ({CUT_OFFS[cutoff.name]}{', of true scores' if settings.method == 'HA' else ''})"


def result_of(
    found: Occasions,
    everybody: "pl.DataFrame",
    judged: "pl.DataFrame",
    *,
    figures: PairFigures,
    cutoff: FunctionalCutOff | None,
    settings: ChangeSettings,
    times: tuple[Any, Any] | None,
    more: Mapping[str, float | None] | None = None,
    notes: tuple[str, ...] = (),
) -> ReliableChange:
    """The result with its tables.

    Parameters
    ----------
    found : Occasions
        What was read.
    everybody : polars.DataFrame
        ``person`` and both scores, of everybody.
    judged : polars.DataFrame
        The same of those rated at both, with the columns of the method.
    figures, cutoff, settings, times
        As they are.
    more, notes
        Further figures and remarks.

    Returns
    -------
    ReliableChange
    """
    import polars as pl

    columns = [name for name in judged.columns if name not in everybody.columns]
    rows = everybody.join(judged.select("person", *columns), on="person", how="left", maintain_order="left")
    if "change" not in rows.columns:
        rows = rows.with_columns(change=pl.col("post") - pl.col("pre"))
    rows = _with_reasons(_within(rows, settings.within_error), settings)
    rows = found.persons.with_row_index("person").join(rows, on="person", how="left", maintain_order="left")
    kept = [*found.persons.columns, *(name for name in ORDER if name in rows.columns)]
    persons = rows.select(kept).with_columns(pl.col(pl.Float64).fill_nan(None))
    return ReliableChange(
        settings=settings,
        persons=persons,
        groups=_groups(persons, settings.group, crossing=settings.cutoff is not None),
        figures={**_figures(figures, cutoff, settings), **(more or {})},
        cutoff=cutoff,
        times=times,
        notes=(*notes, *_notes(found, persons, figures, settings)),
    )


def _within(rows: "pl.DataFrame", error: float | None) -> "pl.DataFrame":
    """The change in errors of a difference within a person, where that error is known."""
    import polars as pl

    if error is None:
        return rows
    index = (pl.col("post") - pl.col("pre")) / (2**0.5 * error)
    return rows.with_columns(within_index=index, beyond_within_error=index.abs() > Z95)


def _with_reasons(rows: "pl.DataFrame", settings: ChangeSettings) -> "pl.DataFrame":
    import polars as pl

    if settings.method == "HLM":
        few = pl.lit("fewer than 3 ratings")
        return rows.with_columns(reason=pl.when(pl.col("n_rated") < 3).then(few).otherwise(pl.col("reason")))
    no_pre, no_post = pl.col("pre").is_null(), pl.col("post").is_null()
    reason = (
        pl.when(no_pre & no_post)
        .then(pl.lit("no first and no later rating"))
        .when(no_pre)
        .then(pl.lit("no first rating"))
        .when(no_post)
        .then(pl.lit("no later rating"))
        .when(pl.col("status").is_null())
        .then(pl.lit("no percentage of 0" if settings.method == "PCT" else "no error"))
    )
    return rows.with_columns(reason=reason)


def _groups(persons: "pl.DataFrame", group: str | None, *, crossing: bool) -> "pl.DataFrame":
    """How many have which status, in each group; null for those that need a cut-off where there is none."""
    import polars as pl

    if group is not None:
        counted = [
            _groups(part, None, crossing=crossing).insert_column(
                0, pl.Series(group, [name] * len(STATUSES), pl.String)
            )
            for name, part in _parts(persons, group)
        ]
        return pl.concat(counted)
    status = persons.get_column("status")
    judged = status.count()
    counts = [int((status == word).sum()) if crossing or word not in CROSSED else None for word in STATUSES]
    shares = [count / judged if judged and count is not None else None for count in counts]
    schema: Any = {"status": pl.String, "n": pl.Int64, "share": pl.Float64}
    return pl.DataFrame({"status": STATUSES, "n": counts, "share": shares}, schema=schema)


def _figures(
    figures: PairFigures, cutoff: FunctionalCutOff | None, settings: ChangeSettings
) -> dict[str, float | None]:
    """What was computed on the way, NaN as None."""
    better, worse = settings.critical_values()
    known = {
        "n_both": float(figures.n),
        "pre_mean": figures.pre_mean,
        "pre_sd": figures.pre_sd,
        "post_mean": figures.post_mean,
        "post_sd": figures.post_sd,
        "correlation": figures.correlation,
        "reliability": figures.reliability,
        "measurement_error": figures.measurement_error,
        "difference_error": figures.difference_error,
        "within_error": float("nan") if settings.within_error is None else settings.within_error,
        "cutoff": float("nan") if cutoff is None else cutoff.at,
        "critical_better": better,
        "critical_worse": worse,
    }
    if settings.method == "HA":
        known |= _group_level(figures, cutoff, settings)
    return {name: float(value) if np.isfinite(value) else None for name, value in known.items()}


def _group_level(
    figures: PairFigures, cutoff: FunctionalCutOff | None, settings: ChangeSettings
) -> dict[str, float]:
    """Hageman and Arrindell's shares of a group: truly changed for the better, truly in the functional range."""
    from scipy.special import ndtr

    r_difference = figures.difference_reliability
    change_sd = np.sqrt(
        figures.pre_sd**2 + figures.post_sd**2 - 2 * figures.pre_sd * figures.post_sd * figures.correlation
    )
    direction = settings.direction
    mean_change = figures.post_mean - figures.pre_mean
    known = {
        "difference_reliability": r_difference,
        "group_changed": float(ndtr(direction * mean_change / (change_sd * np.sqrt(r_difference)))),
    }
    if cutoff is not None:
        true_sd = np.sqrt(figures.post_sd**2 - figures.measurement_error**2)
        known["group_functional"] = float(ndtr(direction * (figures.post_mean - cutoff.at) / true_sd))
    return known


def _notes(
    found: Occasions, persons: "pl.DataFrame", figures: PairFigures, settings: ChangeSettings
) -> tuple[str, ...]:
    notes = []
    if settings.method in REGRESSING:
        whose = "stated mean" if settings.population_mean is not None else "mean of these persons"
        later = f" and {figures.expected_post:.4g} after" if settings.method == "HLL" else ""
        notes.append(
            f"people are taken to regress to the {whose}, {figures.expected_pre:.4g} before{later}; "
            "the other is an option"
        )
    if settings.within_error is not None:
        beyond = int(persons.get_column("beyond_within_error").sum())
        notes.append(
            f"error between persons {_shown(figures.measurement_error)}, within a person {settings.within_error:.4g}: "
            f"{beyond} changed by more than the error within lets two scores of one person differ"
        )
    for name, words in (("pre", "first"), ("post", "later")):
        share, end = _share_at_an_end(found, persons, name)
        if share >= AT_THE_END:
            notes.append(
                f"{share:.0%} of the {words} scores are {end:g}, an end of the scale: "
                "from there nobody can change further"
            )
    return tuple(notes)


def _shown(number: float | None) -> str:
    return "not known" if number is None or not np.isfinite(number) else f"{number:.4g}"


def _share_at_an_end(found: Occasions, persons: "pl.DataFrame", name: str) -> tuple[float, float]:
    """The larger share of scores at an end of a scale whose range is known."""
    scores = persons.get_column(name).drop_nulls()
    if not (len(scores) and np.isfinite(found.minimum)):
        return 0.0, found.maximum
    shares = [(float((scores == end).mean() or 0.0), end) for end in (found.minimum, found.maximum)]  # type: ignore[arg-type]
    return max(shares)
