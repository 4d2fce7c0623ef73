"""Times and counts in words; what is expected was read off a calendar."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from goldseam_web.lib.clock_time import time_of_day
from goldseam_web.portal.times_in_words import (
    about_how_long,
    count_of_questions,
    day_name,
    on_which_day,
    time_and_zone,
    zone_letters,
)

CHICAGO = ZoneInfo("America/Chicago")
# A Wednesday, 20:30 in Chicago; in UTC it is Thursday already.
NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "name", "on"),
    [
        (datetime(2026, 3, 5, 5, 59, tzinfo=UTC), "today", "today"),
        (datetime(2026, 3, 5, 6, 0, tzinfo=UTC), "tomorrow", "tomorrow"),
        (datetime(2026, 3, 4, 5, 59, tzinfo=UTC), "yesterday", "yesterday"),
        (datetime(2026, 3, 10, 18, 0, tzinfo=UTC), "Tuesday", "on Tuesday"),
        (datetime(2026, 3, 11, 18, 0, tzinfo=UTC), "11 March", "on 11 March"),
        (datetime(2026, 2, 26, 18, 0, tzinfo=UTC), "Thursday", "on Thursday"),
        (datetime(2026, 2, 25, 18, 0, tzinfo=UTC), "25 February", "on 25 February"),
    ],
)
def test_days_are_those_of_the_clinic(moment, name, on):
    assert day_name(moment, now=NOW, zone=CHICAGO) == name
    assert on_which_day(moment, now=NOW, zone=CHICAGO) == on


def test_the_clock_is_that_of_the_clinic_in_summer_time_too():
    assert time_of_day(NOW, zone=CHICAGO) == "20:30"
    assert time_of_day(datetime(2026, 7, 5, 2, 30, tzinfo=UTC), zone=CHICAGO) == "21:30"


LONDON, KARACHI = ZoneInfo("Europe/London"), ZoneInfo("Asia/Karachi")


@pytest.mark.parametrize(
    ("moment", "now", "zone", "says"),
    [
        # Chicago: at 2:00 CST on 8 March 2026 it is 3:00 CDT; at 2:00 CDT on 1 November it is 1:00 CST.
        (datetime(2026, 3, 7, 21, 0, tzinfo=UTC), datetime(2026, 3, 7, 18, 0, tzinfo=UTC), CHICAGO, "15:00"),
        (
            datetime(2026, 3, 8, 21, 0, tzinfo=UTC),
            datetime(2026, 3, 7, 18, 0, tzinfo=UTC),
            CHICAGO,
            "16:00 CDT",
        ),
        (
            datetime(2026, 3, 7, 21, 0, tzinfo=UTC),
            datetime(2026, 3, 8, 18, 0, tzinfo=UTC),
            CHICAGO,
            "15:00 CST",
        ),
        (
            datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
            datetime(2026, 11, 1, 6, 0, tzinfo=UTC),
            CHICAGO,
            "01:30 CDT",
        ),
        (
            datetime(2026, 11, 1, 7, 30, tzinfo=UTC),
            datetime(2026, 11, 1, 7, 0, tzinfo=UTC),
            CHICAGO,
            "01:30 CST",
        ),
        (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), datetime(2026, 11, 1, 8, 0, tzinfo=UTC), CHICAGO, "02:30"),
        # London: at 2:00 BST on 25 October 2026 it is 1:00 GMT.
        (
            datetime(2026, 10, 26, 9, 0, tzinfo=UTC),
            datetime(2026, 10, 24, 9, 0, tzinfo=UTC),
            LONDON,
            "09:00 GMT",
        ),
        (
            datetime(2026, 10, 26, 9, 0, tzinfo=UTC),
            datetime(2026, 10, 24, 9, 0, tzinfo=UTC),
            KARACHI,
            "14:00",
        ),
    ],
)
def test_a_time_carries_its_zone_where_clocks_change_in_between_or_show_it_twice(moment, now, zone, says):
    assert time_and_zone(moment, now=now, zone=zone) == says


def test_a_zone_without_letters_is_told_by_its_distance():
    assert zone_letters(NOW.astimezone(ZoneInfo("America/Sao_Paulo"))) == "UTC-03"
    assert zone_letters(NOW.astimezone(CHICAGO)) == "CST"


@pytest.mark.parametrize(
    ("count", "questions", "long"),
    [
        (1, "One question", "about a minute"),
        (5, "Five questions", "about a minute"),
        (9, "Nine questions", "about two minutes"),
        (12, "12 questions", "about two minutes"),
    ],
)
def test_counts_are_words_up_to_nine(count, questions, long):
    assert (count_of_questions(count), about_how_long(count)) == (questions, long)
