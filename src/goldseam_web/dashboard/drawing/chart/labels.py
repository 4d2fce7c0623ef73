"""Direct labels: values at the right, kept apart, and the words at an episode."""

from collections.abc import Sequence
from dataclasses import dataclass

from goldseam_web.dashboard.drawing.chart.answer_rows import ChartText
from goldseam_web.dashboard.drawing.chart.layout import Paper
from goldseam_web.dashboard.drawing.chart_data import ChartData, EpisodeMarks
from goldseam_web.dashboard.drawing.member_marks import colour_of
from goldseam_web.dashboard.language import case_chart as say
from goldseam_web.lib.geometry import XY, px, spread_apart

APART = 14.0
WORDS_WIDTH = 150.0  # room the words of an episode need beside their place
BIG_CHARACTER = 7.5
BESIDE_FIGURE = 20.0  # from the place of the lowest rating to the end of its figure
BAND_NAME = 124.0  # how wide the name of the usual range is
UNDER_FIGURE = 36.0  # from the lowest rating to a line under its figure


def end_labels(paper: Paper, data: ChartData) -> tuple[ChartText, ...]:
    """Each member's last value, and the name of the limit, at the right and at least 14 px apart."""
    wanted = [
        (
            paper.scale.y(point.value),
            f"t{colour_of(line.position)} big",
            _label(paper, line.name, point.value),
        )
        for line in data.lines
        if (point := line.last) is not None and point.value is not None
    ]
    if data.own and (point := data.own.last) and point.value is not None and paper.layout.wide:
        wanted.append(
            (paper.scale.y(point.value), "", say.NAME_AND_VALUE.format(name=data.own.name, value=point.value))
        )
    limit = next((b.limit for b in reversed(data.bands) if b.limit is not None), None)
    name = _selected_name(data)
    if limit is not None and name and paper.layout.wide:
        wanted.append((paper.scale.y(limit), "", say.LIMIT_OF.format(name=name)))
    apart = spread_apart([y for y, _, _ in wanted], APART, paper.layout.top, paper.layout.bottom - 6)
    return tuple(
        ChartText(px(paper.labels_x), px(y + 4), text, css)
        for y, (_, css, text) in zip(apart, wanted, strict=True)
    )


def _label(paper: Paper, name: str, value: float) -> str:
    return say.NAME_AND_VALUE.format(name=name, value=value) if paper.layout.wide else f"{value:.1f}"


def _selected_name(data: ChartData) -> str:
    line = data.line(data.selected) if data.selected else None
    return line.name if line else ""


@dataclass(frozen=True)
class Learning:
    """The bracket over the first ratings, while a usual range is being learned."""

    path: str
    text: ChartText


def learning(paper: Paper, data: ChartData) -> Learning | None:
    """A bracket over the ratings before the first usual range; None once it is out of the picture."""
    line = data.line(data.selected) if data.selected else None
    if line is None or not paper.layout.wide:
        return None
    first = data.bands[0].session if data.bands else (data.sessions[-1] + 1 if data.sessions else 0)
    rated = [p.session for p in line.points if p.value is not None and p.session < first]
    places = [x for s in rated if (x := paper.x(s)) is not None]
    if len(places) < 2 or len(places) != len(rated):
        return None
    middle, half = (places[0] + places[-1]) / 2, max((places[-1] - places[0]) / 2, 60.0)
    y = _clear(paper, data, middle, half, (paper.layout.top + 22, paper.layout.bottom - 22))
    bracket = f"M{px(places[0])} {px(y + 8)}v-4H{px(places[-1])}v4"
    return Learning(
        bracket, ChartText(px(middle), px(y), say.LEARNING.format(name=line.name), "halo", "middle")
    )


def _clear(paper: Paper, data: ChartData, x: float, half: float, heights: Sequence[float]) -> float:
    """Of several heights for a text, the one farthest from every line that passes it."""
    near = half + paper.step / 2
    rated = [
        (p.session, p.value)
        for line in (*data.lines, *((data.own,) if data.own else ()))
        for p in line.points
        if p.value is not None
    ]
    limits = [(b.session, b.limit) for b in data.bands if b.limit is not None]
    passing = [
        paper.scale.y(value)
        for session, value in rated + limits
        if (at := paper.x(session)) is not None and abs(at - x) <= near
    ]
    return max(heights, key=lambda y: min((abs(y - 4 - other) for other in passing), default=999.0))


def band_label(paper: Paper, data: ChartData) -> ChartText | None:
    """The name of the usual range, above its second session."""
    shown = [b for b in data.bands if paper.x(b.session) is not None]
    name = _selected_name(data)
    if not shown or not name:
        return None
    at = shown[min(1, len(shown) - 1)]
    # Not over what stands at the right.
    x, high, low = (
        min(paper.x(at.session) or 0, paper.labels_x - BAND_NAME / 2),
        paper.scale.y(at.high),
        paper.scale.y(at.low),
    )
    above, below = max(high - 6, paper.layout.top + 10), min(low + 14, paper.layout.bottom - 8)
    y = _clear(paper, data, x, 50.0, (above, low - 6, below))
    text = say.USUAL_RANGE_OF.format(name=name) if paper.layout.wide else say.USUAL_RANGE
    return ChartText(px(x), px(y), text, css="halo", anchor="middle")


def onset_words(paper: Paper, episode: EpisodeMarks, at: XY, nadir: XY | None) -> tuple[ChartText, ...]:
    """Below the ratings and the lowest rating's figure, on the side of the drop line that has room."""
    room_left = at[0] - paper.layout.left >= WORDS_WIDTH
    x, anchor = (at[0] - 10, "end") if room_left else (at[0] + 10, "start")
    lines = [(episode.title, "t-iron big halo"), *((note, "halo") for note in episode.notes)]
    if not paper.layout.wide:
        lines = [(episode.short_title, "t-iron halo")]
        x, anchor = (at[0] - 7, "end") if at[0] > 110 else (at[0] + 7, "start")
    lowest = max(at[1], nadir[1] if nadir else at[1])
    under_figure = 58 if nadir and nadir[0] - at[0] < 40 else 30
    most = paper.layout.bottom - 10 - 15 * (len(lines) - 1)
    top = min(lowest + under_figure, most)
    if nadir and under_figure > 30 and top > most - 1:  # no room under the figure: beside it
        x += -BESIDE_FIGURE if anchor == "end" else BESIDE_FIGURE + nadir[0] - at[0]
    return _stack(lines, x, top, anchor)


def nadir_words(paper: Paper, value: float, at: XY) -> tuple[ChartText, ...]:
    """The lowest rating's figure, under it where there is room, else above."""
    step = 20 if at[1] + 40 < paper.layout.bottom else -26
    lines = [(f"{value:.1f}", "strong halo")]
    if paper.layout.wide:
        lines.append((say.LOWEST, "halo"))
    return _stack(lines, at[0], at[1] + step, "middle")


def repair_words(
    paper: Paper, data: ChartData, episode: EpisodeMarks, nadir: XY, repair: XY
) -> tuple[ChartText, ...]:
    """Right of the seam and below its end, not on the limit and not on what stands at the right."""
    css = "t-gold" if episode.mended else "strong"
    lines = [(episode.repair_title, f"{css} big halo"), *((note, "halo") for note in episode.repair_notes)]
    if not paper.layout.wide:
        lines = [(episode.short_repair_title, f"{css} halo")]
    y = min(max((nadir[1] + repair[1]) / 2 + 20, repair[1] + 24), paper.layout.bottom - 42)
    for other in sorted(_in_the_way(paper, data, repair[0], repair[0] + len(lines[0][0]) * BIG_CHARACTER)):
        if abs(other + 4 - y) < 22:
            y = other + 20
    if not paper.layout.wide:
        y = min(max(y, nadir[1] + UNDER_FIGURE), paper.layout.bottom - 10)
    fits = repair[0] + 8 + WORDS_WIDTH < paper.layout.width
    x, anchor = (repair[0] + 8, "start") if fits or paper.layout.wide else (paper.layout.right, "end")
    return _stack(lines, x, y, anchor)


def _in_the_way(paper: Paper, data: ChartData, left: float, right: float) -> list[float]:
    """Heights of the limit, and of the labels at the right, between two places."""
    limits = [
        paper.scale.y(band.limit)
        for band in data.bands
        if band.limit is not None
        and (x := paper.x(band.session)) is not None
        and left - paper.step / 2 < x < right + paper.step / 2
    ]
    labels = [float(label.y) - 4 for label in end_labels(paper, data)] if right > paper.labels_x else []
    return limits + labels


def _stack(lines: Sequence[tuple[str, str]], x: float, y: float, anchor: str) -> tuple[ChartText, ...]:
    return tuple(
        ChartText(px(x), px(y + 15.5 * k), text, css, anchor) for k, (text, css) in enumerate(lines) if text
    )
