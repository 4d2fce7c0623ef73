"""The drawing is checked against places worked out by hand from the sizes in the layouts."""

import itertools
import re
from itertools import pairwise

import pytest

from goldseam_web.dashboard.drawing import (
    NARROW,
    WIDE,
    Band,
    ChartData,
    DistanceAt,
    EpisodeMarks,
    Line,
    Point,
    RelationFigures,
    RelationValue,
    Seat,
    SparkLine,
    TherapistSeat,
    draw_chart,
    draw_distance,
    draw_facet_strip,
    draw_narrow,
    draw_small,
    draw_spark,
    draw_strip,
    draw_wide,
    mark,
)
from goldseam_web.dashboard.drawing.joint_chart import JointCourse, draw_together
from goldseam_web.dashboard.drawing.strip import NARROW as NARROW_STRIP
from goldseam_web.dashboard.drawing.strip import WIDE as STRIP
from goldseam_web.lib.geometry import HorizontalScale, VerticalScale, px, spread_apart
from goldseam_web.lib.seam import draw_seam

RUTH = (7.6, 8.0, 7.7, 8.2, 8.0, 5.2, 4.4, 7.7, 8.1, 8.4)


def line(values, position=1, name="Ruth", series="a"):
    points = (
        Point(k, v, series if v is not None else "", "answered" if v is not None else "unanswered")
        for k, v in enumerate(values, start=1)
    )
    return Line(position, name, tuple(points))


def course(*lines, episodes=(), bands=(), planned=11, selected=1):
    sessions = tuple(range(1, len(lines[0].points) + 1))
    return ChartData(sessions, tuple(lines), 0.0, 10.0, selected, tuple(bands), tuple(episodes), planned)


MENDED = EpisodeMarks(
    1,
    1,
    onset=6,
    title="Strain, session 6",
    short_title="Strain",
    nadir=7,
    repair=8,
    repair_title="Repaired, session 8",
    short_repair_title="Repaired at 8",
    mended=True,
)


# --- places ---------------------------------------------------------------------------------------


def test_a_value_stands_at_its_share_of_the_height():
    # 0 at 280, 10 at 30: 5.2 lies 0.52 x 250 = 130 px above the bottom.
    assert VerticalScale(0, 10, 30, 280).y(5.2) == 150
    assert HorizontalScale(0, 10, 2, 736).x(5) == 369


def test_a_value_outside_the_scale_is_drawn_at_its_edge():
    scale = VerticalScale(3, 10, 4, 41)
    assert scale.y(1) == 41
    assert scale.y(11) == 4


def test_coordinates_are_written_short():
    assert [px(v) for v in (12.0, 12.04, 12.06, -0.01, 0.0)] == ["12", "12", "12.1", "0", "0"]


def test_sessions_stand_where_eleven_places_between_52_and_644_put_them():
    drawn = draw_chart(course(line(RUTH)), WIDE, "")
    # (644 - 52) / 10 = 59.2 px from one to the next; session 6 stands at 52 + 5 x 59.2 = 348.
    assert [t.x for t in drawn.ticks] == [
        "52",
        "111.2",
        "170.4",
        "229.6",
        "288.8",
        "348",
        "407.2",
        "466.4",
        "525.6",
        "584.8",
        "644",
    ]
    assert drawn.lines[0].lines == (
        "52,90 111.2,80 170.4,87.5 229.6,75 288.8,80 348,150 407.2,170 466.4,87.5 525.6,77.5 584.8,70",
    )


# --- gaps -----------------------------------------------------------------------------------------


def test_no_line_crosses_a_gap():
    drawn = draw_chart(course(line((6.0, 7.0, None, 8.0, 9.0)), planned=None), WIDE, "")
    # Five places capped at 96 px: sessions 1, 2 and 4, 5 are joined, nothing reaches over session 3.
    assert drawn.lines[0].lines == ("52,130 148,105", "340,80 436,55")


def test_a_single_answer_between_gaps_is_a_mark_without_a_line():
    drawn = draw_chart(course(line((None, 7.0, None)), planned=None), WIDE, "")
    assert drawn.lines[0].lines == ()
    assert [m.cx for m in drawn.lines[0].marks] == ["148"]


def test_ratings_of_two_series_are_never_joined():
    points = (Point(1, 7.0, "a"), Point(2, 7.0, "a"), Point(3, 7.0, "b"), Point(4, 7.0, "b"))
    drawn = draw_chart(course(Line(1, "Ruth", points), planned=None), WIDE, "")
    assert drawn.lines[0].lines == ("52,105 148,105", "244,105 340,105")


def test_rows_tell_answered_from_unanswered_from_away():
    points = (Point(1, 7.0, "a"), Point(2, None, "", "unanswered"), Point(3, None, "", "away"))
    row = draw_chart(course(Line(1, "Ruth", points), planned=None), WIDE, "").rows[0]
    assert [(m.cx, m.css) for m in row.marks] == [("52", "p1"), ("148", "absent")]
    assert [(t.x, t.text) for t in row.away] == [("244", "away")]


# --- range and limit ------------------------------------------------------------------------------


def test_the_limit_is_a_stair_that_steps_half_way_between_sessions():
    bands = (Band(2, 6.0, 9.0, 5.0), Band(3, 6.0, 9.0, 6.0))
    drawn = draw_chart(course(line((7, 7, 7, 7)), bands=bands, planned=None), WIDE, "")
    # Sessions 2 and 3 stand at 148 and 244; half a step is 48, at the outside at most 29.6.
    assert drawn.limits == ("118.4,155 196,155 196,130 273.6,130",)


def test_the_usual_range_breaks_where_it_is_not_known():
    bands = (Band(1, 6.0, 9.0, None), Band(3, 6.0, 9.0, None))
    drawn = draw_chart(course(line((7, 7, 7, 7)), bands=bands, planned=None), WIDE, "")
    assert len(drawn.bands) == 2
    assert drawn.limits == ()


# --- the seam -------------------------------------------------------------------------------------


def test_the_ends_of_the_seam_lie_exactly_on_the_ratings():
    seam = draw_chart(course(line(RUTH), episodes=[MENDED]), WIDE, "").episodes[0].seams[0]
    # Session 7, 4.4 at (407.2, 170); session 8, 7.7 at (466.4, 87.5).
    assert seam.under == "M407.2 170L466.4 87.5"
    outline = [tuple(map(float, p.split(","))) for p in seam.body.split()]
    half = len(outline) // 2
    for start, end, place in ((0, -1, (407.2, 170)), (half - 1, half, (466.4, 87.5))):
        middle = [(a + b) / 2 for a, b in zip(outline[start], outline[end], strict=True)]
        assert all(abs(m - p) <= 0.1 for m, p in zip(middle, place, strict=True))


def test_the_seam_of_an_episode_looks_the_same_each_time_and_unlike_another_one():
    here, there = (100.0, 200.0), (160.0, 80.0)
    assert draw_seam(here, there, 3) == draw_seam(here, there, 3)
    assert draw_seam(here, there, 3).body != draw_seam(here, there, 4).body


def test_the_seam_is_between_3_and_9_px_wide_with_two_or_three_veins():
    for number in range(1, 40):
        seam = draw_seam((0.0, 0.0), (0.0, 120.0), number)
        xs = [tuple(map(float, p.split(","))) for p in seam.body.split()]
        half = len(xs) // 2
        widths = [abs(a[0] - b[0]) for a, b in zip(xs[1 : half - 1], xs[half:][::-1][1:-1], strict=True)]
        assert all(2.8 <= w <= 9.2 for w in widths)
        assert 2 <= len(set(seam.veins)) <= 3


def test_gold_is_drawn_only_when_the_episode_is_mended():
    unconfirmed = EpisodeMarks(
        1, 1, 6, "Possible strain, session 6", nadir=7, repair=8, repair_title="Back in range, session 8"
    )
    drawn = draw_chart(course(line(RUTH), episodes=[unconfirmed]), WIDE, "").episodes[0]
    assert drawn.seams == ()
    assert drawn.healing == ()
    assert drawn.repaired is None
    assert [w.css for w in drawn.words if w.text.startswith("Back")] == ["strong big halo"]


def test_the_words_at_a_repair_stand_clear_of_the_limit_and_of_its_name():
    """The range follows a strain down and comes up again, so that the limit may pass where these words would stand."""
    values = (8.0, 7.5, 7.8, 7.8, 8.0, 8.2, 8.8, 7.5, 4.8, 7.5, 8.5)
    limits = (6.2, 6.4, 6.6, 6.7, 6.9, 6.6, 4.2, 5.5)
    bands = [Band(k, limit + 0.6, limit + 2.6, limit) for k, limit in enumerate(limits, start=4)]
    episode = EpisodeMarks(
        1,
        1,
        9,
        "",
        nadir=9,
        repair=10,
        repair_title="Back in range, session 10",
        repair_notes=("held since",),
    )
    drawn = draw_chart(course(line(values), episodes=[episode], bands=bands), WIDE, "")
    first, second = [w for w in drawn.episodes[0].words if w.text in (episode.repair_title, "held since")]
    # 0 is at 280 and 10 at 30: the limit of 5.5 is at 142.5, and of 4.2 at 175
    others = [float(label.y) for label in drawn.labels] + [30 + 25 * (10 - limit) for limit in limits[-2:]]
    for words in (first, second):
        assert all(abs(float(words.y) - other) >= 12 for other in others), (words, others)


def test_gold_dots_stand_only_between_ratings_that_exist():
    values = (8.0, 8.0, 8.0, 8.0, 4.0, 5.0, None, 6.0)
    under_way = EpisodeMarks(1, 1, 5, "", nadir=5, under_way=True)
    drawn = draw_chart(course(line(values), episodes=[under_way], planned=None), WIDE, "")
    # Sessions 5 and 6 are neighbours; 7 is missing, so nothing leads to 8. (Step 592/7 = 84.57.)
    assert drawn.episodes[0].healing == ("M390.3 180L474.9 155",)


def test_a_narrow_chart_says_less():
    drawn = draw_chart(course(line(RUTH), episodes=[MENDED]), NARROW, "").episodes[0]
    assert drawn.words[0].text == "Strain"
    assert drawn.words[-1].text == "Repaired at 8"


def test_the_thin_line_gives_way_to_the_seam():
    drawn = draw_chart(course(line(RUTH), episodes=[MENDED]), WIDE, "")
    assert [text.split()[-1] for text in drawn.lines[0].lines] == ["407.2,170", "584.8,70"]


def test_no_seam_crosses_a_gap():
    values = (8.0, 8.0, 8.0, 8.0, 4.0, None, 7.9, 8.0)
    episode = EpisodeMarks(1, 1, 5, "", nadir=5, repair=7, repair_title="Repaired, session 7", mended=True)
    drawn = draw_chart(course(line(values), episodes=[episode], planned=None), WIDE, "").episodes[0]
    assert drawn.seams == ()
    assert drawn.repaired is not None


def test_onset_has_a_ring_a_drop_line_and_its_session_in_bold():
    drawn = draw_chart(course(line(RUTH), episodes=[MENDED]), WIDE, "")
    episode = drawn.episodes[0]
    assert (episode.onset.x, episode.onset.y) == ("348", "150")
    assert episode.drop.x == "348"
    assert [t.text for t in drawn.ticks if t.strong] == ["6"]
    assert {"4.4", "lowest"} <= {w.text for w in episode.words}


# --- labels ---------------------------------------------------------------------------------------


def test_labels_that_would_collide_stand_14_px_apart_in_their_order():
    # 100, 104 and 108 form one block around 104: 90, 104, 118. 200 is far away and stays.
    assert spread_apart([104, 100, 200, 108], 14, 0, 300) == [104, 90, 200, 118]


def test_a_label_stands_beside_its_last_point():
    """Four px below the point's middle, which is where the middle of its letters is; 8.0 is at 80 on the wide chart."""
    drawn = draw_chart(course(line((8.0, 8.0, 8.0, 8.0)), planned=None), WIDE, "")
    assert [label.y for label in drawn.labels] == ["84"]


def test_labels_stay_on_the_paper():
    assert spread_apart([298, 299, 300], 14, 0, 300) == [272, 286, 300]
    assert spread_apart([1, 2], 14, 0, 300) == [0, 14]


def test_labels_pushed_from_an_edge_push_their_neighbours():
    moved = spread_apart([290, 299, 300, 301], 14, 0, 300)
    assert moved == sorted(moved)
    assert all(b - a >= 14 for a, b in itertools.pairwise(moved))


def test_four_members_over_fifty_sessions_keep_their_labels_apart_and_on_the_paper():
    lines = [line([7 + 0.1 * p + (k % 3) * 0.2 for k in range(50)], p, f"Name {p}") for p in (1, 2, 3, 4)]
    for layout, shown in ((WIDE, 50), (NARROW, 20)):
        drawn = draw_chart(course(*lines, planned=51), layout, "")
        heights = sorted(float(t.y) for t in drawn.labels)
        assert all(b - a >= 13.9 for a, b in itertools.pairwise(heights))
        assert len(drawn.rows[0].marks) == shown
        numbers = [float(t.x) for t in drawn.ticks]
        assert all(b - a >= 19 for a, b in itertools.pairwise(numbers))
        assert max(float(m.cx) for row in drawn.rows for m in row.marks) <= layout.right


def test_every_shape_is_its_members_own():
    assert mark(1, 0, 0, 4).points == ""
    assert [len(mark(p, 0, 0, 4).points.split()) for p in (2, 3, 4)] == [4, 3, 4]
    assert mark(5, 0, 0, 4).css == "h1m"
    assert mark(1, 0, 0, 4, "absent").css == "absent"


# --- sparkline, strips, small multiples -----------------------------------------------------------


def spark(values, **more):
    nothing = (None,) * len(values)
    return draw_spark(
        SparkLine(tuple(values), nothing, nothing, tuple(v is None for v in values), **more), [], 0, 10
    )


def test_now_is_one_column_and_a_session_13_6_px():
    drawn = spark((7.0, 10.0, 3.0))
    # 3 at the floor (41), 10 at the top (4), 7 at 41 - 4/7 x 37 = 19.9.
    assert drawn.lines == ("100.8,19.9 114.4,4 128,41",)
    assert (drawn.last.x, drawn.value) == ("128", "3.0")


def test_a_value_under_the_floor_is_drawn_at_the_floor_and_told_in_figures():
    drawn = spark((8.0, 1.0))
    assert drawn.lines == ("114.4,14.6 128,41",)
    assert drawn.value == "1.0"


def test_only_the_last_ten_sessions_are_drawn():
    drawn = spark(tuple(range(3, 10)) * 2)
    assert len(drawn.lines[0].split()) == 10
    assert drawn.lines[0].startswith("5.6,")


def test_an_unanswered_check_in_is_a_small_circle_and_a_gap():
    drawn = spark((8.0, None, 8.0))
    assert drawn.lines == ()
    assert [p.x for p in drawn.missed] == ["114.4"]


def test_the_spark_is_gold_from_the_lowest_to_the_repair_only_when_mended():
    assert spark((8.0, 4.0, 8.0), onset=1, nadir=1, repair=2, mended=True).seam == "M114.4 35.7L128 14.6"
    assert spark((8.0, 4.0, 8.0), onset=1, nadir=1, repair=2).seam == ""
    assert spark((8.0, 4.0, 6.0), onset=1, nadir=1, under_way=True).healing == "M114.4 35.7L128 25.1"


def test_the_band_of_the_spark_does_not_follow_a_strain_down():
    """Before session 2 a rating from 7 to 9 was usual, before session 3 one from 4 to 8."""
    low, high = (None, 7.0, 4.0), (None, 9.0, 8.0)

    def band(**more):
        drawn = draw_spark(SparkLine((8.0, 4.0, 5.0), low, high, (False,) * 3, **more), [], 0, 10)
        return drawn.band.y, drawn.band.height

    # 37 px from 10 down to the floor at 3: 9 is at 4 + 37 / 7 = 9.3, 8 at 14.6; two points are 10.6 px, four 21.1.
    assert band(onset=1, nadir=1) == ("9.3", "10.6")
    assert band(onset=1, nadir=1, repair=2) == band() == ("14.6", "21.1")


def test_the_difference_on_the_strip_stays_inside_the_paper():
    strip = draw_strip(
        NARROW_STRIP,
        seen=7.0,
        expected=9.6,
        usual=(8.6, 10.0),
        limit=7.3,
        earlier=[9.6],
        minimum=0,
        maximum=10,
        labels=("Seen 7.0", "Before 9.6"),
        notes=("limit 7.3", "8.6 to 10.0"),
        difference="2.6 below the earlier level",
    )
    assert float(strip.arrow_middle) + 27 * 8.3 / 2 <= NARROW_STRIP.width


def test_the_strip_shows_range_limit_and_what_was_seen_on_one_scale():
    strip = draw_strip(
        STRIP,
        seen=4.8,
        expected=7.9,
        usual=(6.5, 9.3),
        limit=5.6,
        earlier=[7.6, 8.0],
        minimum=0,
        maximum=10,
        labels=("Seen 4.8", "Expected 7.9, usual range 6.5 to 9.3"),
        notes=("limit 5.6", "Lea’s two earlier ratings"),
        difference="3.1 below expected",
    )
    # 73.4 px a point from x = 2.
    assert (strip.seen_x, strip.limit_x, strip.band_x) == ("354.3", "413", "479.1")
    assert strip.band_width == "205.5"
    assert [d.x for d in strip.dots] == ["559.8", "589.2"]


def test_the_two_texts_of_a_strip_never_touch():
    for seen in (0.5, 3.0, 5.9, 6.4, 6.5):
        strip = draw_strip(
            STRIP,
            seen=seen,
            expected=8.0,
            usual=(7.0, 9.0),
            limit=6.6,
            earlier=[8.0],
            minimum=0,
            maximum=10,
            labels=(f"Seen {seen}", "Expected 8.0, usual range 7.0 to 9.0"),
            notes=("limit 6.6", "Lea’s one earlier rating"),
            difference="2.0 below expected",
        )
        halves = (8 * 8.3 / 2, 36 * 8.3 / 2)
        assert float(strip.expected_text_x) - float(strip.seen_text_x) >= sum(halves) + 11
        assert float(strip.seen_text_x) >= halves[0] - 0.1


def test_a_facet_strip_marks_the_mean_of_what_was_before():
    strip = draw_facet_strip(2, [8, 6], 0, 10)
    assert (strip.seen_x, strip.usual_x, strip.dots) == ("58", "178", ("202", "154"))
    assert draw_facet_strip(None, [], 0, 10).seen_x == ""


def test_a_small_chart_breaks_at_a_gap_and_names_the_last_value():
    small = draw_small(2, (5.0, 6.0, None, 10.0), 0, 10)
    # Four places between 23 and 131: 36 px apart; 10 at the top (8), 5 in the middle (55).
    assert small.lines == ("23,55 59,45.6",)
    assert (small.value, small.value_y) == ("10.0", "12")


def test_a_rating_without_neighbours_is_seen():
    """The first and the last are marked anyway, the middle one of three lone ratings was not."""
    small = draw_small(1, (5.0, None, 6.0, None, 10.0), 0, 10)
    # Five places between 23 and 131: 27 px apart.
    assert [m.cx for m in small.marks] == ["23", "77", "131"]
    assert small.lines == ()


class TestRelationPicture:
    ONE = RelationFigures(
        (TherapistSeat("Ines", "about session 3"),),
        (
            Seat(1, "Lea", "", (RelationValue(10.0),), (RelationValue(5.0), RelationValue(0.0, low=True))),
            Seat(
                2, "Tomas", "", (RelationValue(None),), (RelationValue(None),) * 2, ("asked,", "not answered")
            ),
        ),
        ("the partner", "each other"),
        0.0,
        10.0,
    )

    def test_a_line_is_as_thick_as_the_rating_is_high_and_broken_without_one(self):
        lea, tomas = draw_wide(self.ONE).ties
        # Seats of 58 px begin at 67 and 76 px further down: middles at 96 and 172; the circle's at (20 + 216) / 2.
        assert (lea.css, lea.width, lea.d) == ("tie", "7.5", "M86 118C142 118 142 96 198 96")
        assert (tomas.css, tomas.text, tomas.d) == ("tie-none", "–", "M86 118C142 118 142 172 198 172")

    def test_a_bar_is_as_long_as_the_rating_and_zero_is_a_number(self):
        five, zero = draw_wide(self.ONE).seats[0].bars
        assert (five.text, five.length, five.filled, five.css) == ("5", "96", "48", "")
        assert (zero.text, zero.filled, zero.css) == ("0", "0", "iron")

    def test_who_rated_nothing_has_a_dashed_seat_with_the_reason(self):
        for drawn in (draw_wide(self.ONE), draw_narrow(self.ONE)):
            lea, tomas = drawn.seats
            assert (lea.dashed, lea.reason) == (False, ())
            assert tomas.dashed
            assert [text for text, _, _ in tomas.reason] == ["asked,", "not answered"]
            assert tomas.bars == ()

    @pytest.mark.parametrize("members", range(1, 9))
    @pytest.mark.parametrize("therapists", [1, 2])
    @pytest.mark.parametrize("draw", [draw_wide, draw_narrow])
    def test_everything_lies_on_the_paper_and_no_seat_on_another(self, draw, therapists, members):
        ties = (RelationValue(3.0),) * therapists
        seats = tuple(Seat(k, f"N{k}", "", ties, (RelationValue(3.0),) * 3) for k in range(1, members + 1))
        drawn = draw(
            RelationFigures((TherapistSeat("I", ""),) * therapists, seats, ("a", "b", "c"), 0.0, 10.0)
        )
        tops = [float(seat.y) for seat in drawn.seats]
        gaps = [after - before for before, after in pairwise(tops)]
        assert all(gap > float(drawn.seat_height) for gap in gaps)
        assert tops[-1] + float(drawn.seat_height) < float(drawn.height)
        assert len(drawn.ties) == therapists * members
        assert all(0 < float(tie.x) < float(drawn.width) for tie in drawn.ties)


class TestDistanceChart:
    def test_closer_is_higher_and_what_is_new_is_marked(self):
        course = [DistanceAt(1, 0.0, None, is_new=False), DistanceAt(2, 4.0, 2.0, is_new=True)]
        drawn = draw_distance(course, width=330, css="wide")
        # Sessions at 34 and 330 - 96; no distance at the top (12), the largest of 4 at the bottom (122).
        assert [(d.x, d.y, d.css) for d in drawn.dots] == [("34", "12", "pk"), ("234", "122", "pk-iron")]
        assert drawn.lines == ("34,12 234,122",)
        assert drawn.chance == ("M226 67L242 67",)  # known at one session alone: a short line halfway down
        assert drawn.last == ("248", "126", "4.0")

    def test_a_session_not_both_rated_is_a_gap(self):
        course = [DistanceAt(k, d, None, is_new=False) for k, d in ((1, 1.0), (2, None), (3, 2.0))]
        assert draw_distance(course, width=738, css="wide").lines == ()

    def test_of_many_sessions_the_last_has_its_number(self):
        course = [DistanceAt(k, 1.0, None, is_new=False) for k in range(1, 51)]
        for css, most in (("wide", 24), ("narrow", 8)):
            numbers = draw_distance(course, width=296, css=css).numbers
            assert numbers[-1][1] == "50"
            assert len(numbers) <= most


def test_nothing_is_drawn_with_more_than_one_decimal():
    drawn = draw_chart(course(line(RUTH), episodes=[MENDED]), WIDE, "")
    assert not re.search(r"\d\.\d\d", str(drawn).replace(repr(drawn.episodes[0].words), ""))


def test_what_all_look_at_stands_where_the_scale_puts_it_with_labels_apart():
    """By hand, on the wide paper: 10 at 22, 0 at 316, three sessions at 56, 398 and 740; equal ends are 24 px apart."""
    courses = [JointCourse(1, "Lea", (0.0, 5.0, 10.0)), JointCourse(2, "Tomas", (10.0, 5.0, 10.0))]
    chart = draw_together(courses, ["May", "", "July"], least=0, most=10, css="wide")
    assert [stroke.line for stroke in chart.strokes] == ["56,316 398,169 740,22", "56,22 398,169 740,22"]
    heights = [float(stroke.text_y) for stroke in chart.strokes]
    assert abs(heights[0] - heights[1]) == 24
    assert [stroke.text for stroke in chart.strokes] == ["Lea 10.0", "Tomas 10.0"]
    assert chart.months == (("56", "start", "May"), ("740", "end", "July"))


def test_one_session_all_look_at_is_a_mark_without_a_line():
    chart = draw_together([JointCourse(1, "Lea", (7.0,))], ["May"], least=0, most=10, css="narrow")
    assert chart.strokes[0].line == ""
    assert len(chart.strokes[0].marks) == 1
    assert (chart.strokes[0].text, chart.months) == ("7.0", (("244", "end", "May"),))
