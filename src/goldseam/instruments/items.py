"""Who answers, items with the persons they are asked of, and questions as they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Literal, get_args

from goldseam.exceptions import ParameterError
from goldseam.instruments.options import Answer, Options
from goldseam.instruments.texts import Text

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


@dataclass(frozen=True)
class ShownAfter:
    """A follow-up is shown only after one of the answers `values` to the earlier item `item`."""

    item: str
    values: tuple[str, ...]

    def fulfilled_by(self, answers: Mapping[str, float | str | None]) -> bool:
        """Whether the earlier item was answered with one of the values."""
        return answers.get(self.item) in self.values


@dataclass(frozen=True)
class Question:
    """An item ready to be shown to one respondent: its texts are resolved but for ``{therapist}``.

    Parameters
    ----------
    key, relation, facet : str
        As for `Item`.
    text : str
        The wording; ``{therapist}`` stands for the therapist's name.
    note : str or None
        A line shown under it.
    kind : {"numeric", "choice"}
        Numbers with words at some of them, or named answers.
    answers : tuple of Answer
        Every answer on offer, in order.
    shown_after : ShownAfter or None
        The earlier answer a follow-up waits for.
    """

    key: str
    relation: str
    facet: str
    text: str
    note: str | None
    kind: Literal["numeric", "choice"]
    answers: tuple[Answer, ...]
    shown_after: ShownAfter | None


@dataclass(frozen=True)
class Item:
    """One question or statement as it is defined; `Measure.items_for` gives it with its texts resolved.

    Parameters
    ----------
    key : str
        Its name, unique in the measure.
    rater : {"client", "therapist"}
        Who answers it.
    relation, facet : str
        Whose relation with whom it rates, and which side of it.
    options : NumericOptions or ChoiceOptions
        The answers it accepts.
    asked_when : tuple of Condition
        Asked when any of these holds; of every such rater when empty.
    shown_after : ShownAfter or None
        The earlier answer a follow-up waits for.
    text, note : Text
        The wording, and a line shown under it (None if there is none).
    """

    key: str
    rater: Rater
    relation: str
    facet: str
    options: Options
    asked_when: tuple[Condition, ...]
    shown_after: ShownAfter | None
    text: Text
    note: Text | None

    def applies_to(self, respondent: Respondent) -> bool:
        """Whether this respondent is asked the item (a follow-up: if the earlier answer calls for it)."""
        if respondent.rater != self.rater:
            return False
        return not self.asked_when or any(condition.holds_for(respondent) for condition in self.asked_when)

    def question(self, language: str, case_kind: str) -> Question:
        """Give the item as it is shown in a language and a kind of case.

        Parameters
        ----------
        language : str
            A language of the measure.
        case_kind : {"individual", "couple", "family"}
            The wording may differ between them.

        Returns
        -------
        Question
            Ready but for ``{therapist}``.

        Raises
        ------
        ParameterError
            If there is no text in that language.
        """
        return Question(
            key=self.key,
            relation=self.relation,
            facet=self.facet,
            text=self.text.resolve(language, case_kind),
            note=self.note.resolve(language, case_kind) if self.note else None,
            kind=self.options.kind,
            answers=self.options.answers(language),
            shown_after=self.shown_after,
        )


def _check_word(name: str, given: object, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise ParameterError(f"unknown {name}", given=given, allowed=", ".join(allowed))


def _check_flag(name: str, given: object, kind: type | UnionType) -> None:
    if not isinstance(given, kind):
        unknown = ", None" if isinstance(None, kind) else ""
        raise ParameterError(f"{name} is no yes or no", given=given, allowed=f"True, False{unknown}")
