"""What the templates of the joint view may use."""

import uuid
from dataclasses import dataclass

from goldseam_web.dashboard.drawing.joint_chart import JointChart
from goldseam_web.dashboard.drawing.member_marks import Mark


@dataclass(frozen=True)
class JointLine:
    """One member: their shape, their first name, and what they gave in a sentence."""

    mark: Mark
    name: str
    sentence: str


@dataclass(frozen=True)
class JointRow:
    """One session. ``month`` is empty but for the first and the last."""

    month: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class JointCard:
    """One relation: sentences, the picture, and the same as a table."""

    title: str
    scale: str
    lines: tuple[JointLine, ...]
    label: str
    wide: JointChart
    narrow: JointChart
    rows: tuple[JointRow, ...]


@dataclass(frozen=True)
class JointPage:
    """For whoever treats the case, alone. ``look`` is there once it can be shown; ``mark`` stands for exactly that."""

    case_id: uuid.UUID
    title: str
    refused: str
    says: str
    is_off: bool
    is_shown: bool
    held_url: str
    look: tuple[JointCard, ...]
    mark: str


@dataclass(frozen=True)
class ShownPage:
    """For all of them together."""

    case_id: uuid.UUID
    names: str
    cards: tuple[JointCard, ...]
