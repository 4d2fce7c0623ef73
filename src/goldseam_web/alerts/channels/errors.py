"""What a channel may say went wrong."""


class PermanentError(Exception):
    """Trying again makes no sense. Every exception but the two here is taken to be passing."""


class UncertainError(Exception):
    """The message was handed over and nobody said what became of it: trying again might make a second copy."""
