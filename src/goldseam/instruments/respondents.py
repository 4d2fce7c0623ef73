"""Who answers, and which items that person is asked."""

from dataclasses import dataclass
from types import UnionType
from typing import Literal, get_args

from goldseam.exceptions import ParameterError

CaseKind = Literal["individual", "couple", "family"]
Role = Literal["client", "partner", "parent", "child", "other", "therapist"]
Rater = Literal["client", "therapist"]


@dataclass(frozen=True)
class Respondent:
    """The person who answers, as far as it decides what is asked.

    Parameters
    ----------
    case_kind : {"individual", "couple", "family"}
        The kind of case.
    role : {"client", "partner", "parent", "child", "other", "therapist"}
        The person's place in the case; ``"therapist"`` for its therapist.
    partnered : bool or None
        Whether the person has a partner; None if not known.
    parent : bool or None
        Whether the person has children to bring up; None if not known.
    others_present : bool
        Whether the other members were at the session. When a member of a couple or family was seen alone,
        items about the group and about each other are *not applied*.

    Raises
    ------
    ParameterError
        If a value is none of those listed.
    """

    case_kind: CaseKind
    role: Role
    partnered: bool | None = None
    parent: bool | None = None
    others_present: bool = True

    def __post_init__(self) -> None:
        _check_word("case_kind", self.case_kind, get_args(CaseKind))
        _check_word("role", self.role, get_args(Role))
        for name in ("partnered", "parent"):
            _check_flag(name, getattr(self, name), bool | None)
        _check_flag("others_present", self.others_present, bool)

    @property
    def rater(self) -> Rater:
        """``"therapist"`` for the therapist, ``"client"`` for everybody else."""
        return "therapist" if self.role == "therapist" else "client"


@dataclass(frozen=True)
class Condition:
    """Holds when every part that is not None holds; an unknown fact never fulfils a part."""

    case_kind: tuple[str, ...] | None = None
    role: tuple[str, ...] | None = None
    partnered: bool | None = None
    parent: bool | None = None
    others_present: bool | None = None

    def holds_for(self, respondent: Respondent) -> bool:
        """Whether the respondent fulfils every part."""
        return (
            (self.case_kind is None or respondent.case_kind in self.case_kind)
            and (self.role is None or respondent.role in self.role)
            and (self.partnered is None or respondent.partnered is self.partnered)
            and (self.parent is None or respondent.parent is self.parent)
            and (self.others_present is None or respondent.others_present is self.others_present)
        )


def _check_word(name: str, given: object, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise ParameterError(f"unknown {name}", given=given, allowed=", ".join(allowed))


def _check_flag(name: str, given: object, kind: type | UnionType) -> None:
    if not isinstance(given, kind):
        unknown = ", None" if isinstance(None, kind) else ""
        raise ParameterError(f"{name} is no yes or no", given=given, allowed=f"True, False{unknown}")
