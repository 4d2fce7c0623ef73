"""What a channel is given, and what it may say went wrong."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """What a message says. No name with a score, no clinical word: others may read over a shoulder."""

    subject: str
    body: str


class PermanentError(Exception):
    """Trying again makes no sense. Every exception but the two here is taken to be passing."""


class UncertainError(Exception):
    """The message was handed over and nobody said what became of it: trying again might make a second copy."""
