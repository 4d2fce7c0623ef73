"""Prevalence and repair beside chance, as lines of text."""

from collections.abc import Iterator

from goldseam.cli.input_output import side_by_side
from goldseam.operating.null_rate_records import ChanceRate, Interval, NullRate, Share
from goldseam.wording import counted


def null_rate_lines(rates: NullRate) -> list[str]:
    """The report, one figure a line.

    Parameters
    ----------
    rates : NullRate
        As `null_rate` returned it.

    Returns
    -------
    list of str
    """
    given = " ".join(f"{name}={value}" for name, value in rates.parameters.items())
    norms = f"norms {rates.norms_name} {rates.norms_version}"
    assumed = "" if rates.norms_empirical else " (assumed, not empirical)"
    heads = [
        " ".join(filter(None, ["criterion", rates.criterion, f"version {rates.criterion_version}", given]))
        + f", {norms}{assumed}, {rates.replications} replications, seed {rates.seed}",
        (
            f"{counted(rates.cases, 'case')}, {rates.series} series; "
            f"{counted(rates.cases_counted, 'case has', 'cases have')} a series of {rates.fewest_ratings} or more "
            f"ratings and {'counts' if rates.cases_counted == 1 else 'count'}"
        ),
    ]
    if rates.outcome != "judged":
        return [*heads, rates.outcome]
    return [*heads, *side_by_side(list(_rows(rates)))]


def _rows(rates: NullRate) -> Iterator[tuple[str, str, str]]:
    """Label, figure, and what the interval beside it covers."""
    yield "", "%", "95% interval, or what is behind it"
    yield "cases with an event", *_share(rates.prevalence)
    yield "cases with an event, by chance", *_chance(rates.chance_prevalence)
    if rates.chance_of_as_many is not None:
        yield "chance of as many or more", f"{100 * rates.chance_of_as_many:.2f}", "of the replications"
    yield "excess over chance", *_interval(rates.excess, "sampling of the cases seen, Monte-Carlo error")
    if rates.sensitivity:
        error = f" ± {100 * rates.sensitivity.standard_error:.2f}" if rates.sensitivity.durations else ""
        yield (
            "cases with a true dip that are found",
            f"{100 * rates.sensitivity.value:.2f}{error}",
            _dips_words(rates),
        )
    covers = "as the excess, and the Monte-Carlo error of the cases found; not what is assumed of the dips"
    yield "corrected: cases with such a dip", *_interval(rates.corrected_prevalence, covers)
    yield "events called repaired", *_share(rates.repair)
    yield "events called repaired, by chance", *_chance(rates.chance_repair)


def _share(share: Share | None) -> tuple[str, str]:
    if share is None:
        return "-", "not applied"
    return f"{100 * share.value:.2f}", f"{_between(share)}: Wilson, {share.count} of {share.of}"


def _chance(rate: ChanceRate | None) -> tuple[str, str]:
    if rate is None:
        return "-", "not applied"
    figure = f"{100 * rate.value:.2f} ± {100 * rate.standard_error:.2f}"
    return figure, f"{_between(rate)}: tables as large; ± is the Monte-Carlo error of the mean"


def _interval(estimate: Interval | None, covers: str) -> tuple[str, str]:
    if estimate is None:
        return "-", "not applied"
    return f"{100 * estimate.value:.2f}", f"{_between(estimate)}: {covers}"


def _between(either: Share | ChanceRate | Interval) -> str:
    return f"{100 * either.low:.2f} to {100 * either.high:.2f}"


def _dips_words(rates: NullRate) -> str:
    assumed = rates.sensitivity
    if assumed is None or not assumed.durations:
        return "assumed, as given"
    lengths = " or ".join(str(length) for length in assumed.durations)
    return f"assumed: dips of {assumed.depth_sd:g} own SD for {lengths} sessions; simulated"
