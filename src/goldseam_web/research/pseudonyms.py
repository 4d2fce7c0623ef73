"""Names and days by which nobody is found again: others in every project, the same in every export of one.

They are worked out from the random number (UUID, version 4) that stands for a row, which is in no export and cannot be
guessed; whoever holds the database can find them again, and nobody else. No key is in it: rotating the keys of the
install would change every name, and two exports of a project could not be put together.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

# Characters of a name: with a million rows of a kind the chance that two share one is below one in two million.
_LENGTH = 15
_WEEKS = 52


@dataclass(frozen=True)
class Pseudonyms:
    """Of one project.

    Parameters
    ----------
    project : str
        Another one gives other names and days.
    """

    project: str

    def name(self, kind: str, row: uuid.UUID) -> str:
        """A name such as ``C3f0a...``: the kind is one letter."""
        return kind + self._digest(kind, row)[:_LENGTH]

    def day(self, case: uuid.UUID, day: date) -> date:
        """The same day of the week, up to a year earlier or later: all days of a case move alike."""
        weeks = int(self._digest("weeks", case), 16) % (2 * _WEEKS + 1) - _WEEKS
        return day + timedelta(weeks=weeks)

    def _digest(self, purpose: str, row: uuid.UUID) -> str:
        text = "\n".join(["goldseam research", self.project, purpose, str(row)])
        return hashlib.sha256(text.encode()).hexdigest()
