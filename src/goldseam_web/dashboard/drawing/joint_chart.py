"""The picture for looking at together: large, one line for each, session beside session, nothing drawn but ratings."""

from collections.abc import Sequence
from dataclasses import dataclass

from goldseam_web.dashboard.drawing.member_marks import Mark, colour_of, mark
from goldseam_web.lib.geometry import VerticalScale, points, px, spread_apart


@dataclass(frozen=True)
class JointCourse:
    """What one member gave, oldest first."""

    position: int
    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class JointStroke:
    """One member on the paper; a single rating has no line."""

    css: str
    line: str
    marks: tuple[Mark, ...]
    text: str
    text_css: str
    text_y: str


@dataclass(frozen=True)
class JointChart:
    css: str
    width: str
    height: str
    left: str
    right: str
    text_x: str
    grid: tuple[tuple[str, str], ...]
    strokes: tuple[JointStroke, ...]
    months: tuple[tuple[str, str, str], ...]
    months_y: str


@dataclass(frozen=True)
class _Paper:
    """Sizes of one of the two drawings, in pixels."""

    css: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    radius: float
    line_of_text: float


WIDE = _Paper("wide", 912, 366, 56, 740, 22, 316, 8, 24)
NARROW = _Paper("narrow", 296, 282, 30, 244, 14, 242, 5.5, 17)


def draw_together(
    courses: Sequence[JointCourse], months: Sequence[str], *, least: float, most: float, css: str
) -> JointChart:
    """Draw them beside each other; ``months``: a name for each session, of which the first and the last are written."""
    paper = next(one for one in (WIDE, NARROW) if one.css == css)
    scale = VerticalScale(least, most, paper.top, paper.bottom)
    xs = _places(len(months), paper)
    heights = [scale.y(course.values[-1]) for course in courses]
    labels = spread_apart(heights, paper.line_of_text, paper.top, paper.bottom)
    middle = (least + most) / 2
    return JointChart(
        css=css,
        width=px(paper.width),
        height=px(paper.height),
        left=px(paper.left - paper.radius - 4),
        right=px(paper.right + paper.radius + 4),
        text_x=px(paper.right + 2 * paper.radius + 2),
        grid=tuple((px(scale.y(tick)), f"{tick:g}") for tick in (least, middle, most)),
        strokes=tuple(
            _stroke(course, xs, scale, paper, y) for course, y in zip(courses, labels, strict=True)
        ),
        months=_months(xs, months),
        months_y=px(paper.height - 10),
    )


def _places(count: int, paper: _Paper) -> list[float]:
    """From left to right; one alone stands at the right, beside its label."""
    if count == 1:
        return [paper.right]
    return [paper.left + (paper.right - paper.left) * k / (count - 1) for k in range(count)]


def _stroke(
    course: JointCourse, xs: Sequence[float], scale: VerticalScale, paper: _Paper, label: float
) -> JointStroke:
    spots = [(x, scale.y(value)) for x, value in zip(xs, course.values, strict=True)]
    number = colour_of(course.position)
    last = f"{course.values[-1]:.1f}"
    return JointStroke(
        css=f"l{number}",
        line=points(spots) if len(spots) > 1 else "",
        marks=tuple(mark(course.position, x, y, paper.radius) for x, y in spots),
        text=f"{course.name} {last}" if paper is WIDE else last,
        text_css=f"t{number}",
        text_y=px(label + paper.line_of_text / 4),
    )


def _months(xs: Sequence[float], names: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    """The first one begins below its rating, the last one ends there."""
    ends = ((xs[0], "start" if len(xs) > 1 else "end", names[0]), (xs[-1], "end", names[-1]))
    return tuple((px(x), anchor, name) for x, anchor, name in ends[: len(xs)] if name)
