"""Results show themselves: lines in a console, HTML in a notebook, SVG without a browser, tables of pandas."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pytest

import goldseam
from goldseam import MissingExtraError, Norms, ParameterError, detect, operating_characteristics
from goldseam.shown import svg
from tests.core.ratings import T1, T1_NORMS, one_series

TWO = pl.concat([one_series([5, 5, 6, 5, 6], case="calm"), one_series(T1, case="dip")])


def found() -> goldseam.Detection:
    return detect(TWO, version=1, norms=T1_NORMS)


def test_a_detection_says_in_three_lines_what_it_found() -> None:
    assert repr(found()).splitlines() == [
        "Detection by predictive version 1, norms test-vector 1 (given)",
        "2 series: 1 flagged, 1 judged",
        "1 events: 1 repaired",
    ]
    assert found().summary() == repr(found())


def split() -> goldseam.SplitAlliance:
    views = {"client": [7.0, 7.5, 7.2, 7.4], "partner": [6.0, 5.0, 6.1, 6.2]}
    rows = [
        one_series(values, low=0, high=10).with_columns(rater=pl.lit(who)) for who, values in views.items()
    ]
    return goldseam.split_alliance(pl.concat(rows), scale="alliance", measurement_error=0.5)


def surface() -> goldseam.ResponseSurface:
    rng = np.random.default_rng(1)
    x, y = rng.normal(5, 1, (2, 60))
    return goldseam.response_surface(x, y, -((x - y) ** 2) + rng.normal(0, 0.1, 60), midpoint=5)


def truth() -> goldseam.TruthAndBias:
    rng = np.random.default_rng(2)
    rows = []
    for case in range(12):
        client = rng.normal(6, 1, 6).round(2)
        for who, scale, values in (
            ("client", "self_therapist", client),
            ("therapist", "therapist_view", 0.5 * client + 2 + rng.normal(0, 0.2, 6)),
        ):
            rows.append(one_series(list(values), case=f"c{case}", low=-20, high=30).with_columns(
                rater=pl.lit(who), scale=pl.lit(scale)
            ))  # fmt: skip
    return goldseam.truth_and_bias(pl.concat(rows))


def rates() -> goldseam.ErrorRates:
    return operating_characteristics("own-mean", cases=40, case_sessions=(6,))


def by_chance() -> goldseam.NullRate:
    ratings = goldseam.simulate(cases=30, sessions=8, seed=1).ratings
    return goldseam.null_rate(ratings, criterion="own-mean", replications=10)


RESULTS: dict[str, Callable[[], object]] = {
    "detection": found,
    "by chance": by_chance,
    "norms": Norms.default,
    "rates": rates,
    "split": split,
    "surface": surface,
    "truth": truth,
}


@pytest.mark.parametrize("kind", RESULTS)
def test_every_result_shows_lines_a_table_and_a_chart(kind: str) -> None:
    pytest.importorskip("altair")
    result = RESULTS[kind]()
    assert 2 <= len(repr(result).splitlines()) <= 4
    drawn = ET.fromstring(svg(result.plot()))  # type: ignore[attr-defined]  # noqa: S314  # our own
    assert drawn.tag.endswith("svg")
    html = result._repr_html_()  # type: ignore[attr-defined]
    assert html.startswith("<div><p>")
    assert "<svg" in html
    assert "<table" in html
    table = result.to_pandas()  # type: ignore[attr-defined]
    assert type(table).__module__.startswith("pandas")
    assert len(table) > 0


def test_the_chart_of_a_course_shows_the_one_with_an_event_unless_another_is_named() -> None:
    pytest.importorskip("altair")
    chart = found().plot()
    assert chart.title.startswith("dip, client, alliance: predictive")
    assert found().plot(case="calm").title.startswith("calm, client, alliance")
    with pytest.raises(ParameterError, match=r"no such series; given .'case': 'none'"):
        found().plot(case="none")


def test_the_chart_draws_onset_lowest_rating_repair_and_the_seam_between() -> None:
    pytest.importorskip("altair")
    event = found().events.row(0, named=True)
    content = found().plot().to_dict()
    marks = [row for layer in content["layer"] for row in layer["data"]["values"] if "what" in row]
    assert marks == [
        {"session": event["onset_session"], "value": T1[event["onset_session"] - 1], "what": "onset"},
        {"session": event["nadir_session"], "value": event["nadir"], "what": "lowest"},
        {"session": event["repair_session"], "value": T1[event["repair_session"] - 1], "what": "repaired"},
    ]
    (seam,) = [layer for layer in content["layer"] if layer["mark"].get("color") == "#b8860b"]
    sessions = [row["session"] for row in seam["data"]["values"]]
    assert sessions == list(range(event["onset_session"], event["repair_session"] + 1))


def test_without_altair_a_notebook_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    assert "pip install &quot;goldseam[charts]&quot;" in found()._repr_html_()
    with pytest.raises(MissingExtraError, match=r'pip install "goldseam\[charts\]"'):
        found().plot()


def test_error_rates_need_no_more_than_a_name_and_record_seed_and_date() -> None:
    measured = rates()
    assert (measured.criterion, measured.seed) == ("own-mean", 1)
    assert date.fromisoformat(measured.computed_on).year >= 2026


def test_prevalence_stands_beside_chance_in_three_lines() -> None:
    result = by_chance()
    seen, chance = result.prevalence, result.chance_prevalence
    assert seen is not None
    assert chance is not None
    head, prevalence, _repair = repr(result).splitlines()
    assert head.startswith(
        "Prevalence beside chance by own-mean version 1, norms goldseam-default 1: 28 cases with"
    )
    assert f"cases with an event {100 * seen.value:.1f}% (" in prevalence
    assert f"; by chance {100 * chance.value:.1f}% (" in prevalence


def test_without_enough_data_there_is_no_share_to_show() -> None:
    pytest.importorskip("altair")
    short = goldseam.null_rate(one_series([5, 5, 5], low=0, high=10), replications=2)
    assert repr(short).splitlines()[1:] == ["not enough data"]
    assert short.plot() is None
    assert short.to_pandas().empty


def test_nothing_found_is_shown_too() -> None:
    pytest.importorskip("altair")
    calm = detect(one_series([5, 5, 5]))
    assert "0 events" in repr(calm)
    assert calm.to_pandas().empty
    assert "<svg" in calm._repr_html_()


def test_a_chart_is_a_page_that_fetches_nothing(tmp_path: Path) -> None:
    pytest.importorskip("altair")
    found().plot().save(tmp_path / "course.html", inline=True)
    page = (tmp_path / "course.html").read_text(encoding="utf-8")
    assert re.findall(r"""(?:src|href)=["']?https?:""", page) == []
    assert "vegaEmbed" in page
