"""The page for people who come from other programs: its figures are those of these programs, or published."""

import json
from pathlib import Path

import pytest

from goldseam import detect
from tests.core.reference import lifelines_first_event

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "coming-from.md"
KEPT = json.loads(lifelines_first_event.KEPT.read_text(encoding="utf-8"))


def product_limit(sessions: list[int], had_event: list[bool]) -> dict[str, float]:
    """Kaplan and Meier (1958): the product of 1 - events / clients still there, over the sessions."""
    share, found = 1.0, {"0": 1.0}
    for at in sorted(set(sessions)):
        events = sum(there == at and event for there, event in zip(sessions, had_event, strict=True))
        share *= 1 - events / sum(there >= at for there in sessions)
        found[str(at)] = share
    return found


def test_durations_are_those_that_lifelines_was_given() -> None:
    assert lifelines_first_event.durations() == (KEPT["sessions"], KEPT["had_event"])


def test_what_lifelines_made_of_them_is_the_product_limit() -> None:
    assert KEPT["survival"] == pytest.approx(product_limit(KEPT["sessions"], KEPT["had_event"]))


def test_lifelines_itself_gives_what_is_kept() -> None:
    pytest.importorskip("lifelines", reason="LIFELINES IS NOT INSTALLED: its kept output was not made anew")
    assert lifelines_first_event.survival(KEPT["sessions"], KEPT["had_event"]) == pytest.approx(
        KEPT["survival"]
    )


def test_the_page_names_the_versions_whose_output_is_kept() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"lifelines {KEPT['version']}" in page
    assert "version 0.7.2" in page  # of suddengains, as in test_criteria_sudden.py
    assert page.count("We keep **no output of") == 2  # qcc, pingouin


def test_limits_of_individuals_as_nist_publishes_them() -> None:
    """NIST/SEMATECH e-Handbook 6.3.2.2: ten flow rates, centre 50.81, limits 45.8159 and 55.8041."""
    flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    row = detect(flow, criterion="xmr", constants="table").sessions.row(0, named=True)
    assert row["expected"] == pytest.approx(50.81)
    assert row["limit"] == pytest.approx(45.8159, abs=5e-5)
    assert row["expected"] + 3 * row["spread"] == pytest.approx(55.8041, abs=5e-5)
