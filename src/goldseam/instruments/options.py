"""Response options: which answers an item accepts, and the number each of them carries."""

import math
from dataclasses import dataclass
from numbers import Real
from typing import Literal

from goldseam.exceptions import InputError
from goldseam.instruments.texts import Text

# A step such as 0.1 has no exact binary form; a hundred-thousandth of a step is no answer of its own.
_STEP_TOLERANCE = 1e-5


@dataclass(frozen=True)
class Anchor:
    """A value of a numeric scale that carries words."""

    value: float
    label: Text


@dataclass(frozen=True)
class Choice:
    """A named answer; `code` is the number it carries, None if it carries none (such as "not sure")."""

    key: str
    code: float | None
    label: Text


@dataclass(frozen=True)
class Answer:
    """An answer on offer: what is stored (a number, or the key of a choice) and its words, if any."""

    value: float | str
    label: str | None


@dataclass(frozen=True)
class NumericOptions:
    """Numbers from `minimum` to `maximum` in steps of `step`, with words at some of them."""

    minimum: float
    maximum: float
    step: float
    anchors: tuple[Anchor, ...]
    kind: Literal["numeric"] = "numeric"

    @property
    def allowed(self) -> str:
        """The accepted answers, in words."""
        return f"numbers from {self.minimum:g} to {self.maximum:g} in steps of {self.step:g}"

    @property
    def values(self) -> tuple[float, ...]:
        """Every accepted number, lowest first."""
        count = round((self.maximum - self.minimum) / self.step)
        return tuple(round(self.minimum + position * self.step, 9) for position in range(count + 1))

    def answers(self, language: str) -> tuple[Answer, ...]:
        """Every accepted number, lowest first, with its words in a language where it has any."""
        labels = {anchor.value: anchor.label.resolve(language) for anchor in self.anchors}
        return tuple(Answer(value, labels.get(value)) for value in self.values)

    def code(self, answer: object, *, item: str) -> float:
        """Give the number an answer carries.

        Parameters
        ----------
        answer : object
            What was answered.
        item : str
            The item, for the message.

        Returns
        -------
        float
            The answer as a number, `minimum` to `maximum`.

        Raises
        ------
        InputError
            If the answer is none of the accepted numbers; text and truth values are no numbers.
        """
        if isinstance(answer, bool) or not isinstance(answer, Real):
            raise InputError("no number", where=f"item {item}", given=answer, allowed=self.allowed)
        number = float(answer)
        if not math.isfinite(number) or not self.minimum <= number <= self.maximum:
            raise InputError("outside the scale", where=f"item {item}", given=answer, allowed=self.allowed)
        position = (number - self.minimum) / self.step
        if abs(position - round(position)) > _STEP_TOLERANCE:
            raise InputError("between two steps", where=f"item {item}", given=answer, allowed=self.allowed)
        return number


@dataclass(frozen=True)
class ChoiceOptions:
    """Named answers, of which exactly one is given."""

    choices: tuple[Choice, ...]
    kind: Literal["choice"] = "choice"

    @property
    def allowed(self) -> str:
        """The accepted answers, in words."""
        return ", ".join(choice.key for choice in self.choices)

    @property
    def minimum(self) -> float:
        """The lowest number any choice carries."""
        return min(choice.code for choice in self.choices if choice.code is not None)

    @property
    def maximum(self) -> float:
        """The highest number any choice carries."""
        return max(choice.code for choice in self.choices if choice.code is not None)

    def answers(self, language: str) -> tuple[Answer, ...]:
        """Every choice in the order of the file, with its words in a language."""
        return tuple(Answer(choice.key, choice.label.resolve(language)) for choice in self.choices)

    def code(self, answer: object, *, item: str) -> float | None:
        """Give the number a choice carries, None if it carries none.

        Parameters
        ----------
        answer : object
            The key of a choice.
        item : str
            The item, for the message.

        Returns
        -------
        float or None
            The code, from `minimum` to `maximum`.

        Raises
        ------
        InputError
            If the answer is not the key of a choice.
        """
        for choice in self.choices:
            if isinstance(answer, str) and choice.key == answer:
                return choice.code
        raise InputError("no such choice", where=f"item {item}", given=answer, allowed=self.allowed)


Options = NumericOptions | ChoiceOptions
