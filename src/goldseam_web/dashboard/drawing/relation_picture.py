"""Who rates whom as a picture: therapists outside, the members' seats inside, a line for each rating of a therapist."""

from collections.abc import Sequence
from dataclasses import dataclass

from goldseam_web.dashboard.drawing.member_marks import Mark, mark
from goldseam_web.lib.geometry import XY, px

THICKEST, THINNEST = 7.5, 1.5
PILL = 22.0  # how tall the paper behind a number on a line is


@dataclass(frozen=True)
class RelationValue:
    """One rating of one relation; ``value`` is None where there is none, which is never a zero."""

    value: float | None
    low: bool = False

    @property
    def text(self) -> str:
        return "–" if self.value is None else f"{self.value:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Seat:
    """A member: their rating of each therapist, of the other relations, and why there is none."""

    position: int
    name: str
    role: str
    ties: tuple[RelationValue, ...]
    others: tuple[RelationValue, ...]
    reason: tuple[str, str] = ("", "")

    @property
    def is_silent(self) -> bool:
        """Whether nothing of this member is drawn."""
        return all(each.value is None for each in (*self.ties, *self.others))


@dataclass(frozen=True)
class TherapistSeat:
    name: str
    about: str


@dataclass(frozen=True)
class RelationFigures:
    """What is drawn: one or two therapists, up to eight members, and the names of the relations inside the house."""

    therapists: tuple[TherapistSeat, ...]
    seats: tuple[Seat, ...]
    relations: tuple[str, ...]
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Tie:
    """A line from a therapist to a member with its number; ``css`` says whether there is a rating, and a low one."""

    css: str
    d: str
    width: str
    text: str
    x: str
    y: str
    pill_x: str
    pill_y: str
    pill_width: str


@dataclass(frozen=True)
class Bar:
    """A number with its bar; no bar where there is no rating."""

    label: str
    text: str
    css: str
    x: str
    y: str
    track: str
    length: str
    filled: str
    top: str


@dataclass(frozen=True)
class SeatBox:
    """One member's place in the house; ``reason``: lines of text with their places, where nothing was rated."""

    y: str
    dashed: bool
    mark: Mark
    name: str
    name_y: str
    role: str
    role_y: str
    bars: tuple[Bar, ...]
    reason: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class TherapistBox:
    """A therapist's circle with the session the ratings are about; on the narrow picture a line hangs below it."""

    name: str
    name_y: str
    x: str
    y: str
    about: str
    about_x: str
    about_y: str
    anchor: str
    line_x: str = ""
    line_bottom: str = ""


@dataclass(frozen=True)
class RelationPicture:
    """Coordinates of the picture, in one of the two layouts."""

    css: str
    width: str
    height: str
    house_width: str
    house_height: str
    seat_width: str
    seat_height: str
    heads: tuple[tuple[str, str], ...]
    ties: tuple[Tie, ...]
    seats: tuple[SeatBox, ...]
    therapists: tuple[TherapistBox, ...]


@dataclass(frozen=True)
class _BarPlace:
    """Where the number stands, and where its bar begins, how long it may get, and how far below the number it is."""

    x: float
    track: float
    length: float
    below: float


# ---------- wide: therapists left and right of the house ----------

WIDE_TOP, WIDE_SEAT, WIDE_STEP = 67.0, 58.0, 76.0
# (from x, bend x, to x, x of the number) of the lines to the left and to the right therapist, and their circles.
CURVES = ((86.0, 142.0, 198.0, 164.0), (652.0, 596.0, 540.0, 574.0))
CIRCLES = (52.0, 686.0)


def draw_wide(figures: RelationFigures) -> RelationPicture:
    """A line of the house for each member; with one therapist the house takes the other's place too."""
    tops = [WIDE_TOP + WIDE_STEP * k for k in range(len(figures.seats))]
    bottom = tops[-1] + WIDE_SEAT + 15
    start = (20 + bottom) / 2
    column, length, seat_width = (124.0, 96.0, 514.0) if len(figures.therapists) == 1 else (70.0, 48.0, 330.0)
    columns = [_BarPlace(x, x, length, 9) for x in (324 + column * k for k in range(len(figures.relations)))]
    return RelationPicture(
        css="wide",
        width="738",
        height=px(bottom + 8),
        house_width=px(seat_width + 16),
        house_height=px(bottom - 20),
        seat_width=px(seat_width),
        seat_height=px(WIDE_SEAT),
        heads=tuple((px(c.x), name) for c, name in zip(columns, figures.relations, strict=True)),
        ties=tuple(
            _curve(figures, tie, side, start, top + WIDE_SEAT / 2)
            for top, seat in zip(tops, figures.seats, strict=True)
            for side, tie in enumerate(seat.ties)
        ),
        seats=tuple(_wide_seat(figures, s, top, columns) for s, top in zip(figures.seats, tops, strict=True)),
        therapists=tuple(
            TherapistBox(
                _short(t.name, 8), px(start + 5), px(x), px(start), t.about, px(x), px(start + 54), "middle"
            )
            for t, x in zip(figures.therapists, CIRCLES, strict=False)
        ),
    )


def _curve(figures: RelationFigures, tie: RelationValue, side: int, start: float, y: float) -> Tie:
    from_x, bend, to_x, text_x = CURVES[side]
    d = f"M{px(from_x)} {px(start)}C{px(bend)} {px(start)} {px(bend)} {px(y)} {px(to_x)} {px(y)}"
    return _tie(figures, tie, d, (text_x, y), pill=36)


def _wide_seat(figures: RelationFigures, seat: Seat, top: float, columns: Sequence[_BarPlace]) -> SeatBox:
    middle = top + WIDE_SEAT / 2
    bars = zip(seat.others, columns, strict=True)
    return SeatBox(
        y=px(top),
        dashed=seat.is_silent,
        mark=mark(seat.position, 224, middle, 6),
        name=_short(seat.name, 10),
        name_y=px(middle - 2 if seat.role else middle + 5),
        role=seat.role,
        role_y=px(middle + 14),
        bars=() if seat.is_silent else tuple(_bar(figures, value, c, middle - 3) for value, c in bars),
        reason=_reason(seat, 324, middle - 2),
    )


# ---------- narrow: therapists above ----------

NARROW_TOP, NARROW_LINE = 80.0, 16.0
# On the left and on the right: x of the circle, of the text beside it, how that is anchored, x of the line below it,
# x of the seats' edge, and x of the number.
HANGS = ((26.0, 58.0, "start", 18.0, 64.0, 40.0), (270.0, 238.0, "end", 278.0, 232.0, 256.0))


def draw_narrow(figures: RelationFigures) -> RelationPicture:
    """A box for each member, and the lines to the left and to the right of them."""
    seat_height = 36 + NARROW_LINE * len(figures.relations)
    tops = [NARROW_TOP + (seat_height + 12) * k for k in range(len(figures.seats))]
    bottom = tops[-1] + seat_height + 14
    return RelationPicture(
        css="narrow",
        width="296",
        height=px(bottom + 8),
        house_width="172",
        house_height=px(bottom - 66),
        seat_width="160",
        seat_height=px(seat_height),
        heads=(),
        ties=tuple(
            _straight(figures, tie, side, top + seat_height / 2)
            for top, seat in zip(tops, figures.seats, strict=True)
            for side, tie in enumerate(seat.ties)
        ),
        seats=tuple(_narrow_seat(figures, s, top) for s, top in zip(figures.seats, tops, strict=True)),
        therapists=tuple(
            TherapistBox(
                _short(t.name, 6),
                "37",
                px(x),
                "32",
                t.about,
                px(about_x),
                "29" if len(figures.therapists) == 1 else about_y,
                anchor,
                px(line),
                px(tops[-1] + seat_height / 2),
            )
            for t, (x, about_x, anchor, line, _, _), about_y in zip(
                figures.therapists, HANGS, ("20", "38"), strict=False
            )
        ),
    )


def _straight(figures: RelationFigures, tie: RelationValue, side: int, y: float) -> Tie:
    _, _, _, from_x, to_x, text_x = HANGS[side]
    return _tie(figures, tie, f"M{px(from_x)} {px(y)}H{px(to_x)}", (text_x, y), pill=30)


def _narrow_seat(figures: RelationFigures, seat: Seat, top: float) -> SeatBox:
    first = top + 42
    bars = enumerate(zip(figures.relations, seat.others, strict=True))
    place = _BarPlace(218, 146, 42, -7)
    return SeatBox(
        y=px(top),
        dashed=seat.is_silent,
        mark=mark(seat.position, 84, top + 18, 5.5),
        name=_short(seat.name, 11),
        name_y=px(top + 23),
        role=seat.role,
        role_y=px(top + 23),
        bars=()
        if seat.is_silent
        else tuple(_bar(figures, value, place, first + NARROW_LINE * k, name) for k, (name, value) in bars),
        reason=_reason(seat, 78, first),
    )


# ---------- both ----------


def _short(name: str, longest: int) -> str:
    """A name as far as there is room for it; the table has it whole."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _reason(seat: Seat, x: float, y: float) -> tuple[tuple[str, str, str], ...]:
    """The lines that say why there is no rating, with their places."""
    return tuple((text, px(x), px(y + 16 * k)) for k, text in enumerate(seat.reason) if text)


def _share(figures: RelationFigures, value: float) -> float:
    reach = figures.maximum - figures.minimum
    return min(max((value - figures.minimum) / reach, 0.0), 1.0)


def _tie(figures: RelationFigures, tie: RelationValue, d: str, number: XY, *, pill: float) -> Tie:
    x, y = number
    css, width = "tie-none", 1.25
    if tie.value is not None:
        css = "tie-iron" if tie.low else "tie"
        width = THINNEST + (THICKEST - THINNEST) * _share(figures, tie.value)
    return Tie(css, d, px(width), tie.text, px(x), px(y + 4.5), px(x - pill / 2), px(y - PILL / 2), px(pill))


def _bar(figures: RelationFigures, rating: RelationValue, place: _BarPlace, y: float, label: str = "") -> Bar:
    filled = place.length * _share(figures, rating.value) if rating.value is not None else 0.0
    return Bar(
        label=label,
        text=rating.text,
        css="iron" if rating.low else "",
        x=px(place.x),
        y=px(y),
        track=px(place.track),
        length=px(place.length),
        filled=px(filled),
        top=px(y + place.below),
    )
