"""Items as they are defined, and questions as they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from goldseam.instruments.options import Answer, Options
from goldseam.instruments.respondents import Condition, Rater, Respondent
from goldseam.instruments.texts import Text


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
