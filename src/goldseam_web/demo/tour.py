"""What the demo tells its visitor: who can sign in, and which links play the clients."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

# The clinic's open links end after two days; a demo of yesterday would greet its visitor with closed doors.
FRESH = timedelta(hours=12)


@dataclass(frozen=True)
class StaffSignIn:
    """A member of the fictional staff."""

    who: str
    email: str
    password: str


@dataclass(frozen=True)
class Link:
    """An address to open, as a path below the server's own: a client's questionnaire."""

    label: str
    path: str


@dataclass(frozen=True)
class Tour:
    """Written beside the demo's database when it is made, so that the next start can say the same."""

    made_at: datetime
    sign_ins: tuple[StaffSignIn, ...]
    links: tuple[Link, ...]

    def is_fresh(self, *, now: datetime) -> bool:
        return timedelta(0) <= now - self.made_at < FRESH


def write_tour(tour: Tour, path: Path) -> None:
    """Write the tour as JSON, whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(tour), default=datetime.isoformat, indent=1), encoding="utf-8")
    draft.replace(path)


def read_tour(path: Path) -> Tour | None:
    """Read the tour; None when there is none or it is of another version."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return Tour(
            made_at=datetime.fromisoformat(facts["made_at"]),
            sign_ins=tuple(StaffSignIn(**facts_of_one) for facts_of_one in facts["sign_ins"]),
            links=tuple(Link(**facts_of_one) for facts_of_one in facts["links"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
