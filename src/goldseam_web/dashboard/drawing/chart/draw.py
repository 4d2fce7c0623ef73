"""Putting the chart together."""

from dataclasses import dataclass

from goldseam_web.dashboard.drawing.chart.answer_rows import (
    AnsweredRow,
    ChartText,
    Tick,
    draw_rows,
    draw_ticks,
)
from goldseam_web.dashboard.drawing.chart.event_marks import DrawnEvent, draw_events
from goldseam_web.dashboard.drawing.chart.labels import (
    Learning,
    band_label,
    end_labels,
    learning,
    nadir_words,
    onset_words,
    repair_words,
)
from goldseam_web.dashboard.drawing.chart.layout import ROWS_TOP, Layout, Paper
from goldseam_web.dashboard.drawing.chart.lines import (
    Drawn,
    Stretch,
    draw_band,
    draw_limit,
    draw_line,
    draw_own,
    gold_stretches,
    place_of,
)
from goldseam_web.dashboard.drawing.chart_data import ChartData, EpisodeMarks
from goldseam_web.dashboard.drawing.member_marks import colour_of
from goldseam_web.dashboard.language.case_chart import PLANNED
from goldseam_web.lib.geometry import path, px
from goldseam_web.lib.seam import Seam, draw_seam


@dataclass(frozen=True)
class Ring:
    x: str
    y: str
    r: str


@dataclass(frozen=True)
class OnsetLine:
    """The dotted line from an onset to its session number."""

    x: str
    top: str


@dataclass(frozen=True)
class DrawnEpisode:
    onset: Ring | None
    drop: OnsetLine | None
    seams: tuple[Seam, ...]
    healing: tuple[str, ...]
    repaired: Ring | None
    words: tuple[ChartText, ...]


@dataclass(frozen=True)
class GridLine:
    y: str
    text_y: str
    text: str


@dataclass(frozen=True)
class Chart:
    """Everything the template prints; strings are coordinates."""

    width: str
    height: str
    left: str
    right: str
    bottom: str
    tick_bottom: str
    numbers_y: str
    grid_text_x: str
    title: str
    grid: tuple[GridLine, ...]
    band_css: str
    bands: tuple[str, ...]
    limits: tuple[str, ...]
    lines: tuple[Drawn, ...]
    own: Drawn | None
    episodes: tuple[DrawnEpisode, ...]
    labels: tuple[ChartText, ...]
    learning: Learning | None
    band_label: ChartText | None
    ticks: tuple[Tick, ...]
    planned: ChartText | None
    rows: tuple[AnsweredRow, ...]
    events: tuple[DrawnEvent, ...]
    wide: bool


def draw_chart(data: ChartData, layout: Layout, title: str) -> Chart:
    """Draw a chart on a layout. What lies before the sessions a narrow drawing shows is left to the table."""
    paper = Paper.of(layout, data)
    marked = frozenset(e.onset for e in data.episodes)
    rows = draw_rows(paper, data.lines)
    return Chart(
        width=px(layout.width),
        height=px(layout.bottom + ROWS_TOP + layout.row * len(rows)),
        left=px(layout.left),
        right=px(layout.right),
        bottom=px(layout.bottom),
        tick_bottom=px(layout.bottom + 5),
        numbers_y=px(layout.bottom + 19),
        grid_text_x=px(layout.left - 8),
        title=title,
        grid=_grid(paper, data),
        band_css=f"band-{colour_of(data.selected)}" if data.selected else "",
        bands=draw_band(paper, data.bands),
        limits=draw_limit(paper, data.bands),
        lines=_lines(paper, data),
        own=draw_own(paper, data.own),
        episodes=tuple(_episode(paper, data, e) for e in data.episodes),
        labels=end_labels(paper, data),
        learning=learning(paper, data),
        band_label=band_label(paper, data),
        ticks=draw_ticks(paper, data, marked),
        planned=_planned(paper, data),
        rows=rows,
        events=draw_events(paper, data),
        wide=layout.wide,
    )


def _grid(paper: Paper, data: ChartData) -> tuple[GridLine, ...]:
    """Bottom, middle and top of the full scale."""
    values = (data.minimum, (data.minimum + data.maximum) / 2, data.maximum)
    return tuple(GridLine(px(paper.scale.y(v)), px(paper.scale.y(v) + 4), f"{v:g}") for v in values)


def _planned(paper: Paper, data: ChartData) -> ChartText | None:
    if not data.planned or not paper.layout.wide:
        return None
    x = paper.slot_x(len(paper.sessions)) + 8 + 6 * len(str(data.planned)) / 2
    return ChartText(px(x), px(paper.layout.bottom + 19), PLANNED)


def _lines(paper: Paper, data: ChartData) -> tuple[Drawn, ...]:
    """Members' lines, the selected one last and so on top."""
    ordered = sorted(data.lines, key=lambda line: line.position == data.selected)
    return tuple(
        draw_line(paper, line, _gold(data, line.position), _rings(data, line.position)) for line in ordered
    )


def _gold(data: ChartData, position: int) -> frozenset[Stretch]:
    mine = [e for e in data.episodes if e.position == position]
    return frozenset(stretch for e in mine for stretch in gold_stretches(data, e))


def _rings(data: ChartData, position: int) -> frozenset[int]:
    """Sessions whose shape gives way to a ring."""
    mine = [e for e in data.episodes if e.position == position]
    return frozenset({e.onset for e in mine} | {e.repair for e in mine if e.mended and e.repair})


def _episode(paper: Paper, data: ChartData, episode: EpisodeMarks) -> DrawnEpisode:
    line = data.line(episode.position)
    onset = place_of(paper, line.at(episode.onset)) if line else None
    nadir = place_of(paper, line.at(episode.nadir)) if line and episode.nadir else None
    repair = place_of(paper, line.at(episode.repair)) if line and episode.repair else None
    ring = max(paper.radius + 1, 2.6)
    golden = _golden(paper, data, episode)
    words: tuple[ChartText, ...] = ()
    if episode.labelled and onset:
        words += onset_words(paper, episode, onset, nadir)
        if nadir and line and (low := line.at(episode.nadir or 0)) and low.value is not None:
            words += nadir_words(paper, low.value, nadir)
    if episode.labelled and nadir and repair and episode.repair_title:
        words += repair_words(paper, data, episode, nadir, repair)
    return DrawnEpisode(
        onset=Ring(px(onset[0]), px(onset[1]), px(ring)) if onset else None,
        drop=OnsetLine(px(onset[0]), px(onset[1] + ring + 2.5)) if onset else None,
        seams=tuple(draw_seam(a, b, episode.number, 1 if paper.layout.wide else 0.7) for a, b in golden)
        if episode.mended
        else (),
        healing=tuple(path([a, b]) for a, b in golden) if not episode.mended else (),
        repaired=Ring(px(repair[0]), px(repair[1]), px(ring)) if repair and episode.mended else None,
        words=words,
    )


def _golden(
    paper: Paper, data: ChartData, episode: EpisodeMarks
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    line = data.line(episode.position)
    pairs = [
        (place_of(paper, line.at(a)), place_of(paper, line.at(b)))
        for a, b in gold_stretches(data, episode)
        if line
    ]
    return [(a, b) for a, b in pairs if a and b]
