"""The words of the staff pages, one by one: what is counted, dated and said."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from goldseam_web.alerts.states import State
from goldseam_web.alerts.states.words import GROUPS, NEED
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.caseload_page import caseload_headline
from goldseam_web.dashboard.language.phrases import counted, first_capital, in_words, names_in_words, session
from goldseam_web.dashboard.language.times import (
    coming,
    day,
    how_long,
    long_day,
    moment,
    past,
)

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 18, 18, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Chicago


def test_counts_are_words_up_to_nine_and_figures_after():
    assert [in_words(n) for n in (0, 1, 9, 10, 60)] == ["no", "one", "nine", "10", "60"]
    assert counted(1, "{count} case", "{count} cases") == "one case"
    assert counted(0, "{count} case", "{count} cases") == "no cases"
    assert counted(12, "{count} person", "{count} people") == "12 people"
    assert first_capital("élan") == "Élan"
    assert names_in_words(["Lea", "Tomas", "Ida"]) == "Lea, Tomas and Ida"


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (timedelta(hours=3), "Today 15:00"),
        (timedelta(hours=13), "Tomorrow 01:00"),
        (timedelta(days=2), "Fri 12:00"),
        (timedelta(days=8), "Thu 26 Nov, 12:00"),
        (timedelta(days=60), "Sun 17 Jan 2027, 12:00"),
    ],
)
def test_what_is_coming_is_told_in_the_clinics_zone(ahead, text):
    assert coming(NOW + ahead, now=NOW, zone=CHICAGO) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(hours=13), "yesterday"),
        (timedelta(days=3), "Sun"),
        (timedelta(days=15), "3 Nov"),
    ],
)
def test_what_is_past_is_told_shortly(ago, text):
    assert past(NOW - ago, now=NOW, zone=CHICAGO) == text


def test_a_moment_in_a_sentence():
    assert moment(NOW - timedelta(hours=2), now=NOW, zone=CHICAGO) == "today at 10:00"
    assert moment(NOW - timedelta(days=1), now=NOW, zone=CHICAGO) == "yesterday at 12:00"
    assert moment(NOW + timedelta(days=1), now=NOW, zone=CHICAGO) == "tomorrow at 12:00"
    assert (
        moment(NOW - timedelta(days=20), now=NOW, zone=CHICAGO) == "on 29 October at 13:00"
    )  # summer time then


def test_days_carry_the_year_only_when_it_is_another():
    assert day(date(2026, 9, 3), today=date(2026, 11, 18)) == "3 Sep"
    assert long_day(date(2025, 9, 3), today=date(2026, 11, 18)) == "3 September 2025"


def test_how_long_is_rounded_down_to_one_unit():
    lengths = (
        timedelta(seconds=1),
        timedelta(seconds=8),
        timedelta(minutes=3.9),
        timedelta(days=4, hours=23),
    )
    assert [how_long(length) for length in lengths] == ["1 second", "8 seconds", "3 minutes", "4 days"]
    assert how_long(timedelta(seconds=-2)) == "less than a second"


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (
            {"worth": 5, "under_way": 1, "held": 1},
            "Five of your cases may be worth a word. One repair is under way, one has held.",
        ),
        ({"worth": 1}, "One of your cases may be worth a word."),
        ({"held": 2}, "None of your cases asks for a word today. Two have held."),
        ({"under_way": 3}, "None of your cases asks for a word today. Three repairs are under way."),
        ({}, "None of your cases asks for a word today."),
    ],
)
def test_the_caseload_is_told_in_a_sentence(counts, text):
    assert caseload_headline(12, judging=True, **counts) == text


def test_an_install_that_only_records_judges_nothing_in_its_headline():
    assert caseload_headline(12, judging=False, worth=5) == "12 open cases, as answered."


def test_a_session_and_its_number_stay_on_one_line():
    assert session(6) == "session\N{NO-BREAK SPACE}6"


def test_strain_is_possible_until_somebody_says_so():
    assert status_labels.label_of("strain", confirmed=False, session=6).text == "Possible strain"
    assert status_labels.label_of("strain", confirmed=True, session=6).text == "Strain, confirmed"
    assert status_labels.label_of("erosion", confirmed=False, session=6).text == "Slow erosion"
    assert status_labels.label_of("low", confirmed=False, session=2).text == "Low from the start"
    assert status_labels.label_of("low", confirmed=False, session=9).text == "Low rating"


def test_gold_is_the_family_of_repair_and_of_nothing_else():
    golden = {
        state for state, label in status_labels.LABELS.items() if label.css in ("repaired", "repairing")
    }
    assert golden == {State.REPAIRED, State.REPAIR_UNDER_WAY}
    alone = [value for value in vars(status_labels).values() if isinstance(value, status_labels.StatusLabel)]
    assert not [label for label in alone if label.css in ("repaired", "repairing")]


def test_every_state_has_its_word_and_its_place_in_the_order_of_need():
    assert set(status_labels.LABELS) == set(State) == set(NEED) == set(GROUPS)
    order = [
        State.NOT_TAKEN_UP,
        State.ASKED,
        State.EROSION,
        State.LOW,
        State.REPAIR_UNDER_WAY,
        State.STILL_LOW,
    ]
    order += [State.WAITING, State.STEADY]
    assert [NEED[state] for state in order] == sorted({NEED[state] for state in order})
    assert NEED[State.ASKED] == NEED[State.STRAIN]


def strings(path: Path) -> Iterator[str]:
    """The strings of a module, its docstrings apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_sentences_stand_in_the_one_place_where_they_are_translated():
    from goldseam_web.config.settings import PACKAGE

    two_words = re.compile(r"[^\W\d_] [^\W\d_]")
    found = [
        (path.name, text)
        for path in (PACKAGE / "dashboard").rglob("*.py")
        if path.parent.name != "language"
        for text in strings(path)
        if two_words.search(text) and not text.endswith(" halo")  # classes of a text on a chart
    ]
    assert found == []


def test_the_places_of_a_sentence_have_names():
    from goldseam_web.config.settings import PACKAGE

    for path in (PACKAGE / "dashboard" / "language").glob("*.py"):
        for text in strings(path):
            places = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
            assert all(name.isidentifier() for name in places), (path.name, text)


def test_the_word_rupture_is_on_no_staff_page():
    from goldseam_web.config.settings import PACKAGE

    pages = [*(PACKAGE / "templates" / "dashboard").rglob("*.html"), *(PACKAGE / "dashboard").rglob("*.py")]
    assert not [p.name for p in pages if "rupture" in p.read_text(encoding="utf-8").lower()]


def test_no_staff_template_sets_a_style_or_a_script_of_its_own():
    from goldseam_web.config.settings import PACKAGE

    for page in (PACKAGE / "templates" / "dashboard").rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        assert "style=" not in html, page.name
        assert "<script" not in html, page.name
        assert "onclick" not in html, page.name
