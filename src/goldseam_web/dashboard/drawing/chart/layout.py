"""The sizes of the wide and the narrow drawing, and where a session and a value stand on them."""

from dataclasses import dataclass

from goldseam_web.dashboard.drawing.chart_data import ChartData
from goldseam_web.lib.geometry import XY, VerticalScale


@dataclass(frozen=True)
class Layout:
    """A drawing's size. Narrow charts name fewer things; the chips above them are the key."""

    width: float
    left: float
    right: float
    first: float
    last: float
    top: float
    bottom: float
    row: float
    radius: float
    tick_gap: float
    longest_step: float
    most_sessions: int
    wide: bool


WIDE = Layout(772, 36, 660, 52, 644, 30, 280, 20, 4.5, 26, 96, 200, wide=True)
NARROW = Layout(296, 20, 266, 28, 258, 24, 252, 18, 3.8, 20, 60, 20, wide=False)
WIDE_SMALL = Layout(772, 36, 660, 52, 644, 30, 180, 20, 4, 26, 96, 200, wide=True)
NARROW_SMALL = Layout(296, 20, 266, 28, 258, 24, 160, 18, 3.4, 20, 60, 20, wide=False)

ROWS_TOP = 39.0  # from the axis to the first row of answers


@dataclass(frozen=True)
class Paper:
    """A layout with the data of one chart on it."""

    layout: Layout
    sessions: tuple[int, ...]
    slots: int
    scale: VerticalScale

    @classmethod
    def of(cls, layout: Layout, data: ChartData) -> "Paper":
        sessions = data.sessions[-layout.most_sessions :]
        slots = len(sessions) + (1 if data.planned else 0)
        scale = VerticalScale(data.minimum, data.maximum, layout.top, layout.bottom)
        return cls(layout, sessions, slots, scale)

    @property
    def step(self) -> float:
        """From one session to the next."""
        room = self.layout.last - self.layout.first
        return min(room / max(self.slots - 1, 1), self.layout.longest_step)

    @property
    def radius(self) -> float:
        """Marks shrink before they touch."""
        return max(1.6, min(self.layout.radius, self.step * 0.3))

    def slot_x(self, slot: int) -> float:
        return self.layout.first + self.step * slot

    def x(self, session: int) -> float | None:
        """Where a session stands, or None if this drawing does not show it."""
        if not self.sessions or session < self.sessions[0] or session > self.sessions[-1]:
            return None
        return self.slot_x(self.sessions.index(session)) if session in self.sessions else None

    def place(self, session: int, value: float) -> XY | None:
        x = self.x(session)
        return (x, self.scale.y(value)) if x is not None else None

    @property
    def labels_x(self) -> float:
        """The left edge of the labels after the last session."""
        return min(self.slot_x(max(len(self.sessions) - 1, 0)) + self.radius + 8, self.layout.right + 1)
