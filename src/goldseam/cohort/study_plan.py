"""A plan of a study, hashed before the data are read, and what deviates from it."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldseam.cohort.study_answer import StudyAnswer
from goldseam.exceptions import InputError

if TYPE_CHECKING:
    import polars as pl

SETTINGS = (
    "criterion",
    "version",
    "others",
    "scale",
    "phase",
    "higher_is_better",
    "progress_scale",
    "progress_phase",
    "confirmed",
    "draws",
    "seed",
    "fast",
    "specifications",
)
TEXTS = ("exclusions", "hypotheses")
KEYS = (*SETTINGS, "questions", *TEXTS)
NO_DEVIATION = "as planned"


@dataclass(frozen=True, eq=False)
class StudyPlan:
    """What was planned.

    Attributes
    ----------
    content : dict
        As the file says it.
    text : str
        The file itself.
    sha256 : str
        Of its bytes: register this before the data are looked at.
    """

    content: Mapping[str, Any]
    text: str
    sha256: str

    @classmethod
    def read(cls, file: str | Path) -> "StudyPlan":
        """Read and hash a plan.

        Raises
        ------
        InputError
            It cannot be read, or holds what no study has.
        """
        try:
            raw = Path(file).read_bytes()
            content = tomllib.loads(raw.decode("utf-8"))
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror})", file=file, allowed="a .toml file"
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"is not TOML ({error})", file=file, allowed="a .toml file") from None
        strange = [name for name in content if name not in KEYS]
        if strange:
            raise InputError(
                "a study has no such part", file=file, given=", ".join(strange), allowed=", ".join(KEYS)
            )
        return cls(content, raw.decode("utf-8"), hashlib.sha256(raw).hexdigest())

    def deviations(self, used: Mapping[str, Any], answers: Sequence[StudyAnswer]) -> "pl.DataFrame":
        """What was done beside what was planned.

        Parameters
        ----------
        used : mapping of str to object
            The settings of the study as it was run.
        answers : sequence of StudyAnswer
            Its answers.

        Returns
        -------
        polars.DataFrame
            ``part, planned, done, deviates``.
        """
        import polars as pl

        rows = []
        for name in SETTINGS:
            if name in self.content:
                planned, done = _plain(self.content[name]), _plain(used.get(name))
                rows.append((name, planned, done, NO_DEVIATION if planned == done else "deviates"))
        if "questions" in self.content:
            rows += self._questions([str(each) for each in self.content["questions"]], answers)
        rows += [
            (name, str(self.content[name]), "not checked by the program", "said by the authors")
            for name in TEXTS
            if name in self.content
        ]
        return pl.DataFrame(rows, schema=["part", "planned", "done", "deviates"], orient="row")

    def _questions(
        self, planned: Sequence[str], answers: Sequence[StudyAnswer]
    ) -> list[tuple[str, str, str, str]]:
        known = {each.name: each for each in answers}
        rows = []
        for name in planned:
            if name not in known:
                rows.append((f"question {name}", "asked", "not asked", "deviates"))
            else:
                done = "refused" if known[name].refused else "answered"
                rows.append((f"question {name}", "asked", done, NO_DEVIATION))
        return rows + [
            (f"question {name}", "not planned", "answered", "exploratory")
            for name, each in known.items()
            if name not in planned and name != "data" and not each.refused
        ]


def _plain(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(str(each) for each in value)
    return "not set" if value is None else str(value)
